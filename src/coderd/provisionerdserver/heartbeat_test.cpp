// What people see of a daemon while it is connected and after.
#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"
#include "coderd/provisionerdserver/reaper.h"
#include "coderd/provisionerdserver/routes.h"

namespace berth::coderd {
namespace {

namespace pb = ::provisionerd;
namespace rpc = berth::rpc::provisionerd;
using testing::Api;
using testing::ScriptedDaemon;

struct Shown {
    std::string status;
    std::string last_seen;
    bool has_job = false;
    bool operator==(const Shown&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Shown& shown) {
    return out << shown.status << " seen " << shown.last_seen << (shown.has_job ? " with" : " without")
               << " a job";
}

/// As the list of daemons shows the only one.
asio::awaitable<Shown> shown(Api& api) {
    auto work = [&api] {
        auto answer =
            api.get("/api/v2/organizations/default/provisionerdaemons?offline=true", api.owner.token);
        Shown found;
        if (!answer.json.is_array() || answer.json.as_array().size() != 1) return found;
        const auto& daemon = answer.json.at(0).as_object();
        found.status = std::string(daemon.at("status").as_string());
        found.last_seen = std::string(daemon.at("last_seen_at").as_string());
        found.has_job = daemon.contains("current_job") && daemon.at("current_job").is_object();
        return found;
    };
    auto found = co_await net::run_on(api.runtime.workers(), std::move(work));
    co_return found;
}

/// Looks until the list shows it, or for ten seconds.
asio::awaitable<void> expect_shown(Api& api, std::string status, std::string last_seen, bool has_job) {
    Shown wanted{std::move(status), std::move(last_seen), has_job};
    auto deadline = base::SteadyTime::clock::now() + std::chrono::seconds(10);
    auto found = co_await shown(api);
    while (!(found == wanted) && base::SteadyTime::clock::now() < deadline)
        found = co_await shown(api);
    EXPECT_EQ(found, wanted);
}

asio::awaitable<void> come_and_go(net::TaskGroup& group, Api& api, ProvisionerdServer& server) {
    auto now = [&api] { return base::format_rfc3339(api.clock.now()); };
    auto daemon = testing::connect_daemon(group, server, "daemon-1");
    // Once it is answered, the daemon is served, and its heart beats.
    pb::CommitQuotaRequest nonsense;
    auto refused = co_await daemon.client.call(rpc::commit_quota, nonsense);
    EXPECT_FALSE(refused);
    co_await expect_shown(api, "idle", now(), false);
    for (int i = 0; i < 2; ++i) {
        api.clock.advance(std::chrono::minutes(2));
        co_await expect_shown(api, "idle", now(), false);
    }
    auto job = co_await testing::acquire(daemon);
    EXPECT_TRUE(job) << job.error().to_string();
    api.clock.advance(std::chrono::minutes(2));
    co_await expect_shown(api, "busy", now(), true);
    pb::FailedJob failure;
    failure.set_job_id(job->job_id());
    failure.mutable_template_import();
    auto failed = co_await daemon.client.call(rpc::fail_job, failure);
    EXPECT_TRUE(failed) << failed.error().to_string();
    co_await expect_shown(api, "idle", now(), false);

    auto last = now();
    auto beating = api.clock.sleepers();
    daemon.session->close();
    auto deadline = base::SteadyTime::clock::now() + std::chrono::seconds(10);
    while (api.clock.sleepers() == beating && base::SteadyTime::clock::now() < deadline) {
        auto executor = co_await asio::this_coro::executor;
        co_await asio::post(executor, asio::use_awaitable);
    }
    EXPECT_LT(api.clock.sleepers(), beating) << "the heart of a daemon that is gone beats on";
    co_await expect_shown(api, "idle", last, false);
    // Posted when the daemon seems to be there still.
    co_await testing::sql(
        api,
        "UPDATE provisioner_jobs SET started_at = NULL, worker_id = NULL, completed_at = NULL, error = NULL");
    auto early = co_await note_waiting_jobs(api.context);
    EXPECT_EQ(early.value(), 0u);
    api.clock.advance(std::chrono::minutes(2));
    co_await expect_shown(api, "offline", last, false);
    auto noted = co_await note_waiting_jobs(api.context);
    EXPECT_EQ(noted.value(), 1u);
    auto line = co_await testing::sql(api, "SELECT output FROM provisioner_job_logs WHERE stage = 'Queue'");
    EXPECT_EQ(line, "The job waits: no provisioner daemon is connected.");
}

TEST(DaemonStatus, FollowsTheHeartbeatsAndTheJobs) {
    Api api;
    ProvisionerdServer server(api.context);
    ProvisionerRoutes provisioners{api.context, server, *api.authenticator};
    provisioners.register_routes(api.routes);
    api.dispatcher = std::make_unique<Dispatcher>(api.routes, *api.authenticator, base::Logger("test"));
    api.add_import_job();
    api.runtime.run(
        net::TaskGroup::scope(base::Logger("test"), come_and_go, std::ref(api), std::ref(server)));
}

}  // namespace
}  // namespace berth::coderd

#include "coderd/provisionerdserver/server.h"

#include "base/version.h"
#include "coderd/jobs/channels.h"
#include "coderd/provisionerdserver/reaper.h"
#include "rpc/provisionerd.h"

namespace berth::coderd {
namespace {

constexpr auto resubscribe_pause = std::chrono::seconds(5);

}  // namespace

Uuid builtin_key_id() { return *Uuid::parse("00000000-0000-0000-0000-000000000001"); }
Uuid user_auth_key_id() { return *Uuid::parse("00000000-0000-0000-0000-000000000002"); }
Uuid psk_key_id() { return *Uuid::parse("00000000-0000-0000-0000-000000000003"); }

ProvisionerdServer::ProvisionerdServer(Context& context)
    : context_(context),
      log_(context.log.named("provisionerd")),
      acquirer_(context.clock, log_.named("acquirer")),
      lines_(context) {}

asio::awaitable<void> ProvisionerdServer::pass_on_jobs() {
    while (true) {
        auto subscription = co_await context_.pubsub.subscribe(std::string(job_posted_channel));
        if (subscription)
            co_await hear_jobs(**subscription);
        else
            log_.warn("new jobs are found by polling", field("error", subscription.error()));
        co_await context_.clock.sleep(resubscribe_pause);
    }
}

/// Until the subscription ends.
asio::awaitable<void> ProvisionerdServer::hear_jobs(db::Subscription& subscription) {
    acquirer_.look_again();
    while (true) {
        auto message = co_await subscription.next();
        if (!message) co_return;
        if (message->maybe_lost) {
            acquirer_.look_again();
            continue;
        }
        auto job = JobPosted::from_json(message->payload);
        if (job) acquirer_.posted(*job);
    }
}

asio::awaitable<void> ProvisionerdServer::run_parts(net::TaskGroup& group, ProvisionerdServer& server) {
    group.spawn("job notifications", server.pass_on_jobs());
    group.spawn("job polling", server.acquirer_.run());
    group.spawn("job reaper", run_reaper(server.context_));
    co_await group.join();
}

asio::awaitable<void> ProvisionerdServer::run() {
    co_await net::TaskGroup::scope(log_, run_parts, std::ref(*this));
}

asio::awaitable<void> ProvisionerdServer::serve(Daemon daemon, DaemonOffer offer, net::StreamPtr stream) {
    return serve_daemon(context_, acquirer_, lines_, std::move(daemon), std::move(offer), std::move(stream));
}

asio::awaitable<void> ProvisionerdServer::serve_builtin(net::StreamPtr stream, std::string name, Tags tags) {
    auto organization = co_await context_.store.get_default_organization(provisionerd_actor());
    if (!organization) {
        log_.error("a built-in provisioner cannot be served", field("error", organization.error()));
        co_return;
    }
    DaemonOffer offer;
    offer.organization_id = organization->id;
    offer.key_id = builtin_key_id();
    offer.name = std::move(name);
    offer.provisioners.push_back(db::ProvisionerType::terraform);
    offer.tags = complete_tags(std::move(tags), Uuid());
    offer.version = std::string(base::version);
    offer.api_version = std::string(base::provisionerd_api_version);
    offer.max_message = rpc::provisionerd::max_message;
    auto daemon = co_await register_daemon(context_, provisionerd_actor(), offer);
    if (!daemon) {
        log_.error("a built-in provisioner cannot be served", field("error", daemon.error()));
        co_return;
    }
    co_await serve(std::move(*daemon), std::move(offer), std::move(stream));
}

net::StreamPtr ProvisionerdServer::connect_builtin(net::TaskGroup& group, asio::any_io_executor daemon_loop,
                                                   std::string name, Tags tags) {
    auto [ours, theirs] = net::connected_pair(group.executor(), std::move(daemon_loop));
    group.spawn("built-in provisioner", serve_builtin(std::move(ours), std::move(name), std::move(tags)));
    return std::move(theirs);
}

}  // namespace berth::coderd

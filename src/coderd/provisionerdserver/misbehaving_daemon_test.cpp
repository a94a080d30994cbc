// Daemons that say wrong things: each is refused where it does so, and the job is none the worse.
#include <functional>

#include <gtest/gtest.h>

#include "coderd/provisionerdserver/file_rpcs.h"
#include "coderd/provisionerdserver/fixture_testing.h"
#include "coderd/provisionerdserver/reaper.h"
#include "coderd/provisionerdserver/update_job.h"
#include "rpc/file_transfer.h"

namespace berth::coderd {
namespace {

namespace pb = ::provisionerd;
namespace rpc = berth::rpc::provisionerd;
using db::testing::quoted;
using testing::acquire;
using testing::Fixture;
using testing::ScriptedDaemon;
using testing::sql;
using testing::with_daemon;

using Messages = berth::rpc::FileMessages;

/// A way to send a file wrongly, and what the refusal says.
struct Damage {
    const char* name;
    void (*apply)(Messages&);
    const char* says;
};

const Damage damages[] = {
    {"one byte changed", [](Messages& m) { (*m[1].mutable_chunk_piece()->mutable_data())[5] ^= 1; },
     "announced hash"},
    {"another hash announced",
     [](Messages& m) { m[0].mutable_data_upload()->set_data_hash(std::string(32, 'h')); }, "another file"},
    {"no hash", [](Messages& m) { m[0].mutable_data_upload()->clear_data_hash(); }, "SHA-256"},
    {"size one too small",
     [](Messages& m) { m[0].mutable_data_upload()->set_file_size(m[0].data_upload().file_size() - 1); },
     "larger than the file"},
    {"size of nothing", [](Messages& m) { m[0].mutable_data_upload()->set_file_size(0); }, "empty file"},
    {"size below nothing", [](Messages& m) { m[0].mutable_data_upload()->set_file_size(-1); }, "empty file"},
    {"above the limit", [](Messages& m) { m[0].mutable_data_upload()->set_file_size(max_module_files + 1); },
     "20 MiB"},
    {"too many pieces announced", [](Messages& m) { m[0].mutable_data_upload()->set_chunks(9); },
     "before all pieces came"},
    {"unknown kind",
     [](Messages& m) { m[0].mutable_data_upload()->set_upload_type(provisioner::UPLOAD_TYPE_UNKNOWN); },
     "only module files"},
    {"no announcement", [](Messages& m) { m.erase(m.begin()); }, "before its file was announced"},
    {"announced twice", [](Messages& m) { m.insert(m.begin(), m[0]); }, "announced twice"},
    {"truncated", [](Messages& m) { m.pop_back(); }, "before all pieces came"},
    {"reordered", [](Messages& m) { std::swap(m[1], m[2]); }, "piece 1 was sent instead of piece 0"},
    {"a piece twice", [](Messages& m) { m.insert(m.begin() + 1, m[1]); },
     "piece 0 was sent instead of piece 1"},
    {"the last piece twice", [](Messages& m) { m.push_back(m.back()); }, "more pieces"},
    {"given up", [](Messages& m) { m.back().mutable_error()->set_error("disk full"); }, "disk full"},
};

asio::awaitable<Result<pb::Empty>> upload(ScriptedDaemon& daemon, Messages messages) {
    auto stream = co_await daemon.client.open(rpc::upload_file);
    if (!stream) co_return stream.error();
    for (const auto& message : messages) {
        auto sent = co_await stream->send(message);
        if (!sent) break;
    }
    auto answer = co_await stream->finish();
    co_return answer;
}

asio::awaitable<void> damaged_uploads(Fixture& fixture, ProvisionerdServer&, net::TaskGroup&,
                                      ScriptedDaemon& daemon) {
    Messages good = berth::rpc::cut_file(std::string(2 * berth::rpc::file_piece + 10, 'm'));
    auto without_job = co_await upload(daemon, good);
    EXPECT_FALSE(without_job) << "nobody without an import uploads anything";
    co_await net::run_on(fixture.runtime.workers(), [&fixture] { return fixture.add_import_job(); });
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job);
    for (const auto& damage : damages) {
        Messages messages = good;
        damage.apply(messages);
        auto refused = co_await upload(daemon, messages);
        EXPECT_FALSE(refused) << damage.name;
        if (refused) continue;
        EXPECT_NE(refused.error().message().find(damage.says), std::string::npos)
            << damage.name << ": " << refused.error().message();
    }
    auto files = co_await sql(fixture, "SELECT count(*) FROM files");
    EXPECT_EQ(files, "1") << "the template's alone";
    for (int again = 0; again < 2; ++again) {
        auto stored = co_await upload(daemon, good);
        EXPECT_TRUE(stored) << stored.error().to_string();
    }
    files = co_await sql(fixture, "SELECT count(*) FROM files");
    EXPECT_EQ(files, "2") << "one hash is one file";
}

TEST(MisbehavingDaemon, DamagedUploadsLeaveNothing) {
    Fixture fixture;
    with_daemon(fixture, damaged_uploads);
}

asio::awaitable<void> empty_lines(Fixture& fixture, ProvisionerdServer&, net::TaskGroup&,
                                  ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job);
    if (!job) co_return;
    pb::UpdateJobRequest update;
    update.set_job_id(job->job_id());
    for (int i = 0; i < 100'000; ++i)
        update.add_logs();
    auto taken = co_await daemon.client.call(rpc::update_job, update);
    EXPECT_TRUE(taken) << taken.error().to_string();
    auto overflowed = co_await sql(fixture, "SELECT logs_overflowed FROM provisioner_jobs");
    EXPECT_EQ(overflowed, "t");
    auto rows = co_await sql(fixture, "SELECT count(*) < 70000 FROM provisioner_job_logs");
    EXPECT_EQ(rows, "t");
}

TEST(MisbehavingDaemon, EmptyLinesFillTheLogToo) {
    Fixture fixture;
    fixture.add_import_job();
    with_daemon(fixture, empty_lines);
}

asio::awaitable<void> cancelled_then_completed(Fixture& fixture, ProvisionerdServer&, net::TaskGroup&,
                                               ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job);
    if (!job) co_return;
    co_await sql(fixture,
                 "UPDATE provisioner_jobs SET canceled_at = now() WHERE id = '" + job->job_id() + "'");
    pb::CompletedJob done;
    done.set_job_id(job->job_id());
    auto* result = done.mutable_workspace_build();
    result->set_state("what terraform did");
    result->add_resources()->set_name("dev");
    auto completed = co_await daemon.client.call(rpc::complete_job, done);
    EXPECT_TRUE(completed) << completed.error().to_string();
}

// Terraform had finished before it heard of it: what it made must be known.
TEST(MisbehavingDaemon, ACancelledJobThatWasCompletedKeepsItsStateAndResources) {
    Fixture fixture;
    auto build = fixture.add_workspace(fixture.add_template("base"), "demo");
    with_daemon(fixture, cancelled_then_completed);
    EXPECT_EQ(fixture.job_status(build.job_id), "canceled");
    EXPECT_EQ(fixture.sql("SELECT convert_from(state, 'UTF8') FROM workspace_build_states"),
              "what terraform did");
    EXPECT_EQ(fixture.sql("SELECT name FROM workspace_resources"), "dev");
}

/// Of another organization, which this daemon has no key for.
asio::awaitable<void> foreign_organization(Fixture& fixture, ProvisionerdServer&, net::TaskGroup&,
                                           ScriptedDaemon& daemon) {
    auto idle = co_await daemon.client.open(rpc::acquire_job_with_cancel);
    EXPECT_TRUE(idle);
    auto sent = co_await idle->send(pb::CancelAcquire());
    EXPECT_TRUE(sent);
    auto none = co_await idle->recv();
    EXPECT_TRUE(none && *none && (*none)->job_id().empty());

    auto id = co_await sql(fixture, "SELECT id FROM provisioner_jobs WHERE completed_at IS NULL");
    pb::UpdateJobRequest update;
    update.set_job_id(id);
    update.add_logs()->set_output("from elsewhere");
    auto updated = co_await daemon.client.call(rpc::update_job, update);
    EXPECT_FALSE(updated);
    pb::FailedJob failure;
    failure.set_job_id(id);
    auto failed = co_await daemon.client.call(rpc::fail_job, failure);
    EXPECT_FALSE(failed);
    pb::CompletedJob done;
    done.set_job_id(id);
    done.mutable_workspace_build()->set_state("{}");
    auto completed = co_await daemon.client.call(rpc::complete_job, done);
    EXPECT_FALSE(completed);
    pb::CommitQuotaRequest quota;
    quota.set_job_id(id);
    auto committed = co_await daemon.client.call(rpc::commit_quota, quota);
    EXPECT_FALSE(committed);
    pb::FileRequest file;
    auto modules = co_await sql(fixture, "SELECT cached_module_files FROM template_version_terraform_values");
    file.set_file_id(modules);
    file.set_upload_type(provisioner::UPLOAD_TYPE_MODULE_FILES);
    auto pieces = co_await daemon.client.open(rpc::download_file, file);
    if (!pieces) co_return;
    auto piece = co_await pieces->recv();
    EXPECT_FALSE(piece);
}

TEST(MisbehavingDaemon, AnotherOrganizationsJobsAndFilesAreOutOfReach) {
    Fixture fixture;
    auto base = fixture.add_template("base");
    auto build = fixture.add_workspace(base, "demo");
    auto other = Uuid::random();
    fixture.sql("INSERT INTO organizations (id, name, created_at, updated_at) VALUES (" + quoted(other) +
                ", 'other', now(), now())");
    fixture.sql("UPDATE provisioner_jobs SET organization_id = " + quoted(other));
    fixture.sql(
        "INSERT INTO template_version_terraform_values (template_version_id, updated_at, cached_plan, "
        "cached_module_files) VALUES (" +
        quoted(base.version_id) + ", now(), '{}', " + quoted(fixture.add_file()) + ")");
    with_daemon(fixture, foreign_organization);
    EXPECT_EQ(fixture.job_status(build.job_id), "pending");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM provisioner_job_logs"), "0");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM workspace_build_states"), "0");
}

/// The daemon stays connected and says nothing, until its job was given up; then it comes with everything.
asio::awaitable<void> silent_then_talkative(Fixture& fixture, ProvisionerdServer&, net::TaskGroup&,
                                            ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job);
    if (!job) co_return;
    fixture.clock.advance(std::chrono::minutes(6));
    // The server's own reaper may be at it already.
    std::string status;
    auto deadline = base::system_clock().steady_now() + std::chrono::seconds(20);
    while (status != "failed" && base::system_clock().steady_now() < deadline) {
        auto reaped = co_await reap_jobs(fixture.context);
        EXPECT_TRUE(reaped) << reaped.error().to_string();
        status = co_await sql(fixture,
                              "SELECT job_status FROM provisioner_jobs WHERE id = '" + job->job_id() + "'");
    }
    EXPECT_EQ(status, "failed");
    pb::UpdateJobRequest update;
    update.set_job_id(job->job_id());
    update.add_logs()->set_output("still here");
    auto updated = co_await daemon.client.call(rpc::update_job, update);
    EXPECT_FALSE(updated);
    pb::CommitQuotaRequest quota;
    quota.set_job_id(job->job_id());
    auto committed = co_await daemon.client.call(rpc::commit_quota, quota);
    EXPECT_FALSE(committed);
    pb::CompletedJob done;
    done.set_job_id(job->job_id());
    done.mutable_workspace_build()->set_state("what terraform did");
    done.mutable_workspace_build()->add_resources()->set_name("dev");
    for (int again = 0; again < 2; ++again) {
        auto completed = co_await daemon.client.call(rpc::complete_job, done);
        EXPECT_FALSE(completed);
        if (!completed) {
            EXPECT_EQ(completed.error().code(), ErrorCode::failed_precondition);
        }
    }
    auto resources = co_await sql(fixture, "SELECT count(*) FROM workspace_resources");
    EXPECT_EQ(resources, "0");
    // What it can still do is to hand over the state.
    pb::FailedJob failure;
    failure.set_job_id(job->job_id());
    failure.mutable_workspace_build()->set_state("what terraform did");
    auto kept = co_await daemon.client.call(rpc::fail_job, failure);
    EXPECT_TRUE(kept) << kept.error().to_string();
}

TEST(MisbehavingDaemon, OneThatStopsAnsweringLosesItsJobAndKeepsTheState) {
    Fixture fixture;
    auto build = fixture.add_workspace(fixture.add_template("base"), "demo");
    with_daemon(fixture, silent_then_talkative);
    EXPECT_EQ(fixture.job_status(build.job_id), "failed");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM provisioner_job_logs WHERE output = 'still here'"), "0");
    EXPECT_EQ(fixture.sql("SELECT convert_from(state, 'UTF8') FROM workspace_build_states"),
              "what terraform did");
}

asio::awaitable<void> says_everything_twice(Fixture& fixture, ProvisionerdServer&, net::TaskGroup&,
                                            ScriptedDaemon& daemon) {
    auto job = co_await acquire(daemon);
    EXPECT_TRUE(job);
    if (!job) co_return;
    pb::CompletedJob done;
    done.set_job_id(job->job_id());
    done.mutable_workspace_build()->set_state("first");
    done.mutable_workspace_build()->add_resources()->set_name("dev");
    auto completed = co_await daemon.client.call(rpc::complete_job, done);
    EXPECT_TRUE(completed);
    done.mutable_workspace_build()->set_state("second");
    auto again = co_await daemon.client.call(rpc::complete_job, done);
    EXPECT_FALSE(again);
    pb::FailedJob failure;
    failure.set_job_id(job->job_id());
    failure.set_error("after all");
    failure.mutable_workspace_build()->set_state("third");
    auto failed = co_await daemon.client.call(rpc::fail_job, failure);
    EXPECT_FALSE(failed);
    pb::UpdateJobRequest update;
    update.set_job_id(job->job_id());
    update.add_logs()->set_output("after the end");
    auto updated = co_await daemon.client.call(rpc::update_job, update);
    EXPECT_FALSE(updated);
    auto lines = co_await sql(fixture, "SELECT count(*) FROM provisioner_job_logs");
    EXPECT_EQ(lines, "0");
}

TEST(MisbehavingDaemon, TheFirstAnswerCounts) {
    Fixture fixture;
    auto build = fixture.add_workspace(fixture.add_template("base"), "demo");
    with_daemon(fixture, says_everything_twice);
    EXPECT_EQ(fixture.job_status(build.job_id), "succeeded");
    EXPECT_EQ(fixture.sql("SELECT convert_from(state, 'UTF8') FROM workspace_build_states"), "first");
    EXPECT_EQ(fixture.sql("SELECT count(*) FROM workspace_resources"), "1");
}

}  // namespace
}  // namespace berth::coderd

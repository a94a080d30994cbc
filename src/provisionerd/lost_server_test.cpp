#include <filesystem>

#include <gtest/gtest.h>

#include "provisionerd/daemon_testing.h"

namespace berth::provisionerd {
namespace {

using Request = pv::Request;

asio::awaitable<void> survives(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kApply, {log_line("working")});
    b.provisioner.answer(Request::kGraph, {graph_done("vm")});
    // The cancel request serves as the signal to go on: it comes only after the reconnect below.
    b.provisioner.answer(Request::kCancel, {apply_done("new state")});
    b.server.jobs.push_back(build_job());
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.refuse_connections = true;
    b.drop_connection();
    auto gone = b.clock.steady_now();
    co_await b.until([&] { return b.clock.steady_now() - gone > std::chrono::seconds(60); });
    EXPECT_FALSE(b.daemon->connected());
    EXPECT_EQ(b.daemon->job_id(), "job-1");
    b.refuse_connections = false;
    b.server.cancel_job = true;
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.completed.size() == 1);
    EXPECT_EQ(b.server.completed[0].workspace_build().state(), "new state");
    EXPECT_EQ(b.connections, 2);
    co_await b.finish();
}
TEST(Daemon, AJobSurvivesALostConnection) { with_bench(survives); }

asio::awaitable<void> gives_up(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.server.jobs.push_back(build_job());
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.refuse_connections = true;
    b.drop_connection();
    auto gone = b.clock.steady_now();
    bool dropped = co_await b.until([&] { return !b.daemon->job_id().has_value(); });
    CO_REQUIRE(dropped);
    EXPECT_GE(b.clock.steady_now() - gone, std::chrono::minutes(3));
    // This provisioner does not listen to the cancellation that comes first.
    EXPECT_LE(b.clock.steady_now() - gone, std::chrono::minutes(6));
    EXPECT_EQ(b.provisioner.sessions_ended, 1);
    EXPECT_FALSE(b.server.ended());
    b.refuse_connections = false;
    script_build(b);
    b.server.jobs.push_back(build_job());
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done);
    EXPECT_EQ(b.server.completed.size(), 1u);
    co_await b.finish();
}
TEST(Daemon, AJobIsGivenUpThreeMinutesAfterTheServerWasLost) { with_bench(gives_up); }

/// Where undelivered jobs wait; removed at the end.
struct KeptFolder {
    KeptFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "berth-kept-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~KeptFolder() { std::filesystem::remove_all(path); }
    [[nodiscard]] std::size_t files() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(path))
            count += entry.is_regular_file() ? 1 : 0;
        return count;
    }
    std::filesystem::path path;
};

constexpr const char* some_job = "7d1cbf0c-21a8-4d3c-8e9e-0a2f3f6f8b11";

asio::awaitable<void> keeps_the_state(Bench& b) {
    KeptFolder folder;
    b.options.undelivered = folder.path;
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kCancel, {apply_done("half a state", "cancelled")});
    auto acquired = build_job();
    acquired.set_job_id(some_job);
    b.server.jobs.push_back(acquired);
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.refuse_connections = true;
    b.drop_connection();
    bool dropped = co_await b.until([&] { return !b.daemon->job_id().has_value(); });
    CO_REQUIRE(dropped);
    EXPECT_FALSE(b.server.ended());
    EXPECT_EQ(folder.files(), 1u);
    b.refuse_connections = false;
    bool told = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(told && b.server.failed.size() == 1);
    EXPECT_EQ(b.server.failed[0].job_id(), some_job);
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "half a state");
    bool gone = co_await b.until([&] { return folder.files() == 0; });
    EXPECT_TRUE(gone);
    co_await b.finish();
}
TEST(Daemon, TheStateOfAJobWhoseServerWasLostIsDeliveredLater) { with_bench(keeps_the_state); }

asio::awaitable<std::vector<job::FailedJob>> one_leftover() {
    std::vector<job::FailedJob> jobs(1);
    jobs[0].set_job_id(some_job);
    jobs[0].mutable_workspace_build()->set_state("left behind");
    co_return jobs;
}

asio::awaitable<void> delivers_leftovers(Bench& b) {
    KeptFolder folder;
    b.options.undelivered = folder.path;
    int safe = 0;
    b.options.leftovers = one_leftover;
    b.options.leftovers_kept = [&safe] { ++safe; };
    b.refuse_connections = true;
    b.start();
    bool kept = co_await b.until([&] { return safe == 1; });
    CO_REQUIRE(kept);
    EXPECT_EQ(folder.files(), 1u) << "before the server is there, the state is safe on disk";
    b.refuse_connections = false;
    bool told = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(told && b.server.failed.size() == 1);
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "left behind");
    co_await b.finish();
}
TEST(Daemon, WhatAKilledDaemonLeftBehindIsDelivered) { with_bench(delivers_leftovers); }

asio::awaitable<void> keeps_refused_states(Bench& b) {
    KeptFolder folder;
    b.options.undelivered = folder.path;
    b.options.leftovers = one_leftover;
    b.options.leftovers_kept = [] {};
    b.server.refuse_failure = Error(ErrorCode::failed_precondition, "another build began since");
    b.start();
    auto state = folder.path / (std::string(some_job) + ".tfstate");
    bool written = co_await b.until([&] { return std::filesystem::exists(state) && folder.files() == 1; });
    EXPECT_TRUE(written);
    co_await b.finish();
}
TEST(Daemon, AStateTheServerRefusesStaysAsAFile) { with_bench(keeps_refused_states); }

asio::awaitable<void> large_states(Bench& b) {
    const std::string state(drpc::max_message + 1000, 's');
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kApply, {apply_done("half a state", "disk full")});
    auto acquired = build_job();
    acquired.mutable_workspace_build()->set_state(state);
    b.server.jobs.push_back(acquired);
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done);
    EXPECT_TRUE(b.provisioner.of(Request::kPlan)[0]->plan().state() == state);
    co_await b.finish();
}
TEST(Daemon, AStateMayBeLarge) { with_bench(large_states); }

asio::awaitable<void> too_large_states(Bench& b) {
    KeptFolder folder;
    b.options.undelivered = folder.path;
    b.server.largest_state = 5;
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kApply, {apply_done("half a state", "disk full")});
    auto acquired = build_job();
    acquired.set_job_id(some_job);
    b.server.jobs.push_back(acquired);
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_EQ(b.server.failed[0].error().find("disk full"), 0u) << b.server.failed[0].error();
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "");
    EXPECT_TRUE(std::filesystem::exists(folder.path / (std::string(some_job) + ".tfstate")));
    co_await b.finish();
}
TEST(Daemon, AJobEndsWhenItsStateIsTooLargeForTheServerAndTheStateStaysAsAFile) {
    with_bench(too_large_states);
}

asio::awaitable<void> reaped(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.server.jobs.push_back(build_job());
    b.start();
    bool planning = co_await b.until([&] { return !b.provisioner.of(Request::kPlan).empty(); });
    CO_REQUIRE(planning);
    b.server.refuse_updates = Error(ErrorCode::failed_precondition, "the job has ended");
    bool dropped = co_await b.until([&] { return !b.daemon->job_id().has_value(); });
    CO_REQUIRE(dropped);
    EXPECT_EQ(b.provisioner.sessions_ended, 1);
    co_await b.finish();
}
TEST(Daemon, AJobTheServerHasEndedIsDropped) { with_bench(reaped); }

asio::awaitable<void> refused(Bench& b) {
    script_build(b);
    b.server.refuse_completion = Error(ErrorCode::invalid_argument, "two apps with one slug");
    b.server.jobs.push_back(build_job());
    b.start();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_NE(b.server.failed[0].error().find("two apps with one slug"), std::string::npos);
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "new state");
    co_await b.finish();
}
TEST(Daemon, AResultTheServerRefusesIsAFailureThatKeepsItsState) { with_bench(refused); }

asio::awaitable<void> kills_job_of_a_lost_server(Bench& b) {
    KeptFolder folder;
    b.options.undelivered = folder.path;
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kCancel, {});
    b.provisioner.answer(Request::kCancel, {apply_done("left", "killed")});
    auto acquired = build_job();
    acquired.set_job_id("c0ffee00-0000-4000-8000-000000000004");
    b.server.jobs.push_back(acquired);
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.refuse_connections = true;
    b.drop_connection();
    b.daemon->shutdown(Shutdown::cancel_job);
    b.daemon->shutdown(Shutdown::kill_job);
    auto asked = b.clock.steady_now();
    bool done = co_await b.until([&] { return b.returned; });
    CO_REQUIRE(done);
    EXPECT_LE(b.clock.steady_now() - asked, std::chrono::seconds(15));
    EXPECT_TRUE(b.server.failed.empty());
    EXPECT_EQ(folder.files(), 1u) << "the state is lost";
}
TEST(Daemon, AKilledJobDoesNotWaitForALostServer) { with_bench(kills_job_of_a_lost_server); }

}  // namespace
}  // namespace berth::provisionerd

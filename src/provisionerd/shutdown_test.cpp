#include <gtest/gtest.h>

#include "provisionerd/daemon_testing.h"

namespace berth::provisionerd {
namespace {

using Request = pv::Request;

asio::awaitable<void> cancels(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.provisioner.answer(Request::kCancel, {log_line("stopping"), apply_done("what is left", "interrupted")});
    b.server.jobs.push_back(build_job());
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    auto before = b.clock.steady_now();
    b.server.cancel_job = true;
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_LE(b.clock.steady_now() - before, std::chrono::seconds(6));
    EXPECT_EQ(b.server.failed[0].error(), "");
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "what is left");
    EXPECT_EQ(b.provisioner.of(Request::kCancel).size(), 1u);
    co_await b.finish();
}
TEST(Daemon, AHeartbeatLearnsOfACancellation) { with_bench(cancels); }

asio::awaitable<void> kills(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.options.force_cancel_interval = std::chrono::minutes(2);
    b.server.jobs.push_back(build_job());
    b.server.cancel_job = true;
    b.provisioner.answers.erase(Request::kInit);
    b.start();
    bool asked = co_await b.until([&] { return !b.provisioner.of(Request::kCancel).empty(); });
    CO_REQUIRE(asked);
    EXPECT_FALSE(b.server.ended());
    auto before = b.clock.steady_now();
    bool done = co_await b.until([&] { return b.server.ended(); });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_GE(b.clock.steady_now() - before, std::chrono::seconds(115));
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "old state");
    EXPECT_EQ(b.provisioner.sessions_ended, 1);
    co_await b.finish();
}
TEST(Daemon, AProvisionerThatIgnoresTheCancellationIsKilled) { with_bench(kills); }

asio::awaitable<void> waits_for_job(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    b.server.jobs.push_back(build_job());
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.daemon->shutdown(Shutdown::finish_job);
    auto asked = b.clock.steady_now();
    co_await b.until([&] { return b.clock.steady_now() - asked > std::chrono::seconds(30); });
    EXPECT_FALSE(b.returned);
    EXPECT_TRUE(b.provisioner.of(Request::kCancel).empty());
    b.provisioner.answer(Request::kCancel, {apply_done("left", "interrupted")});
    b.daemon->shutdown(Shutdown::cancel_job);
    bool done = co_await b.until([&] { return b.returned; });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_EQ(b.server.failed[0].error(), "the provisioner daemon shuts down: interrupted");
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "left");
}
TEST(Daemon, ShutdownWaitsForTheJobUnlessToldToCancelIt) { with_bench(waits_for_job); }

asio::awaitable<void> kills_job(Bench& b) {
    b.provisioner.answer(Request::kInit, {init_done()});
    b.provisioner.answer(Request::kPlan, {plan_done()});
    // The first is as good as not heard.
    b.provisioner.answer(Request::kCancel, {log_line("stopping")});
    b.provisioner.answer(Request::kCancel, {apply_done("left", "killed")});
    b.server.jobs.push_back(build_job());
    b.start();
    bool applying = co_await b.until([&] { return !b.provisioner.of(Request::kApply).empty(); });
    CO_REQUIRE(applying);
    b.daemon->shutdown(Shutdown::cancel_job);
    auto asked = b.clock.steady_now();
    co_await b.until([&] { return b.clock.steady_now() - asked > std::chrono::seconds(30); });
    EXPECT_FALSE(b.returned);
    EXPECT_EQ(b.provisioner.of(Request::kCancel).size(), 1u);
    b.daemon->shutdown(Shutdown::kill_job);
    // What comes later does not make it milder.
    b.daemon->shutdown(Shutdown::finish_job);
    asked = b.clock.steady_now();
    bool done = co_await b.until([&] { return b.returned; });
    CO_REQUIRE(done && b.server.failed.size() == 1);
    EXPECT_LE(b.clock.steady_now() - asked, std::chrono::seconds(2));
    EXPECT_EQ(b.server.failed[0].error(), "the provisioner daemon shuts down: killed");
    EXPECT_EQ(b.server.failed[0].workspace_build().state(), "left");
}
TEST(Daemon, ShutdownKillsTheJobWhenToldTo) { with_bench(kills_job); }

asio::awaitable<void> idle(Bench& b) {
    b.start();
    bool waiting = co_await b.until([&] { return b.server.acquires == 1; });
    CO_REQUIRE(waiting);
    co_await b.finish();
    EXPECT_EQ(b.server.acquires_cancelled, 1);
}
TEST(Daemon, AnIdleDaemonGivesUpWaitingForAJob) { with_bench(idle); }

}  // namespace
}  // namespace berth::provisionerd

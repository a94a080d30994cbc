#include <future>
#include <thread>

#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/live_testing.h"

namespace berth::terraform {
namespace {

/// Several at once, and a terraform that stands still where a test wants it to.
class LiveCrowdTest : public LiveTest {
protected:
    using Future = std::future<Result<LiveAnswer>>;

    LiveCrowdTest() {
        auto script = temporary_.path() / "terraform";
        std::string text = R"(#!/bin/sh
gate="FOLDER/gate.$1"
if test -p "$gate"; then
    touch "$gate.reached"
    cat "$gate" > /dev/null
fi
exec TERRAFORM "$@"
)";
        put(text, "FOLDER", temporary_.path().string());
        put(text, "TERRAFORM", options_.terraform.path.string());
        EXPECT_TRUE(write_private_file(script, text).ok());
        std::filesystem::permissions(script, std::filesystem::perms::owner_all);
        options_.terraform.path = script;
        options_.clock = &clock_;
    }
    ~LiveCrowdTest() override {
        // Whoever still stands at a gate when a test has failed ends here.
        runtime_.run(live_.close());
        for (auto& thread : threads_)
            thread.join();
    }

    static void put(std::string& text, const std::string& name, const std::string& value) {
        text.replace(text.find(name), name.size(), value);
    }
    std::string gate(const std::string& command) {
        return (temporary_.path() / ("gate." + command)).string();
    }
    void close_gate(const std::string& command) { ASSERT_EQ(::mkfifo(gate(command).c_str(), 0600), 0); }
    /// Lets through who stands there, and whoever comes.
    void open_gate(const std::string& command) {
        int end = ::open(gate(command).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        ASSERT_EQ(::unlink(gate(command).c_str()), 0);
        if (end >= 0) ::close(end);
    }
    bool reached(const std::string& command) {
        return eventually([&] { return std::filesystem::exists(gate(command) + ".reached"); });
    }
    Future start(LiveQuestion asked, std::shared_ptr<CancelToken> stop = nullptr) {
        std::packaged_task<Result<LiveAnswer>()> task(
            [this, asked = std::move(asked), stop] { return runtime_.run(ask_live(&live_, asked, stop)); });
        auto future = task.get_future();
        threads_.emplace_back(std::move(task));
        return future;
    }
    std::size_t waiting() {
        auto count = [](LiveTemplates* live) -> asio::awaitable<std::size_t> { co_return live->waiting(); };
        return runtime_.run(count(&live_));
    }
    static bool eventually(const std::function<bool()>& condition) {
        auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return true;
    }

    base::FakeClock clock_;
    std::vector<std::thread> threads_;
};

TEST_F(LiveCrowdTest, TenQuestionsAtOncePrepareTheTemplateOnce) {
    archives_["v1"] = standard();
    std::vector<Future> futures;
    for (int i = 0; i < 10; ++i)
        futures.push_back(start(question("v1", {{"region", "us"}})));
    for (auto& future : futures) {
        auto answer = future.get();
        ASSERT_TRUE(answer.ok()) << answer.error().to_string();
        EXPECT_EQ(shown(*answer),
                  (std::vector<std::string>{"region=us", "zone=z-c", "gpus=1", "purpose?", "inner=true"}));
    }
    EXPECT_EQ(loads_, 1);
}

TEST_F(LiveCrowdTest, AFailedPreparationIsSharedAndRememberedForAWhile) {
    archives_["broken"] = one_file("data \"coder_parameter\" \"x\" {\n  name =\n}\n");
    std::vector<Future> futures;
    for (int i = 0; i < 5; ++i)
        futures.push_back(start(question("broken", {})));
    for (auto& future : futures) {
        auto answer = future.get();
        ASSERT_FALSE(answer.ok());
        EXPECT_NE(answer.error().message().find("main.tf:2"), std::string::npos) << answer.error().message();
    }
    EXPECT_FALSE(evaluate("broken", {}).ok());
    EXPECT_EQ(loads_, 1);
    clock_.advance(LiveLimits().failure_memory);
    EXPECT_FALSE(evaluate("broken", {}).ok());
    EXPECT_EQ(loads_, 2) << "it may have been the network";
    archives_["broken"] = standard();
    clock_.advance(LiveLimits().failure_memory);
    auto mended = evaluate("broken", {});
    EXPECT_TRUE(mended.ok()) << mended.error().to_string();
}

TEST_F(LiveCrowdTest, WhatIsNotWantedAnyMoreMakesRoomAtOnce) {
    ASSERT_TRUE(prepare("v1", standard()).ok());
    close_gate("plan");
    auto stop = std::make_shared<CancelToken>(runtime_.executor(0));
    auto stands = start(question("v1", {}), stop);
    ASSERT_TRUE(reached("plan"));
    auto latest = start(question("v1", {{"region", "us"}}));
    ASSERT_TRUE(eventually([this] { return waiting() == 1; }));
    ::unlink(gate("plan").c_str());
    auto kill = [](CancelToken* token) -> asio::awaitable<void> {
        token->kill();
        co_return;
    };
    runtime_.run(kill(stop.get()));
    EXPECT_EQ(stands.get().error().code(), ErrorCode::cancelled);
    auto answer = latest.get();
    ASSERT_TRUE(answer.ok()) << answer.error().to_string();
    EXPECT_EQ(shown(*answer).front(), "region=us");
}

TEST_F(LiveCrowdTest, APreparationGoesOnWithoutWhoBeganIt) {
    archives_["v1"] = standard();
    close_gate("init");
    auto stop = std::make_shared<CancelToken>(runtime_.executor(0));
    auto stands = start(question("v1", {}), stop);
    auto other = start(question("v1", {}));
    ASSERT_TRUE(reached("init"));
    // As from another loop.
    asio::post(runtime_.executor(0), [stop] { stop->kill(); });
    EXPECT_EQ(stands.get().error().code(), ErrorCode::cancelled);
    open_gate("init");
    auto answer = other.get();
    ASSERT_TRUE(answer.ok()) << answer.error().to_string();
    EXPECT_EQ(loads_, 1);
}

TEST_F(LiveCrowdTest, PatienceEndsWithAReason) {
    archives_["v1"] = standard();
    close_gate("init");
    auto early = start(question("v1", {}));
    ASSERT_TRUE(reached("init"));
    clock_.advance(LiveLimits().patience);
    auto not_ready = early.get();
    ASSERT_FALSE(not_ready.ok());
    EXPECT_EQ(not_ready.error().code(), ErrorCode::resource_exhausted);
    EXPECT_NE(not_ready.error().message().find("still prepares"), std::string::npos);
    open_gate("init");
    ASSERT_TRUE(evaluate("v1", {}).ok());
    EXPECT_EQ(loads_, 1) << "what was begun is not begun again";

    close_gate("plan");
    auto stands = start(question("v1", {}));
    ASSERT_TRUE(reached("plan"));
    auto second = start(question("v1", {}));
    ASSERT_TRUE(eventually([this] { return waiting() == 1; }));
    auto third = start(question("v1", {}));
    ASSERT_TRUE(eventually([this] { return waiting() == 2; }));
    std::filesystem::remove(gate("plan") + ".reached");
    clock_.advance(LiveLimits().evaluation);
    EXPECT_EQ(stands.get().error().code(), ErrorCode::deadline_exceeded);
    ASSERT_TRUE(reached("plan"));
    clock_.advance(LiveLimits().patience - LiveLimits().evaluation);
    EXPECT_EQ(second.get().error().code(), ErrorCode::deadline_exceeded);
    auto no_turn = third.get();
    ASSERT_FALSE(no_turn.ok());
    EXPECT_EQ(no_turn.error().code(), ErrorCode::resource_exhausted);
    EXPECT_NE(no_turn.error().message().find("too many parameters"), std::string::npos);
}

TEST_F(LiveCrowdTest, APreparationHasItsOwnLimit) {
    archives_["v1"] = standard();
    close_gate("init");
    auto early = start(question("v1", {}));
    ASSERT_TRUE(reached("init"));
    clock_.advance(LiveLimits().patience);
    ASSERT_FALSE(early.get().ok());
    auto second = std::chrono::seconds(1);
    clock_.advance(LiveLimits().preparation - LiveLimits().patience - second);
    auto late = start(question("v1", {}));
    clock_.advance(second);
    auto failed = late.get();
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code(), ErrorCode::internal);
    EXPECT_NE(failed.error().message().find("init took too long"), std::string::npos);
    ::unlink(gate("init").c_str());
}

TEST_F(LiveCrowdTest, OnePersonDoesNotHoldUpOthers) {
    archives_["v1"] = standard();
    archives_["v2"] = standard();
    ASSERT_TRUE(prepare("v1", standard()).ok());
    ASSERT_TRUE(prepare("v2", standard()).ok());
    close_gate("plan");
    std::vector<Future> futures;
    futures.push_back(start(question("v1", {})));
    ASSERT_TRUE(reached("plan"));
    std::size_t room = LiveLimits().evaluations.waiting_each;
    for (std::size_t i = 0; i < room; ++i)
        futures.push_back(start(question("v2", {})));
    ASSERT_TRUE(eventually([&] { return waiting() == room; })) << "the person's second evaluation waits";
    EXPECT_EQ(evaluate("v2", {}).error().code(), ErrorCode::resource_exhausted);
    std::filesystem::remove(gate("plan") + ".reached");
    auto bob = question("v2", {});
    bob.user = "bob";
    auto others = start(std::move(bob));
    ASSERT_TRUE(reached("plan")) << "somebody else's goes ahead";
    EXPECT_EQ(waiting(), room);
    runtime_.run(live_.close());
    EXPECT_EQ(others.get().error().code(), ErrorCode::unavailable);
    for (auto& future : futures)
        EXPECT_EQ(future.get().error().code(), ErrorCode::unavailable);
}

}  // namespace
}  // namespace berth::terraform

#include "provisioner/terraform/leftovers.h"

#include <thread>

#include <unistd.h>

#include <gtest/gtest.h>

#include "net/process.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

asio::awaitable<std::vector<Leftover>> recover(fs::path root, base::Duration grace) {
    auto leftovers = co_await recover_sessions(std::move(root), "daemon-0", grace, base::system_clock());
    co_return leftovers;
}

class LeftoversTest : public ::testing::Test {
protected:
    /// A session as a killed process leaves it: the folder is there, its lock is free.
    fs::path abandon(const std::string& owner, const std::string& state) {
        auto folder = WorkFolder::create(root(), SessionName{owner, "job of " + owner});
        EXPECT_TRUE(folder.ok()) << folder.error().to_string();
        if (!state.empty()) {
            EXPECT_TRUE(write_private_file((*folder)->state(), state).ok());
        }
        (*folder)->keep();
        return (*folder)->path();
    }
    /// A copy of /bin/sh under another name runs `script` in the session's folder.
    std::unique_ptr<net::Process> run_in(const fs::path& session, const std::string& name,
                                         const std::string& script) {
        auto program = temporary_.path() / name;
        fs::copy_file(fs::canonical("/bin/sh"), program, fs::copy_options::skip_existing);
        net::ProcessOptions options;
        options.program = program.string();
        options.args = {"-c", script};
        options.cwd = session / "source";
        options.out = net::StdIo::lasting_pipe;
        options.err = net::StdIo::lasting_pipe;
        auto process = net::Process::start(runtime_.executor(0), std::move(options));
        EXPECT_TRUE(process.ok()) << process.error().to_string();
        return std::move(*process);
    }
    std::vector<Leftover> recover_all(base::Duration grace = std::chrono::seconds(30)) {
        return runtime_.run(recover(root(), grace));
    }
    [[nodiscard]] fs::path root() const { return temporary_.path() / "w"; }

    net::Runtime runtime_{1};
    TempFolder temporary_;
};

TEST_F(LeftoversTest, OnlyAbandonedSessionsOfTheDaemonAreTaken) {
    auto mine = abandon("daemon-0", R"({"serial": 7})");
    auto stateless = abandon("daemon-0", "");
    auto foreign = abandon("daemon-1", R"({"serial": 8})");
    auto busy = WorkFolder::create(root(), SessionName{"daemon-0", "still at work"});
    ASSERT_TRUE(busy.ok());
    {
        auto found = recover_all();
        ASSERT_EQ(found.size(), 2u);
        for (const auto& leftover : found) {
            EXPECT_EQ(leftover.folder->name().job_id, "job of daemon-0");
            EXPECT_EQ(leftover.state, leftover.folder->path() == mine ? R"({"serial": 7})" : "");
        }
    }
    EXPECT_TRUE(fs::exists(mine)) << "nobody said that the state is safe";
    {
        auto found = recover_all();
        ASSERT_EQ(found.size(), 2u);
        for (auto& leftover : found)
            leftover.folder->discard();
    }
    EXPECT_FALSE(fs::exists(mine));
    EXPECT_FALSE(fs::exists(stateless));
    EXPECT_TRUE(fs::exists(foreign));
    EXPECT_TRUE(fs::exists((*busy)->path()));
    EXPECT_TRUE(recover_all().empty());
}

TEST_F(LeftoversTest, AHalfRemovedSessionIsRemovedAndNotTaken) {
    auto session = abandon("daemon-0", R"({"serial": 7})");
    auto half = root() / ("gone-" + session.filename().string());
    fs::rename(session, half);
    EXPECT_TRUE(recover_all().empty());
    EXPECT_FALSE(fs::exists(half));
}

TEST_F(LeftoversTest, ASessionKilledBeforeItHadANameIsRemovedUnlessItHoldsAState) {
    fs::create_directories(root() / "session-bare");
    fs::create_directories(root() / "session-half/source");
    ASSERT_TRUE(write_private_file(root() / "session-half/session.json", R"({"owner": "dae)").ok());
    fs::create_directories(root() / "session-damaged/source");
    ASSERT_TRUE(write_private_file(root() / "session-damaged/source/terraform.tfstate", "{}").ok());
    EXPECT_TRUE(recover_all().empty());
    EXPECT_FALSE(fs::exists(root() / "session-bare"));
    EXPECT_FALSE(fs::exists(root() / "session-half"));
    EXPECT_TRUE(fs::exists(root() / "session-damaged"));
}

TEST_F(LeftoversTest, SessionsBeginWhileAnotherDaemonRemovesWhatIsLeft) {
    fs::create_directories(root());
    std::jthread cleaner([this](const std::stop_token& stop) {
        while (!stop.stop_requested())
            WorkFolder::remove_doomed(root());
    });
    for (int i = 0; i < 500; ++i) {
        auto folder = WorkFolder::create(root(), SessionName{"daemon-1", "job"});
        ASSERT_TRUE(folder.ok()) << folder.error().to_string();
        EXPECT_TRUE(fs::exists((*folder)->source()));
    }
}

TEST_F(LeftoversTest, ATerraformThatStillRunsIsInterruptedAndItsStateIsTheLast) {
    auto session = abandon("daemon-0", R"({"serial": 1})");
    // It writes more than a pipe holds, which must not keep it from its end.
    auto terraform = run_in(session, "terraform", R"sh(
        trap 'seq 100000; echo "{\"serial\": 2}" > terraform.tfstate; exit' INT
        touch ready
        while :; do :; done)sh");
    auto provider = run_in(session, "terraform-provider-coder_v1", "trap '' INT TERM; while :; do :; done");
    auto workspace = run_in(session, "agent", "while :; do :; done");
    while (!fs::exists(session / "source/ready"))
        std::this_thread::yield();
    auto found = recover_all();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_FALSE(alive(terraform->pid()));
    EXPECT_FALSE(alive(provider->pid()));
    EXPECT_TRUE(alive(workspace->pid())) << "what a template started is not ours to end";
    EXPECT_EQ(found[0].state, "{\"serial\": 2}\n");
}

TEST_F(LeftoversTest, AWrapperThatIsAboutToBecomeTerraformIsWaitedFor) {
    auto session = abandon("daemon-0", R"({"serial": 1})");
    auto terraform = temporary_.path() / "terraform";
    fs::copy_file(fs::canonical("/bin/sh"), terraform);
    // Until somebody reads its output it stays a script.
    auto script = temporary_.path() / "shims/terraform";
    fs::create_directories(script.parent_path());
    std::string text = "touch ready; seq 100000; echo '{\"serial\": 2}' > terraform.tfstate\nexec ";
    text += terraform.string() + " -c 'while :; do :; done'\n";
    ASSERT_TRUE(write_private_file(script, text).ok());
    auto wrapper = run_in(session, "sh", "exec /bin/sh '" + script.string() + "' apply");
    while (!fs::exists(session / "source/ready"))
        std::this_thread::yield();
    auto found = recover_all();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_FALSE(alive(wrapper->pid()));
    EXPECT_EQ(found[0].state, "{\"serial\": 2}\n");
}

TEST_F(LeftoversTest, ATerraformThatDoesNotStopIsKilled) {
    auto session = abandon("daemon-0", R"({"serial": 1})");
    auto terraform = run_in(session, "terraform", "trap '' INT TERM; touch ready; while :; do :; done");
    while (!fs::exists(session / "source/ready"))
        std::this_thread::yield();
    auto found = recover_all(std::chrono::milliseconds(300));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_FALSE(alive(terraform->pid()));
    EXPECT_EQ(found[0].state, R"({"serial": 1})");
}

TEST_F(LeftoversTest, HalfAStateGivesWayToTheOneBefore) {
    auto session = abandon("daemon-0", R"({"serial": )");
    ASSERT_TRUE(write_private_file(session / "source/terraform.tfstate.backup", R"({"serial": 6})").ok());
    auto found = recover_all();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].state, R"({"serial": 6})");
}

}  // namespace
}  // namespace berth::terraform

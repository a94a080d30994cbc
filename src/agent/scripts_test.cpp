#include "agent/scripts.h"

#include <csignal>
#include <fstream>

#include <gtest/gtest.h>

#include "agent/agent_testing.h"
#include "base/text.h"

namespace berth::agent {
namespace {

namespace pb = coder::agent::v2;

class ScriptsTest : public ::testing::Test {
protected:
    struct Parts {
        Parts(asio::any_io_executor executor, base::Clock& clock, const Workspace& workspace,
              const std::filesystem::path& directory)
            : link(executor),
              logs(executor, link, clock, base::Logger("test"), 8 << 20),
              reports(executor, link, clock, base::Logger("test"), 100),
              group(executor, base::Logger("test")),
              runner({workspace, clock, directory, directory / "data"}, group, logs, reports,
                     base::Logger("test")) {}
        Link link;
        LogSender logs;
        Outbox reports;
        net::TaskGroup group;
        ScriptRunner runner;
    };

    ScriptsTest() {
        workspace_.base = process_environment();
        workspace_.account = current_account(workspace_.base);
        workspace_.account.home = directory_.path();
        workspace_.account.shell = "/bin/sh";
        runtime_.run(start());
    }
    ~ScriptsTest() override { runtime_.run(stop()); }

    asio::awaitable<void> start() {
        parts_ = std::make_unique<Parts>(runtime_.executor(0), clock_, workspace_, directory_.path());
        dial_ = server_.dialer();
        parts_->group.spawn("logs", parts_->logs.run());
        parts_->group.spawn("reports", parts_->reports.run());
        parts_->group.spawn("connection",
                            keep_connected("rpc", "/rpc?version=2.0", dial_, base::system_clock(),
                                           base::Logger("test"), [this](yamux::SessionPtr session) {
                                               return use(&parts_->link, std::move(session));
                                           }));
        co_return;
    }
    static asio::awaitable<void> use(Link* link, yamux::SessionPtr session) {
        struct Lost {
            Link* link;
            ~Lost() { link->lost(); }
        } lost{link};
        link->connected(drpc::Client::over(session));
        co_await session->closed();
    }
    asio::awaitable<void> stop() {
        parts_->group.cancel();
        co_await parts_->group.join();
        parts_.reset();
    }

    static Script script(const std::string& name, const std::string& text) {
        Script out;
        out.id = Uuid::random().raw();
        out.log_source_id = name;
        out.display_name = name;
        out.text = text;
        out.run_on_start = true;
        return out;
    }
    /// Runs a stage while the clock goes on in steps of 100 ms for each real millisecond or so.
    std::vector<ScriptResult> run(std::vector<Script> scripts, ScriptStage stage = ScriptStage::start) {
        std::optional<std::vector<ScriptResult>> results;
        std::atomic<bool> done = false;
        std::thread runner([&] {
            results = runtime_.run(parts_->runner.run_stage(std::move(scripts), stage));
            done = true;
        });
        ScriptedServer::eventually([&] {
            if (tick_.count() > 0) clock_.advance(tick_);
            return done.load();
        });
        runner.join();
        return *results;
    }
    std::vector<std::string> lines(const std::string& source, std::size_t at_least) {
        std::vector<std::string> out;
        ScriptedServer::eventually([&] {
            clock_.advance(std::chrono::milliseconds(100));
            out.clear();
            for (const auto& line : server_.record().lines)
                if (line.source == source) out.push_back(line.text);
            return out.size() >= at_least;
        });
        return out;
    }

    base::FakeClock clock_;
    base::Duration tick_{};
    TestDirectory directory_;
    Workspace workspace_;
    net::Runtime runtime_{1};
    ScriptedServer server_{runtime_};
    Dialer dial_;
    std::unique_ptr<Parts> parts_;
};

TEST_F(ScriptsTest, Outcomes) {
    const struct {
        const char* name;
        const char* text;
        ScriptStatus status;
        int code;
        std::vector<std::string> lines;
    } cases[] = {
        {"no such interpreter",
         "#!/no/such/program\n",
         ScriptStatus::failed,
         255,
         {"cannot run: there is no program /no/such/program"}},
        {"fails", "exit 3", ScriptStatus::failed, 3, {}},
        {"killed", "kill -KILL $$", ScriptStatus::failed, 137, {}},
        {"empty", "", ScriptStatus::ok, 0, {}},
        {"shell", "echo one; echo two; printf three", ScriptStatus::ok, 0, {"one", "two", "three"}},
        {"invalid bytes",
         "printf 'a\\377b\\n'",
         ScriptStatus::ok,
         0,
         {"a\xEF\xBF\xBD"
          "b"}},
        {"other interpreter",
         "#!/usr/bin/env bash\n[[ a == a ]] && echo \"$BASH_VERSION\" | cut -c1",
         ScriptStatus::ok,
         0,
         {"5"}},
        {"interpreter with carriage return", "#!/bin/sh\r\necho ok #\r\n", ScriptStatus::ok, 0, {"ok"}},
        {"folders of its own",
         "test -d \"$CODER_SCRIPT_DATA_DIR\" && case \":$PATH:\" in *\":$CODER_SCRIPT_BIN_DIR:\"*) echo ok;; "
         "esac",
         ScriptStatus::ok,
         0,
         {"ok"}},
    };
    for (const auto& test : cases) {
        SCOPED_TRACE(test.name);
        auto results = run({script(test.name, test.text)});
        ASSERT_EQ(results.size(), 1U);
        EXPECT_EQ(results[0].status, test.status);
        EXPECT_EQ(results[0].exit_code, test.code);
        EXPECT_EQ(lines(test.name, test.lines.size()), test.lines);
    }
    EXPECT_TRUE(
        ScriptedServer::eventually([&] { return server_.record().timings.size() == std::size(cases); }));
}

TEST_F(ScriptsTest, HugeLinesArriveInPieces) {
    auto results = run({script("huge", "head -c 1048576 /dev/zero | tr '\\0' x; echo; echo end")});
    EXPECT_TRUE(results[0].success());
    auto all = lines("huge", 17);
    ASSERT_EQ(all.size(), 17U);
    EXPECT_EQ(base::join(all, "").size(), (1U << 20) + 3);
    EXPECT_EQ(all.back(), "end");
}

TEST_F(ScriptsTest, RunTogetherAndOnlyThoseOfTheStage) {
    // Each waits for the other: one after the other they would never end.
    auto a = script("a", "touch a; while [ ! -e b ]; do sleep 0.01; done; echo met");
    auto b = script("b", "touch b; while [ ! -e a ]; do sleep 0.01; done; echo met");
    auto stop = script("stop", "echo stopped");
    stop.run_on_start = false;
    stop.run_on_stop = true;
    EXPECT_EQ(run({a, b, stop}).size(), 2U);
    EXPECT_EQ(run({a, b, stop}, ScriptStage::stop).size(), 1U);
    EXPECT_EQ(lines("stop", 1), std::vector<std::string>{"stopped"});
    ASSERT_TRUE(ScriptedServer::eventually([&] { return server_.record().timings.size() == 3; }));
    EXPECT_EQ(server_.record().timings[2].stage(), pb::Timing::STOP);
}

TEST_F(ScriptsTest, TimeoutKillsGrandchildren) {
    auto pid_file = directory_.path() / "pid";
    auto slow = script("slow", "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ > " + pid_file.string() +
                                   "; while :; do sleep 1; done' & echo started; wait; wait");
    slow.timeout = std::chrono::minutes(5);
    tick_ = std::chrono::milliseconds(500);
    auto results = run({slow});
    EXPECT_EQ(results[0].status, ScriptStatus::timed_out);
    EXPECT_EQ(worst_of(results), ScriptStatus::timed_out);
    auto pid = base::parse_int<pid_t>(base::trim(*read_small_file(pid_file, 100)));
    ASSERT_TRUE(pid.has_value());
    EXPECT_TRUE(ScriptedServer::eventually([&] { return ::kill(*pid, 0) != 0; }));
    EXPECT_EQ(lines("slow", 2), (std::vector<std::string>{"started", "ended: it ran longer than 5m0s"}));
}

TEST_F(ScriptsTest, WhatAScriptLeavesInTheBackgroundLivesOn) {
    auto quiet = run({script("quiet", "sleep 1000 >/dev/null 2>&1 & echo $! > quiet.pid")});
    EXPECT_EQ(quiet[0].status, ScriptStatus::ok);
    tick_ = std::chrono::milliseconds(500);
    auto open = run({script("open", "(while :; do echo tick; sleep 0.05; done) & echo $! > open.pid")});
    EXPECT_EQ(open[0].status, ScriptStatus::pipes_left_open);
    EXPECT_TRUE(open[0].success());
    auto before = lines("open", 1).size();
    EXPECT_GT(lines("open", before + 2).size(), before);
    for (const char* name : {"quiet.pid", "open.pid"}) {
        auto pid = base::parse_int<pid_t>(base::trim(*read_small_file(directory_.path() / name, 100)));
        ASSERT_TRUE(pid.has_value());
        EXPECT_EQ(::kill(*pid, 0), 0) << name;
        ::kill(*pid, SIGKILL);
    }
}

TEST_F(ScriptsTest, LogFilesArePrivate) {
    auto named = script("named", "echo to the file");
    named.log_path = "~/logs.txt";
    auto unnamed = script("unnamed", "echo by id");
    run({named, unnamed});
    EXPECT_EQ(read_small_file(directory_.path() / "logs.txt", 100), "to the file\n");
    auto by_id = directory_.path() / ("berth-script-" + Uuid::from_bytes(unnamed.id)->to_string() + ".log");
    EXPECT_EQ(read_small_file(by_id, 100), "by id\n");
    EXPECT_EQ(std::filesystem::status(by_id).permissions() & std::filesystem::perms::all,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(ScriptsTest, TextIsInNoCommandLine) {
    auto secret = script("secret", "tr '\\0' ' ' < /proc/$$/cmdline; : hidden-value");
    run({secret});
    auto shown = lines("secret", 1);
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0].find("hidden-value"), std::string::npos);
}

TEST_F(ScriptsTest, TerminateEndsWhatRuns) {
    auto looping = script("looping", "trap 'echo bye; exit 4' TERM; echo up; while :; do sleep 0.05; done");
    std::vector<ScriptResult> results;
    std::thread runner([&] { results = run({looping}); });
    EXPECT_EQ(lines("looping", 1), std::vector<std::string>{"up"});
    asio::post(runtime_.executor(0), [this] { parts_->runner.terminate_all(); });
    runner.join();
    EXPECT_EQ(results[0].exit_code, 4);
    EXPECT_EQ(results[0].status, ScriptStatus::failed);
}

TEST_F(ScriptsTest, SchedulesRunAtTheirTimes) {
    auto often = script("often", "echo run");
    often.run_on_start = false;
    often.cron = "*/10 * * * * *";
    auto wrong = script("wrong", "echo never");
    wrong.cron = "every day";
    asio::post(runtime_.executor(0), [this, often, wrong] {
        parts_->runner.start_schedules({often, wrong});
    });
    auto runs = lines("often", 3);
    EXPECT_GE(runs.size(), 3U);
    auto complaint = lines("wrong", 1);
    ASSERT_EQ(complaint.size(), 1U);
    EXPECT_NE(complaint[0].find("cron"), std::string::npos);
    ASSERT_TRUE(ScriptedServer::eventually([&] { return !server_.record().timings.empty(); }));
    EXPECT_EQ(server_.record().timings[0].stage(), pb::Timing::CRON);
}

}  // namespace
}  // namespace berth::agent

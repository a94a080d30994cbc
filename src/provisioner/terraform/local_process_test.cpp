#include <csignal>

#include <gtest/gtest.h>

#include "base/text.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace pb = ::provisioner;

/// Stands for the agent: says what it got, and starts a child in a session of its own, as a terminal does.
std::optional<std::string> agent_script(std::string_view os, std::string_view) {
    if (os != "linux") return std::nullopt;
    return "#!/bin/sh\n"
           "env > \"$HOME/agent-environment\"\n"
           "setsid sleep 1000 &\n"
           "echo $! > \"$HOME/child\"\n"
           "exec sleep 1000\n";
}

struct Life {
    std::string homes;
    std::string state;
    std::string error;
    pb::GraphComplete graph;
    std::string logs;
    pb::ParseComplete parsed;
};

pb::Request with_homes(pb::Request request, const std::string& homes) {
    auto* plan = request.mutable_plan();
    plan->mutable_metadata()->set_workspace_id("8a1f6d10-5f3c-4c5b-9d57-0a64d1b0a001");
    auto* variable = plan->add_variable_values();
    variable->set_name("homes");
    variable->set_value(homes);
    auto* parameter = plan->add_rich_parameter_values();
    parameter->set_name("greeting");
    parameter->set_value("Hello from the test");
    return request;
}

asio::awaitable<void> build(FakeDaemon& daemon, pb::WorkspaceTransition transition, Life& life) {
    daemon.push(config_request());
    daemon.push(init_request(tar_of(fs::path(BERTH_EXAMPLES) / "local-process")));
    auto init = co_await daemon.response();
    life.error = init.init().error();
    if (!life.error.empty()) co_return;
    pb::Request parse;
    parse.mutable_parse();
    daemon.push(std::move(parse));
    auto parsed = co_await daemon.response();
    life.parsed = parsed.parse();
    auto request = with_homes(plan_request(transition, life.state), life.homes);
    daemon.push(std::move(request));
    auto plan = co_await daemon.response();
    life.error = plan.plan().error();
    if (!life.error.empty()) co_return;
    pb::Request apply = apply_request(transition);
    apply.mutable_apply()->mutable_metadata()->set_workspace_id("8a1f6d10-5f3c-4c5b-9d57-0a64d1b0a001");
    daemon.push(std::move(apply));
    auto applied = co_await daemon.response();
    life.error = applied.apply().error();
    life.state = applied.apply().state();
    daemon.push(graph_request(pb::SOURCE_STATE));
    auto graph = co_await daemon.response();
    life.graph = graph.graph();
    life.logs = daemon.log_text();
}

/// The file appears soon after the build ended, because the process runs on its own.
pid_t await_pid(const fs::path& path) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline)
        if (auto pid = read_pid(path); pid > 0) return pid;
    return 0;
}

TEST(local_process, lives_stops_and_leaves_nothing) {
    net::Runtime runtime(1);
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    options.init_script = agent_script;
    Life life;
    life.homes = (root.path() / "homes").string();
    auto folder = root.path() / "homes/8a1f6d10-5f3c-4c5b-9d57-0a64d1b0a001";
    auto run = [&](pb::WorkspaceTransition transition) {
        auto done = with_session(runtime, options,
                                 [&](FakeDaemon& daemon) { return build(daemon, transition, life); });
        ASSERT_TRUE(done.ok()) << done.error().to_string();
        ASSERT_EQ(life.error, "");
    };

    run(pb::START);
    EXPECT_EQ(life.parsed.template_variables_size(), 1);
    EXPECT_NE(life.parsed.readme().find("display_name: Local process"), std::string::npos);
    auto agent = await_pid(folder / "run/pid");
    auto child = await_pid(folder / "home/child");
    ASSERT_TRUE(alive(agent) && alive(child)) << life.logs;
    EXPECT_NE(life.logs.find("The agent runs as process " + std::to_string(agent)), std::string::npos)
        << life.logs;
    auto environment = read_file(folder / "home/agent-environment", 1 << 20);
    ASSERT_TRUE(environment.ok());
    ASSERT_EQ(life.graph.resources_size(), 2);
    const auto& process = life.graph.resources(1);
    ASSERT_EQ(process.agents_size(), 1);
    const auto& token = process.agents(0).token();
    EXPECT_NE(environment->find("CODER_AGENT_TOKEN=" + token + "\n"), std::string::npos);
    EXPECT_EQ(life.logs.find(token), std::string::npos) << "the token is in the build log";
    for (auto foreign : {"CODER_WORKSPACE", "CODER_PARAMETER", "TF_", "session-token-of-alice"})
        EXPECT_EQ(environment->find(foreign), std::string::npos) << foreign << " reached the workspace";
    auto kept = write_private_file(folder / "home/kept", "mine");
    ASSERT_TRUE(kept.ok());

    run(pb::STOP);
    EXPECT_FALSE(alive(agent));
    EXPECT_FALSE(alive(child));
    for (const auto& resource : life.graph.resources())
        EXPECT_EQ(resource.agents_size(), 0);
    EXPECT_TRUE(fs::exists(folder / "home/kept"));

    run(pb::START);
    agent = await_pid(folder / "run/pid");
    child = await_pid(folder / "home/child");
    EXPECT_TRUE(alive(agent)) << life.logs;
    EXPECT_TRUE(fs::exists(folder / "home/kept"));

    run(pb::DESTROY);
    EXPECT_FALSE(alive(agent));
    EXPECT_FALSE(alive(child));
    EXPECT_FALSE(fs::exists(folder));
    EXPECT_NE(life.state.find("\"resources\": []"), std::string::npos);
}

}  // namespace
}  // namespace berth::terraform

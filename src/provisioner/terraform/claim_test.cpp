// Claiming a prebuilt workspace: its agents run on, so each must keep the token that it has (the real
// provider).
#include <gtest/gtest.h>

#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

constexpr const char* claim_head = R"(
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_workspace" "me" {}
)";

/// An agent, and a machine that would be made anew for another token.
std::string agent_with_machine(const std::string& name, const std::string& count = "1") {
    return "resource \"coder_agent\" \"" + name + "\" {\n  count = " + count +
           "\n  os    = \"linux\"\n  arch  = \"amd64\"\n}\n" + "resource \"terraform_data\" \"" + name +
           "\" {\n  count            = " + count + "\n  triggers_replace = [coder_agent." + name +
           "[count.index].token]\n}\n";
}

struct ClaimBuild {
    std::string error;
    std::string state;
    std::string logs;
    int replacements = 0;
    std::map<std::string, std::string> tokens;
};

pb::Request staged_plan(const ClaimBuild& before, pb::PrebuiltWorkspaceBuildStage stage) {
    auto request = plan_request(pb::START, before.state);
    auto* metadata = request.mutable_plan()->mutable_metadata();
    metadata->set_prebuilt_workspace_build_stage(stage);
    if (stage != pb::CLAIM) return request;
    for (const auto& [name, token] : before.tokens) {
        auto* running = metadata->add_running_agent_auth_tokens();
        running->set_agent_id("id-of-" + name);
        running->set_token(token);
    }
    return request;
}

asio::awaitable<void> build_claim(FakeDaemon& daemon, std::string archive, pb::Request plan,
                                  ClaimBuild& built) {
    daemon.push(config_request());
    daemon.push(init_request(std::move(archive)));
    auto init = co_await daemon.response();
    built.error = init.init().error();
    if (!built.error.empty()) co_return;
    pb::Request apply;
    *apply.mutable_apply()->mutable_metadata() = plan.plan().metadata();
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    built.error = planned.plan().error();
    built.replacements = planned.plan().resource_replacements_size();
    if (!built.error.empty()) co_return;
    daemon.push(std::move(apply));
    auto applied = co_await daemon.response();
    built.error = applied.apply().error();
    built.state = applied.apply().state();
    daemon.push(graph_request(pb::SOURCE_STATE));
    auto graph = co_await daemon.response();
    for (const auto& resource : graph.graph().resources())
        for (const auto& agent : resource.agents())
            built.tokens[agent.name()] = agent.token();
    built.logs = daemon.log_text();
}

class Claim : public testing::Test {
public:
    ClaimBuild run(const std::string& text, const ClaimBuild& before, pb::PrebuiltWorkspaceBuildStage stage) {
        ClaimBuild built;
        auto plan = staged_plan(before, stage);
        std::vector<std::pair<std::string, std::string>> files{{"main.tf", text}};
        auto archive = tar_of(files);
        auto done = with_session(runtime, options, [&](FakeDaemon& daemon) {
            return build_claim(daemon, archive, std::move(plan), built);
        });
        EXPECT_TRUE(done.ok()) << done.error().to_string();
        EXPECT_EQ(built.error, "");
        return built;
    }

    net::Runtime runtime{1};
    TempFolder root;
    SessionOptions options = test_options(runtime, root.path() / "w");
};

TEST_F(Claim, KeepsTheTokenOfTheOneAgent) {
    auto text = claim_head + agent_with_machine("main");
    auto made = run(text, {}, pb::CREATE);
    ASSERT_EQ(made.tokens.size(), 1u);
    auto claimed = run(text, made, pb::CLAIM);
    EXPECT_EQ(claimed.tokens, made.tokens);
    EXPECT_EQ(claimed.replacements, 0);
    EXPECT_NE(claimed.logs.find("Plan: 0 to add, 0 to change, 0 to destroy"), std::string::npos)
        << claimed.logs;
    // What would happen without: the machine is thrown away.
    auto ordinary = run(text, claimed, pb::NONE);
    EXPECT_NE(ordinary.tokens, made.tokens);
    EXPECT_EQ(ordinary.replacements, 1);
}

TEST_F(Claim, KeepsTheTokensOfSeveralAgents) {
    auto text = claim_head + agent_with_machine("main") + agent_with_machine("other");
    auto made = run(text, {}, pb::CREATE);
    ASSERT_EQ(made.tokens.size(), 2u);
    ASSERT_NE(made.tokens.at("main"), made.tokens.at("other"));
    auto claimed = run(text, made, pb::CLAIM);
    EXPECT_EQ(claimed.tokens, made.tokens);
    EXPECT_EQ(claimed.replacements, 0);
    EXPECT_NE(claimed.logs.find("Plan: 0 to add, 0 to change, 0 to destroy"), std::string::npos)
        << claimed.logs;
}

TEST_F(Claim, AnAgentThatComesWithItGetsATokenOfItsOwn) {
    auto text = claim_head + agent_with_machine("main") +
                agent_with_machine("other", "1 - data.coder_workspace.me.prebuild_count");
    auto made = run(text, {}, pb::CREATE);
    ASSERT_EQ(made.tokens.size(), 1u);
    auto claimed = run(text, made, pb::CLAIM);
    ASSERT_EQ(claimed.tokens.size(), 2u);
    EXPECT_EQ(claimed.tokens.at("main"), made.tokens.at("main"));
    EXPECT_NE(claimed.tokens.at("other"), made.tokens.at("main"));
    EXPECT_EQ(claimed.replacements, 0);
}

}  // namespace
}  // namespace berth::terraform

// The small parts: environment, log lines, graph, timings, file pieces, plan reduction.
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "provisioner/terraform/environment.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/graph.h"
#include "provisioner/terraform/log_line.h"
#include "provisioner/terraform/model.h"
#include "provisioner/terraform/saved_state.h"
#include "provisioner/terraform/session_testing.h"
#include "provisioner/terraform/timings.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

std::string nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(saved_state, is_what_terraform_wrote_last_and_never_nothing_in_its_place) {
    struct Row {
        std::string what;
        std::optional<std::string> state;
        std::optional<std::string> backup;
        /// nullopt: an error.
        std::optional<std::string> wanted;
    };
    for (const auto& row : std::vector<Row>{
             {"none", std::nullopt, std::nullopt, ""},
             {"whole", "{\"a\": 1}", "{\"a\": 0}", "{\"a\": 1}"},
             {"cut", "{\"a\": 1", "{\"a\": 0}", "{\"a\": 0}"},
             {"empty", "", "{\"a\": 0}", "{\"a\": 0}"},
             {"only a half", "{\"a\": 1", std::nullopt, std::nullopt},
             {"two halves", "{\"a\": 1", "{\"a\"", std::nullopt},
             {"deep, as the types of Kubernetes manifests are", nested(200), "{}", nested(200)},
             {"deeper than we read", nested(2000), "{}", nested(2000)},
             {"odd, but not cut", "{\"a\" 1}", "{}", "{\"a\" 1}"},
         }) {
        TempFolder folder;
        auto path = folder.path() / "terraform.tfstate";
        if (row.state) {
            ASSERT_TRUE(write_private_file(path, *row.state).ok());
        }
        if (row.backup) {
            ASSERT_TRUE(write_private_file(path.string() + ".backup", *row.backup).ok());
        }
        auto state = read_saved_state(path);
        ASSERT_EQ(state.ok(), row.wanted.has_value()) << row.what;
        if (state.ok()) {
            EXPECT_EQ(*state, *row.wanted) << row.what;
        }
    }
}

TEST(base_environment, takes_out_what_would_change_a_build) {
    auto environment = base_environment(
        {"PATH=/bin", "HOME=/root", "CODER_PG_CONNECTION_URL=secret", "CODER_=x", "TF_VAR_x=1",
         "TF_CLI_ARGS_plan=-target=x", "TF_LOG=TRACE", "TF_DATA_DIR=/x", "TF_REATTACH_PROVIDERS={}",
         "TF_CLI_CONFIG_FILE=/rc", "AWS_PROFILE=dev", "broken", "=odd", "EMPTY="});
    EXPECT_EQ(environment, (Environment{{"PATH", "/bin"},
                                        {"HOME", "/root"},
                                        {"TF_CLI_CONFIG_FILE", "/rc"},
                                        {"AWS_PROFILE", "dev"},
                                        {"EMPTY", ""},
                                        {"TF_IN_AUTOMATION", "1"},
                                        {"TF_INPUT", "0"},
                                        {"CHECKPOINT_DISABLE", "1"}}));
}

TEST(build_environment, refuses_what_cannot_be_passed) {
    pb::PlanRequest inputs;
    auto* parameter = inputs.add_rich_parameter_values();
    parameter->set_name("p");
    parameter->set_value("secret" + std::string(200'000, 'x'));
    auto long_value = build_environment({}, {}, inputs, {}, false);
    ASSERT_FALSE(long_value.ok());
    EXPECT_EQ(long_value.error().message(), "parameter \"p\" is longer than 128 KiB");
    parameter->set_value(std::string("secret\0x", 8));
    EXPECT_EQ(build_environment({}, {}, inputs, {}, false).error().message(),
              "parameter \"p\" holds a NUL byte");
    inputs.Clear();
    inputs.add_variable_values()->set_name("a=b");
    EXPECT_FALSE(build_environment({}, {}, inputs, {}, false).ok());
}

TEST(build_environment, is_what_the_provider_reads) {
    pb::Metadata metadata;
    metadata.set_workspace_transition(pb::DESTROY);
    metadata.set_workspace_build_id("b-1");
    metadata.set_prebuilt_workspace_build_stage(pb::CLAIM);
    metadata.add_workspace_owner_groups("a\"b");
    auto* role = metadata.add_workspace_owner_rbac_roles();
    role->set_name("owner");
    metadata.add_running_agent_auth_tokens()->set_token("t1");
    pb::PlanRequest inputs;
    inputs.add_previous_parameter_values()->set_name("p");
    inputs.add_rich_parameter_values()->set_name("q");
    auto* account = inputs.add_external_auth_providers();
    account->set_id("git-hub");
    account->set_access_token("token");
    auto* secret = inputs.add_user_secrets();
    secret->set_env_name("E");
    secret->set_file_path("~/f");
    secret->set_value("v");
    inputs.add_user_secrets()->set_value("neither");
    auto script = [](std::string_view os, std::string_view arch) -> std::optional<std::string> {
        if (os != "linux" || arch != "amd64") return std::nullopt;
        return "#!";
    };
    auto stopped = build_environment({{"PATH", "/bin"}}, metadata, inputs, script, true);
    ASSERT_TRUE(stopped.ok());
    const Environment expected{
        {"PATH", "/bin"},
        {"CODER_WORKSPACE_TRANSITION", "delete"},
        {"CODER_WORKSPACE_BUILD_ID", "b-1"},
        {"CODER_WORKSPACE_IS_PREBUILD_CLAIM", "true"},
        {"CODER_WORKSPACE_OWNER_GROUPS", "[\"a\\\"b\"]"},
        {"CODER_WORKSPACE_OWNER_RBAC_ROLES", "[{\"name\":\"owner\",\"org_id\":\"\"}]"},
        {"CODER_RUNNING_WORKSPACE_AGENT_TOKEN_"
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         "t1"},
        {"CODER_AGENT_SCRIPT_linux_amd64", "#!"},
        {"CODER_PARAMETER_" + base::sha256_hex("q"), ""},
        {"CODER_PARAMETER_PREVIOUS_" + base::sha256_hex("p"), ""},
        {"CODER_EXTERNAL_AUTH_ACCESS_TOKEN_git-hub", "token"},
    };
    EXPECT_EQ(*stopped, expected) << "secrets belong to starts only";
    metadata.set_workspace_transition(pb::START);
    auto started = build_environment({}, metadata, inputs, {}, true);
    ASSERT_TRUE(started.ok());
    EXPECT_EQ(started->at("CODER_SECRET_ENV_E"), "v");
    EXPECT_EQ(started->at("CODER_SECRET_FILE_7e2f66"), "v");
    auto apply = build_environment({}, metadata, inputs, {}, false);
    ASSERT_TRUE(apply.ok());
    EXPECT_FALSE(apply->contains("CODER_SECRET_ENV_E"));
}

struct Line {
    const char* line;
    pb::LogLevel level;
    const char* text;
};

TEST(log_line, becomes_readable) {
    const std::vector<Line> cases{
        {"", pb::INFO, ""},
        {"plain text\r", pb::INFO, "plain text"},
        {"{broken", pb::INFO, "{broken"},
        {"[1]", pb::INFO, "[1]"},
        {"{}", pb::INFO, ""},
        {R"({"@level":"warn","@message":"careful"})", pb::WARN, "careful"},
        {R"({"@level":"trace","@message":"deep"})", pb::TRACE, "deep"},
        {"2026-01-02T03:04:05.678Z [TRACE] a: b", pb::TRACE, "2026-01-02T03:04:05.678Z [TRACE] a: b"},
        {"2026-01-02T03:04:05.678+0100 [WARN]  a", pb::WARN, "2026-01-02T03:04:05.678+0100 [WARN]  a"},
        {"2026-01-02T03:04:05.678Z [LOUD] a", pb::INFO, "2026-01-02T03:04:05.678Z [LOUD] a"},
        {"then [ERROR] a", pb::INFO, "then [ERROR] a"},
        {R"({"@level":"info","@message":"a: Creating...","type":"apply_start","hook":{}})", pb::INFO,
         "a: Creating..."},
        {R"({"@level":"info","@message":"Terraform 1.11.4","type":"version"})", pb::DEBUG,
         "Terraform 1.11.4"},
        {R"x({"@level":"info","@message":"a.b: Drift detected (delete)","type":"resource_drift","change":{"resource":{"addr":"a.b","resource_type":"a"},"action":"delete"}})x",
         pb::WARN, "a.b was deleted outside of this workspace's builds"},
        {R"({"@level":"info","@message":"Drift","type":"resource_drift","change":{"resource":{"addr":"coder_agent.x","resource_type":"coder_agent"},"action":"update"}})",
         pb::DEBUG, "Drift"},
        {R"({"@level":"error","@message":"Error: Bad","type":"diagnostic","diagnostic":{"severity":"error","summary":"Bad","detail":"why","address":"a.b","range":{"filename":"main.tf","start":{"line":3}},"snippet":{"context":"resource \"a\" \"b\"","code":"  x = 1"}}})",
         pb::ERROR, "Error: Bad\n  on main.tf line 3, in resource \"a\" \"b\":\n  3: x = 1\n  with a.b\nwhy"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.line);
        auto line = parse_log_line(c.line);
        EXPECT_EQ(line.level, c.level);
        EXPECT_EQ(line.text, c.text);
    }
    auto bad = parse_log_line(cases.back().line);
    ASSERT_TRUE(bad.diagnostic.has_value());
    EXPECT_EQ(bad.diagnostic->short_text(), "main.tf:3: Bad: why (a.b)");
    EXPECT_LT(parse_log_line(std::string(1 << 20, 'x')).text.size(), 70'000u);
    EXPECT_EQ(parse_log_line("\xff\xfe").text, "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(graph, reads_both_forms) {
    const std::string now =
        "digraph G {\n  rankdir = \"RL\";\n  \"a.x\" [label=\"a.x\"];\n  \"b.y\" -> \"a.x\";\n"
        "  \"c.z\" -> \"b.y\";\n  \"c.z\" -> \"a.x\";\n  \"a.x\" -> \"c.z\";\n}\n";
    const std::string old =
        "\"[root] m.v (expand)\" -> \"[root] a.x (expand)\"\n"
        "\"[root] b.y (expand)\" -> \"[root] m.v (expand)\"\n"
        "\"[root] provider[\\\"r/c/c\\\"] (close)\" -> \"[root] b.y (expand)\"\n\"broken -> \"x\"\n";
    auto graph = Graph::parse(now);
    ASSERT_TRUE(graph.ok());
    EXPECT_EQ(graph->needed_by("a.x"), (Graph::Distances{{"b.y", 1}, {"c.z", 1}}));
    EXPECT_EQ(graph->needs("b.y"), (Graph::Distances{{"a.x", 1}, {"c.z", 2}}));
    auto older = Graph::parse(old);
    ASSERT_TRUE(older.ok());
    EXPECT_EQ(older->needs("b.y"), (Graph::Distances{{"m.v", 1}, {"a.x", 2}}));
    EXPECT_EQ(older->needed_by("b.y"), (Graph::Distances{{"provider[\"r/c/c\"] (close)", 1}}));
}

TEST(model, addresses_lose_their_keys) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", ""},        {"a.b[0]", "a.b"}, {"module.m[\"x.y[0]\"].a.b[\"q\\\"]\"]", "module.m.a.b"},
        {"a.b[", "a.b"}, {"a.b[\"", "a.b"}, {"a.b[\"\\", "a.b"},
    };
    for (const auto& [address, plain] : cases)
        EXPECT_EQ(without_keys(address), plain) << address;
}

TEST(model, refuses_what_is_not_a_plan) {
    for (std::string text : {"", "[]", "{", R"({"format_version":"2.0"})"}) {
        EXPECT_FALSE(read_plan(text).ok()) << text;
        EXPECT_FALSE(read_state(text).ok()) << text;
    }
    EXPECT_TRUE(
        read_plan(
            R"({"planned_values":7,"prior_state":[],"configuration":{"root_module":{"resources":[1]}}})")
            .ok());
}

TEST(model, stored_plan_holds_no_secret) {
    auto stored = plan_of_data_sources(R"({"format_version":"1.2","variables":{"password":{"value":"s3cret"}},
        "planned_values":{"root_module":{"resources":[{"address":"a.b","mode":"managed","values":{"x":"s3cret"}}]}},
        "prior_state":{"values":{"root_module":{"resources":[{"address":"data.c.d","mode":"data",
          "values":{"token":"s3cret","list":["ok","s3cret"],"name":"n"},"sensitive_values":{"token":true,"list":[false,true]}}]}}}})");
    ASSERT_TRUE(stored.ok());
    EXPECT_EQ(stored->find("s3cret"), std::string::npos) << *stored;
    EXPECT_NE(stored->find("\"name\":\"n\""), std::string::npos);
    EXPECT_NE(stored->find("[\"ok\",null]"), std::string::npos);
}

TEST(timings, unfinished_steps_failed) {
    base::Time start(std::chrono::seconds(100));
    Timings timings("apply", start);
    auto event = [](HookEvent::Kind kind, const char* address, int second) {
        HookEvent event;
        event.kind = kind;
        event.address = address;
        event.action = "create";
        event.at = base::Time(std::chrono::seconds(second));
        return event;
    };
    timings.add(event(HookEvent::Kind::start, "b", 102), start);
    timings.add(event(HookEvent::Kind::start, "a", 101), start);
    timings.add(event(HookEvent::Kind::complete, "a", 103), start);
    timings.add(event(HookEvent::Kind::complete, "unknown", 103), start);
    auto all = timings.finish(base::Time(std::chrono::seconds(110)), false, "applying", "workspace");
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].resource(), "workspace");
    EXPECT_EQ(all[1].resource(), "a");
    EXPECT_EQ(all[1].state(), pb::COMPLETED);
    EXPECT_EQ(all[1].end().seconds(), 103);
    EXPECT_EQ(all[2].state(), pb::FAILED);
    EXPECT_EQ(all[2].end().seconds(), 110);
}

}  // namespace
}  // namespace berth::terraform

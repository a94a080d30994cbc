#include <cstdlib>

#include <gtest/gtest.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

// Each folder of testdata holds a template and what its plan and its state must become. To write
// expected.json anew after a wanted change: BERTH_UPDATE_GOLDEN=1 terraform_test --gtest_filter='*golden*',
// then read the difference.
namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
namespace pb = ::provisioner;

const fs::path testdata = BERTH_TERRAFORM_TESTDATA;

struct Seen {
    json::object result;
    std::string error;
    std::string logs;
    std::string state;
    pb::PlanComplete plan;
    pb::InitComplete init;
    pb::ApplyComplete apply;
};

asio::awaitable<void> whole_build(FakeDaemon& daemon, const fs::path& folder, Seen& seen) {
    daemon.push(config_request());
    daemon.push(init_request(tar_of(folder)));
    auto init = co_await daemon.response();
    seen.init = init.init();
    seen.error = init.init().error();
    if (!seen.error.empty()) co_return;
    if (init.init().modules_size() > 0) {
        auto only_modules = init.init();
        only_modules.clear_module_files();
        only_modules.clear_module_files_hash();
        seen.result["init"] = masked_json(only_modules);
    }
    auto plan = plan_request();
    auto* nickname = plan.mutable_plan()->add_rich_parameter_values();
    nickname->set_name("nickname");
    nickname->set_value("alice");
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    seen.plan = planned.plan();
    seen.error = planned.plan().error();
    if (!seen.error.empty()) co_return;
    daemon.push(graph_request(pb::SOURCE_PLAN));
    auto graph = co_await daemon.response();
    seen.error = graph.graph().error();
    if (!seen.error.empty()) co_return;
    seen.result["plan"] = masked_json(graph.graph());
    if (planned.plan().dailycost() != 0) seen.result["daily_cost"] = planned.plan().dailycost();
    if (planned.plan().ai_task_count() != 0) seen.result["ai_task_count"] = planned.plan().ai_task_count();
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    seen.apply = applied.apply();
    seen.error = applied.apply().error();
    seen.state = applied.apply().state();
    daemon.push(graph_request(pb::SOURCE_STATE));
    auto state = co_await daemon.response();
    if (seen.error.empty()) seen.error = state.graph().error();
    seen.result["state"] = masked_json(state.graph());
    seen.logs = daemon.log_text();
}

Seen build(const fs::path& folder) {
    net::Runtime runtime(1);
    TempFolder root;
    auto options = test_options(runtime, root.path());
    Seen seen;
    auto done =
        with_session(runtime, options, [&](FakeDaemon& daemon) { return whole_build(daemon, folder, seen); });
    EXPECT_TRUE(done.ok()) << done.error().to_string();
    EXPECT_TRUE(fs::is_empty(root.path())) << "the session left its folder behind";
    return seen;
}

class golden : public testing::TestWithParam<std::string> {};

TEST_P(golden, plan_and_state_become_messages) {
    auto folder = testdata / GetParam();
    auto seen = build(folder);
    ASSERT_EQ(seen.error, "");
    EXPECT_NE(seen.state.find("\"version\": 4"), std::string::npos);
    auto got = pretty(seen.result);
    if (std::getenv("BERTH_UPDATE_GOLDEN") != nullptr) {
        auto written = write_private_file(folder / "expected.json", got);
        ASSERT_TRUE(written.ok());
        return;
    }
    auto expected = read_file(folder / "expected.json", 1 << 20);
    ASSERT_TRUE(expected.ok()) << expected.error().to_string();
    EXPECT_EQ(pretty(json::parse(*expected)), got);
}

INSTANTIATE_TEST_SUITE_P(templates, golden,
                         testing::Values("agents", "children", "counted", "modules", "questions", "others"),
                         [](const auto& info) { return info.param; });

class refused : public testing::TestWithParam<std::string> {};

asio::awaitable<void> until_failure(FakeDaemon& daemon, const fs::path& folder, json::object& got) {
    daemon.push(config_request());
    daemon.push(init_request(tar_of(folder)));
    auto init = co_await daemon.response();
    got["step"] = "init";
    got["error"] = init.init().error();
    daemon.push([] {
        pb::Request parse;
        parse.mutable_parse();
        return parse;
    }());
    auto parsed = co_await daemon.response();
    got["parse"] = parsed.parse().error();
    if (!init.init().error().empty()) co_return;
    daemon.push(plan_request());
    auto plan = co_await daemon.response();
    got["step"] = "plan";
    got["error"] = plan.plan().error();
    if (!plan.plan().error().empty()) co_return;
    daemon.push(graph_request(pb::SOURCE_PLAN));
    auto graph = co_await daemon.response();
    got["step"] = "graph";
    got["error"] = graph.graph().error();
}

TEST_P(refused, with_a_clear_error) {
    auto folder = testdata / "errors" / GetParam();
    auto text = read_file(folder / "expected.json", 1 << 20);
    ASSERT_TRUE(text.ok());
    auto expected = json::parse(*text).as_object();
    net::Runtime runtime(1);
    TempFolder root;
    auto options = test_options(runtime, root.path());
    json::object got;
    auto done = with_session(runtime, options,
                             [&](FakeDaemon& daemon) { return until_failure(daemon, folder, got); });
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    EXPECT_EQ(got["step"], expected["step"]) << got["error"];
    std::string error(got["error"].as_string());
    for (const auto& part : expected["contains"].as_array())
        EXPECT_NE(error.find(part.as_string().c_str()), std::string::npos)
            << "error: " << error << "\nlacks: " << part;
    if (expected.contains("parse")) {
        EXPECT_EQ(got["parse"], expected["parse"]);
    }
}

INSTANTIATE_TEST_SUITE_P(templates, refused,
                         testing::Values("syntax", "unknown_provider", "bad_parameter", "duplicate_agent",
                                         "duplicate_slug", "env_error", "cycle"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace berth::terraform

#include <set>

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "provisioner/terraform/secret_values.h"
#include "provisioner/terraform/session_testing.h"
#include "provisioner/terraform/work_folder.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;
namespace pb = ::provisioner;

struct DebugFixture {
    net::Runtime runtime{1};
    TempFolder root;
    SessionOptions options = test_options(runtime, root.path() / "w");
};

const std::vector<std::pair<std::string, std::string>> debugged{
    {"main.tf", R"(
variable "token" { sensitive = true }
resource "terraform_data" "x" {
  provisioner "local-exec" {
    command = "echo ${nonsensitive(var.token)}"
  }
}
)"},
    {"terraform.tfvars", "token = \"of the file\"\n"}};

asio::awaitable<void> debug_build(FakeDaemon& daemon, std::string level, std::string job) {
    auto config = config_request(level);
    config.mutable_config()->set_job_id(job);
    daemon.push(std::move(config));
    daemon.push(init_request(tar_of(debugged)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    auto plan = plan_request();
    auto* variable = plan.mutable_plan()->add_variable_values();
    variable->set_name("token");
    variable->set_value("a-secret-value");
    variable->set_sensitive(true);
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    EXPECT_EQ(planned.plan().error(), "");
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    EXPECT_EQ(applied.apply().error(), "");
    bool masked = daemon.log_text().find("a-secret-value") == std::string::npos;
    EXPECT_EQ(masked, !level.empty()) << daemon.log_text();
}

asio::awaitable<void> debug_script(FakeDaemon& daemon, std::string level, std::string job,
                                   pb::LogLevel& lowest) {
    co_await debug_build(daemon, level, job);
    for (const auto& line : daemon.logs)
        lowest = std::min(lowest, line.level());
    bool told = daemon.log_text().find("/w/debug-" + job) != std::string::npos;
    EXPECT_EQ(told, !level.empty() && job != "../x") << daemon.log_text();
}

/// The lowest level in the log of a build of this level.
pb::LogLevel lowest_level(DebugFixture& fixture, const std::string& level, const std::string& job) {
    auto lowest = pb::ERROR;
    auto script = [&](FakeDaemon& daemon) { return debug_script(daemon, level, job, lowest); };
    EXPECT_TRUE(with_session(fixture.runtime, fixture.options, script).ok());
    return lowest;
}

std::set<std::string> names_in(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
        names.insert(entry.path().filename().string());
    return names;
}

TEST(debug_build, a_debug_build_tells_all_and_leaves_its_folder) {
    DebugFixture fixture;
    auto root = fixture.root.path() / "w";
    EXPECT_EQ(lowest_level(fixture, "", "0"), pb::INFO);
    EXPECT_EQ(names_in(root), std::set<std::string>());
    EXPECT_EQ(lowest_level(fixture, "trace", "1"), pb::TRACE);
    EXPECT_EQ(lowest_level(fixture, "debug", "2"), pb::TRACE);
    EXPECT_EQ(lowest_level(fixture, "debug", "../x"), pb::TRACE);
    EXPECT_EQ(names_in(root), (std::set<std::string>{"debug-1", "debug-2"}));
    auto kept = root / "debug-2";
    EXPECT_EQ(fs::status(kept).permissions(), fs::perms::owner_all);
    for (const char* file : {"plan", "source/main.tf", "source/terraform.tfstate"})
        EXPECT_TRUE(fs::exists(kept / file)) << file;
    EXPECT_FALSE(fs::exists(kept / "given.tfvars.json"));
}

TEST(debug_build, secrets_are_masked_whole) {
    pb::PlanRequest inputs;
    inputs.mutable_metadata()->set_workspace_owner_session_token("token-of-owner");
    inputs.add_user_secrets()->set_value("token-of-owner-and-more");
    inputs.add_user_secrets()->set_value("short");
    inputs.add_external_auth_providers()->set_access_token("gh-token");
    inputs.mutable_metadata()->add_running_agent_auth_tokens()->set_token("agent-token");
    inputs.add_variable_values()->set_value("public");
    EXPECT_EQ(
        without_secrets("token-of-owner token-of-owner-and-more gh-tokengh-token agent-token short public",
                        secret_values(inputs)),
        "*** *** ****** *** short public");
}

TEST(debug_build, secrets_are_masked_line_by_line_and_however_they_are_quoted) {
    pb::PlanRequest inputs;
    const std::string key =
        "-----BEGIN <KEY>-----\nline \"one\" & \\more\n  indented\tline\x01\r\nshort\nlast\u2028line\n";
    inputs.add_user_secrets()->set_value(key);
    auto secrets = secret_values(inputs);
    struct Row {
        std::string shown;
        std::string masked;
    };
    for (
        const auto& row : std::vector<Row>{
            {key, "***"},
            {"[" + key.substr(0, key.size() - 1) + "]", "[***]"},
            {"-----BEGIN <KEY>-----", "***"},
            {"  | line \"one\" & \\more", "  | ***"},
            {"(indented\tline\x01)", "(***)"},
            {"short", "short"},
            // JSON, that of Go, and %q
            {R"("line \"one\" & \\more")", R"("***")"},
            {R"("line \"one\" \u0026 \\more")", R"("***")"},
            {R"("\u003cKEY\u003e", "-----BEGIN \u003cKEY\u003e-----")", R"("\u003cKEY\u003e", "***")"},
            {R"("indented\tline\u0001")", R"("***")"},
            {R"("indented\tline\x01")", R"("***")"},
            {R"("last\u2028line")", R"("***")"},
            {R"("-----BEGIN <KEY>-----\nline \"one\" & \\more\n  indented\tline\x01\r\nshort\nlast\u2028line\n")",
             R"("***")"},
            // one in the other
            {R"("{\"k\":\"line \\\"one\\\" \\u0026 \\\\more\"}")", R"("{\"k\":\"***\"}")"},
            {base::base64_encode(key), "***"},
        })
        EXPECT_EQ(without_secrets(row.shown, secrets), row.masked) << row.shown;
}

constexpr const char* failing_template = R"(
variable "token" { sensitive = true }
resource "terraform_data" "x" {
  provisioner "local-exec" {
    command = "echo '${nonsensitive(var.token)}' >&2; false"
  }
}
)";

asio::awaitable<void> failing_build(FakeDaemon& daemon, std::string level, std::string& error,
                                    std::string& log) {
    daemon.push(config_request(level));
    std::vector<std::pair<std::string, std::string>> files{{"main.tf", failing_template}};
    daemon.push(init_request(tar_of(files)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    auto plan = plan_request();
    auto* variable = plan.mutable_plan()->add_variable_values();
    variable->set_name("token");
    variable->set_value("first secret line\nsecond \"secret\" line\n");
    variable->set_sensitive(true);
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    EXPECT_EQ(planned.plan().error(), "");
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    error = applied.apply().error();
    log = daemon.log_text();
}

TEST(debug_build, errors_are_masked_like_the_log) {
    for (const char* level : {"", "debug"}) {
        DebugFixture fixture;
        std::string error;
        std::string log;
        auto script = [&](FakeDaemon& daemon) { return failing_build(daemon, level, error, log); };
        EXPECT_TRUE(with_session(fixture.runtime, fixture.options, script).ok());
        EXPECT_NE(error.find("exit status 1"), std::string::npos) << error;
        // What an ordinary build shows is for terraform to say, and for the template's author.
        bool shown = std::string_view(level).empty();
        for (const char* part : {"first secret", "\"secret\" line", "\\\"secret\\\""}) {
            EXPECT_EQ(log.find(part) != std::string::npos, shown) << part << "\n" << log;
            if (!shown) {
                EXPECT_EQ(error.find(part), std::string::npos) << part << "\n" << error;
            }
        }
        EXPECT_EQ(error.find("first secret") != std::string::npos, shown) << error;
    }
}

TEST(debug_build, only_the_newest_folders_of_debug_builds_stay) {
    DebugFixture fixture;
    auto root = fixture.root.path() / "w";
    fs::create_directories(root);
    auto now = fs::file_time_type::clock::now();
    for (int i = 1; i <= 7; ++i) {
        auto old = root / ("debug-old" + std::to_string(i));
        fs::create_directory(old);
        fs::last_write_time(old, now - std::chrono::hours(i));
    }
    EXPECT_EQ(lowest_level(fixture, "debug", "new"), pb::TRACE);
    EXPECT_EQ(names_in(root),
              (std::set<std::string>{"debug-new", "debug-old1", "debug-old2", "debug-old3", "debug-old4"}));
    fs::create_directory(root / "debug-more");
    WorkFolder::remove_doomed(root);
    EXPECT_FALSE(fs::exists(root / "debug-old4"));
    EXPECT_TRUE(fs::exists(root / "debug-more"));
}

}  // namespace
}  // namespace berth::terraform

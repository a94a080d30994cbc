#include "provisioner/terraform/variable_files.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "provisioner/terraform/configuration.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/given_variables.h"
#include "provisioner/terraform/log_line.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

using Files = std::vector<std::pair<std::string, std::string>>;
using Values = std::map<std::string, std::string>;

void write_all(const TempFolder& folder, const Files& files) {
    for (const auto& [name, content] : files)
        ASSERT_TRUE(write_private_file(folder.path() / name, content).ok());
}

TEST(variable_files, last_file_that_terraform_loads_wins) {
    const std::vector<std::pair<Files, Values>> cases{
        {{}, {}},
        {{{"terraform.tfvars", ""}}, {}},
        {{{"terraform.tfvars", "a = \"one\" # why\nn = 2\nb = true\nnothing = null\n"}},
         {{"a", "one"}, {"n", "2"}, {"b", "true"}, {"nothing", ""}}},
        {{{"terraform.tfvars", "l = [\"x\", 1]\nm = {\n  k = \"v\"\n}\nh = <<E\ntext\nE\n"}},
         {{"l", R"(["x",1])"}, {"m", R"({"k":"v"})"}, {"h", "text\n"}}},
        {{{"terraform.tfvars.json", R"({"a": "${b}", "l": [1], "n": null})"}},
         {{"a", "${b}"}, {"l", "[1]"}, {"n", ""}}},
        {{{"terraform.tfvars", "a = \"plain\""}, {"terraform.tfvars.json", R"({"a": "json"})"}},
         {{"a", "json"}}},
        {{{"a.auto.tfvars", "a = \"auto\""}, {"terraform.tfvars.json", R"({"a": "json"})"}}, {{"a", "auto"}}},
        {{{"b.auto.tfvars", "a = \"b\""}, {"a.auto.tfvars.json", R"({"a": "a", "c": "c"})"}},
         {{"a", "b"}, {"c", "c"}}},
        {{{"Z.auto.tfvars", "a = \"Z\""}, {"a.auto.tfvars", "a = \"a\""}}, {{"a", "a"}}},
        {{{".hidden.auto.tfvars", "a = \"hidden\""}}, {{"a", "hidden"}}},
        {{{"other.tfvars", "a = 1"}, {"x.auto.tfvars~", "a = 1"}, {"terraform.tfvars.bak", "a = 1"}}, {}},
    };
    for (const auto& [files, wanted] : cases) {
        SCOPED_TRACE(files.empty() ? "no file" : files.front().first + ": " + files.front().second);
        TempFolder folder;
        write_all(folder, files);
        auto values = read_variable_files(folder.path());
        ASSERT_TRUE(values.ok()) << values.error().to_string();
        EXPECT_EQ(*values, wanted);
    }
}

TEST(variable_files, bad_ones_are_refused_with_the_place_and_without_values) {
    const std::vector<std::pair<std::pair<std::string, std::string>, std::string>> cases{
        {{"terraform.tfvars", "x = 1\na = upper(\"s3cret\")"},
         "terraform.tfvars:2: the value of variable \"a\" must be a literal value"},
        {{"terraform.tfvars", "variable \"a\" {}"}, "terraform.tfvars:1: only name = value can stand here"},
        {{"a.auto.tfvars", "a \"s3cret\""}, "a.auto.tfvars:1:"},
        {{"terraform.tfvars.json", "[\"s3cret\"]"}, "terraform.tfvars.json: must be an object of values"},
        {{"b.auto.tfvars.json", "{\n\"a\": s3cret}"}, "b.auto.tfvars.json:2: not valid JSON"},
        {{"terraform.tfvars", std::string(max_configuration_file + 1, '#')},
         "terraform.tfvars is larger than"},
    };
    for (const auto& [file, message] : cases) {
        SCOPED_TRACE(message);
        TempFolder folder;
        write_all(folder, {file});
        auto values = read_variable_files(folder.path());
        ASSERT_FALSE(values.ok());
        EXPECT_TRUE(values.error().message().starts_with(message)) << values.error().message();
        EXPECT_EQ(values.error().to_string().find("s3cret"), std::string::npos);
    }
    TempFolder folder;
    for (int i = 0; i <= 100; ++i)
        write_all(folder, {{std::to_string(i) + ".auto.tfvars", ""}});
    EXPECT_FALSE(read_variable_files(folder.path()).ok());
}

VariableValues values_of(const Values& values) {
    VariableValues messages;
    for (const auto& [name, value] : values) {
        auto* message = messages.Add();
        message->set_name(name);
        message->set_value(value);
    }
    return messages;
}

constexpr const char* declarations = R"(
variable "text" { type = string }
variable "number" { type = number }
variable "list" { type = list(string) }
variable "zones" { default = ["a"] }
variable "free" { type = any }
variable "region" { default = "us" }
)";
constexpr const char* set_in_file = R"(
text   = "file"
number = 1
list   = ["file"]
free   = "file"
region = "eu"
)";

TEST(given_variables, what_files_say_stays_theirs_and_what_people_gave_wins) {
    struct Case {
        Values given;
        Values environment;
        std::string file;
    };
    const std::vector<Case> cases{
        {{{"text", "file"}, {"number", "1"}, {"list", "[\"file\"]"}, {"zones", "[\"a\"]"}}, {}, ""},
        {{{"zones", "[\"b\"]"}, {"unknown", "x"}}, {{"zones", "[\"b\"]"}, {"unknown", "x"}}, ""},
        {{{"text", "a \"${b}\""}, {"number", "2"}, {"list", "[ \"x\", ]"}},
         {},
         "{\n\"list\": [\"x\"],\n\"number\": \"2\",\n\"text\": \"a \\\"${b}\\\"\"\n}\n"},
        // What is stored of versions whose import did not read these files.
        {{{"region", "us"}, {"number", ""}}, {{"region", "us"}, {"number", ""}}, ""},
        {{{"region", "ap"}}, {}, "{\n\"region\": \"ap\"\n}\n"},
        {{{"free", "{ k = 1 }"}}, {}, "{\n\"free\": {\"k\":1}\n}\n"},
    };
    TempFolder folder;
    write_all(folder, {{"main.tf", declarations}, {"terraform.tfvars", set_in_file}});
    for (const auto& [given, environment, file] : cases) {
        SCOPED_TRACE(given.begin()->first);
        auto chosen = give_variables(folder.path(), values_of(given));
        ASSERT_TRUE(chosen.ok()) << chosen.error().to_string();
        Values rest;
        for (const auto& value : chosen->environment)
            rest[value.name()] = value.value();
        EXPECT_EQ(rest, environment);
        EXPECT_EQ(chosen->file, file);
    }
    auto bad = give_variables(folder.path(), values_of({{"list", "s3cret"}}));
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().message(),
              "the value of variable \"list\" is not a literal of its type list(string)");
}

TEST(given_variables, a_template_that_cannot_be_read_gets_all_in_the_environment) {
    TempFolder folder;
    write_all(folder, {{"main.tf", declarations}, {"terraform.tfvars", "text = upper(\"x\")"}});
    auto chosen = give_variables(folder.path(), values_of({{"text", "x"}}));
    ASSERT_TRUE(chosen.ok());
    EXPECT_EQ(chosen->environment.size(), 1);
    EXPECT_EQ(chosen->file, "");
}

TEST(given_variables, declarations_that_only_open_tofu_reads_count_for_it) {
    TempFolder folder;
    write_all(folder, {{"main.tofu", declarations}, {"terraform.tfvars", set_in_file}});
    for (bool tofu : {false, true}) {
        auto chosen = give_variables(folder.path(), values_of({{"text", "x"}}), tofu);
        ASSERT_TRUE(chosen.ok()) << chosen.error().to_string();
        EXPECT_EQ(chosen->environment.empty(), tofu);
        EXPECT_EQ(chosen->file, tofu ? "{\n\"text\": \"x\"\n}\n" : "");
    }
}

struct PlanWithBadValue {
    pb::WorkspaceTransition transition = pb::START;
    std::string error;
    std::string log;
};

asio::awaitable<void> plan_with_bad_value(FakeDaemon& daemon, std::string archive, PlanWithBadValue& seen) {
    daemon.push(config_request());
    daemon.push(init_request(std::move(archive)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    auto plan = plan_request(seen.transition);
    *plan.mutable_plan()->mutable_variable_values() = values_of({{"list", "s3cret"}});
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    seen.error = planned.plan().error();
    seen.log = daemon.log_text();
}

TEST(given_variables, only_a_start_fails_for_a_value_of_another_type) {
    net::Runtime runtime(1);
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    auto archive = tar_of({{"main.tf", "variable \"list\" { type = list(string) }\n"},
                           {"terraform.tfvars", "list = [\"x\"]\n"}});
    const std::string reason = "the value of variable \"list\" is not a literal of its type list(string)";
    for (auto transition : {pb::START, pb::STOP, pb::DESTROY}) {
        SCOPED_TRACE(transition);
        PlanWithBadValue seen{transition};
        auto script = [&](FakeDaemon& daemon) { return plan_with_bad_value(daemon, archive, seen); };
        EXPECT_TRUE(with_session(runtime, options, script).ok());
        EXPECT_EQ(seen.error, transition == pb::START ? reason : "");
        EXPECT_EQ(seen.log.find(reason) != std::string::npos, transition != pb::START) << seen.log;
        EXPECT_EQ(seen.log.find("s3cret"), std::string::npos);
    }
}

TEST(given_variables, a_diagnostic_shows_no_line_of_a_variable_file) {
    for (const auto& [file, shown] :
         std::vector<std::pair<std::string, bool>>{{"main.tf", true}, {"../given.tfvars.json", false}}) {
        auto line = parse_log_line(
            R"({"@level":"error","@message":"Error: Bad","type":"diagnostic","diagnostic":{"severity":"error",)"
            R"("summary":"Bad","detail":"why","range":{"filename":")" +
            file + R"(","start":{"line":3}},"snippet":{"context":null,"code":"\"n\": \"s3cret\""}}})");
        EXPECT_EQ(line.text.find("s3cret") != std::string::npos, shown) << line.text;
        EXPECT_NE(line.text.find(file + " line 3"), std::string::npos) << line.text;
    }
}

// ---- with terraform

constexpr const char* echoing = R"(
variable "a" {}
variable "b" { default = "default" }
variable "list" {
  type    = list(string)
  default = []
}
variable "zones" { default = ["z"] }
resource "terraform_data" "echo" {
  input = "${var.a} ${var.b} ${join("+", var.list)} ${join("+", var.zones)}"
}
)";

// Out of the coroutines: g++ 12 cannot compile braced lists in them.
const Files echoing_files{{"main.tf", echoing},
                          {"terraform.tfvars", "a = \"tfvars\"\nlist = [\"t\"]\n"},
                          {"~~~.auto.tfvars", "b = \"last\"\n"}};
const Values explicit_values{{"a", "given"}, {"b", "${x}"}, {"list", "[\"g\",\"h\"]"}};
const Files numeric_files{{"main.tf", "variable \"n\" {\n  type = number\n  sensitive = true\n}\n"},
                          {"terraform.tfvars", "n = 1\n"}};
const Values not_a_number{{"n", "s3cret"}};

asio::awaitable<void> plan_with(FakeDaemon& daemon, const Values& given, const std::string& wanted) {
    auto plan = plan_request();
    *plan.mutable_plan()->mutable_variable_values() = values_of(given);
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    EXPECT_EQ(planned.plan().error(), "");
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    EXPECT_EQ(applied.apply().error(), "");
    EXPECT_NE(applied.apply().state().find(wanted), std::string::npos) << wanted << "\n"
                                                                       << applied.apply().state();
}

asio::awaitable<void> precedence(FakeDaemon& daemon) {
    daemon.push(config_request());
    daemon.push(init_request(tar_of(echoing_files)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    provisioner::Request parse;
    parse.mutable_parse();
    daemon.push(std::move(parse));
    auto parsed = co_await daemon.response();
    for (const auto& variable : parsed.parse().template_variables())
        EXPECT_FALSE(variable.required()) << variable.name();
    EXPECT_EQ(parsed.parse().file_variable_values_size(), 3);
    Values as_imported;
    for (const auto& variable : parsed.parse().template_variables())
        as_imported[variable.name()] = variable.default_value();
    for (const auto& value : parsed.parse().file_variable_values())
        as_imported[value.name()] = value.value();
    co_await plan_with(daemon, as_imported, "tfvars last t z");
    co_await plan_with(daemon, explicit_values, "given ${x} g+h z");
    // What the second plan was given does not stay for the third.
    co_await plan_with(daemon, as_imported, "tfvars last t z");
}

TEST(given_variables, terraform_takes_them_over_any_tfvars_file) {
    net::Runtime runtime{1};
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    ASSERT_TRUE(with_session(runtime, options, precedence).ok());
}

asio::awaitable<void> unsuitable(FakeDaemon& daemon) {
    daemon.push(config_request());
    daemon.push(init_request(tar_of(numeric_files)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    auto plan = plan_request();
    *plan.mutable_plan()->mutable_variable_values() = values_of(not_a_number);
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    EXPECT_NE(planned.plan().error().find("a number is required"), std::string::npos)
        << planned.plan().error();
    EXPECT_EQ(planned.plan().error().find("s3cret"), std::string::npos);
    EXPECT_EQ(daemon.log_text().find("s3cret"), std::string::npos);
}

TEST(given_variables, a_value_that_terraform_refuses_is_not_shown) {
    net::Runtime runtime{1};
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    ASSERT_TRUE(with_session(runtime, options, unsuitable).ok());
}

}  // namespace
}  // namespace berth::terraform

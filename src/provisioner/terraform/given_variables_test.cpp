#include "provisioner/terraform/given_variables.h"

#include <gtest/gtest.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

using Files = std::vector<std::pair<std::string, std::string>>;
using Values = std::map<std::string, std::string>;

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
variable "sum" { default = 7 }
variable "empty" { default = null }
variable "day" { default = 24 * 60 }
)";
constexpr const char* set_in_file = R"(
sum    = 1 + 2
text   = "file"
number = 1
list   = ["file"]
free   = "file"
region = "eu"
)";

enum class Said { given, not_given, nothing };

struct GivenCase {
    Said said;
    Values values;
    Values environment;
    std::string file;
};
const std::vector<GivenCase> given_cases{
    {Said::nothing,
     {{"text", "file"}, {"number", "1"}, {"list", "[\"file\"]"}, {"zones", "[\"a\"]"}, {"empty", ""}},
     {},
     ""},
    {Said::nothing, {{"zones", "[\"b\"]"}, {"unknown", "x"}}, {{"zones", "[\"b\"]"}, {"unknown", "x"}}, ""},
    {Said::nothing,
     {{"text", "a \"${b}\""}, {"number", "2"}, {"list", "[ \"x\", ]"}},
     {},
     "{\n\"list\": [\"x\"],\n\"number\": \"2\",\n\"text\": \"a \\\"${b}\\\"\"\n}\n"},
    // What is stored of versions whose import did not read these files, or could not evaluate what they say.
    {Said::nothing, {{"region", "us"}, {"number", ""}, {"sum", ""}, {"day", ""}}, {}, ""},
    {Said::nothing, {{"sum", "7"}}, {}, ""},
    {Said::nothing, {{"sum", "8"}}, {}, "{\n\"sum\": \"8\"\n}\n"},
    {Said::nothing, {{"day", "8"}}, {{"day", "8"}}, ""},
    {Said::nothing, {{"region", "ap"}}, {}, "{\n\"region\": \"ap\"\n}\n"},
    {Said::nothing, {{"free", "{ k = 1 }"}}, {}, "{\n\"free\": {\"k\":1}\n}\n"},
    {Said::given, {{"region", "us"}, {"sum", "7"}}, {}, "{\n\"region\": \"us\",\n\"sum\": \"7\"\n}\n"},
    {Said::given, {{"region", "eu"}, {"zones", "[\"a\"]"}}, {}, ""},
    {Said::given,
     {{"sum", ""}, {"empty", ""}, {"day", ""}},
     {{"empty", ""}, {"day", ""}},
     "{\n\"sum\": \"\"\n}\n"},
    {Said::not_given, {{"text", "x"}, {"zones", "[\"b\"]"}, {"sum", ""}, {"unknown", "x"}}, {}, ""},
};

TEST(given_variables, what_files_say_stays_theirs_and_what_people_gave_wins) {
    TempFolder folder;
    write_all(folder, {{"main.tf", declarations}, {"terraform.tfvars", set_in_file}});
    const auto path = folder.path() / "given.tfvars.json";
    for (const auto& [said, given, environment, file] : given_cases) {
        SCOPED_TRACE(given.begin()->first + "=" + given.begin()->second);
        auto values = values_of(given);
        for (auto& value : values)
            if (said != Said::nothing) value.set_given(said == Said::given);
        auto files = write_given_variables(folder.path(), {path, {}}, values);
        ASSERT_TRUE(files.ok()) << files.error().to_string();
        Values rest;
        for (const auto& value : values)
            rest[value.name()] = value.value();
        EXPECT_EQ(rest, environment);
        EXPECT_EQ(files->plan, file.empty() ? std::filesystem::path() : path);
        EXPECT_EQ(read_file(path, 1 << 20).value_or(""), file);
    }
    auto bad = give_variables(folder.path(), values_of({{"list", "s3cret"}}));
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().message(),
              "the value of variable \"list\" is not a literal of its type list(string)");
}

TEST(given_variables, a_template_that_cannot_be_read_gets_all_in_the_environment) {
    TempFolder folder;
    write_all(folder, {{"main.tf", declarations}, {"terraform.tfvars", "text = [\"x\""}});
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
const Files expression_files{{"main.tf", echoing},
                             {"terraform.tfvars",
                              "a = true ? 1 : 2\nlist = [for x in [\"t\", \"u\"] : x]\n"
                              "zones = [\"z${1 + 1}\"]\nb = \"tfvars\"\n"}};
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

// Out of the coroutine, as above.
VariableValues values_with_marks() {
    auto values = values_of({{"a", "given"}, {"b", "default"}, {"list", "[\"kept\"]"}, {"zones", ""}});
    for (auto& value : values)
        value.set_given(value.name() == "a" || value.name() == "b");
    return values;
}

/// "Kept" and empty values are what a server stores; what is given wins even when it is the default.
asio::awaitable<void> marked(FakeDaemon& daemon) {
    daemon.push(config_request());
    daemon.push(init_request(tar_of(expression_files)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    auto plan = plan_request();
    *plan.mutable_plan()->mutable_variable_values() = values_with_marks();
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    EXPECT_EQ(planned.plan().error(), "");
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    EXPECT_NE(applied.apply().state().find("given default t+u z2"), std::string::npos)
        << applied.apply().state();
}

TEST(given_variables, terraform_evaluates_what_nobody_gave) {
    net::Runtime runtime{1};
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    ASSERT_TRUE(with_session(runtime, options, marked).ok());
}

// An ephemeral value is in no plan and no state: only what its provisioner did shows it.
Files ephemeral_files(const std::filesystem::path& out) {
    return {{"main.tf", R"(
variable "token" {
  type      = string
  ephemeral = true
}
variable "size" {
  type    = number
  default = 1
}
resource "terraform_data" "seen" {
  input = var.size
  provisioner "local-exec" {
    command     = "printf '%s %s' $TOKEN $SIZE > ')" +
                            out.string() + R"('"
    environment = {
      TOKEN = var.token
      SIZE  = var.size
    }
  }
}
)"},
            {"terraform.tfvars", "token = \"tfvars\"\nsize = 2\n"}};
}

asio::awaitable<void> build_with(FakeDaemon& daemon, std::string archive, VariableValues values) {
    daemon.push(config_request());
    daemon.push(init_request(std::move(archive)));
    auto init = co_await daemon.response();
    EXPECT_EQ(init.init().error(), "");
    auto plan = plan_request();
    *plan.mutable_plan()->mutable_variable_values() = std::move(values);
    daemon.push(std::move(plan));
    auto planned = co_await daemon.response();
    EXPECT_EQ(planned.plan().error(), "");
    daemon.push(apply_request());
    auto applied = co_await daemon.response();
    EXPECT_EQ(applied.apply().error(), "");
}

TEST(given_variables, an_ephemeral_one_is_given_again_at_apply) {
    struct Case {
        Values given;
        bool in_file;
        std::string seen;
    };
    net::Runtime runtime{1};
    TempFolder root;
    auto options = test_options(runtime, root.path() / "w");
    for (const auto& [given, in_file, seen] : std::vector<Case>{
             {{}, true, "tfvars 2"},
             {{{"token", "given"}}, true, "given 2"},
             {{{"token", "given"}, {"size", "3"}}, true, "given 3"},
             {{{"size", "3"}}, true, "tfvars 3"},
             {{{"token", "given"}, {"size", "3"}}, false, "given 3"},
         }) {
        SCOPED_TRACE(seen);
        auto out = root.path() / "seen";
        auto files = ephemeral_files(out);
        if (!in_file) files.pop_back();
        auto archive = tar_of(files);
        auto values = values_of(given);
        auto script = [&](FakeDaemon& daemon) { return build_with(daemon, archive, values); };
        ASSERT_TRUE(with_session(runtime, options, script).ok());
        EXPECT_EQ(read_file(out, 100).value_or(""), seen);
        std::filesystem::remove(out);
    }
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

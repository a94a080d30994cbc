#include "provisioner/terraform/parse.h"

#include <gtest/gtest.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

using Files = std::vector<std::pair<std::string, std::string>>;

Result<provisioner::ParseComplete> parse(const Files& files) {
    TempFolder folder;
    for (const auto& [name, content] : files)
        EXPECT_TRUE(write_private_file(folder.path() / name, content).ok());
    return parse_template(folder.path());
}

TEST(parse_template, refuses_with_the_place) {
    const std::vector<std::pair<Files, std::string>> cases{
        {{{"b.tf", "\nvariable \"x\" {\n"}}, "b.tf:2:1: this block is never closed"},
        {{{"a.tf", "variable \"x\" {}"}, {"b.tf", "\nvariable \"x\" {}"}},
         "b.tf:2: variable \"x\" was declared already at a.tf:1"},
        {{{"a.tf", "variable {}"}}, "a.tf:1: a variable block has exactly one name"},
        {{{"a.tf", "data \"coder_workspace_tags\" \"t\" {\n  tags = merge({}, {})\n}"}},
         "a.tf:2: tags must be written as { key = value } with plain keys"},
        {{{"README.md", std::string((1 << 20) + 1, 'x')}}, "README.md is larger than 1048576 bytes"},
    };
    for (const auto& [files, message] : cases) {
        SCOPED_TRACE(message);
        auto parsed = parse(files);
        ASSERT_FALSE(parsed.ok());
        EXPECT_EQ(parsed.error().message(), message);
    }
    auto json = parse({{"v.tf.json", "{\n  \"variable\": {\n    \"x\": oops\n  }\n}"}});
    ASSERT_FALSE(json.ok());
    EXPECT_TRUE(json.error().message().starts_with("v.tf.json:3: not valid JSON")) << json.error().message();
}

std::string variable_names(const fs::path& folder, bool tofu) {
    auto parsed = parse_template(folder, tofu);
    EXPECT_TRUE(parsed.ok()) << parsed.error().to_string();
    std::string names;
    if (!parsed) return names;
    for (const auto& variable : parsed->template_variables())
        names += variable.name() + " ";
    return names;
}

TEST(parse_template, reads_what_the_program_reads) {
    TempFolder folder;
    for (const auto& [name, variable] : Files{{"both.tf", "tf_of_both"},
                                              {"both.tofu", "tofu_of_both"},
                                              {"terraform.tf", "of_terraform"},
                                              {"tofu.tofu", "of_tofu"},
                                              {"notes.tofu.md", "of_nobody"}})
        ASSERT_TRUE(write_private_file(folder.path() / name, "variable \"" + variable + "\" {}\n").ok());
    for (const auto& [name, variable] :
         Files{{"json.tf.json", "tf_json"}, {"json.tofu.json", "tofu_json"}, {"both.tf.json", "both_json"}})
        ASSERT_TRUE(
            write_private_file(folder.path() / name, "{\"variable\": {\"" + variable + "\": {}}}").ok());
    EXPECT_EQ(variable_names(folder.path(), false), "both_json of_terraform tf_json tf_of_both ");
    EXPECT_EQ(variable_names(folder.path(), true), "both_json of_terraform of_tofu tofu_json tofu_of_both ");
}

TEST(parse_template, reads_variables_tags_and_readme) {
    auto parsed = parse({
        {"main.tf", R"(
variable "region" {
  description = "Where"
  type        = string
  default     = "eu"
}
variable "needed" {
  type      = list(object({ a = string }))
  sensitive = true
}
variable "sizes" {
  type    = map(number)
  default = { small = 1, large = 2.5 }
}
variable "none" { default = null }
variable "hour" { default = 60 * 60 }
variable "ports" { default = { 80 = 1.5 } }
variable "off" {
  type    = "bool"
  default = false
}
data "coder_workspace_tags" "tags" {
  tags = {
    cluster = "developers"
    "os"    = data.coder_parameter.os.value
  }
}
)"},
        {"more.tf.json",
         R"({"variable": {"from_json": {"type": "number", "default": 3, "sensitive": true}}, "data": [{"coder_workspace_tags": {"t": {"tags": {"js": "yes"}}}}]})"},
        {"override.tf", "variable \"region\" {\n  default = \"us\"\n}\n"},
        {"README.md", "---\nicon: /x\n---\n# Hi"},
        {".hidden.tf", "this is not HCL {{{"},
    });
    ASSERT_TRUE(parsed.ok()) << parsed.error().to_string();
    std::vector<std::string> got;
    for (const auto& v : parsed->template_variables())
        got.push_back(v.name() + "|" + v.type() + "|" + v.default_value() + "|" +
                      (v.required() ? "required" : "") + "|" + (v.sensitive() ? "sensitive" : "") + "|" +
                      v.description());
    EXPECT_EQ(got, (std::vector<std::string>{
                       "from_json|number|3||sensitive|",
                       "hour|||||",
                       "needed|list(object({ a = string }))||required|sensitive|",
                       "none|||||",
                       "off|bool|false|||",
                       "ports||{\"80\":1.5E0}|||",
                       "region|string|us|||Where",
                       "sizes|map(number)|{\"small\":1,\"large\":2.5E0}|||",
                   }));
    EXPECT_EQ(parsed->file_variable_values_size(), 0);
    EXPECT_EQ(parsed->workspace_tags().at("cluster"), "\"developers\"");
    EXPECT_EQ(parsed->workspace_tags().at("os"), "data.coder_parameter.os.value");
    EXPECT_EQ(parsed->workspace_tags().at("js"), "\"yes\"");
    EXPECT_EQ(parsed->readme(), "---\nicon: /x\n---\n# Hi");
}

TEST(parse_template, knows_what_terraform_reads_by_itself) {
    TempFolder folder;
    for (const auto& [name, content] :
         Files{{"main.tf", R"(
variable "default" { default = 1.5 }
variable "evaluated" { default = 1 + 2 }
variable "file" {
  default   = "x"
  ephemeral = true
}
variable "null" { default = null }
variable "overridden" {
  default   = "x"
  ephemeral = false
}
variable "required" {}
variable "sum" {}
)"},
               {"v.tf.json", R"({"variable": {"json": {"ephemeral": true}}})"},
               {"override.tf", "variable \"overridden\" {\n default = 1 + 2\n}\n"},
               {"terraform.tfvars", "file = 5\nsum = 1 + 2\nunknown = f()\n"}})
        ASSERT_TRUE(write_private_file(folder.path() / name, content).ok());
    auto variables = declared_variables(folder.path());
    ASSERT_TRUE(variables.ok()) << variables.error().to_string();
    std::vector<std::string> got;
    for (const auto& v : *variables)
        got.push_back(v.message.name() + "|" + v.own_value.value_or("-") + "|" +
                      (v.message.required() ? "required" : "") + "|" + (v.in_file ? "in file" : "") + "|" +
                      (v.ephemeral ? "ephemeral" : ""));
    EXPECT_EQ(got, (std::vector<std::string>{
                       "default|1.5|||",
                       "evaluated|-|||",
                       "file|5||in file|ephemeral",
                       "json|-|required||ephemeral",
                       "null|-|||",
                       "overridden|-|||",
                       "required|-|required||",
                       "sum|-||in file|",
                   }));
    auto parsed = parse_template(folder.path());
    ASSERT_TRUE(parsed.ok());
    ASSERT_EQ(parsed->file_variable_values_size(), 2);
    EXPECT_EQ(parsed->file_variable_values(0).value(), "5");
    EXPECT_EQ(parsed->file_variable_values(1).value(), "");
    EXPECT_EQ(parsed->template_variables(5).default_value(), "");
}

}  // namespace
}  // namespace berth::terraform

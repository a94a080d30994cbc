#include "provisioner/terraform/live.h"

#include <gtest/gtest.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/questions.h"
#include "provisioner/terraform/session_testing.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

/// Zones depend on the region, a GPU is asked for in one region only, a module asks as well.
constexpr std::string_view live_main = R"(
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
variable "prefix" { default = "z" }
data "coder_workspace_owner" "me" {}
data "coder_parameter" "region" {
  name    = "region"
  default = "eu"
  order   = 1
  option {
    name  = "Europe"
    value = "eu"
  }
  option {
    name  = "America"
    value = "us"
  }
}
locals { zones = { eu = ["${var.prefix}-a", "${var.prefix}-b"], us = ["${var.prefix}-c"] } }
data "coder_parameter" "zone" {
  name    = "zone"
  order   = 2
  default = local.zones[data.coder_parameter.region.value][0]
  styling = jsonencode({ placeholder = "choose" })
  dynamic "option" {
    for_each = local.zones[data.coder_parameter.region.value]
    content {
      name  = option.value
      value = option.value
    }
  }
}
data "coder_parameter" "gpus" {
  count   = data.coder_parameter.region.value == "us" ? 1 : 0
  name    = "gpus"
  type    = "number"
  default = 1
  order   = 3
  validation {
    min   = 1
    max   = 4
    error = "{value} is not from {min} to {max}"
  }
}
data "coder_parameter" "purpose" {
  name  = "purpose"
  order = 4
}
data "coder_parameter" "admin" {
  count   = contains(data.coder_workspace_owner.me.groups, "admins") ? 1 : 0
  name    = "admin"
  default = "yes"
  order   = 5
}
module "child" { source = "./child" }
data "coder_workspace_tags" "tags" { tags = { region = data.coder_parameter.region.value } }
# What no parameter needs is not evaluated, so its provider is not asked.
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}
)";
constexpr std::string_view live_child = R"(
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_parameter" "inner" {
  name    = "inner"
  type    = "bool"
  default = "true"
  order   = 6
}
)";

using Answers = std::map<std::string, std::string>;

std::string one_file(const std::string& text) {
    std::vector<std::pair<std::string, std::string>> files{{"main.tf", text}};
    return tar_of(files);
}

class LiveTest : public ::testing::Test {
protected:
    Result<void> prepare(const std::string& key, const std::string& tar) {
        auto run = [](LiveTemplates* live, std::string name,
                      std::string archive) -> asio::awaitable<Result<void>> {
            auto done = co_await live->prepare(std::move(name), std::move(archive), "");
            co_return done;
        };
        return runtime_.run(run(&live_, key, tar));
    }
    Result<LiveAnswer> evaluate(const std::string& key, const Answers& answers,
                                const std::vector<std::string>& groups = {}, const Answers& variables = {}) {
        pb::PlanRequest question;
        for (const auto& [name, value] : variables) {
            auto* variable = question.add_variable_values();
            variable->set_name(name);
            variable->set_value(value);
        }
        question.mutable_metadata()->set_workspace_owner("ada");
        for (const auto& group : groups)
            question.mutable_metadata()->add_workspace_owner_groups(group);
        for (const auto& [name, value] : answers) {
            auto* parameter = question.add_rich_parameter_values();
            parameter->set_name(name);
            parameter->set_value(value);
        }
        auto run = [](LiveTemplates* live, std::string name,
                      pb::PlanRequest request) -> asio::awaitable<Result<LiveAnswer>> {
            auto answer = co_await live->evaluate(std::move(name), std::move(request));
            co_return answer;
        };
        return runtime_.run(run(&live_, key, question));
    }
    /// "name=value" or "name?" (no value), "!" behind those with problems.
    static std::vector<std::string> shown(const LiveAnswer& answer) {
        std::vector<std::string> texts;
        for (const auto& each : answer.parameters)
            texts.push_back(each.definition.name() + (each.value ? "=" + *each.value : "?") +
                            (each.problems.empty() ? "" : "!"));
        return texts;
    }
    static std::string standard() {
        return tar_of({{"main.tf", std::string(live_main)}, {"child/main.tf", std::string(live_child)}});
    }

    net::Runtime runtime_{1};
    TempFolder temporary_;
    SessionOptions options_ = test_options(runtime_, temporary_.path());
    LiveTemplates live_{runtime_.executor(0), temporary_.path() / "l", options_};
};

using Texts = std::vector<std::string>;

TEST_F(LiveTest, ParametersDependOnAnswersOwnerLocalsAndModules) {
    auto prepared = prepare("v1", standard());
    ASSERT_TRUE(prepared.ok()) << prepared.error().to_string();
    struct Row {
        Answers answers;
        std::vector<std::string> groups;
        Texts expected;
    };
    for (const Row& row : std::vector<Row>{
             {{}, {}, {"region=eu", "zone=z-a", "purpose?", "inner=true"}},
             {{{"purpose", ""}}, {}, {"region=eu", "zone=z-a", "purpose=", "inner=true"}},
             {{{"zone", "z-b"}, {"inner", "false"}},
              {},
              {"region=eu", "zone=z-b", "purpose?", "inner=false"}},
             {{{"region", "us"}}, {}, {"region=us", "zone=z-c", "gpus=1", "purpose?", "inner=true"}},
             {{}, {"admins"}, {"region=eu", "zone=z-a", "purpose?", "admin=yes", "inner=true"}},
             // Refused answers stay, with the reason; the rest is as without them.
             {{{"region", "mars"}}, {}, {"region=mars!", "zone=z-a", "purpose?", "inner=true"}},
             {{{"region", "us"}, {"zone", "z-a"}, {"gpus", "9"}},
              {},
              {"region=us", "zone=z-a!", "gpus=9!", "purpose?", "inner=true"}},
             // An answer to what is not asked changes nothing.
             {{{"gpus", "9"}, {"nothing", "x"}}, {}, {"region=eu", "zone=z-a", "purpose?", "inner=true"}},
         }) {
        auto answer = evaluate("v1", row.answers, row.groups);
        ASSERT_TRUE(answer.ok()) << answer.error().to_string();
        EXPECT_EQ(shown(*answer), row.expected);
        EXPECT_TRUE(answer->problems.empty()) << answer->problems[0].short_text();
    }
    auto us = evaluate("v1", {{"region", "us"}, {"gpus", "9"}});
    ASSERT_TRUE(us.ok() && us->parameters.size() == 5u);
    EXPECT_EQ(us->tags, (std::map<std::string, std::string>{{"region", "us"}}));
    EXPECT_EQ(us->parameters[1].definition.options_size(), 1);
    EXPECT_EQ(us->parameters[1].styling, R"({"placeholder":"choose"})");
    ASSERT_EQ(us->parameters[2].problems.size(), 1u);
    EXPECT_EQ(us->parameters[2].problems[0].detail, "9 is not from 1 to 4");
}

TEST_F(LiveTest, AGivenVariableWinsOverTheTemplatesFiles) {
    auto prepared = prepare("v1", tar_of({{"main.tf", std::string(live_main)},
                                          {"child/main.tf", std::string(live_child)},
                                          {"terraform.tfvars", "prefix = \"t\"\n"}}));
    ASSERT_TRUE(prepared.ok()) << prepared.error().to_string();
    // The last is the default, which says nothing against the file.
    for (const auto& [value, zone] :
         Answers{{"t", "zone=t-a"}, {"given", "zone=given-a"}, {"z", "zone=t-a"}}) {
        auto answer = evaluate("v1", {}, {}, {{"prefix", value}});
        ASSERT_TRUE(answer.ok()) << answer.error().to_string();
        EXPECT_EQ(shown(*answer).at(1), zone);
    }
}

TEST_F(LiveTest, WhatCannotBeEvaluatedSaysWhy) {
    EXPECT_EQ(evaluate("nothing", {}).error().code(), ErrorCode::not_found);
    auto broken = prepare("broken", one_file("data \"coder_parameter\" \"x\" {\n  name =\n}\n"));
    ASSERT_FALSE(broken.ok());
    EXPECT_NE(broken.error().message().find("main.tf:2"), std::string::npos) << broken.error().message();
    EXPECT_FALSE(live_.has("broken"));
    EXPECT_FALSE(prepare("no tar", "hello").ok());

    std::string faulty(live_child);
    faulty +=
        "locals { bad = tomap({})[\"x\"] }\n"
        "data \"coder_parameter\" \"y\" {\n  name = \"y\"\n  default = local.bad\n}\n";
    ASSERT_TRUE(prepare("faulty", one_file(faulty)).ok());
    auto answer = evaluate("faulty", {{"inner", "true"}});
    ASSERT_TRUE(answer.ok()) << answer.error().to_string();
    EXPECT_TRUE(answer->parameters.empty());
    ASSERT_FALSE(answer->problems.empty());
    EXPECT_EQ(answer->problems[0].file, "main.tf");

    ASSERT_TRUE(prepare("silent", one_file("locals {}\n")).ok());
    auto nothing = evaluate("silent", {{"a", "b"}});
    ASSERT_TRUE(nothing.ok());
    EXPECT_TRUE(nothing->parameters.empty() && nothing->problems.empty());
}

TEST_F(LiveTest, AParameterThatRefusesEvenToHaveNoAnswerEndsTheQuestions) {
    ASSERT_TRUE(prepare("strict", one_file(R"(
terraform {
  required_providers {
    coder = { source = "coder/coder" }
  }
}
data "coder_parameter" "gpus" {
  name = "gpus"
  type = "number"
  validation {
    min   = 1
    max   = 4
    error = "{value} is not from {min} to {max}"
  }
}
)"))
                    .ok());
    Answers answers{{"gpus", "9"}};
    for (int i = 0; i < 1000; ++i)
        answers["nobody asked " + std::to_string(i)] = "x";
    auto answer = evaluate("strict", answers);
    ASSERT_TRUE(answer.ok()) << answer.error().to_string();
    EXPECT_FALSE(answer->problems.empty());
    auto good = evaluate("strict", {{"gpus", "3"}});
    ASSERT_TRUE(good.ok());
    EXPECT_EQ(shown(*good), Texts{"gpus=3"});
}

TEST_F(LiveTest, AfterCloseNothingIsEvaluated) {
    ASSERT_TRUE(prepare("v1", standard()).ok());
    live_.close();
    EXPECT_EQ(evaluate("v1", {}).error().code(), ErrorCode::unavailable);
    EXPECT_EQ(prepare("v2", standard()).error().code(), ErrorCode::unavailable);
}

TEST(QuestionsTest, KnowWhatHasToBeEvaluated) {
    struct Row {
        std::string body;
        bool literal;
    };
    for (const Row& row : std::vector<Row>{
             {"name = \"x\"\n  default = 1\n  option {\n    name = \"a\"\n    value = \"1\"\n  }\n", true},
             {"name = \"x\"\n  description = local.text\n", true},
             {"name = \"x\"\n  default = local.one\n", false},
             {"name = \"x\"\n  default = \"${var.one}\"\n", false},
             {"name = \"x\"\n  count = 1\n", false},
             {"name = \"x\"\n  validation {\n    max = var.most\n  }\n", false},
             {"name = \"x\"\n  dynamic \"option\" {\n    for_each = []\n    content {}\n  }\n", false},
         }) {
        TempFolder folder;
        auto text = "data \"coder_parameter\" \"x\" {\n  " + row.body + "}\n";
        ASSERT_TRUE(write_private_file(folder.path() / "main.tf", text).ok());
        auto found = find_questions(folder.path());
        ASSERT_TRUE(found.ok() && found->size() == 1) << text;
        EXPECT_EQ(found->front().literal, row.literal) << text;
        EXPECT_EQ(found->front().name, "x");
    }
    TempFolder folder;
    ASSERT_TRUE(
        write_private_file(folder.path() / "main.tf.json",
                           R"({"data": {"coder_parameter": {"x": {"name": "n", "default": "${local.a}"}}}})")
            .ok());
    auto found = find_questions(folder.path());
    ASSERT_TRUE(found.ok() && found->size() == 1);
    EXPECT_FALSE(found->front().literal);
}

TEST_F(LiveTest, TheOldestFolderMakesRoom) {
    LiveLimits limits;
    limits.templates = 2;
    LiveTemplates small(runtime_.executor(0), temporary_.path() / "s", options_, limits);
    auto run = [](LiveTemplates* live, std::string name) -> asio::awaitable<Result<void>> {
        auto done = co_await live->prepare(std::move(name), one_file("locals {}\n"), "");
        co_return done;
    };
    for (const char* key : {"a", "b", "c"})
        ASSERT_TRUE(runtime_.run(run(&small, key)).ok());
    EXPECT_FALSE(small.has("a"));
    EXPECT_TRUE(small.has("b") && small.has("c"));
    std::size_t folders = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(temporary_.path() / "s"))
        ++folders;
    EXPECT_EQ(folders, 2u);
}

}  // namespace
}  // namespace berth::terraform

#include "provisioner/terraform/live.h"

#include <gtest/gtest.h>

#include "provisioner/terraform/files.h"
#include "provisioner/terraform/live_testing.h"
#include "provisioner/terraform/questions.h"

namespace berth::terraform {
namespace {

using Texts = std::vector<std::string>;

TEST_F(LiveTest, ParametersDependOnAnswersOwnerLocalsAndModules) {
    auto prepared = prepare("v1", standard());
    ASSERT_TRUE(prepared.ok()) << prepared.error().to_string();
    struct Row {
        LiveAnswers answers;
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
         LiveAnswers{{"t", "zone=t-a"}, {"given", "zone=given-a"}, {"z", "zone=t-a"}}) {
        auto answer = evaluate("v1", {}, {}, {{"prefix", value}});
        ASSERT_TRUE(answer.ok()) << answer.error().to_string();
        EXPECT_EQ(shown(*answer).at(1), zone);
    }
}

TEST_F(LiveTest, WhatCannotBeEvaluatedSaysWhy) {
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
    LiveAnswers answers{{"gpus", "9"}};
    // More than an environment can hold.
    for (int i = 0; i < 20'000; ++i)
        answers["nobody asked " + std::to_string(i)] = std::string(100, 'x');
    auto answer = evaluate("strict", answers);
    ASSERT_TRUE(answer.ok()) << answer.error().to_string();
    EXPECT_FALSE(answer->problems.empty());
    auto good = evaluate("strict", {{"gpus", "3"}});
    ASSERT_TRUE(good.ok());
    EXPECT_EQ(shown(*good), Texts{"gpus=3"});
}

TEST_F(LiveTest, AfterCloseNothingIsEvaluated) {
    ASSERT_TRUE(prepare("v1", standard()).ok());
    runtime_.run(live_.close());
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
    for (const char* key : {"a", "b", "c"}) {
        archives_[key] = one_file("locals {}\n");
        ASSERT_TRUE(runtime_.run(ask_live(&small, question(key, {}), nullptr)).ok());
    }
    EXPECT_FALSE(small.has("a"));
    EXPECT_TRUE(small.has("b") && small.has("c"));
    std::size_t folders = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(temporary_.path() / "s"))
        ++folders;
    EXPECT_EQ(folders, 2u);
    runtime_.run(small.close());
}

}  // namespace
}  // namespace berth::terraform

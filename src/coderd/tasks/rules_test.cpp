#include "coderd/tasks/rules.h"

#include <gtest/gtest.h>

#include "sdk/validation.h"

namespace berth::coderd {
namespace {

sdk::CreateTaskRequest good_request() {
    sdk::CreateTaskRequest request;
    request.template_version_id = Uuid::random();
    request.input = "Fix it";
    return request;
}

TEST(TaskRules, WhatCannotBeATaskNamesTheField) {
    EXPECT_TRUE(check_new_task(good_request()).ok());
    struct Row {
        const char* field;
        void (*spoil)(sdk::CreateTaskRequest&);
    };
    const Row rows[] = {
        {"template_version_id", [](auto& request) { request.template_version_id = Uuid(); }},
        {"input", [](auto& request) { request.input = " \n"; }},
        {"input", [](auto& request) { request.input = std::string(100'001, 'x'); }},
        {"input", [](auto& request) { request.input.push_back('\0'); }},
        {"name", [](auto& request) { request.name = "not a name"; }},
        {"display_name", [](auto& request) { request.display_name = std::string(65, 'x'); }},
    };
    for (const auto& row : rows) {
        auto request = good_request();
        row.spoil(request);
        auto checked = check_new_task(request);
        ASSERT_FALSE(checked.ok()) << row.field;
        ASSERT_EQ(checked.error().fields().size(), 1u);
        EXPECT_EQ(checked.error().fields()[0].field, row.field);
    }
    auto longest = good_request();
    longest.input = std::string(100'000, 'x');
    EXPECT_TRUE(check_new_task(longest).ok());
}

TEST(TaskRules, NamesComeFromThePrompt) {
    auto salt = *Uuid::parse("3fa80000-0000-4000-8000-000000000000");
    const std::tuple<std::string, std::string, std::string> rows[] = {
        {"Fix the login, please!", "fix-the-login-please-3fa8", "Fix the login, please!"},
        {"  a\nb  ", "a-b-3fa8", "a"},
        {"日本語だけ", "task-3fa8", "日本語だけ"},
        {"--!--", "task-3fa8", "--!--"},
        {std::string(80, 'x'), std::string(27, 'x') + "-3fa8", std::string(64, 'x')},
        // 22 characters of three bytes: the last whole one within 64 bytes is the 21st.
        {"語語語語語語語語語語語語語語語語語語語語語語", "task-3fa8",
         "語語語語語語語語語語語語語語語語語語語語語"},
    };
    for (const auto& [prompt, name, display_name] : rows) {
        EXPECT_EQ(task_name_from(prompt, salt), name);
        EXPECT_EQ(sdk::name_problem(task_name_from(prompt, salt)), "");
        EXPECT_EQ(task_display_name_from(prompt), display_name);
        EXPECT_EQ(sdk::display_name_problem(task_display_name_from(prompt)), "");
    }
}

}  // namespace
}  // namespace berth::coderd

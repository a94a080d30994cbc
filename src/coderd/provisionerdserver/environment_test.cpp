#include "coderd/provisionerdserver/environment.h"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "provisioner.pb.h"

namespace berth::coderd {
namespace {

struct Step {
    std::string strategy;
    std::string value;
};

struct Case {
    const char* name;
    std::optional<std::string> before;
    std::vector<Step> steps;
    /// None when the merge has to fail.
    std::optional<std::string> after;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all = {
        {"error, defined", "old", {{"error", "v"}}, std::nullopt},
        {"error, defined empty", "", {{"error", "v"}}, std::nullopt},
        {"error, twice", std::nullopt, {{"error", "v"}, {"error", "w"}}, std::nullopt},
        {"unknown strategy", std::nullopt, {{"sum", "v"}}, std::nullopt},
        {"strategy in capitals", std::nullopt, {{"REPLACE", "v"}}, std::nullopt},
        {"error, not defined", std::nullopt, {{"error", "v"}}, "v"},
        {"default, not defined", std::nullopt, {{"", "v"}}, "v"},
        {"default, defined", "old", {{"", "v"}}, "v"},
        {"replace, not defined", std::nullopt, {{"replace", "v"}}, "v"},
        {"replace, defined", "old", {{"replace", "v"}}, "v"},
        {"replace, defined empty", "", {{"replace", "v"}}, "v"},
        {"append, not defined", std::nullopt, {{"append", "v"}}, "v"},
        {"append, defined", "old", {{"append", "v"}}, "old:v"},
        {"append, defined empty", "", {{"append", "v"}}, "v"},
        {"prepend, not defined", std::nullopt, {{"prepend", "v"}}, "v"},
        {"prepend, defined", "old", {{"prepend", "v"}}, "v:old"},
        {"prepend, defined empty", "", {{"prepend", "v"}}, "v"},
        {"two appends", std::nullopt, {{"append", "/a"}, {"append", "/b"}}, "/a:/b"},
        {"two prepends", std::nullopt, {{"prepend", "/a"}, {"prepend", "/b"}}, "/b:/a"},
        {"append then replace", "old", {{"append", "/a"}, {"replace", "/b"}}, "/b"},
    };
    return all;
}

TEST(MergeEnvironment, FollowsTheTable) {
    for (const auto& test : cases()) {
        Environment own{{"OTHER", "1"}};
        if (test.before) own["NAME"] = *test.before;
        google::protobuf::RepeatedPtrField<provisioner::Env> extra;
        for (const auto& step : test.steps) {
            auto* env = extra.Add();
            env->set_name("NAME");
            env->set_value(step.value);
            env->set_merge_strategy(step.strategy);
        }
        auto merged = merge_environment(own, extra);
        ASSERT_EQ(merged.ok(), test.after.has_value()) << test.name;
        if (!merged) {
            EXPECT_NE(merged.error().message().find("NAME"), std::string::npos) << test.name;
            continue;
        }
        EXPECT_EQ(merged->at("NAME"), *test.after) << test.name;
        EXPECT_EQ(merged->at("OTHER"), "1") << test.name;
    }
}

TEST(MergeEnvironment, SaysDuplicateEnvVar) {
    google::protobuf::RepeatedPtrField<provisioner::Env> extra;
    extra.Add()->set_name("PATH");
    extra.Mutable(0)->set_merge_strategy("error");
    auto merged = merge_environment({{"PATH", "/bin"}}, extra);
    ASSERT_FALSE(merged);
    EXPECT_NE(merged.error().message().find("duplicate env var"), std::string::npos);
}

}  // namespace
}  // namespace berth::coderd

#include "base/env_merge.h"

#include <gtest/gtest.h>

namespace berth::base {
namespace {

struct Case {
    const char* strategy;
    std::optional<std::string> before;
    /// Nothing when the merge must fail.
    std::optional<std::string> after;
};

TEST(merge_env, follows_the_strategy) {
    const std::vector<Case> cases{
        {"sometimes", std::nullopt, std::nullopt},
        {"error", "old", std::nullopt},
        {"error", "", std::nullopt},
        {"error", std::nullopt, "new"},
        {"", std::nullopt, "new"},
        {"", "old", "new"},
        {"", "", "new"},
        {"replace", "old", "new"},
        {"append", std::nullopt, "new"},
        {"append", "old", "old:new"},
        {"append", "", "new"},
        {"prepend", std::nullopt, "new"},
        {"prepend", "old", "new:old"},
        {"prepend", "", "new"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string(c.strategy) + " on " + c.before.value_or("(undefined)"));
        std::map<std::string, std::string> environment;
        if (c.before) environment["X"] = *c.before;
        auto merged = merge_env(environment, "X", "new", c.strategy);
        ASSERT_EQ(merged.ok(), c.after.has_value());
        if (c.after) {
            EXPECT_EQ(environment["X"], *c.after);
        }
    }
}

TEST(merge_env, names_the_duplicate) {
    std::map<std::string, std::string> environment{{"PATH", "/bin"}};
    auto merged = merge_env(environment, "PATH", "/sbin", "error");
    ASSERT_FALSE(merged.ok());
    EXPECT_EQ(merged.error().message(), "duplicate env var \"PATH\"");
}

TEST(merge_env, chains) {
    std::map<std::string, std::string> environment;
    for (auto value : {"/a", "/b"}) {
        ASSERT_TRUE(merge_env(environment, "APPENDED", value, "append").ok());
        ASSERT_TRUE(merge_env(environment, "PREPENDED", value, "prepend").ok());
    }
    EXPECT_EQ(environment["APPENDED"], "/a:/b");
    EXPECT_EQ(environment["PREPENDED"], "/b:/a");
    ASSERT_TRUE(merge_env(environment, "APPENDED", "/c", "replace").ok());
    EXPECT_EQ(environment["APPENDED"], "/c");
}

}  // namespace
}  // namespace berth::base

#include "base/result.h"

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(ResultTest, ReadingTheValueOfAFailureAborts) {
    Result<int> failed = not_found("no such thing");
    EXPECT_DEATH((void)failed.value(), "");
}

TEST(ResultTest, HoldsMoveOnlyValues) {
    Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
    ASSERT_TRUE(result.ok());
    std::unique_ptr<int> taken = std::move(result).value();
    EXPECT_EQ(*taken, 7);
    Result<std::string> failed = internal_error("broken");
    EXPECT_EQ(std::move(failed).value_or("fallback"), "fallback");
}

TEST(ResultTest, VoidResultIsOkByDefault) {
    EXPECT_TRUE(Result<void>().ok());
    Result<void> failed = cancelled();
    EXPECT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), ErrorCode::cancelled);
}

TEST(ErrorTest, TellsItsWholeStoryInLogs) {
    Error error = Error(ErrorCode::conflict, "the name is taken", "workspaces")
                      .with_field("name", "already used")
                      .with_cause(unavailable("socket closed"));
    EXPECT_EQ(error.to_string(),
              "conflict: the name is taken (workspaces) [name: already used]: caused by unavailable: socket "
              "closed");
    Error outer = error.wrap("create workspace");
    EXPECT_EQ(outer.message(), "create workspace: the name is taken");
    EXPECT_EQ(outer.code(), ErrorCode::conflict);
    ASSERT_EQ(outer.fields().size(), 1u);
    ASSERT_NE(outer.cause(), nullptr);
    EXPECT_EQ(outer.cause()->message(), "socket closed");
}

}  // namespace
}  // namespace berth

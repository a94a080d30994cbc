#include "coderd/users/api_key.h"

#include <gtest/gtest.h>

namespace berth::coderd {
namespace {

TEST(ApiKeyToken, RefusesWhatIsNotOne) {
    for (const char* text : {"", "-", "abc", "0123456789", "0123456789-", "0123456789-012345678901234567890",
                             "0123456789-01234567890123456789012", "012345678-0123456789012345678901x",
                             "0123456789-012345678901234567890!", "0123456789_0123456789012345678901"}) {
        EXPECT_FALSE(ApiKeyToken::parse(text)) << text;
    }
}

TEST(ApiKeyToken, RoundTrips) {
    auto token = ApiKeyToken::generate();
    auto again = ApiKeyToken::parse(token.text().reveal());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, token.id);
    EXPECT_EQ(again->hashed_secret(), token.hashed_secret());
    EXPECT_EQ(token.hashed_secret().size(), 32u);
}

}  // namespace
}  // namespace berth::coderd

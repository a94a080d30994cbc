#include "coderd/provisionerdserver/session_token.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "coderd/provisionerdserver/fixture_testing.h"
#include "coderd/users/api_key.h"

namespace berth::coderd {
namespace {

using db::testing::quoted;
using testing::Fixture;

class WorkspaceToken : public ::testing::Test {
protected:
    std::string renew() {
        auto token = fixture.runtime.run(renew_workspace_token(fixture.context, fixture.user, workspace));
        EXPECT_TRUE(token) << token.error().to_string();
        return token ? token->reveal() : "";
    }
    /// Whether the database still knows its secret.
    bool is_good(const std::string& text) {
        auto token = ApiKeyToken::parse(text);
        auto hash = token->hashed_secret();
        auto bytes = std::span(reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size());
        return fixture.sql("SELECT count(*) FROM api_keys WHERE id = '" + token->id +
                           "' AND hashed_secret = '\\x" + base::hex_encode(bytes) + "'") == "1";
    }
    std::string count() { return fixture.sql("SELECT count(*) FROM api_keys"); }

    Fixture fixture;
    Uuid workspace = Uuid::random();
};

// n°23
TEST_F(WorkspaceToken, EachStartHasANewOneAndTheOldIsWorthNothing) {
    auto first = renew();
    EXPECT_TRUE(is_good(first));
    auto second = renew();
    EXPECT_NE(first, second);
    EXPECT_TRUE(is_good(second));
    EXPECT_FALSE(is_good(first));
    EXPECT_EQ(count(), "1");
    EXPECT_TRUE(fixture.runtime.run(end_workspace_token(fixture.context.store, fixture.user, workspace)));
    EXPECT_EQ(count(), "0");
}

TEST_F(WorkspaceToken, WorkspacesHaveTheirOwn) {
    auto first = renew();
    workspace = Uuid::random();
    auto second = renew();
    EXPECT_TRUE(is_good(first));
    EXPECT_TRUE(is_good(second));
    EXPECT_EQ(count(), "2");
}

TEST_F(WorkspaceToken, SomebodyElsesKeyOfThatIdStays) {
    auto mine = renew();
    fixture.sql("UPDATE api_keys SET token_name = 'somebody else''s'");
    auto refused = fixture.runtime.run(renew_workspace_token(fixture.context, fixture.user, workspace));
    EXPECT_FALSE(refused);
    EXPECT_TRUE(is_good(mine));
}

TEST_F(WorkspaceToken, TheOwnerOfPrebuiltWorkspacesHasNone) {
    auto refused =
        fixture.runtime.run(renew_workspace_token(fixture.context, rbac::prebuilds_user_id(), workspace));
    EXPECT_FALSE(refused);
    EXPECT_EQ(count(), "0");
}

}  // namespace
}  // namespace berth::coderd

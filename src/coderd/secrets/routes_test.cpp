#include "coderd/secrets/routes.h"

#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"
#include "coderd/secrets/read_secrets.h"
#include "coderd/secrets/rules.h"

namespace berth::coderd {
namespace {

using testing::Api;
using testing::check_policies;
using testing::Person;

class UserSecretTest : public ::testing::Test {
protected:
    Api api;
    Person mary = api.add_user("mary");
    Person paul = api.add_user("paul");
    const std::string mine = "/api/v2/users/me/secrets";

    testing::Answer make(const std::string& body) { return api.post(mine, mary.token, body); }
};

TEST_F(UserSecretTest, NobodyElseTouchesThem) {
    ASSERT_EQ(make(R"({"name": "token", "value": "v", "env_name": "TOKEN"})").status, 201u);
    const std::string hers = "/api/v2/users/mary/secrets";
    // The site's owner may see mary, but not what she hides; others do not see mary either.
    check_policies(
        api, {api.owner, mary, paul},
        {{"GET", hers, "", {{"-", 401}, {"paul", 404}, {"ada", 403}, {"mary", 200}}},
         {"GET", hers + "/token", "", {{"-", 401}, {"paul", 404}, {"ada", 403}, {"mary", 200}}},
         {"POST", hers, R"({"name": "x", "value": "v"})", {{"-", 401}, {"paul", 404}, {"ada", 403}}},
         {"PATCH", hers + "/token", R"({"value": "w"})", {{"-", 401}, {"paul", 404}, {"ada", 403}}},
         {"DELETE", hers + "/token", "", {{"-", 401}, {"paul", 404}, {"ada", 403}, {"mary", 204}}},
         {"DELETE", hers + "/token", "", {{"mary", 404}}},
         {"GET", hers + "/token", "", {{"mary", 404}}},
         {"PATCH", hers + "/token", "{}", {{"mary", 404}}}});
}

TEST_F(UserSecretTest, AValueNeverComesOut) {
    auto made = make(R"({"name": "token", "value": "hidden-value", "description": "d", "env_name": "TOKEN",
                         "file_path": "~/.token"})");
    ASSERT_EQ(made.status, 201u) << made.text;
    EXPECT_EQ(made["name"], "token");
    EXPECT_EQ(made["env_name"], "TOKEN");
    EXPECT_EQ(made["file_path"], "~/.token");
    auto changed = api.patch(mine + "/token", mary.token, R"({"value": "hidden-value-2", "env_name": ""})");
    ASSERT_EQ(changed.status, 200u) << changed.text;
    EXPECT_EQ(changed["env_name"], "");
    EXPECT_EQ(changed["description"], "d");
    for (const auto& answer :
         {made, changed, api.get(mine, mary.token), api.get(mine + "/token", mary.token)})
        EXPECT_EQ(answer.text.find("hidden-value"), std::string::npos) << answer.text;
    auto refused = make(R"({"name": "token", "value": "hidden-value-3"})");
    EXPECT_EQ(refused.status, 409u);
    EXPECT_EQ(refused.text.find("hidden-value"), std::string::npos) << refused.text;
}

TEST_F(UserSecretTest, BadOnesAreRefusedWithTheField) {
    ASSERT_EQ(make(R"({"name": "taken", "value": "v", "env_name": "TAKEN", "file_path": "/taken"})").status,
              201u);
    struct Row {
        std::string body;
        unsigned status;
        std::string field;
    };
    const std::string big(max_secret_value + 1, 'x');
    for (const Row& row : std::vector<Row>{
             {R"({})", 400, "name,value"},
             {R"({"name": "a", "value": ""})", 400, "value"},
             {R"({"name": "a b", "value": "v"})", 400, "name"},
             {R"({"name": "..", "value": "v"})", 400, "name"},
             {R"({"name": "a/b", "value": "v"})", 400, "name"},
             {R"({"name": ")" + std::string(65, 'a') + R"(", "value": "v"})", 400, "name"},
             {R"({"name": "a", "value": ")" + big + R"("})", 400, "value"},
             {R"({"name": "a", "value": "a\u0000b"})", 400, "value"},
             {R"({"name": "a", "value": "v", "env_name": "1A"})", 400, "env_name"},
             {R"({"name": "a", "value": "v", "env_name": "A-B"})", 400, "env_name"},
             {R"({"name": "a", "value": "v", "env_name": "A=B"})", 400, "env_name"},
             {R"({"name": "a", "value": "v", "env_name": "PATH"})", 400, "env_name"},
             {R"({"name": "a", "value": "v", "env_name": "Ld_Preload"})", 400, "env_name"},
             {R"({"name": "a", "value": "v", "env_name": "CODER_AGENT_TOKEN"})", 400, "env_name"},
             {R"({"name": "a", "value": "v", "file_path": "relative"})", 400, "file_path"},
             {R"({"name": "a", "value": "v", "file_path": "~/../x"})", 400, "file_path"},
             {R"({"name": "a", "value": "v", "file_path": "/a/"})", 400, "file_path"},
             {R"({"name": "a", "value": "v", "file_path": "/proc/1/mem"})", 400, "file_path"},
             {R"({"name": "a", "value": "v", "file_path": "/a\nb"})", 400, "file_path"},
             {R"({"name": "taken", "value": "v"})", 409, "name"},
             {R"({"name": "a", "value": "v", "env_name": "TAKEN"})", 409, "env_name"},
             {R"({"name": "a", "value": "v", "file_path": "/taken"})", 409, "file_path"},
         }) {
        auto answer = make(row.body);
        EXPECT_EQ(answer.status, row.status) << row.body.substr(0, 100) << answer.text;
        EXPECT_EQ(answer.bad_fields(), row.field) << row.body.substr(0, 100);
    }
}

TEST_F(UserSecretTest, TooManyOrTooLargeTogetherAreRefusedWhenTheyAreWritten) {
    const std::string large(max_secret_value, 'x');
    int stored = 0;
    testing::Answer last;
    for (int i = 0; i < 10; ++i) {
        last = make(R"({"name": "big)" + std::to_string(i) + R"(", "env_name": "BIG)" + std::to_string(i) +
                    R"(", "value": ")" + large + R"("})");
        if (last.status != 201u) break;
        ++stored;
    }
    // 4 * 64 KiB do not fit beside their names.
    EXPECT_EQ(stored, 3);
    EXPECT_EQ(last.status, 400u);
    EXPECT_EQ(last.bad_fields(), "value");
    // One that is delivered nowhere takes no room, until it is.
    ASSERT_EQ(make(R"({"name": "idle", "value": ")" + large + R"("})").status, 201u);
    EXPECT_EQ(api.patch(mine + "/idle", mary.token, R"({"env_name": "IDLE"})").status, 400u);

    for (std::size_t i = 4; i < max_user_secrets; ++i)
        ASSERT_EQ(make(R"({"name": "s)" + std::to_string(i) + R"(", "value": "v"})").status, 201u);
    auto refused = make(R"({"name": "one-more", "value": "v"})");
    EXPECT_EQ(refused.status, 400u);
    EXPECT_EQ(refused.bad_fields(), "name");
}

}  // namespace
}  // namespace berth::coderd

#include "cli/terraform_state.h"

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

constexpr const char* state = R"({
    "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "3f", "outputs": {},
    "resources": [
        {"mode": "data", "type": "coder_workspace", "name": "me", "instances": [{"attributes": {}}]},
        {"mode": "managed", "type": "docker_volume", "name": "home", "instances": [
            {"index_key": 0, "attributes": {"size": 12345678901234567890}}, {"index_key": 1}]},
        {"mode": "managed", "type": "docker_volume", "name": "home2", "instances": [{}]},
        {"module": "module.db[\"a\"]", "mode": "managed", "type": "docker_container", "name": "pg",
            "instances": [{"index_key": "x.y"}]}
    ]})";

TEST(TerraformState, ListsWhatTerraformWouldList) {
    auto listed = list_resources(state);
    ASSERT_TRUE(listed) << listed.error().to_string();
    EXPECT_EQ(*listed, (std::vector<std::string>{"data.coder_workspace.me", "docker_volume.home[0]",
                                                 "docker_volume.home[1]", "docker_volume.home2",
                                                 "module.db[\"a\"].docker_container.pg[\"x.y\"]"}));
}

TEST(TerraformState, ForgetsWhatIsNamedAndNothingElse) {
    struct Case {
        std::vector<std::string> addresses;
        std::vector<std::string> left;
    };
    const std::string me = "data.coder_workspace.me";
    const std::string first = "docker_volume.home[0]";
    const std::string second = "docker_volume.home[1]";
    const std::string other = "docker_volume.home2";
    const std::string pg = "module.db[\"a\"].docker_container.pg[\"x.y\"]";
    for (const auto& [addresses, left] : {
             Case{{first}, {me, second, other, pg}},
             Case{{"docker_volume.home"}, {me, other, pg}},
             Case{{"module.db"}, {me, first, second, other}},
             Case{{"module.db[\"a\"]"}, {me, first, second, other}},
             Case{{pg, me}, {first, second, other}},
             Case{{me, "docker_volume.home", other, pg}, {}},
         }) {
        auto done = forget_resources(state, addresses);
        ASSERT_TRUE(done) << done.error().to_string();
        EXPECT_EQ(*list_resources(*done), left) << addresses.front();
        EXPECT_NE(done->find("\"serial\": 8"), std::string::npos);
        EXPECT_NE(done->find("\"lineage\": \"3f\""), std::string::npos);
    }
}

TEST(TerraformState, ForgettingLeavesTheRestAsItIsWritten) {
    const std::string big = "123456789012345678901234567890";
    const std::string precise = "0.12345678901234567890123";
    auto text = [&](const std::string& serial, const std::string& resources) {
        return "\n{ \"outputs\": {\"o\": {\"value\": " + big + ", \"type\": \"number\"}}, " + serial +
               "\"resources\":" + resources + ",\n \"check_results\": [1E400, " + precise +
               "], \"version\" : 4 }\n";
    };
    const std::string one = R"({"type":"t","name":"one","instances":[ {"attributes": {"n": )" + big + "}} ]}";
    const std::string first =
        R"({"index_key":"a\u0062\"]}","attributes":{"n":)" + precise + R"(,"s":"\u00e9{["}})";
    const std::string second = R"({"index_key":18446744073709551616})";
    const std::string head = R"({"name":"two", "instances" : )";
    const std::string tail = R"( ,"type":"t"})";
    const std::string odd = R"({"type":"t","name":"none","instances":[]} , {"type":"t","name":"bare"}, 7)";
    auto two = head + "[ " + first + " , " + second + " ]" + tail;
    auto all = text("\"serial\": 9007199254740993,", "[" + one + ", " + two + ", " + odd + " ]");
    struct Case {
        std::vector<std::string> addresses;
        std::string resources;
    };
    auto odd_left = R"({"type":"t","name":"none","instances":[]},{"type":"t","name":"bare"},7)";
    for (const auto& [addresses, resources] : {
             Case{{"t.one"}, two + "," + odd_left},
             Case{{"t.two"}, one + "," + odd_left},
             Case{{R"(t.two["ab\"]}"])"}, one + "," + head + "[" + second + "]" + tail + "," + odd_left},
             Case{{"t.two[18446744073709551616]"},
                  one + "," + head + "[" + first + "]" + tail + "," + odd_left},
             Case{{"t.one", "t.two"}, odd_left},
         }) {
        auto done = forget_resources(all, addresses);
        ASSERT_TRUE(done) << addresses.front() << ": " << done.error().to_string();
        EXPECT_EQ(*done, text("\"serial\": 9007199254740994,", "[" + resources + "]"));
    }
    auto uncounted = forget_resources(text("", "[" + one + "]"), {"t.one"});
    ASSERT_TRUE(uncounted);
    EXPECT_TRUE(uncounted->starts_with("\n{\"serial\":1, \"outputs\"")) << *uncounted;
    for (const char* serial : {"18446744073709551615", "1.5", "\"1\"", "-1"})
        EXPECT_EQ(
            forget_resources(text("\"serial\":" + std::string(serial) + ",", "[" + one + "]"), {"t.one"})
                .error()
                .code(),
            ErrorCode::invalid_argument)
            << serial;
}

TEST(TerraformState, OfSeveralMembersWithOneNameTheLastCounts) {
    const std::string twice =
        R"({"version":3,"resources":[7],"version":4,"r\u0065sources":[{"type":"t","name":"x",)"
        R"("name":"y","instances":[],"instances":[{}]}]})";
    EXPECT_EQ(*list_resources(twice), std::vector<std::string>{"t.y"});
    auto left = forget_resources(twice, {"t.y"});
    ASSERT_TRUE(left);
    EXPECT_EQ(*left, R"({"serial":1,"version":3,"resources":[7],"version":4,"r\u0065sources":[]})");
}

TEST(TerraformState, RefusesWhatNamesNothingAndWhatIsNoState) {
    for (const char* address :
         {"docker_volume", "docker_volume.hom", "docker_volume.home[2]", "", "module.d"})
        EXPECT_EQ(forget_resources(state, {address}).error().code(), ErrorCode::not_found) << address;
    for (const char* bad : {"", "[]", "{}", R"({"version": 3, "resources": []})", R"({"version": 4})"})
        EXPECT_EQ(list_resources(bad).error().code(), ErrorCode::invalid_argument) << bad;
}

TEST(TerraformState, ADamagedStateEndsInAnErrorOrInAState) {
    const std::string whole = state;
    const std::vector<std::string> addresses{"docker_volume.home"};
    std::size_t good = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (char put : std::string_view("\"\\{}[],:1 x\xff")) {
            auto damaged = whole;
            damaged[at] = put;
            auto rest = forget_resources(damaged, addresses);
            if (!rest) continue;
            ++good;
            EXPECT_TRUE(list_resources(*rest)) << damaged;
        }
        [[maybe_unused]] auto cut = forget_resources(std::string_view(whole).substr(0, at), addresses);
    }
    EXPECT_GT(good, 0u);
}

}  // namespace
}  // namespace berth::cli

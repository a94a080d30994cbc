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
        EXPECT_NE(done->find("\"serial\":8"), std::string::npos);
        EXPECT_NE(done->find("\"lineage\":\"3f\""), std::string::npos);
    }
    EXPECT_NE(forget_resources(state, {other})->find("12345678901234567890"), std::string::npos);
}

TEST(TerraformState, RefusesWhatNamesNothingAndWhatIsNoState) {
    for (const char* address :
         {"docker_volume", "docker_volume.hom", "docker_volume.home[2]", "", "module.d"})
        EXPECT_EQ(forget_resources(state, {address}).error().code(), ErrorCode::not_found) << address;
    for (const char* bad : {"", "[]", "{}", R"({"version": 3, "resources": []})", R"({"version": 4})"})
        EXPECT_EQ(list_resources(bad).error().code(), ErrorCode::invalid_argument) << bad;
}

}  // namespace
}  // namespace berth::cli

#include "sdk/codec.h"

#include <limits>

#include <gtest/gtest.h>

#include "sdk/api_keys.h"
#include "sdk/audit.h"
#include "sdk/builds.h"
#include "sdk/deployment_values.h"
#include "sdk/response.h"
#include "sdk/tasks.h"
#include "sdk/users.h"
#include "sdk/workspaces.h"

namespace berth::sdk {

// One field of every kind, so that each encoding is seen alone.
struct Sample {
    bool flag = false;
    std::int32_t small = 0;
    std::int64_t large = 0;
    std::uint16_t port = 0;
    double ratio = 0;
    std::string text;
    Uuid id;
    base::Time time = zero_time;
    base::Duration wait{};
    Bytes bytes;
    RawJson raw;
    UserStatus status{};
    std::optional<std::string> maybe;
    std::vector<std::int64_t> list;
    std::map<std::string, bool> map;
    ValidationError inner;
};
const TypeInfo& describe(const Sample*) {
    using T = Sample;
    static const Field fields[] = {
        field("flag", &T::flag).omitempty(),   field("small", &T::small).omitempty(),
        field("large", &T::large).omitempty(), field("port", &T::port).omitempty(),
        field("ratio", &T::ratio).omitempty(), field("text", &T::text).omitempty(),
        field("id", &T::id).omitempty(),       field("time", &T::time).omitempty(),
        field("wait", &T::wait).omitempty(),   field("bytes", &T::bytes).omitempty(),
        field("raw", &T::raw).omitempty(),     field("status", &T::status).omitempty(),
        field("maybe", &T::maybe).omitempty(), field("list", &T::list).omitempty(),
        field("map", &T::map).omitempty(),     field("inner", &T::inner).omitempty(),
    };
    static const TypeInfo info = object("Sample", fields);
    return info;
}

namespace {

constexpr std::string_view empty_sample =
    R"({"id":"00000000-0000-0000-0000-000000000000","time":"0001-01-01T00:00:00Z","inner":{"field":"","detail":""}})";

const Uuid some_id = *Uuid::parse("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");

TEST(Encode, OmitemptyKeepsStructsTimesAndIdentifiers) { EXPECT_EQ(encode(Sample{}), empty_sample); }

TEST(Encode, EachKind) {
    Sample sample;
    sample.flag = true;
    sample.small = -5;
    sample.large = std::numeric_limits<std::int64_t>::min();
    sample.port = 65535;
    sample.ratio = 0.1;
    sample.text = "x";
    sample.id = some_id;
    sample.time = *base::parse_rfc3339("2026-01-02T03:04:05.120000Z");
    sample.wait = std::chrono::minutes(90);
    sample.bytes.data = std::string("\x00\xff", 2);
    sample.raw.text = "{ \"a\" : [1, 2.0],\n \"b\":\"x y\" }";
    sample.status = UserStatus::suspended;
    sample.maybe = "";
    sample.list = {1, 2};
    sample.map = {{"b", true}, {"a", false}};
    sample.inner = {"f", "d"};
    EXPECT_EQ(
        encode(sample),
        R"({"flag":true,"small":-5,"large":-9223372036854775808,"port":65535,"ratio":0.1,"text":"x",)"
        R"("id":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee","time":"2026-01-02T03:04:05.12Z","wait":5400000000000,)"
        R"("bytes":"AP8=","raw":{"a":[1,2.0],"b":"x y"},"status":"suspended","maybe":"","list":[1,2],)"
        R"("map":{"a":false,"b":true},"inner":{"field":"f","detail":"d"}})");
    auto back = decode<Sample>(encode(sample));
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_EQ(encode(*back), encode(sample));
}

TEST(Encode, TextsAsGoWithoutHtmlEscapes) {
    struct Row {
        std::string text;
        std::string json;
    };
    for (const auto& row : std::vector<Row>{
             {"", R"("")"},
             {"<a href=\"x\">&</a>", R"("<a href=\"x\">&</a>")"},
             {"back\\slash", R"("back\\slash")"},
             {std::string("\b\f\n\r\t\x01\x1f\0", 8), R"("\b\f\n\r\t\u0001\u001f\u0000")"},
             {"\x7f", "\"\x7f\""},
             {"grüße €😀", "\"grüße €😀\""},
             {"a\u2028b\u2029c", R"("a\u2028b\u2029c")"},
             {"bad \xff\xc0 bytes", "\"bad \xef\xbf\xbd\xef\xbf\xbd bytes\""},
         })
        EXPECT_EQ(encode(row.text), row.json);
}

TEST(Encode, NumbersAsGo) {
    struct Row {
        double value;
        const char* json;
    };
    for (const auto& row : std::vector<Row>{{0, "0"},
                                            {-0.0, "-0"},
                                            {1, "1"},
                                            {1.5, "1.5"},
                                            {100000000000000000000.0, "100000000000000000000"},
                                            {1e21, "1e+21"},
                                            {0.000001, "0.000001"},
                                            {0.0000001, "1e-7"},
                                            {1e-10, "1e-10"},
                                            {std::numeric_limits<double>::infinity(), "0"},
                                            {std::numeric_limits<double>::quiet_NaN(), "0"}})
        EXPECT_EQ(encode(row.value), row.json);
}

TEST(Encode, RawJsonThatIsNoneBecomesNull) {
    for (const char* text : {"", "{", "{}x", "tru", "'a'", "[1,]", "{\"a\":1,}", "\"\xff\""})
        EXPECT_EQ(encode(RawJson{text}), "null") << text;
    EXPECT_EQ(encode(RawJson{" [ \"a\\\" b\" , 1e5 ] "}), R"(["a\" b",1e5])");
}

TEST(Encode, EmbeddedStructsAreFlat) {
    APIKeyWithOwner key;
    key.id = "abc";
    key.username = "jane";
    key.allow_list = {{"workspace", "*"}, {"*", "*"}};
    auto json = encode(key);
    EXPECT_TRUE(json.starts_with(R"({"id":"abc","user_id":")")) << json;
    EXPECT_NE(json.find(R"("allow_list":["workspace:*","*:*"],"username":"jane"})"), std::string::npos)
        << json;
    EXPECT_NE(json.find(R"("scopes":[])"), std::string::npos);
}

TEST(Encode, NullableStructsAreWrittenAsNull) {
    auto build = encode(WorkspaceBuild{});
    EXPECT_NE(build.find(R"("deadline":null,"max_deadline":null)"), std::string::npos) << build;
    EXPECT_NE(build.find(R"("template_version_preset_id":null)"), std::string::npos);
    EXPECT_EQ(build.find("has_ai_task"), std::string::npos);
    EXPECT_NE(build.find(R"("resources":[])"), std::string::npos);
    EXPECT_NE(build.find(R"("transition":"")"), std::string::npos);
    auto workspace = encode(Workspace{});
    EXPECT_NE(workspace.find(R"("task_id":null)"), std::string::npos) << workspace;
    EXPECT_NE(workspace.find(R"("latest_app_status":null)"), std::string::npos);
    EXPECT_EQ(workspace.find("autostart_schedule"), std::string::npos);
}

TEST(Encode, ErrorBody) {
    EXPECT_EQ(encode(Response{.message = "No."}), R"({"message":"No."})");
    EXPECT_EQ(encode(Response{"No.", "why", {{"name", "is required"}}}),
              R"({"message":"No.","detail":"why","validations":[{"field":"name","detail":"is required"}]})");
}

TEST(Encode, UsersAndLists) {
    User user;
    user.id = some_id;
    user.username = "jane";
    user.email = "jane@example.com";
    user.status = UserStatus::active;
    user.login_type = LoginType::password;
    user.roles = {{"owner", "Owner", ""}};
    EXPECT_EQ(encode(std::vector<User>{user}),
              R"([{"id":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee","username":"jane","email":"jane@example.com",)"
              R"("created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z",)"
              R"("last_seen_at":"0001-01-01T00:00:00Z","status":"active","login_type":"password",)"
              R"("organization_ids":[],"roles":[{"name":"owner","display_name":"Owner"}]}])");
    EXPECT_EQ(encode(std::vector<User>{}), "[]");
}

TEST(RoundTrip, TheBiggestType) {
    DeploymentConfig config;
    config.config.emplace();
    config.options.emplace_back().name = "Access URL";
    auto text = encode(config);
    auto back = decode_response<DeploymentConfig>(text);
    ASSERT_TRUE(back) << back.error().to_string();
    EXPECT_EQ(encode(*back), text);
    EXPECT_NE(text.find(R"("derp":{"server":{"enable":false)"), std::string::npos) << text;
}

TEST(Decode, NullsAndUnknownFieldsAreSkipped) {
    auto sample = decode<Sample>(
        R"( {"flag":null,"text":null,"id":null,"time":null,"list":null,"map":null,"maybe":null,"inner":null,
             "status":null,"raw":null,"other":{"a":[1,{"b":null}]},"":1} )");
    ASSERT_TRUE(sample) << sample.error().to_string();
    EXPECT_EQ(encode(*sample), empty_sample);
}

TEST(Decode, TheLastOfDuplicateKeysWins) {
    auto sample =
        decode<Sample>(R"({"text":"a","list":[1,2],"text":"b","list":[3],"map":{"x":true,"x":false}})");
    ASSERT_TRUE(sample);
    EXPECT_EQ(sample->text, "b");
    EXPECT_EQ(sample->list, std::vector<std::int64_t>{3});
    EXPECT_EQ(sample->map.at("x"), false);
}

TEST(Decode, Escapes) {
    auto text =
        decode<std::string>(R"("\"\\\/\b\f\n\r\t\u00e4\u20ac\ud83d\ude00 \ud800 \udc00 \ud800\u0041")");
    ASSERT_TRUE(text) << text.error().to_string();
    EXPECT_EQ(*text, "\"\\/\b\f\n\r\tä€😀 \uFFFD \uFFFD \uFFFDA");
}

TEST(Decode, RawJsonStaysVerbatim) {
    auto sample = decode<Sample>(R"({"raw": {"n": 1.00, "big": 123456789012345678901234567890 } })");
    ASSERT_TRUE(sample);
    EXPECT_EQ(sample->raw.text, R"({"n": 1.00, "big": 123456789012345678901234567890 })");
}

TEST(Decode, OrganizationIdIsJoinedToTheList) {
    auto request = decode<CreateUserRequestWithOrgs>(
        R"({"email":"a@b.example","username":"a","password":"x","organization_id":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"})");
    ASSERT_TRUE(request) << request.error().to_string();
    EXPECT_EQ(request->organization_ids, std::vector<Uuid>{some_id});
    EXPECT_EQ(encode(*request).find("\"organization_id\""), std::string::npos);
}

TEST(Decode, AnswersMayBeNewer) {
    auto task = decode_response<ProvisionerJob>(R"({"status":"exploded","type":"quantum"})");
    ASSERT_TRUE(task);
    EXPECT_EQ(task->status, ProvisionerJobStatus::unknown);
    EXPECT_EQ(task->type, ProvisionerJobType::unknown);
    EXPECT_FALSE(decode<ProvisionerJob>(R"({"type":"quantum"})"));
    // "unknown" is a status of its own, but not a type.
    EXPECT_TRUE(decode<ProvisionerJob>(R"({"status":"unknown"})"));
    EXPECT_FALSE(decode<ProvisionerJob>(R"({"type":"unknown"})"));
}

TEST(Enums, TextsAndBack) {
    EXPECT_EQ(to_string(WorkspaceTransition::delete_), "delete");
    EXPECT_EQ(to_string(LoginType::unset), "");
    EXPECT_EQ(to_string(LoginType::none), "none");
    EXPECT_EQ(parse_enum<LoginType>("none"), LoginType::none);
    EXPECT_EQ(parse_enum<LoginType>(""), LoginType::unset);
    EXPECT_EQ(parse_enum<LoginType>("unknown"), std::nullopt);
    EXPECT_EQ(parse_enum<TaskStatus>("unknown"), TaskStatus::unknown);
    EXPECT_EQ(parse_enum<LoginType>("Password"), std::nullopt);
}

}  // namespace
}  // namespace berth::sdk

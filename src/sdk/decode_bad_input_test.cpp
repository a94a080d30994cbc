// Hostile and broken JSON: refused with the place, never crashing, never half accepted.
#include <algorithm>

#include <gtest/gtest.h>

#include "sdk/api_keys.h"
#include "sdk/builds.h"
#include "sdk/codec.h"
#include "sdk/login.h"
#include "sdk/template_versions.h"
#include "sdk/users.h"
#include "sdk/workspace_sharing.h"
#include "sdk/workspaces.h"

namespace berth::sdk {
namespace {

std::string repeat(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i)
        out += text;
    return out;
}

TEST(BadJson, SyntaxIsToldWithItsPosition) {
    const std::vector<std::string> texts{
        "",
        " ",
        "{",
        "}",
        "[",
        "nul",
        "nulll",
        "tru",
        "{]",
        "[}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1}}",
        "{} {}",
        "{\"a\":+1}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":0x10}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12G4\"}",
        "{\"a\":\"tab\there\"}",
        "{\"a\":\"\n\"}",
        "{\"name\":\"\xff\"}",
        "{\"name\":\"\xc0\xaf\"}",
        "{\"name\":\"\xed\xa0\x80\"}",
        "{\"\xff\":1}",
        "// comment\n{}",
        "{}//",
        std::string("{}\0", 3),
        "\xef\xbb\xbf{}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "\\u007b}",
    };
    for (const auto& text : texts) {
        auto result = decode<CreateWorkspaceRequest>(text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument) << text;
        const auto& fields = result.error().fields();
        bool syntax = result.error().message() == "The body is not valid JSON." && fields.size() == 1 &&
                      fields[0].field == "body";
        bool shape = text.starts_with("[") && !fields.empty();
        EXPECT_TRUE(syntax || shape) << text << ": " << result.error().to_string();
    }
}

TEST(BadJson, DepthIsBounded) {
    for (std::string_view open : {"[", "{\"a\":"}) {
        auto result = decode<CreateWorkspaceRequest>("{\"x\":" + repeat(open, 1'000'000));
        ASSERT_FALSE(result);
        EXPECT_NE(result.error().detail().find("nested too deeply"), std::string::npos)
            << result.error().to_string();
    }
    // 31 levels inside the outer object are fine.
    auto good = "{\"x\":" + repeat("[", 31) + repeat("]", 31) + ",\"name\":\"w\",\"template_id\":\"" +
                Uuid::random().to_string() + "\"}";
    EXPECT_TRUE(decode<CreateWorkspaceRequest>(good));
}

TEST(BadJson, SizesAreBounded) {
    auto too_long = decode<std::string>("\"" + repeat("a", 100) + "\"", DecodeOptions{.max_size = 64});
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().code(), ErrorCode::too_large);
    auto too_many =
        decode<std::vector<std::int64_t>>("[" + repeat("1,", 50) + "1]", DecodeOptions{.max_elements = 50});
    ASSERT_FALSE(too_many);
    ASSERT_EQ(too_many.error().fields().size(), 1U);
    EXPECT_EQ(too_many.error().fields()[0].field, "[50]");
}

struct BadField {
    const char* json;
    const char* field;
    const char* detail;
};

template <class T>
void expect_refused(const std::vector<BadField>& rows) {
    for (const auto& row : rows) {
        auto result = decode<T>(row.json);
        ASSERT_FALSE(result) << row.json;
        EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument) << row.json;
        ASSERT_FALSE(result.error().fields().empty()) << row.json << ": " << result.error().to_string();
        EXPECT_EQ(result.error().fields()[0].field, row.field) << row.json;
        EXPECT_EQ(result.error().fields()[0].detail, row.detail) << row.json;
    }
}

TEST(BadFields, WrongTypesAreNamedByPath) {
    expect_refused<CreateWorkspaceRequest>({
        {R"([])", "body", "must be an object"},
        {R"("x")", "body", "must be an object"},
        {R"({"name":1})", "name", "must be a string"},
        {R"({"name":{"a":1}})", "name", "must be a string"},
        {R"({"name":"\u0000"})", "name", "must not hold a NUL character"},
        {R"({"ttl_ms":"5"})", "ttl_ms", "must be an integer in range"},
        {R"({"ttl_ms":1.5})", "ttl_ms", "must be an integer in range"},
        {R"({"ttl_ms":1e3})", "ttl_ms", "must be an integer in range"},
        {R"({"ttl_ms":9223372036854775808})", "ttl_ms", "must be an integer in range"},
        {R"({"ttl_ms":-9223372036854775809})", "ttl_ms", "must be an integer in range"},
        {R"({"ttl_ms":123456789012345678901234567890123456789012345678901234567890})", "ttl_ms",
         "must be an integer in range"},
        {R"({"template_id":"abc"})", "template_id", "must be a UUID"},
        {R"({"template_id":""})", "template_id", "must be a UUID"},
        {R"({"automatic_updates":"sometimes"})", "automatic_updates", "must be one of always, never"},
        {R"({"rich_parameter_values":{}})", "rich_parameter_values", "must be a list"},
        {R"({"rich_parameter_values":[{"name":"a"},{"name":true}]})", "rich_parameter_values[1].name",
         "must be a string"},
        {R"({"rich_parameter_values":[[]]})", "rich_parameter_values[0]", "must be an object"},
    });
    expect_refused<CreateTemplateVersionRequest>({
        {R"({"tags":[]})", "tags", "must be an object"},
        {R"({"tags":{"a b":5}})", "tags[\"a b\"]", "must be a string"},
    });
    expect_refused<CreateWorkspaceBuildRequest>({
        {R"({"state":"***"})", "state", "must be base64"},
        {R"({"dry_run":"true"})", "dry_run", "must be true or false"},
        {R"({"transition":"unknown"})", "transition", "must be one of start, stop, delete"},
    });
    expect_refused<PutExtendWorkspaceRequest>({
        {R"({"deadline":"tomorrow"})", "deadline", "must be an RFC 3339 time"},
        {R"({"deadline":"2026-02-30T00:00:00Z"})", "deadline", "must be an RFC 3339 time"},
        {R"({"deadline":1700000000})", "deadline", "must be an RFC 3339 time"},
    });
    expect_refused<CreateTokenRequest>({
        {R"({"lifetime":"1h"})", "lifetime", "must be an integer number of nanoseconds"},
        {R"({"allow_list":["workspace"]})", "allow_list[0]", "must be a string of the form <type>:<id>"},
        {R"({"allow_list":["workspace:5"]})", "allow_list[0]", "must be a string of the form <type>:<id>"},
    });
    expect_refused<UpsertWorkspaceAgentPortShareRequest>({
        {R"({"port":2147483648})", "port", "must be an integer in range"},
    });
}

TEST(BadFields, RulesAreCheckedForAllFieldsAtOnce) {
    auto result = decode<CreateFirstUserRequest>(R"({"email":"nobody","username":"a b","name":" x"})");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message(), "Validation failed.");
    std::vector<FieldError> expected{
        {"email", "must be an e-mail address"},
        {"username", "must be letters and digits, with single hyphens between them"},
        {"name", "must not begin or end with white space"},
        {"password", "is required"},
    };
    EXPECT_EQ(result.error().fields(), expected);
}

TEST(BadFields, ExclusiveFields) {
    const std::string id = "\"" + Uuid::random().to_string() + "\"";
    struct Row {
        std::string json;
        std::vector<std::string> fields;
    };
    for (const auto& row : std::vector<Row>{
             {R"({"name":"w"})", {"template_id", "template_version_id"}},
             {R"({"name":"w","template_id":)" + id + "}", {}},
             {R"({"name":"w","template_version_id":)" + id + "}", {}},
             {R"({"name":"w","template_id":)" + id + R"(,"template_version_id":)" + id + "}",
              {"template_id", "template_version_id"}},
             {R"({"template_id":)" + id + "}", {"name"}},
             {R"({"name":"new","template_id":)" + id + "}", {"name"}},
         }) {
        auto result = decode<CreateWorkspaceRequest>(row.json);
        std::vector<std::string> fields;
        if (!result)
            for (const auto& problem : result.error().fields())
                fields.push_back(problem.field);
        EXPECT_EQ(result.ok(), row.fields.empty()) << row.json;
        std::sort(fields.begin(), fields.end());
        EXPECT_EQ(fields, row.fields) << row.json;
    }
}

TEST(BadFields, ErrorsDoNotRepeatTheValue) {
    auto result = decode<LoginWithPasswordRequest>(R"({"email":"a@b.example","password":["hunter2"]})");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().to_string().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace berth::sdk

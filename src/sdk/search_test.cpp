#include "sdk/search.h"

#include <gtest/gtest.h>

#include "sdk/builds.h"

namespace berth::sdk {
namespace {

TEST(SearchQuery, MalformedTermsAreNamed) {
    struct Row {
        std::string q;
        const char* detail;
    };
    for (const auto& row : std::vector<Row>{
             {"owner:", "\"owner:\" must have a key before the colon and a value after it"},
             {":me", "\":me\" must have a key before the colon and a value after it"},
             {":", "\":\" must have a key before the colon and a value after it"},
             {"name:\"\"", "\"name:\" must have a key before the colon and a value after it"},
             {"a:b:c", "\"a:b:c\" has more than one colon; put the value in quotes"},
             {"name:\"open", "a quote is never closed"},
             {"\"", "a quote is never closed"},
             {"name:\"a\\\"", "a quote is never closed"},
             {std::string("a\0b", 3), "must be valid UTF-8 text"},
             {"name:\xff", "must be valid UTF-8 text"},
             {std::string(5000, 'a'), "is too long"},
         }) {
        auto query = SearchQuery::parse(row.q);
        ASSERT_FALSE(query) << row.q;
        EXPECT_EQ(query.error().code(), ErrorCode::invalid_argument);
        EXPECT_EQ(query.error().fields(), (std::vector<FieldError>{{"q", row.detail}})) << row.q;
    }
}

TEST(SearchQuery, TermsAndWords) {
    auto query = SearchQuery::parse(
        "  Owner:me name:\"two words\"  free \"quoted: text\" status:running\ttemplate:\"say \\\"hi\\\" "
        "\\\\\" more ");
    ASSERT_TRUE(query) << query.error().to_string();
    EXPECT_EQ(query->text("owner"), "me");
    EXPECT_EQ(query->text("name"), "two words");
    EXPECT_EQ(query->text("template"), "say \"hi\" \\");
    EXPECT_EQ(query->choice<WorkspaceStatus>("status"), WorkspaceStatus::running);
    EXPECT_EQ(query->text("organization"), std::nullopt);
    EXPECT_EQ(query->words(), (std::vector<std::string>{"free", "quoted: text", "more"}));
    EXPECT_TRUE(query->finish());
}

TEST(SearchQuery, NothingIsAQueryToo) {
    for (const char* text : {"", "   ", "\"\""}) {
        auto query = SearchQuery::parse(text);
        ASSERT_TRUE(query);
        EXPECT_TRUE(query->words().empty());
        EXPECT_TRUE(query->finish());
    }
}

TEST(SearchQuery, TypedValues) {
    auto query = SearchQuery::parse(
        "a:true b:0 id:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee n:-5 day:2026-01-31 at:2026-01-31T12:00:00+02:00 "
        "l:x,,y l:z");
    ASSERT_TRUE(query) << query.error().to_string();
    EXPECT_EQ(query->boolean("a"), true);
    EXPECT_EQ(query->boolean("b"), false);
    EXPECT_EQ(query->uuid("id")->to_string(), "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
    EXPECT_EQ(query->integer("n"), -5);
    EXPECT_EQ(base::format_rfc3339(*query->time("day")), "2026-01-31T00:00:00Z");
    EXPECT_EQ(base::format_rfc3339(*query->time("at")), "2026-01-31T10:00:00Z");
    EXPECT_EQ(query->list("l"), (std::vector<std::string>{"x", "y", "z"}));
    EXPECT_TRUE(query->finish());
}

TEST(SearchQuery, WrongValuesAndUnknownTermsFailAtTheEnd) {
    struct Row {
        const char* q;
        const char* detail;
    };
    for (const auto& row : std::vector<Row>{
             {"flag:yes", "flag: \"yes\" is neither true nor false"},
             {"id:5", "id: \"5\" is not a UUID"},
             {"number:5x", "number: \"5x\" is not an integer"},
             {"time:soon", "time: \"soon\" is neither a date nor an RFC 3339 time"},
             {"status:asleep", "status: \"asleep\" is not a known status"},
             {"flag:true flag:false", "flag: must be given once only"},
             {"flag:true colour:red", "\"colour\" is not a search term here"},
         }) {
        auto query = SearchQuery::parse(row.q);
        ASSERT_TRUE(query) << row.q;
        query->boolean("flag");
        query->uuid("id");
        query->integer("number");
        query->time("time");
        query->choice<WorkspaceStatus>("status");
        auto done = query->finish();
        ASSERT_FALSE(done) << row.q;
        EXPECT_EQ(done.error().fields(), (std::vector<FieldError>{{"q", row.detail}})) << row.q;
    }
}

TEST(Pagination, Values) {
    struct Row {
        const char* query;
        const char* bad_field;
    };
    for (const auto& row : std::vector<Row>{{"limit=-1", "limit"},
                                            {"limit=ten", "limit"},
                                            {"limit=99999999999", "limit"},
                                            {"offset=-5", "offset"},
                                            {"offset=1.5", "offset"},
                                            {"after_id=7", "after_id"}}) {
        auto page = parse_pagination(*http::Query::parse(row.query));
        ASSERT_FALSE(page) << row.query;
        EXPECT_EQ(page.error().fields()[0].field, row.bad_field);
    }
    auto page = parse_pagination(
        *http::Query::parse("limit=25&offset=50&after_id=aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->limit, 25);
    EXPECT_EQ(page->offset, 50);
    EXPECT_EQ(page->after_id.to_string(), "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
    auto none = parse_pagination(*http::Query::parse("limit=&q=x"));
    ASSERT_TRUE(none);
    EXPECT_EQ(none->limit, 0);
    EXPECT_TRUE(none->after_id.is_nil());
}

}  // namespace
}  // namespace berth::sdk

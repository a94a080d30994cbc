#include "net/http/router.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "net/http/message.h"

namespace berth::http {
namespace {

Router make_router() {
    Router router;
    for (auto [method, pattern] :
         std::vector<std::pair<Method, std::string>>{{Method::get, "/"},
                                                     {Method::get, "/users"},
                                                     {Method::post, "/users"},
                                                     {Method::get, "/users/{user}"},
                                                     {Method::get, "/users/first"},
                                                     {Method::get, "/users/{user}/keys/{id}"},
                                                     {Method::del, "/users/{user}/keys/{id}"},
                                                     {Method::get, "/users/first/keys/tokens"},
                                                     {Method::get, "/files/{rest...}"},
                                                     {Method::get, "/{rest...}"}})
        router.add({method, pattern, nullptr});
    return router;
}

TEST(RouterTest, BrokenPatternsAreRefused) {
    Router router = make_router();
    for (const char* pattern : {"", "users", "/users/{other}", "/a/{rest...}/b", "/files/{all...}"})
        EXPECT_THROW(router.add({Method::get, pattern, nullptr}), std::logic_error) << pattern;
}

TEST(RouterTest, Matches) {
    Router router = make_router();
    struct Row {
        Method method;
        std::string path;
        std::string pattern;
        std::string parameters;
    };
    for (const Row& row :
         std::vector<Row>{{Method::get, "/", "/", ""},
                          {Method::head, "/users", "/users", ""},
                          {Method::get, "/users/me", "/users/{user}", "user=me;"},
                          {Method::get, "/users/first", "/users/first", ""},
                          {Method::get, "/users/first/keys/1", "/users/{user}/keys/{id}", "user=first;id=1;"},
                          {Method::get, "/users/first/keys/tokens", "/users/first/keys/tokens", ""},
                          {Method::get, "/users/", "/{rest...}", "rest=users/;"},
                          {Method::get, "/users/me/", "/{rest...}", "rest=users/me/;"},
                          {Method::get, "/files/a/b c/", "/files/{rest...}", "rest=a/b c/;"},
                          {Method::get, "/other", "/{rest...}", "rest=other;"}}) {
        auto match = router.match(row.method, row.path);
        ASSERT_NE(match.route, nullptr) << row.path;
        EXPECT_EQ(match.route->pattern, row.pattern) << row.path;
        std::string parameters;
        for (const auto& [name, value] : match.parameters)
            parameters += name + "=" + value + ";";
        EXPECT_EQ(parameters, row.parameters) << row.path;
    }
}

TEST(RouterTest, TellsWhichMethodsAPathHas) {
    Router router = make_router();
    auto match = router.match(Method::patch, "/users/me/keys/1");
    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(match.allowed, (std::vector<Method>{Method::get, Method::del}));
    Router small;
    small.add({Method::get, "/only", nullptr});
    EXPECT_EQ(small.match(Method::get, "/other").route, nullptr);
    EXPECT_TRUE(small.match(Method::get, "/other").allowed.empty());
}

TEST(MessageTest, QueriesAreDecoded) {
    for (std::string_view text : {"%", "a=%1", "a=%zz", "a=%00", "a=%ff"})
        EXPECT_FALSE(Query::parse(text).ok()) << text;
    std::string many;
    for (int i = 0; i < 1001; ++i)
        many += "a&";
    EXPECT_FALSE(Query::parse(many).ok());
    auto query = Query::parse("a=1&&b=x+y%2B&a=2&c&=e&d=p=q");
    ASSERT_TRUE(query.ok());
    EXPECT_EQ(query->get("a"), "1");
    EXPECT_EQ(query->get_all("a"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(query->get("b"), "x y+");
    EXPECT_EQ(query->get("c"), "");
    EXPECT_EQ(query->get("d"), "p=q");
    EXPECT_FALSE(query->has("e"));
}

TEST(MessageTest, HeadersCompareWithoutCase) {
    Headers headers;
    headers.add("Set-Cookie", "a=1");
    headers.add("set-cookie", "b=2");
    EXPECT_EQ(headers.get("SET-COOKIE"), "a=1");
    EXPECT_EQ(headers.get_all("Set-cookie").size(), 2u);
    headers.set("SET-COOKIE", "c");
    EXPECT_EQ(headers.all().size(), 1u);
}

TEST(MessageTest, CookiesAreFound) {
    Request request;
    request.headers.add("Cookie", "a=1; session=x=y ;b=\"quoted\"; bad");
    request.headers.add("Cookie", "second=2");
    EXPECT_EQ(request.cookie("a"), "1");
    EXPECT_EQ(request.cookie("session"), "x=y");
    EXPECT_EQ(request.cookie("b"), "quoted");
    EXPECT_EQ(request.cookie("second"), "2");
    EXPECT_EQ(request.cookie("bad"), std::nullopt);
    EXPECT_EQ(request.cookie("sess"), std::nullopt);
}

TEST(MessageTest, PathParametersAreChecked) {
    Request request;
    request.path_parameters = {{"id", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, {"bad", "me"}};
    EXPECT_TRUE(request.path_uuid("id").ok());
    auto bad = request.path_uuid("bad");
    ASSERT_FALSE(bad.ok());
    ASSERT_EQ(bad.error().fields().size(), 1u);
    EXPECT_EQ(bad.error().fields()[0].field, "bad");
    EXPECT_EQ(request.path_parameter("unknown"), "");
}

}  // namespace
}  // namespace berth::http

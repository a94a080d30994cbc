#include "sdk/validation.h"

#include <gtest/gtest.h>

namespace berth::sdk {
namespace {

struct Rule {
    const char* name;
    std::string (*problem)(std::string_view);
    std::vector<std::string> good;
    std::vector<std::string> bad;
};

TEST(Names, GoodAndBad) {
    const std::vector<Rule> rules{
        {"name",
         name_problem,
         {"a", "A1", "a-b-c", "7", std::string(32, 'a')},
         {"", "-a", "a-", "a--b", "a_b", "a b", "a.b", "ä", "new", "create", std::string(33, 'a'), "a/b",
          "a\n", std::string("a\0b", 3)}},
        {"group",
         group_name_problem,
         {std::string(255, 'g'), "x-y"},
         {"", std::string(256, 'g'), "create", "x_y"}},
        {"version",
         version_name_problem,
         {"v1.2.3", "a_b", "happy-fox3", std::string(64, 'v')},
         {"", ".a", "a.", "a..b", "a-_b", "a b", std::string(65, 'v')}},
        {"display name",
         display_name_problem,
         {"", "My Template (β)", std::string(64, 'd')},
         {" a", "a ", "\ta", std::string(65, 'd')}},
        {"real name",
         real_name_problem,
         {"", "Jane Doe", std::string(128, 'r')},
         {" Jane", std::string(129, 'r')}},
        {"e-mail",
         email_problem,
         {"a@b.example", "first.last+tag@sub.example.com", "x@localhost"},
         {"", "a", "@b.example", "a@", "a@b@c", "a b@c.example", "a@b..c", "a@-b.c", "a@b.c\n", "<a@b.c>",
          "a@" + std::string(300, 'b')}},
        {"URL",
         http_url_problem,
         {"http://x", "https://example.com:8443/cb?x=1"},
         {"", "example.com", "ftp://x", "http://", "http:///x", "http://:80", "javascript:alert(1)",
          "http://a b", "https://x\"", "http://x\\y"}},
    };
    for (const auto& rule : rules) {
        for (const auto& text : rule.good)
            EXPECT_EQ(rule.problem(text), "") << rule.name << ": " << text;
        for (const auto& text : rule.bad)
            EXPECT_NE(rule.problem(text), "") << rule.name << ": " << text;
    }
}

TEST(Names, UsernameFrom) {
    EXPECT_EQ(username_from("jane.doe@example.com"), "jane-doe");
    EXPECT_EQ(username_from("__Jane__"), "Jane");
    EXPECT_EQ(username_from(std::string(40, 'x')), std::string(32, 'x'));
    for (const char* text : {"", "@example.com", "---", "new", "äöü"}) {
        auto name = username_from(text);
        EXPECT_TRUE(valid_name(name)) << name;
        EXPECT_TRUE(name.starts_with("user-")) << name;
    }
}

}  // namespace
}  // namespace berth::sdk

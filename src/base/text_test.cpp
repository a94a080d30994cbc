#include "base/text.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace berth::base {
namespace {

TEST(TextTest, IntegersMustBeWholeAndInRange) {
    for (std::string_view text : {"", " 1", "1 ", "+1", "0x1", "1.0", "abc", "9223372036854775808"})
        EXPECT_FALSE(parse_int<std::int64_t>(text)) << text;
    EXPECT_FALSE(parse_int<std::uint8_t>("256"));
    EXPECT_FALSE(parse_int<std::uint16_t>("-1"));
    EXPECT_EQ(parse_int<int>("-42"), -42);
}

TEST(TextTest, InvalidUtf8IsFoundAndReplaced) {
    struct Row {
        std::string_view bytes;
        bool valid;
        std::string_view repaired;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"\xff", false, "\xef\xbf\xbd"},
             {"a\x80z", false, "a\xef\xbf\xbdz"},
             {"\xc0\xaf", false, "\xef\xbf\xbd\xef\xbf\xbd"},
             {"\xed\xa0\x80", false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
             {"\xf4\x90\x80\x80", false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
             {"\xe2\x82", false, "\xef\xbf\xbd\xef\xbf\xbd"},
             {std::string_view("a\0b", 3), true, "ab"},
             {"\xe2\x82\xac", true, "\xe2\x82\xac"},
             {"\xf0\x9f\x98\x80", true, "\xf0\x9f\x98\x80"},
             {"", true, ""}}) {
        EXPECT_EQ(is_valid_utf8(row.bytes), row.valid);
        EXPECT_EQ(to_valid_utf8(row.bytes), row.repaired);
    }
}

TEST(TextTest, SplitsAndJoins) {
    EXPECT_TRUE(split("", ',').empty());
    EXPECT_EQ(split("a,b,,c", ','), (std::vector<std::string_view>{"a", "b", "", "c"}));
    EXPECT_EQ(split(",", ','), (std::vector<std::string_view>{"", ""}));
    EXPECT_EQ(join({"a", "", "c"}, ", "), "a, , c");
    EXPECT_EQ(join({}, ","), "");
    EXPECT_EQ(replace_all("aaa", "a", "aa"), "aaaaaa");
    EXPECT_EQ(replace_all("abc", "", "x"), "abc");
    EXPECT_EQ(trim(" \t a b\r\n"), "a b");
    EXPECT_EQ(trim(" \n"), "");
    EXPECT_EQ(to_lower("ÄBc-Z"), "Äbc-z");
}

}  // namespace
}  // namespace berth::base

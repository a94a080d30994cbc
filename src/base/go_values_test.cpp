#include "base/go_values.h"

#include <gtest/gtest.h>

namespace berth::base {
namespace {

TEST(GoValues, FloatsAreWhatParseFloatTakes) {
    for (const char* good :
         {"0",      "-0",     "+5",     "0.5",    ".5",     "5.",        "1e5",
          "1E+5",   "1e-999", "0x1p-2", "0x.8p0", "0X_1P1", "1_000",     "1_0.5_0",
          "1e1_0",  "nan",    "NaN",    "inf",    "+Inf",   "-Infinity", "123456789012345678901234567890",
          "0x1_0p1"})
        EXPECT_TRUE(is_go_float(good)) << good;
    for (const char* bad :
         {"",     ".",   "+",    "-",    "1 ",   " 1",    "1e",     "1e+",       "e5",   "0x10", "0x",
          "0xp1", "0b1", "0o7",  "1d",   "1f",   "1e999", "-1e999", "0x1p99999", "-NaN", "+nan", "infin",
          "_1",   "1_",  "1__0", "1._5", "1_.5", "1e_5",  "1,5",    "1.2.3",     "--1",  "x"})
        EXPECT_FALSE(is_go_float(bad)) << bad;
    EXPECT_FALSE(is_go_float(std::string_view("1\0", 2)));
}

TEST(GoValues, IntegersAreWhatAtoiTakes) {
    struct Case {
        const char* text;
        std::optional<std::int64_t> value;
    };
    for (const auto& [text, value] :
         {Case{"5", 5}, Case{"+5", 5}, Case{"-5", -5}, Case{"007", 7},
          Case{"9223372036854775807", 9223372036854775807}, Case{"9223372036854775808", {}}, Case{"", {}},
          Case{"+", {}}, Case{"+-5", {}}, Case{"++5", {}}, Case{"1.0", {}}, Case{"1_0", {}}, Case{" 1", {}}})
        EXPECT_EQ(parse_go_int(text), value) << text;
}

TEST(GoValues, BoolsAreWhatParseBoolTakes) {
    for (const char* text : {"1", "t", "T", "TRUE", "true", "True"})
        EXPECT_EQ(parse_go_bool(text), true) << text;
    for (const char* text : {"0", "f", "F", "FALSE", "false", "False"})
        EXPECT_EQ(parse_go_bool(text), false) << text;
    for (const char* text : {"", "tRUE", "yes", "on", "2", " true"})
        EXPECT_EQ(parse_go_bool(text), std::nullopt) << text;
}

}  // namespace
}  // namespace berth::base

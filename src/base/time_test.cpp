#include "base/time.h"

#include <limits>

#include <gtest/gtest.h>

namespace berth::base {
namespace {

using namespace std::chrono_literals;

TEST(TimeTest, RefusesWhatIsNotRfc3339) {
    for (std::string_view text :
         {"", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z",
          "2026-01-02T24:04:05Z", "2026-01-02T03:60:05Z", "2026-01-02T03:04:61Z", "2026-01-02T03:04:05.Z",
          "2026-01-02T03:04:05+25:00", "2026-01-02T03:04:05+0100", "2026-01-02T03:04:05Zx",
          "26-01-02T03:04:05Z", "2026-1-2T3:4:5Z", " 2026-01-02T03:04:05Z"})
        EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(TimeTest, ReadsOffsetsAndFractions) {
    struct Row {
        std::string_view text;
        std::string_view utc;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"},
                                    {"2026-01-02T03:04:05.120Z", "2026-01-02T03:04:05.12Z"},
                                    {"2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456Z"},
                                    {"2026-01-02T00:30:00+01:00", "2026-01-01T23:30:00Z"},
                                    {"2026-01-01t19:30:00-05:30", "2026-01-02T01:00:00Z"},
                                    {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
                                    {"2024-02-29 12:00:00z", "2024-02-29T12:00:00Z"}}) {
        auto time = parse_rfc3339(row.text);
        ASSERT_TRUE(time) << row.text;
        EXPECT_EQ(format_rfc3339(*time), row.utc);
    }
}

TEST(DurationTest, RefusesWhatIsNoDuration) {
    for (std::string_view text : {"", "-", "1", "h", "1x", "1.2.3s", ".s", "1h-3m", "1 h", "s1", "1e3s",
                                  "9223372036854775808ns", "3000000h"})
        EXPECT_FALSE(parse_go_duration(text)) << text;
}

TEST(DurationTest, ReadsGoTextAndDays) {
    struct Row {
        std::string_view text;
        Duration value;
        std::string_view written;
    };
    for (const Row& row : std::initializer_list<Row>{{"0", 0ns, "0s"},
                                                     {"1h30m", 90min, "1h30m0s"},
                                                     {"1.5s", 1500ms, "1.5s"},
                                                     {"300ms", 300ms, "300ms"},
                                                     {"-2m", -2min, "-2m0s"},
                                                     {"+1ns", 1ns, "1ns"},
                                                     {"1.5\xc2\xb5s", 1500ns, "1.5\xc2\xb5s"},
                                                     {"3\xce\xbcs", 3us, "3\xc2\xb5s"},
                                                     {"168h", 168h, "168h0m0s"},
                                                     {"7d", 168h, "168h0m0s"}}) {
        auto duration = parse_go_duration(row.text);
        ASSERT_TRUE(duration) << row.text;
        EXPECT_EQ(*duration, row.value) << row.text;
        EXPECT_EQ(format_go_duration(*duration), row.written);
    }
    EXPECT_EQ(format_go_duration(Duration(std::numeric_limits<std::int64_t>::min())),
              "-2562047h47m16.854775808s");
}

}  // namespace
}  // namespace berth::base

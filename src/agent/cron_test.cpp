#include "agent/cron.h"

#include <ctime>

#include <gtest/gtest.h>

namespace berth::agent {
namespace {

class CronTest : public ::testing::Test {
protected:
    CronTest() {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
    static base::Time at(const char* text) { return *base::parse_rfc3339(text); }
};

TEST_F(CronTest, RefusesWhatMakesNoSense) {
    for (const char* text : {"",
                             "* * * *",
                             "* * * * * * *",
                             "60 * * * *",
                             "-1 * * * *",
                             "* 24 * * *",
                             "* * 0 * *",
                             "* * 32 * *",
                             "* * * 13 *",
                             "* * * 0 *",
                             "* * * * 8",
                             "5-1 * * * *",
                             "*/0 * * * *",
                             "*/100 * * * *",
                             "a * * * *",
                             "1,,2 * * * *",
                             "1- * * * *",
                             "* * * foo *",
                             "@sometimes",
                             "@every",
                             "@every 1ms",
                             "@every -5m",
                             "@every x",
                             "CRON_TZ=UTC * * * * *",
                             "99999999999999999999 * * * *",
                             "* * * * * 1-"}) {
        auto parsed = CronSchedule::parse(text);
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_NE(parsed.error().message().find("cron"), std::string::npos);
    }
    EXPECT_FALSE(CronSchedule::parse(std::string(10'000, '*')).ok());
}

TEST_F(CronTest, FindsTheNextTime) {
    const struct {
        const char* schedule;
        const char* after;
        const char* next;
    } cases[] = {
        {"* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"},
        {"* * * * *", "2026-01-01T00:00:59.999999Z", "2026-01-01T00:01:00Z"},
        {"*/15 * * * *", "2026-01-01T00:16:00Z", "2026-01-01T00:30:00Z"},
        {"5/20 * * * *", "2026-01-01T00:26:00Z", "2026-01-01T00:45:00Z"},
        {"30 9 * * mon-fri", "2026-01-02T10:00:00Z", "2026-01-05T09:30:00Z"},
        {"0 0 1 1 *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
        {"0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
        {"0 0 30 2 *", "2026-01-01T00:00:00Z", nullptr},
        {"0 12 13 * fri", "2026-01-01T00:00:00Z", "2026-01-02T12:00:00Z"},
        {"0 12 13 * *", "2026-01-01T00:00:00Z", "2026-01-13T12:00:00Z"},
        {"0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
        {"0 0 * JAN,dec ?", "2026-02-01T00:00:00Z", "2026-12-01T00:00:00Z"},
        {"10,20 * * * * *", "2026-01-01T00:00:10Z", "2026-01-01T00:00:20Z"},
        {"*/10 * * * * *", "2026-01-01T00:00:50.5Z", "2026-01-01T00:01:00Z"},
        {"59 59 23 31 12 *", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z"},
        {"@hourly", "2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z"},
        {"@daily", "2026-01-01T00:30:00Z", "2026-01-02T00:00:00Z"},
        {"@weekly", "2026-01-01T00:30:00Z", "2026-01-04T00:00:00Z"},
        {"@monthly", "2026-01-31T00:30:00Z", "2026-02-01T00:00:00Z"},
        {"@every 90s", "2026-01-01T00:00:00.25Z", "2026-01-01T00:01:30.25Z"},
        {"  0   5  * * *  ", "2026-01-01T06:00:00Z", "2026-01-02T05:00:00Z"},
    };
    for (const auto& test : cases) {
        SCOPED_TRACE(test.schedule);
        auto parsed = CronSchedule::parse(test.schedule);
        ASSERT_TRUE(parsed.ok()) << parsed.error().to_string();
        auto next = parsed->next(at(test.after));
        ASSERT_EQ(next.has_value(), test.next != nullptr);
        if (!next) continue;
        EXPECT_EQ(base::format_rfc3339(*next), base::format_rfc3339(at(test.next)));
    }
}

TEST_F(CronTest, FollowsTheMachinesZoneAcrossDaylightSaving) {
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
    auto parsed = CronSchedule::parse("30 8 * * *");
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->next(at("2026-03-28T12:00:00Z")), at("2026-03-29T06:30:00Z"));
    EXPECT_EQ(parsed->next(at("2026-10-24T12:00:00Z")), at("2026-10-25T07:30:00Z"));
    // 02:30 does not exist on the day the clocks go forward; the script still runs once that night.
    auto skipped = CronSchedule::parse("30 2 * * *");
    auto next = skipped->next(at("2026-03-28T12:00:00Z"));
    ASSERT_TRUE(next.has_value());
    EXPECT_LE(*next, at("2026-03-30T00:30:00Z"));
    ::setenv("TZ", "UTC", 1);
    ::tzset();
}

}  // namespace
}  // namespace berth::agent

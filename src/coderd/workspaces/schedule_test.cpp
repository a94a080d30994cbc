#include "coderd/workspaces/schedule.h"

#include <gtest/gtest.h>

namespace berth::coderd {
namespace {

TEST(WeeklySchedule, AcceptsAndRefuses) {
    struct Case {
        const char* text;
        bool good;
    };
    for (auto [text, good] : {Case{"30 9 * * 1-5", true}, Case{"CRON_TZ=Europe/Dublin 0 0 * * *", true},
                              Case{"0 9 * * MON,wed-FRI", true}, Case{"", false}, Case{"0 9 * *", false},
                              Case{"0 9 1 * *", false}, Case{"0 9 * 1 *", false}, Case{"60 9 * * *", false},
                              Case{"0 24 * * *", false}, Case{"* 9 * * *", false}, Case{"0 9 * * 8", false},
                              Case{"0 9 * * 1--5", false}, Case{"CRON_TZ= 0 9 * * *", false},
                              Case{"CRON_TZ=A B 0 9 * * *", false}, Case{"CRON_TZ=$(x) 0 9 * * *", false}}) {
        EXPECT_EQ(check_weekly_schedule(text).ok(), good) << text;
    }
}

}  // namespace
}  // namespace berth::coderd

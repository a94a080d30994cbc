#pragma once

#include <string_view>

#include "base/result.h"

namespace berth::coderd {

/// Accepts a weekly schedule: "[CRON_TZ=<zone> ]<minute> <hour> * * <days>", with single numbers for minute
/// and hour and numbers, ranges and lists (0-7, MON-SUN) or "*" for days.
Result<void> check_weekly_schedule(std::string_view text);

}  // namespace berth::coderd

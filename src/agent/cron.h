#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace berth::agent {

/// When a script runs again and again: five fields (minute hour day month weekday), six with seconds in
/// front, or
/// "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually", "@every <duration>". A
/// leading "CRON_TZ=Zone" is refused, because a workspace has one time zone: its own.
class CronSchedule {
public:
    /// Names what is wrong and where.
    static Result<CronSchedule> parse(std::string_view text);

    /// The first time after `after`, in the machine's time zone; nullopt when there is none within five years
    /// ("0 0 30 2 *").
    [[nodiscard]] std::optional<base::Time> next(base::Time after) const;

private:
    std::bitset<60> seconds_;
    std::bitset<60> minutes_;
    std::bitset<24> hours_;
    std::bitset<32> days_;
    std::bitset<13> months_;
    std::bitset<7> weekdays_;
    /// When both are restricted a day matches either, as cron has always done.
    bool any_day_ = false;
    bool any_weekday_ = false;
    std::optional<base::Duration> every_;
};

}  // namespace berth::agent

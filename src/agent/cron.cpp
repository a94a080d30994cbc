#include "agent/cron.h"

#include <array>
#include <ctime>
#include <string>

#include "base/text.h"

namespace berth::agent {
namespace {

constexpr std::size_t longest = 256;
constexpr int years_ahead = 5;

constexpr std::array month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                 "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array day_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
    std::string_view name;
    int low;
    int high;
    std::span<const char* const> names;
};

const Field second_field{"second", 0, 59, {}};
const Field minute_field{"minute", 0, 59, {}};
const Field hour_field{"hour", 0, 23, {}};
const Field day_field{"day", 1, 31, {}};
const Field month_field{"month", 1, 12, month_names};
// 7 is Sunday as well.
const Field weekday_field{"weekday", 0, 7, day_names};

Error bad(const Field& field, std::string_view text) {
    return invalid_argument("cron: not a valid " + std::string(field.name) + ": \"" + std::string(text) +
                            "\"");
}

std::optional<int> number(const Field& field, std::string_view text) {
    if (auto value = base::parse_int<int>(text)) {
        if (*value < field.low || *value > field.high) return std::nullopt;
        return value;
    }
    std::string lower = base::to_lower(text);
    for (std::size_t i = 0; i < field.names.size(); ++i)
        if (lower == field.names[i]) return static_cast<int>(i) + field.low;
    return std::nullopt;
}

/// "*", "5", "1-5", "*/15", "10-40/5", "mon-fri"; commas between.
template <std::size_t Size>
Result<bool> parse_field(const Field& field, std::string_view text, std::bitset<Size>& into) {
    bool any = false;
    for (auto part : base::split(text, ',')) {
        auto slash = part.find('/');
        std::string_view range = part.substr(0, slash);
        int step = 1;
        if (slash != std::string_view::npos) {
            auto parsed = base::parse_int<int>(part.substr(slash + 1));
            if (!parsed || *parsed < 1 || *parsed > field.high) return bad(field, text);
            step = *parsed;
        }
        int low = field.low;
        int high = field.high;
        if (range == "*" || range == "?") {
            any = any || step == 1;
        } else {
            auto dash = range.find('-');
            auto first = number(field, range.substr(0, dash));
            auto last = dash == std::string_view::npos ? first : number(field, range.substr(dash + 1));
            if (!first || !last || *first > *last) return bad(field, text);
            low = *first;
            if (dash != std::string_view::npos || slash == std::string_view::npos) high = *last;
        }
        for (int value = low; value <= high; value += step)
            into.set(static_cast<std::size_t>(value) % Size);
    }
    if (into.none()) return bad(field, text);
    return any;
}

std::string_view expand_descriptor(std::string_view text) {
    if (text == "@hourly") return "0 * * * *";
    if (text == "@daily" || text == "@midnight") return "0 0 * * *";
    if (text == "@weekly") return "0 0 * * 0";
    if (text == "@monthly") return "0 0 1 * *";
    if (text == "@yearly" || text == "@annually") return "0 0 1 1 *";
    return text;
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> out;
    for (auto word : base::split(text, ' '))
        if (!word.empty()) out.push_back(word);
    return out;
}

/// mktime in the machine's zone; hours that daylight saving skips move forward.
std::optional<std::time_t> to_time(std::tm& local) {
    local.tm_isdst = -1;
    std::time_t time = std::mktime(&local);
    if (time == static_cast<std::time_t>(-1)) return std::nullopt;
    return time;
}

}  // namespace

Result<CronSchedule> CronSchedule::parse(std::string_view text) {
    text = base::trim(text);
    if (text.size() > longest) return invalid_argument("cron: the schedule is too long");
    CronSchedule schedule;
    constexpr std::string_view every = "@every ";
    if (text.starts_with(every)) {
        auto interval = base::parse_go_duration(base::trim(text.substr(every.size())));
        if (!interval || *interval < std::chrono::seconds(1))
            return invalid_argument("cron: not an interval of at least a second: \"" + std::string(text) +
                                    "\"");
        schedule.every_ = *interval;
        return schedule;
    }
    auto fields = words(expand_descriptor(text));
    if (fields.size() != 5 && fields.size() != 6)
        return invalid_argument("cron: expected 5 or 6 fields, got " + std::to_string(fields.size()) +
                                ": \"" + std::string(text) + "\"");
    std::string_view second = "0";
    if (fields.size() == 6) {
        second = fields.front();
        fields.erase(fields.begin());
    }
    if (auto parsed = parse_field(second_field, second, schedule.seconds_); !parsed) return parsed.error();
    if (auto parsed = parse_field(minute_field, fields[0], schedule.minutes_); !parsed) return parsed.error();
    if (auto parsed = parse_field(hour_field, fields[1], schedule.hours_); !parsed) return parsed.error();
    auto any_day = parse_field(day_field, fields[2], schedule.days_);
    if (!any_day) return any_day.error();
    schedule.any_day_ = *any_day;
    if (auto parsed = parse_field(month_field, fields[3], schedule.months_); !parsed) return parsed.error();
    auto any_weekday = parse_field(weekday_field, fields[4], schedule.weekdays_);
    if (!any_weekday) return any_weekday.error();
    schedule.any_weekday_ = *any_weekday;
    return schedule;
}

std::optional<base::Time> CronSchedule::next(base::Time after) const {
    if (every_) return after + std::chrono::duration_cast<base::Time::duration>(*every_);
    auto whole = std::chrono::floor<std::chrono::seconds>(after) + std::chrono::seconds(1);
    std::time_t time = whole.time_since_epoch().count();
    std::tm local{};
    if (::localtime_r(&time, &local) == nullptr) return std::nullopt;
    int last_year = local.tm_year + years_ahead;
    // Each round moves to the start of the next unit that may match; mktime carries over.
    while (local.tm_year <= last_year) {
        bool day_matches = days_[static_cast<std::size_t>(local.tm_mday)];
        bool weekday_matches = weekdays_[static_cast<std::size_t>(local.tm_wday)];
        bool date_matches =
            any_day_ || any_weekday_ ? day_matches && weekday_matches : day_matches || weekday_matches;
        if (!months_[static_cast<std::size_t>(local.tm_mon) + 1]) {
            ++local.tm_mon;
            local.tm_mday = 1;
            local.tm_hour = local.tm_min = local.tm_sec = 0;
        } else if (!date_matches) {
            ++local.tm_mday;
            local.tm_hour = local.tm_min = local.tm_sec = 0;
        } else if (!hours_[static_cast<std::size_t>(local.tm_hour)]) {
            ++local.tm_hour;
            local.tm_min = local.tm_sec = 0;
        } else if (!minutes_[static_cast<std::size_t>(local.tm_min)]) {
            ++local.tm_min;
            local.tm_sec = 0;
        } else if (!seconds_[static_cast<std::size_t>(std::min(local.tm_sec, 59))]) {
            ++local.tm_sec;
        } else {
            auto found = to_time(local);
            if (!found) return std::nullopt;
            return base::Time(std::chrono::seconds(*found));
        }
        if (!to_time(local)) return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace berth::agent

#include "coderd/workspaces/schedule.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace berth::coderd {
namespace {

Error refuse(std::string detail) {
    return invalid_argument("The schedule cannot be used.").with_field("schedule", std::move(detail));
}

bool is_number(std::string_view text, int highest) {
    auto number = base::parse_int<int>(text);
    return number && *number >= 0 && *number <= highest;
}

bool is_day(std::string_view text) {
    constexpr std::array<std::string_view, 7> names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    auto lower = base::to_lower(text);
    return is_number(text, 7) || std::find(names.begin(), names.end(), lower) != names.end();
}

bool is_day_list(std::string_view text) {
    if (text == "*") return true;
    if (text.empty()) return false;
    for (auto part : base::split(text, ',')) {
        auto ends = base::split(part, '-');
        if (ends.empty() || ends.size() > 2 || !std::all_of(ends.begin(), ends.end(), is_day)) return false;
    }
    return true;
}

bool is_zone_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
               c == '_' || c == '-' || c == '+';
    });
}

}  // namespace

Result<void> check_weekly_schedule(std::string_view text) {
    constexpr std::string_view zone_prefix = "CRON_TZ=";
    if (text.starts_with(zone_prefix)) {
        auto space = text.find(' ');
        if (space == std::string_view::npos ||
            !is_zone_name(text.substr(zone_prefix.size(), space - zone_prefix.size())))
            return refuse("the time zone is malformed");
        text.remove_prefix(space + 1);
    }
    auto fields = base::split(text, ' ');
    if (fields.size() != 5) return refuse("must be \"minute hour * * days\"");
    if (!is_number(fields[0], 59)) return refuse("the minute must be a number from 0 to 59");
    if (!is_number(fields[1], 23)) return refuse("the hour must be a number from 0 to 23");
    if (fields[2] != "*" || fields[3] != "*") return refuse("day of month and month must be *");
    if (!is_day_list(fields[4])) return refuse("the days must be *, or days of the week like 1-5 or MON,WED");
    return {};
}

}  // namespace berth::coderd

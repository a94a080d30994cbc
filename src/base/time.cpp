#include "base/time.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

namespace berth::base {
namespace {

using namespace std::chrono;

/// Reads exactly `digits` decimal digits at `at` and moves past them.
std::optional<int> take_digits(std::string_view text, std::size_t& at, std::size_t digits) {
    if (at + digits > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        char c = text[at + i];
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    at += digits;
    return value;
}

bool take(std::string_view text, std::size_t& at, char wanted) {
    if (at >= text.size() || text[at] != wanted) return false;
    ++at;
    return true;
}

std::optional<microseconds> take_fraction(std::string_view text, std::size_t& at) {
    if (!take(text, at, '.')) return microseconds(0);
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits)
        if (digits < 6) value = value * 10 + (text[at] - '0');
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits)
        value *= 10;
    return microseconds(value);
}

std::optional<minutes> take_offset(std::string_view text, std::size_t& at) {
    if (take(text, at, 'Z') || take(text, at, 'z')) return minutes(0);
    if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return std::nullopt;
    int sign = text[at++] == '-' ? -1 : 1;
    auto hour = take_digits(text, at, 2);
    if (!hour || !take(text, at, ':')) return std::nullopt;
    auto minute = take_digits(text, at, 2);
    if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
    return minutes(sign * (*hour * 60 + *minute));
}

struct Unit {
    std::string_view name;
    double nanoseconds;
};

constexpr std::array<Unit, 9> units{{{"ns", 1},
                                     {"us", 1e3},
                                     {"\xc2\xb5s", 1e3},
                                     {"\xce\xbcs", 1e3},
                                     {"ms", 1e6},
                                     {"s", 1e9},
                                     {"m", 60e9},
                                     {"h", 3600e9},
                                     {"d", 86400e9}}};

std::optional<double> unit_size(std::string_view name) {
    for (const Unit& unit : units)
        if (unit.name == name) return unit.nanoseconds;
    return std::nullopt;
}

std::string trim_fraction(double value) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.9f", value);
    std::string text = buffer.data();
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

}  // namespace

std::string format_rfc3339(Time time) {
    auto day = floor<days>(time);
    year_month_day date{day};
    hh_mm_ss clock{time - day};
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    std::string text = buffer.data();
    if (auto fraction = clock.subseconds().count(); fraction != 0) {
        std::snprintf(buffer.data(), buffer.size(), ".%06d", static_cast<int>(fraction));
        text += buffer.data();
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text + 'Z';
}

std::optional<Time> parse_rfc3339(std::string_view text) {
    std::size_t at = 0;
    auto year_value = take_digits(text, at, 4);
    if (!year_value || !take(text, at, '-')) return std::nullopt;
    auto month_value = take_digits(text, at, 2);
    if (!month_value || !take(text, at, '-')) return std::nullopt;
    auto day_value = take_digits(text, at, 2);
    if (!day_value || !(take(text, at, 'T') || take(text, at, 't') || take(text, at, ' ')))
        return std::nullopt;
    auto hour = take_digits(text, at, 2);
    if (!hour || !take(text, at, ':')) return std::nullopt;
    auto minute = take_digits(text, at, 2);
    if (!minute || !take(text, at, ':')) return std::nullopt;
    auto second = take_digits(text, at, 2);
    if (!second) return std::nullopt;
    auto fraction = take_fraction(text, at);
    if (!fraction) return std::nullopt;
    auto offset = take_offset(text, at);
    if (!offset || at != text.size()) return std::nullopt;

    year_month_day date{year(*year_value), month(static_cast<unsigned>(*month_value)),
                        day(static_cast<unsigned>(*day_value))};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return Time(sys_days(date)) + hours(*hour) + minutes(*minute) + seconds(*second) + *fraction - *offset;
}

std::optional<Duration> parse_go_duration(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    if (text == "0") return Duration(0);
    if (text.empty()) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        std::size_t number_end = text.find_first_not_of("0123456789.");
        if (number_end == 0 || number_end == std::string_view::npos) return std::nullopt;
        double number = 0;
        auto parsed =
            std::from_chars(text.data(), text.data() + number_end, number, std::chars_format::fixed);
        if (parsed.ec != std::errc() || parsed.ptr != text.data() + number_end) return std::nullopt;
        text.remove_prefix(number_end);
        std::size_t unit_end = std::min(text.find_first_of("0123456789."), text.size());
        auto size = unit_size(text.substr(0, unit_end));
        if (!size) return std::nullopt;
        text.remove_prefix(unit_end);
        total += number * *size;
    }
    if (total >= static_cast<double>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    auto count = static_cast<std::int64_t>(std::llround(total));
    return Duration(negative ? -count : count);
}

std::string format_go_duration(Duration duration) {
    if (duration.count() == 0) return "0s";
    std::string sign = duration.count() < 0 ? "-" : "";
    auto total = static_cast<std::uint64_t>(duration.count());
    if (duration.count() < 0) total = 0 - total;
    if (total < 1'000) return sign + std::to_string(total) + "ns";
    if (total < 1'000'000) return sign + trim_fraction(static_cast<double>(total) / 1e3) + "µs";
    if (total < 1'000'000'000) return sign + trim_fraction(static_cast<double>(total) / 1e6) + "ms";
    std::uint64_t whole_minutes = total / 60'000'000'000;
    double rest = static_cast<double>(total % 60'000'000'000) / 1e9;
    std::string text = sign;
    if (whole_minutes >= 60) text += std::to_string(whole_minutes / 60) + "h";
    if (whole_minutes > 0) text += std::to_string(whole_minutes % 60) + "m";
    return text + trim_fraction(rest) + "s";
}

}  // namespace berth::base

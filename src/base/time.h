#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace berth::base {

/// Wall-clock time. Microseconds, because PostgreSQL keeps no more: what is read back equals what was
/// written.
using Time = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::nanoseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

/// RFC 3339 in UTC, with as many fraction digits as needed ("2026-01-02T03:04:05.123456Z").
std::string format_rfc3339(Time time);
/// Any RFC 3339 time with offset; fractions past microseconds are cut.
std::optional<Time> parse_rfc3339(std::string_view text);

/// Go's duration text: "1h30m", "1.5s", "300ms", "-2m"; also bare "0".
std::optional<Duration> parse_go_duration(std::string_view text);
/// As Go prints it: "1h30m0s", "1.5s", "300ms", "0s".
std::string format_go_duration(Duration duration);

}  // namespace berth::base

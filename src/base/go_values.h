#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace berth::base {

// Numbers and truth values written as Go's strconv takes them, which decides what Coder's Terraform provider
// takes.

/// strconv.ParseFloat(text, 64) takes it: "0.5", "1e3", "0x1p-2", "1_000", "inf"; not "1e999".
bool is_go_float(std::string_view text);
/// strconv.Atoi
std::optional<std::int64_t> parse_go_int(std::string_view text);
/// strconv.ParseBool
std::optional<bool> parse_go_bool(std::string_view text);

}  // namespace berth::base

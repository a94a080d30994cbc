#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace berth::sdk {

// JSON as Go's encoder writes it with HTML escaping off.

void append_json_text(std::string& out, std::string_view text);
/// Shortest digits that give the same value back; not-a-number and infinity, which JSON has not, become 0.
void append_json_number(std::string& out, double value);
/// Drops white space between tokens, so that the value stays on one line. What is not one valid value becomes
/// null.
void append_json_raw(std::string& out, std::string_view json);

}  // namespace berth::sdk

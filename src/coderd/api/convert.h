#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "sdk/codec.h"

namespace berth::coderd {

/// The REST enum of the same text as a database enum; `unknown` when there is none.
template <class To, class From>
To to_sdk(From value) {
    return sdk::parse_enum<To>(to_string(value)).value_or(To::unknown);
}

/// Times that are not set travel as year 1.
inline base::Time or_zero(const std::optional<base::Time>& time) { return time.value_or(sdk::zero_time); }

/// A text of an object that the database keeps; empty when it is missing or no text.
inline std::string text_of(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace berth::coderd

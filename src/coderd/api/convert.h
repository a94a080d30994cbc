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

}  // namespace berth::coderd

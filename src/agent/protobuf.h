#pragma once

// Private to the agent: protobuf's times and ours.

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "base/time.h"

namespace berth::agent {

inline google::protobuf::Timestamp to_timestamp(base::Time time) {
    auto since = time.time_since_epoch().count();
    google::protobuf::Timestamp out;
    out.set_seconds(since / 1'000'000);
    out.set_nanos(static_cast<std::int32_t>(since % 1'000'000 * 1000));
    return out;
}

/// Clamped to what a Duration holds: a foreign value must not overflow.
inline base::Duration to_duration(const google::protobuf::Duration& duration) {
    constexpr std::int64_t most = 9'000'000'000;
    auto seconds = std::clamp<std::int64_t>(duration.seconds(), -most, most);
    return std::chrono::seconds(seconds) +
           std::chrono::nanoseconds(std::clamp(duration.nanos(), -999'999'999, 999'999'999));
}

}  // namespace berth::agent

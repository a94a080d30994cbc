#pragma once

#include <algorithm>

#include <google/protobuf/timestamp.pb.h>

#include "base/time.h"

namespace berth::coderd {

/// What an agent sent as a time, forced into the years that databases and JSON can hold.
inline base::Time from_proto(const google::protobuf::Timestamp& stamp) {
    constexpr std::int64_t last_second_of_9999 = 253'402'300'799;
    auto seconds = std::clamp<std::int64_t>(stamp.seconds(), 0, last_second_of_9999);
    auto nanos = std::clamp<std::int32_t>(stamp.nanos(), 0, 999'999'999);
    return base::Time(std::chrono::seconds(seconds) + std::chrono::microseconds(nanos / 1000));
}

}  // namespace berth::coderd

// Times of the monotonic clock as numbers in shared memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "src/base/clock.h"

namespace memcache_session {

constexpr uint64_t microseconds_of(TimePoint time) {
    return static_cast<uint64_t>(time.time_since_epoch().count());
}

constexpr uint64_t kMinuteLength = 60'000'000;  // microseconds

// Minutes are numbered from 1, because 0 is no minute.
constexpr uint64_t minute_of(uint64_t microseconds) {
    return microseconds / kMinuteLength + 1;
}

// The microseconds plus one, because 0 stands for no time.
inline uint64_t to_number(TimePoint time) {
    return static_cast<uint64_t>(std::max<int64_t>(0, time.time_since_epoch().count())) + 1;
}

inline std::optional<TimePoint> to_time(uint64_t number) {
    return number == 0 ? std::nullopt
                       : std::optional(TimePoint(Duration(static_cast<int64_t>(number - 1))));
}

// 0 when `from` is later, because another process may have read its clock a little later.
inline Duration elapsed(uint64_t from, uint64_t to) {
    return Duration{to > from ? static_cast<int64_t>(to - from) : 0};
}

}  // namespace memcache_session

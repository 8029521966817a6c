// A failure as a number in shared memory.
#pragma once

#include <cstdint>

#include "src/net/failure.h"

namespace memcache_session {

// The bits from this one on are free for other facts about the failure.
constexpr int kPackedFailureBits = 40;

inline uint64_t pack_failure(Failure failure) {
    return static_cast<uint64_t>(failure.kind) << 32 | static_cast<uint32_t>(failure.system_error);
}

inline Failure unpack_failure(uint64_t packed) {
    return {static_cast<FailureKind>(packed >> 32 & 0xff),
            static_cast<int32_t>(packed & 0xffffffffU)};
}

}  // namespace memcache_session

// The buckets in which values are counted: their limits are powers of two.
#pragma once

#include <cstddef>
#include <cstdint>

namespace memcache_session {

// Bucket 0 has the values up to 32, each further bucket those up to twice the limit before, and the
// last bucket all others. For microseconds that is 32 us to 33.6 s, for bytes 32 bytes to 32 MiB.
constexpr size_t kBuckets = 22;

// REQUIRES: bucket < kBuckets - 1, because the last one has no limit.
constexpr uint64_t bucket_limit(size_t bucket) {
    return uint64_t{32} << bucket;
}

constexpr size_t bucket_of(uint64_t value) {
    // The limits are powers of two, so the bits of the number before the value tell. Those below
    // the first limit are set, because they tell nothing.
    const uint64_t bits = (value - (value != 0 ? 1 : 0)) | (bucket_limit(0) - 1);
#if defined(__GNUC__)
    const auto bucket = static_cast<size_t>(59 - __builtin_clzll(bits));
#else
    size_t bucket = 0;
    for (uint64_t rest = bits >> 5; rest != 0; rest >>= 1) {
        ++bucket;
    }
#endif
    return bucket < kBuckets ? bucket : kBuckets - 1;
}

}  // namespace memcache_session

// The buckets in which values are counted: their limits are powers of two.
#pragma once

#include <cstddef>
#include <cstdint>

namespace memcache_session {

// Bucket 0 has the values below 32, each further bucket those below twice the limit before, and the
// last bucket all others. For microseconds that is 32 us to 33.6 s, for bytes 32 bytes to 32 MiB.
constexpr size_t kBuckets = 22;

// REQUIRES: bucket < kBuckets - 1, because the last one has no limit.
constexpr uint64_t bucket_limit(size_t bucket) {
    return uint64_t{32} << bucket;
}

// The bucket of a value that was cut to a whole number: what is below the limit was at most that.
constexpr size_t bucket_of(uint64_t value) {
    // The limits are powers of two, so the highest bit tells. Those below the first limit are set,
    // because they tell nothing.
    uint64_t bits = value | (bucket_limit(0) - 1);
    if (bits > bucket_limit(kBuckets - 2)) {
        bits = bucket_limit(kBuckets - 2);
    }
#if defined(__GNUC__)
    return static_cast<size_t>(63 ^ __builtin_clzll(bits)) - 4;
#else
    size_t bucket = 0;
    for (uint64_t rest = bits >> 5; rest != 0; rest >>= 1) {
        ++bucket;
    }
    return bucket;
#endif
}

// The bucket of a value that is a whole number: the limit itself is in the bucket that it ends.
constexpr size_t bucket_of_whole(uint64_t value) {
    return bucket_of(value - (value != 0 ? 1 : 0));
}

}  // namespace memcache_session

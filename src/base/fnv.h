// The mixing step of FNV-1a with 64 bits.
#pragma once

#include <cstdint>

namespace memcache_session {

// The hash of nothing.
constexpr uint64_t kFnv64Start = 0xcbf29ce484222325ULL;

// FNV-1a itself takes a byte at a time. A larger number changes the low bits of the result less, so
// it is to be mixed once more before it chooses a place.
constexpr uint64_t fnv64_mixed(uint64_t hash, uint64_t number) {
    return (hash ^ number) * 0x100000001b3ULL;
}

}  // namespace memcache_session

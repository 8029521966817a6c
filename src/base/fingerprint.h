// Recognises a value when it is shown again and its bytes from before are not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memcache_session {

// Equal for equal values under one key. Two different values have one fingerprint with a
// probability of about size / 7 / 2^b, where b is the number of random bits in the key, at most 61:
// for values of 16 KB and 46 bits it is 2^-35. This holds for whatever values a visitor makes the
// application store, because he does not know the key; fingerprint.cpp says why.
struct Fingerprint {
    size_t size = 0;    // of the value, in bytes
    uint64_t hash = 0;  // below 2^61
};

constexpr bool operator==(const Fingerprint& a, const Fingerprint& b) {
    return a.size == b.size && a.hash == b.hash;
}

// Fingerprints under different keys mean nothing to each other.
Fingerprint fingerprint_of(std::string_view value, uint64_t key);

}  // namespace memcache_session

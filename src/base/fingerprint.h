// Recognises a value whose bytes were not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memcache_session {

// Equal values have equal fingerprints under one key. Two different values of one size have equal
// fingerprints with a probability of about size / 7 / 2^b. Here b is the number of random bits in
// the key, at most 61. For values of 16 KB and 46 bits it is 2^-35. This holds even for values that
// an attacker chooses, because he does not know the key; fingerprint.cpp says why.
struct Fingerprint {
    uint64_t key = 0;
    size_t size = 0;    // the size of the value, in bytes
    uint64_t hash = 0;  // below 2^61

    // Whether `value` has this fingerprint under its key.
    bool is_of(std::string_view value) const;
};

// Fingerprints under different keys are different.
constexpr bool operator==(const Fingerprint& a, const Fingerprint& b) {
    return a.key == b.key && a.size == b.size && a.hash == b.hash;
}

Fingerprint fingerprint_of(std::string_view value, uint64_t key);

}  // namespace memcache_session

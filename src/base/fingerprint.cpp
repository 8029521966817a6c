#include "src/base/fingerprint.h"

#include <cstring>

namespace memcache_session {
namespace {

// The golden ratio and two odd constants of SplitMix64.
constexpr uint64_t kSeed = 0x9e3779b97f4a7c15ULL;
constexpr uint64_t kFirst = 0xbf58476d1ce4e5b9ULL;
constexpr uint64_t kSecond = 0x94d049bb133111ebULL;

// Every bit of the result depends on every bit of `number`. A bijection, so that two texts which
// differ in one word only never collide.
constexpr uint64_t mix(uint64_t number) {
    number = (number ^ (number >> 30)) * kFirst;
    number = (number ^ (number >> 27)) * kSecond;
    return number ^ (number >> 31);
}

}  // namespace

Fingerprint fingerprint_of(std::string_view text) {
    uint64_t hash = kSeed ^ text.size();
    const char* bytes = text.data();
    size_t left = text.size();
    for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), bytes += sizeof(uint64_t)) {
        uint64_t word = 0;
        std::memcpy(&word, bytes, sizeof(word));
        hash = mix(hash ^ word);
    }
    if (left > 0) {
        uint64_t word = 0;
        std::memcpy(&word, bytes, left);
        hash = mix(hash ^ word);
    }
    return {hash, text.size()};
}

}  // namespace memcache_session

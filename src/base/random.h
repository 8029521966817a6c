// Random numbers for lock tokens and jitter. They differ on all machines, and are not secret.
#pragma once

#include <cstdint>

namespace memcache_session {

// SplitMix64. Two generators with different seeds give unrelated sequences. After a fork the child
// must use a new seed.
class Random {
public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint64_t next() {
        state_ += 0x9e3779b97f4a7c15ULL;
        uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
        return mixed ^ (mixed >> 31);
    }

    // From 0 up to, but not including, 1.
    double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

private:
    uint64_t state_;
};

}  // namespace memcache_session

// Random numbers for lock tokens and jitter. They differ on all machines, and are not secret.
#pragma once

#include <cstdint>

namespace memcache_session {

// A number from the system's source. Costs a system call, or some hundred instructions.
uint64_t system_random();

// SplitMix64. Two generators with different seeds give unrelated sequences.
//
// A copy of a generator gives the numbers of the original, until it is seeded or stirred. Forked
// children have such copies, and so have the clones of a running virtual machine. A child must take
// a new seed. A clone cannot know that it is one, and its next token must still differ, or two
// requests hold one lock, each taking the other's token for its own. A system call for each token
// would cost too much. The time is stirred in instead: two clones draw the same token only if they
// stir in the same nanosecond.
class Random {
public:
    explicit Random(uint64_t seed) : state_(seed) {}

    // Makes the numbers that follow depend on `number`, too. Two generators that were alike differ
    // from now on if their numbers differ.
    void stir(uint64_t number) {
        state_ ^= number * 0xff51afd7ed558ccdULL;
        state_ = next();
    }

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

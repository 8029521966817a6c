// Seeds whose histories broke a promise at one time. They are played again in every test run.
#pragma once

#include <cstddef>
#include <cstdint>

namespace memcache_session::sim {

struct RecordedSeed {
    uint64_t seed;
    const char* showed;  // the promise that was broken, and how
};

extern const RecordedSeed kRecordedSeeds[];
extern const size_t kRecordedSeedCount;

}  // namespace memcache_session::sim

// Counts what happens to each server, for all processes and threads of a php-fpm or Apache.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "src/base/clock.h"
#include "src/net/endpoint.h"
#include "src/net/failure.h"
#include "src/net/figures.h"

namespace memcache_session {

// The kinds of failure that docs/status.md tells apart.
enum class FailureGroup : uint8_t {
    kRefused,
    kTimeout,
    kClosed,
    kProtocol,
    kMemory,
    kTls,
    kLogin,
    kLocal,
};
constexpr size_t kFailureGroups = static_cast<size_t>(FailureGroup::kLocal) + 1;

// REQUIRES: there is a failure.
FailureGroup group_of(Failure failure);

// The figures of one server, as they were read.
struct ServerFigures {
    static constexpr size_t kMinutes = 60;

    bool is_counted = false;  // whether the server has a place in the table
    uint64_t phases = 0;
    std::array<uint64_t, kFailureGroups> failures{};
    uint64_t marks = 0;
    uint64_t recoveries = 0;
    uint64_t probes = 0;
    TimePoint last_failure{};  // never if 0
    Histogram time;            // microseconds
    // Failures in each minute, the present one last. They are the minutes of EventTotals.
    std::array<uint32_t, kMinutes> history{};
};

// A table in shared memory with a place for each server, by its endpoint. Numbers are raised by one
// atomic instruction, as in EventTotals. A server takes a place when it is first counted. The place
// of one that was not counted for kForgottenAfter is taken for another, with all figures at 0. A
// server that finds no free place among the kTried after its own is not counted. What is counted at
// the moment in which a place changes hands may be counted for either server, or not.
class ServerCounters {
public:
    static constexpr size_t kPlaces = 1024;
    static constexpr size_t kTried = 64;
    static constexpr Duration kForgottenAfter = std::chrono::hours(1);

    // Shared as EventTotals is, and throws as it does.
    ServerCounters();
    ~ServerCounters();
    ServerCounters(const ServerCounters&) = delete;
    ServerCounters& operator=(const ServerCounters&) = delete;

    // A round trip that was answered. `endpoint`: Endpoint::hash(), as for all below. `time` that
    // it took; kNotMeasured: unknown.
    static constexpr Duration kNotMeasured{-1};
    void count_phase(uint64_t endpoint, Duration time, TimePoint now) {
        Place* place = &places_[endpoint % kPlaces];
        if (place->endpoint.load(kRelaxed) != endpoint) {
            place = find_or_take(endpoint, now);
            if (place == nullptr) {
                return;
            }
        }
        const auto value = static_cast<uint64_t>(time.count());
        if (value >= bucket_limit(kBuckets - 2)) {
            count_unusual(place, time);
            return;
        }
        place->times[bucket_of(value)].fetch_add(1, kRelaxed);
        place->times[kBuckets].fetch_add(value, kRelaxed);
        place->used.store(static_cast<uint64_t>(now.time_since_epoch().count()), kRelaxed);
    }

    void count_failure(uint64_t endpoint, Failure failure, TimePoint now);
    void count_probe(uint64_t endpoint, TimePoint now);
    void count_mark(uint64_t endpoint, TimePoint now);
    void count_recovery(uint64_t endpoint, TimePoint now);

    ServerFigures read(uint64_t endpoint, TimePoint now) const;

    // Sets all figures to 0.
    void reset();

private:
    static constexpr std::memory_order kRelaxed = std::memory_order_relaxed;

    // New memory is all zero bits. Times are microseconds of the monotonic clock plus one.
    // They are aligned so that the place of a number is found by a shift.
    struct alignas(1024) Place {
        std::atomic<uint64_t> endpoint{0};    // 0: free
        std::atomic<uint64_t> used{0};        // when it was counted last, to a microsecond or so
        std::atomic<uint64_t> unmeasured{0};  // phases; the others are in `times`
        std::atomic<uint64_t> marks{0};
        std::atomic<uint64_t> recoveries{0};
        std::atomic<uint64_t> probes{0};
        std::atomic<uint64_t> failed{0};  // when it failed last
        std::atomic<uint64_t> failures[kFailureGroups]{};
        std::atomic<uint64_t> times[kBuckets + 1]{};  // the sum is the last
        // Upper half: the number of a minute. Lower half: failures in it.
        std::atomic<uint64_t> history[ServerFigures::kMinutes]{};
    };

    Place* find(uint64_t endpoint) const;
    Place* find_or_take(uint64_t endpoint, TimePoint now);
    static void count_unusual(Place* place, Duration time);
    static void clear(Place* place);

    Place* places_;  // kPlaces
    bool is_shared_ = false;
};

}  // namespace memcache_session

// What is counted of sessions and locks, and the figures as they are read. docs/status.md has the
// meaning of each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "src/base/histogram.h"

namespace memcache_session {

enum class Event : uint8_t {
    kCreated,
    kMissing,
    kUnlocked,  // opened without the lock
    kBytesRead,
    kDestroyed,
    kMerged,
    kOverwritten,  // places in conflict
    kFewerCopies,
    kRefusedUnavailable,
    kRefusedUnknownState,
    kRefusedLocked,
    kRefusedTooLarge,
    kRefusedDamaged,
    kRefusedConflict,
    kRefusedDestroyed,
    kRefusedExpired,
    kRefusedNotStored,
    kRefusedReadOnly,
    kRefusedInvalid,
    kGaveUp,
    kWaitersRefused,
    kReplacedDeadHolder,
    kReplacedOrphan,
};
constexpr size_t kEvents = static_cast<size_t>(Event::kReplacedOrphan) + 1;

// Each has a histogram. An event that has one is not counted again beside it.
enum class Measure : uint8_t {
    kOpening,     // microseconds, of each session that was opened
    kClosing,     // microseconds, of each that was stored, touched or destroyed
    kLockWait,    // microseconds, of each wait
    kStoredSize,  // bytes, of each session that was stored
};
constexpr size_t kMeasures = static_cast<size_t>(Measure::kStoredSize) + 1;

// The counts of a histogram and the sum of its values.
struct Histogram {
    std::array<uint64_t, kBuckets> counts{};
    uint64_t sum = 0;

    uint64_t count() const;

    // The limit of the bucket that has the value below which the `part` of all values lies, for
    // part = 0.5 their median. 0 if there are no values, or if it lies in the bucket without limit.
    uint64_t quantile(double part) const;
};

// The place of each figure in a row of numbers.
constexpr size_t kFigures = kEvents + kMeasures * (kBuckets + 1);
constexpr size_t place_of(Event event) {
    return static_cast<size_t>(event);
}
constexpr size_t place_of_sum(Measure measure) {
    return kEvents + static_cast<size_t>(measure) * (kBuckets + 1) + kBuckets;
}
constexpr size_t place_of(Measure measure, size_t bucket) {
    return kEvents + static_cast<size_t>(measure) * (kBuckets + 1) + bucket;
}

// All figures, as they were read at a time or as they grew meanwhile.
class Figures {
public:
    uint64_t& operator[](size_t place) { return numbers_[place]; }

    uint64_t of(Event event) const { return numbers_[place_of(event)]; }
    Histogram of(Measure measure) const;

    // Those that follow from others.
    uint64_t opened() const { return of(Measure::kOpening).count(); }
    uint64_t stored() const { return of(Measure::kStoredSize).count(); }
    uint64_t touched() const;
    uint64_t locks_acquired() const;
    uint64_t refused() const;  // whatever the cause

    // How much each has grown since `before`; 0 for one that was set back meanwhile.
    Figures since(const Figures& before) const;

private:
    std::array<uint64_t, kFigures> numbers_{};
};

}  // namespace memcache_session

// Counts what happens to sessions and locks, for all processes and threads of a php-fpm or Apache.
#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/base/clock.h"
#include "src/base/shared_time.h"
#include "src/net/figures.h"

namespace memcache_session {

// The numbers are in shared memory, and each is raised by one atomic instruction: so none is lost
// when several processes count at the same time, and those of a process that is killed stay. They
// are read one by one, so a reader may see one of two numbers that grow together.
//
// The last hour is kept by minutes of the monotonic clock. A minute has no counters of its own:
// the first opening in it stores what the totals are then, and the figures of a minute are the
// difference of two such rows. A process that is killed while it stores one makes that minute part
// of the one before.
class EventTotals {
    struct Block;

public:
    static constexpr size_t kMinutes = 60;  // that are shown, the present one included

    // This process and all that it forks later have the totals in common; where the system refuses
    // that, they are those of this process. Throws std::bad_alloc when memory is short.
    EventTotals();
    ~EventTotals();
    EventTotals(const EventTotals&) = delete;
    EventTotals& operator=(const EventTotals&) = delete;

    bool is_shared() const { return is_shared_; }

    // Counts several events of one moment. It finds the numbers once for all of them.
    class Raiser {
    public:
        void add(Event event, uint64_t number = 1) { raise(place_of(event), number); }
        void measure_size(Measure measure, size_t bytes) {
            raise(place_of(measure, bucket_of_whole(bytes)), 1);
            raise(place_of_sum(measure), bytes);
        }
        // REQUIRES: time >= 0.
        void measure_time(Measure measure, Duration time) {
            assert(time >= Duration(0));
            const auto value = static_cast<uint64_t>(time.count());
            raise(place_of(measure, bucket_of(value)), 1);
            raise(place_of_sum(measure), value);
        }

    private:
        friend EventTotals;
        explicit Raiser(Block* block) : block_(block) {}
        void raise(size_t place, uint64_t number) {
            block_->totals[place].fetch_add(number, kRelaxed);
        }

        Block* block_;
    };
    Raiser raiser() { return Raiser(block_); }
    void add(Event event, uint64_t number = 1) { raiser().add(event, number); }

    // Call it at each opening, before anything is counted. All else belongs to the minute of the
    // latest opening.
    void begin_moment(TimePoint now) {
        if (microseconds_of(now) >= block_->minute_ends.load(kRelaxed)) {
            begin_minute(microseconds_of(now));
        }
    }

    // True for one caller in a minute, among all who share the totals.
    bool is_first_in_minute(TimePoint now);

    Figures read() const;

    struct Minute {
        Duration ago{0};  // since it began
        Figures figures;
    };
    // kMinutes of them, the oldest first; the last one is not over. Minutes begin at multiples of a
    // minute of the monotonic clock.
    std::vector<Minute> last_hour(TimePoint now) const;

    // Unix time since which is counted; 0 before begin().
    int64_t since() const;
    void begin(int64_t unix_time);

    // Sets all to 0. What is counted meanwhile counts before or after that.
    void reset(int64_t unix_time);

private:
    static constexpr std::memory_order kRelaxed = std::memory_order_relaxed;
    static_assert(std::atomic<uint64_t>::is_always_lock_free, "locks do not work across processes");

    struct Row {
        std::atomic<uint64_t> minute{0};  // 0: none, or it is being stored
        std::atomic<uint64_t> totals[kFigures]{};
    };
    // New memory is all zero bits. Times are microseconds of the monotonic clock.
    struct Block {
        std::atomic<uint64_t> minute_ends{0};
        std::atomic<uint64_t> told_until{0};  // is_first_in_minute()
        std::atomic<int64_t> since{0};
        alignas(64) std::atomic<uint64_t> totals[kFigures]{};
        alignas(64) Row rows[kMinutes];  // each minute has its place by its number
    };

    void begin_minute(uint64_t now);

    Block* block_;
    bool is_shared_ = false;
};

}  // namespace memcache_session

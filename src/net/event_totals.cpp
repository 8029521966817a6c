#include "src/net/event_totals.h"

#include <algorithm>
#include <new>

#include "src/base/process.h"

namespace memcache_session {
EventTotals::EventTotals() {
    void* const memory = map_family_memory(sizeof(Block));
    is_shared_ = memory != nullptr;
    block_ = is_shared_ ? new (memory) Block : new Block;
}

EventTotals::~EventTotals() {
    if (is_shared_) {
        unmap_family_memory(block_, sizeof(Block));
    } else {
        delete block_;
    }
}

// One caller moves the end of the minute, and stores the row.
void EventTotals::begin_minute(uint64_t now) {
    const uint64_t minute = minute_of(now);
    uint64_t ends = block_->minute_ends.load(kRelaxed);
    if (now < ends || !block_->minute_ends.compare_exchange_strong(ends, minute * kMinuteLength)) {
        return;
    }
    Row& row = block_->rows[minute % kMinutes];
    row.minute.store(0);
    for (size_t place = 0; place < kFigures; ++place) {
        row.totals[place].store(block_->totals[place].load(kRelaxed), kRelaxed);
    }
    row.minute.store(minute);
}

bool EventTotals::is_first_in_minute(TimePoint now) {
    uint64_t until = block_->told_until.load(kRelaxed);
    return microseconds_of(now) >= until &&
           block_->told_until.compare_exchange_strong(until, microseconds_of(now) + kMinuteLength);
}

Figures EventTotals::read() const {
    Figures figures;
    for (size_t place = 0; place < kFigures; ++place) {
        figures[place] = block_->totals[place].load(kRelaxed);
    }
    return figures;
}

// From the present minute backwards: a minute without a row has no events.
std::vector<EventTotals::Minute> EventTotals::last_hour(TimePoint now) const {
    const uint64_t present = minute_of(microseconds_of(now));
    std::vector<Minute> minutes(kMinutes);
    Figures end = read();
    for (size_t back = 0; back < kMinutes; ++back) {
        Minute& minute = minutes[kMinutes - 1 - back];
        minute.ago = Duration(microseconds_of(now) % kMinuteLength + back * kMinuteLength);
        if (back >= present) {
            continue;
        }
        const Row& row = block_->rows[(present - back) % kMinutes];
        if (row.minute.load() != present - back) {
            continue;
        }
        Figures begin;
        for (size_t place = 0; place < kFigures; ++place) {
            begin[place] = row.totals[place].load(kRelaxed);
        }
        std::atomic_thread_fence(std::memory_order_acquire);
        if (row.minute.load(kRelaxed) == present - back) {
            minute.figures = end.since(begin);
            end = begin;
        }
    }
    return minutes;
}

int64_t EventTotals::since() const {
    return block_->since.load(kRelaxed);
}

void EventTotals::begin(int64_t unix_time) {
    block_->since.store(unix_time, kRelaxed);
}

void EventTotals::reset(int64_t unix_time) {
    for (Row& row : block_->rows) {
        row.minute.store(0);
    }
    for (std::atomic<uint64_t>& total : block_->totals) {
        total.store(0, kRelaxed);
    }
    block_->minute_ends.store(0);
    begin(unix_time);
}

}  // namespace memcache_session

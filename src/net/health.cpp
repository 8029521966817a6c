#include "src/net/health.h"

#include <algorithm>
#include <memory>
#include <new>

#include "src/base/fnv.h"
#include "src/base/process.h"
#include "src/base/shared_time.h"
#include "src/net/packed_failure.h"

namespace memcache_session {

namespace {

// The mixing step of FNV-1a on whole numbers, and the finalizer of SplitMix64, because the low bits
// choose the slot.
uint64_t key_of(const Server& server) {
    const uint64_t timeout = static_cast<uint64_t>(server.timeout.count());
    uint64_t mixed = fnv64_mixed(fnv64_mixed(kFnv64Start, server.endpoint.hash()), timeout);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    mixed ^= mixed >> 31;
    return mixed == 0 ? 1 : mixed;
}

// Marks the start of an outage that was no news.
constexpr uint64_t kNoNews = uint64_t{1} << 63;

// Marks the time of the latest probe while the mark of its server is in doubt.
constexpr uint64_t kInDoubt = uint64_t{1} << 63;

uint64_t probed_at(uint64_t probed) {
    return probed & ~kInDoubt;
}

uint64_t pack(Failure failure, Reach reach) {
    return static_cast<uint64_t>(reach) << kPackedFailureBits | pack_failure(failure);
}

Reach unpack_reach(uint64_t packed) {
    return static_cast<Reach>(packed >> kPackedFailureBits);
}

}  // namespace

HealthTable::HealthTable(Memory memory) {
    if (memory == Memory::kShared) {
        shared_ = static_cast<Slot*>(map_family_memory(kSlots * sizeof(Slot)));
        if (shared_ != nullptr) {
            std::uninitialized_value_construct_n(shared_, kSlots);
        }
    }
    private_ = new (std::nothrow) Slot[kSlots];
}

HealthTable::~HealthTable() {
    if (shared_ != nullptr) {
        unmap_family_memory(shared_, kSlots * sizeof(Slot));
    }
    delete[] private_;
}

HealthTable::Slot* HealthTable::find(Slot* table, uint64_t key) {
    for (size_t tried = 0; table != nullptr && tried < kSlotsTried; ++tried) {
        Slot& slot = table[(key + tried) % kSlots];
        const uint64_t there = slot.key.load(std::memory_order_relaxed);
        if (there == key) {
            return &slot;
        }
        if (there == 0) {
            return nullptr;  // because a slot that was taken once keeps a key for ever
        }
    }
    return nullptr;
}

// Whether the slot may be taken for another server.
bool HealthTable::is_free(const Slot& slot, uint64_t time) {
    if (slot.key.load(std::memory_order_relaxed) == 0) {
        return true;
    }
    const uint64_t marked = slot.marked.load(std::memory_order_relaxed);
    if (marked == 0) {
        return elapsed(slot.ended.load(std::memory_order_relaxed), time) > kNewsInterval;
    }
    const uint64_t probed = slot.probed.load(std::memory_order_relaxed);
    return elapsed(std::max(marked, probed_at(probed)), time) > kForgottenAfter;
}

bool HealthTable::holds_too_many(const Slot* table, uint64_t pool) {
    const auto held = std::count_if(table, table + kSlots, [pool](const Slot& slot) {
        return slot.pool.load(std::memory_order_relaxed) == pool &&
               slot.marked.load(std::memory_order_relaxed) != 0;
    });
    return static_cast<size_t>(held) >= kSlotsPerPool;
}

// A caller that marks the server whose slot is taken marks the other one. That is rare, and the
// next probe lifts it. Another caller may have marked the same server in the slot at once, and that
// mark stays. A slot that was never used is all zero.
HealthTable::Slot* HealthTable::take(Slot* table, uint64_t key, uint64_t pool, uint64_t time) {
    for (size_t tried = 0; table != nullptr && tried < kSlotsTried; ++tried) {
        Slot& slot = table[(key + tried) % kSlots];
        uint64_t there = slot.key.load(std::memory_order_relaxed);
        uint64_t forgotten = slot.marked.load(std::memory_order_relaxed);
        if (is_free(slot, time) && slot.key.compare_exchange_strong(there, key)) {
            if (there != 0) {
                slot.marked.compare_exchange_strong(forgotten, 0);
                slot.ended.store(0, std::memory_order_relaxed);
                slot.probed.store(0, std::memory_order_relaxed);
                slot.news.store(0, std::memory_order_relaxed);
            }
            slot.pool.store(pool, std::memory_order_relaxed);
            return &slot;
        }
        if (there == key) {
            return &slot;
        }
    }
    return nullptr;
}

HealthTable::Slot* HealthTable::find_or_take(uint64_t key, const Mark& mark, uint64_t time) {
    if (mark.reach != Reach::kProcess && shared_ != nullptr) {
        Slot* slot = find(shared_, key);
        if (slot == nullptr && !holds_too_many(shared_, mark.pool)) {
            slot = take(shared_, key, mark.pool, time);
        }
        if (slot != nullptr) {
            return slot;
        }
    }
    Slot* slot = find(private_, key);
    return slot != nullptr ? slot : take(private_, key, mark.pool, time);
}

HealthTable::Slot* HealthTable::find_marked(uint64_t key) const {
    for (Slot* table : {shared_, private_}) {
        Slot* slot = find(table, key);
        if (slot != nullptr && slot->marked.load(std::memory_order_relaxed) != 0) {
            return slot;
        }
    }
    return nullptr;
}

HealthTable::State HealthTable::state(const Server& server) const {
    const Slot* slot = find_marked(key_of(server));
    if (slot == nullptr || server.retry_interval.count() <= 0) {
        return State::kUp;
    }
    const Reach reach = unpack_reach(slot->failure.load(std::memory_order_relaxed));
    return reach == Reach::kNewConnections ? State::kClosed : State::kDown;
}

// The generic cell rate algorithm: `news` runs ahead of the clock by an interval for each line.
bool HealthTable::is_news(Slot* slot, uint64_t time) {
    const uint64_t interval = static_cast<uint64_t>(kNewsInterval.count());
    const uint64_t next = std::max(slot->news.load(std::memory_order_relaxed), time) + interval;
    if (elapsed(time, next) > kNewsBurst * kNewsInterval) {
        return false;
    }
    slot->news.store(next, std::memory_order_relaxed);
    return true;
}

HealthTable::Onset HealthTable::mark_down(const Server& server, const Mark& mark, TimePoint now) {
    if (mark.reach == Reach::kNothing) {
        return {};
    }
    const uint64_t time = to_number(now);
    Slot* slot = find_or_take(key_of(server), mark, time);
    if (slot == nullptr || to_number(mark.asked) < slot->ended.load(std::memory_order_relaxed)) {
        return {};
    }
    const uint64_t packed = pack(mark.failure, mark.reach);
    uint64_t marked = slot->marked.load(std::memory_order_relaxed);
    if (marked == 0) {
        slot->failure.store(packed, std::memory_order_relaxed);
        slot->since.store(time, std::memory_order_relaxed);
        if (slot->marked.compare_exchange_strong(marked, time)) {
            const bool news = is_news(slot, time);
            slot->probed.store(time, std::memory_order_relaxed);
            slot->since.store(news ? time : time | kNoNews, std::memory_order_relaxed);
            return {true, news};
        }
    }
    // Renew the mark of another caller, unless it is newer than ours or was just removed. A server
    // that is left alone is not found out about by those who make new connections.
    const Reach before = unpack_reach(slot->failure.load(std::memory_order_relaxed));
    if (before != Reach::kServer || mark.reach == Reach::kServer) {
        slot->failure.store(packed, std::memory_order_relaxed);
    }
    while (marked != 0 && marked < time && !slot->marked.compare_exchange_weak(marked, time)) {
    }
    return {};
}

HealthTable::Recovery HealthTable::mark_up(const Server& server, bool on_new_connection,
                                           TimePoint asked, TimePoint now) {
    Recovery recovery;
    const uint64_t key = key_of(server);
    for (Slot* table : {shared_, private_}) {
        Slot* slot = find(table, key);
        const uint64_t marked = slot != nullptr ? slot->marked.load(std::memory_order_relaxed) : 0;
        if (marked == 0 || to_number(asked) < marked) {
            continue;
        }
        const Reach reach = unpack_reach(slot->failure.load(std::memory_order_relaxed));
        if (reach == Reach::kNewConnections && !on_new_connection) {
            continue;
        }
        const uint64_t since = slot->since.load(std::memory_order_relaxed);
        slot->ended.store(to_number(now), std::memory_order_relaxed);
        if (slot->marked.exchange(0) != 0) {
            recovery.is_end = true;
            if ((since & kNoNews) == 0) {
                recovery.is_news = true;
                recovery.outage = elapsed(since, to_number(now));
            }
        }
    }
    return recovery;
}

bool HealthTable::had_outage(const Server& server) const {
    for (Slot* table : {shared_, private_}) {
        const Slot* slot = find(table, key_of(server));
        if (slot != nullptr && slot->ended.load(std::memory_order_relaxed) != 0) {
            return true;
        }
    }
    return false;
}

Failure HealthTable::failure_of(const Slot& slot) {
    return unpack_failure(slot.failure.load(std::memory_order_relaxed));
}

Duration HealthTable::probe_interval(const Slot& slot, const Server& server) {
    return failure_of(slot).kind == FailureKind::kResolve
               ? server.retry_interval
               : std::min(server.retry_interval, kProbeInterval);
}

// Whether the probe after that of `probed` is. A name that was not resolved is no matter of doubt,
// because a probe of it blocks.
bool HealthTable::is_late(const Slot& slot, uint64_t probed, const Server& server, uint64_t time) {
    const uint64_t latest =
        std::max(slot.marked.load(std::memory_order_relaxed), probed_at(probed));
    return failure_of(slot).kind != FailureKind::kResolve &&
           elapsed(latest, time) >= probe_interval(slot, server) + kDoubtedAfter;
}

bool HealthTable::begin_probe(const Server& server, TimePoint now) {
    Slot* slot = find_marked(key_of(server));
    if (slot == nullptr) {
        return false;
    }
    const uint64_t time = to_number(now);
    uint64_t probed = slot->probed.load(std::memory_order_relaxed);
    const uint64_t doubt = is_late(*slot, probed, server, time) ? kInDoubt : probed & kInDoubt;
    return elapsed(probed_at(probed), time) >= probe_interval(*slot, server) &&
           slot->probed.compare_exchange_strong(probed, time | doubt);
}

bool HealthTable::is_doubtful(const Server& server, TimePoint now) const {
    const Slot* slot = find_marked(key_of(server));
    if (slot == nullptr || server.retry_interval.count() <= 0) {
        return false;
    }
    const uint64_t probed = slot->probed.load(std::memory_order_relaxed);
    return (probed & kInDoubt) != 0 || is_late(*slot, probed, server, to_number(now));
}

void HealthTable::end_doubt(const Server& server) {
    if (Slot* slot = find_marked(key_of(server))) {
        slot->probed.fetch_and(~kInDoubt, std::memory_order_relaxed);
    }
}

HealthTable::Snapshot HealthTable::snapshot(const Server& server, TimePoint now) const {
    const Slot* slot = find_marked(key_of(server));
    if (slot == nullptr) {
        return {};
    }
    Snapshot result;
    const uint64_t failure = slot->failure.load(std::memory_order_relaxed);
    result.state = unpack_reach(failure) == Reach::kNewConnections ? State::kClosed : State::kDown;
    result.failure = unpack_failure(failure);
    result.down_for =
        elapsed(slot->since.load(std::memory_order_relaxed) & ~kNoNews, to_number(now));
    return result;
}

}  // namespace memcache_session

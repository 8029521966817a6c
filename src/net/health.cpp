#include "src/net/health.h"

#include <algorithm>
#include <memory>
#include <new>

#include "src/base/process.h"

namespace memcache_session {

namespace {

// FNV-1a with 64 bits and the finalizer of SplitMix64, because the low bits choose the slot.
class KeyHash {
public:
    void add(uint64_t number) {
        hash_ ^= number;
        hash_ *= 0x100000001b3ULL;
    }
    uint64_t key() const {
        uint64_t mixed = hash_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
        mixed ^= mixed >> 31;
        return mixed == 0 ? 1 : mixed;
    }

private:
    uint64_t hash_ = 0xcbf29ce484222325ULL;
};

uint64_t key_of(const Server& server) {
    KeyHash hash;
    hash.add(server.endpoint.hash());
    hash.add(static_cast<uint64_t>(server.timeout.count()));
    return hash.key();
}

// The microseconds plus one, because 0 means "not marked".
uint64_t to_number(TimePoint time) {
    return static_cast<uint64_t>(std::max<int64_t>(0, time.time_since_epoch().count())) + 1;
}

// 0 when `from` is later, because another process may have read its clock a little later.
Duration elapsed(uint64_t from, uint64_t to) {
    return Duration{to > from ? static_cast<int64_t>(to - from) : 0};
}

uint64_t pack(Failure failure) {
    return static_cast<uint64_t>(failure.kind) << 32 | static_cast<uint32_t>(failure.system_error);
}

Failure unpack(uint64_t packed) {
    return {static_cast<FailureKind>(packed >> 32), static_cast<int32_t>(packed & 0xffffffffU)};
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

HealthTable::Slot* HealthTable::find(uint64_t key) const {
    for (Slot* table : {shared_, private_}) {
        for (size_t probe = 0; table != nullptr && probe < kProbesMax; ++probe) {
            Slot& slot = table[(key + probe) % kSlots];
            const uint64_t there = slot.key.load(std::memory_order_relaxed);
            if (there == key) {
                return &slot;
            }
            // Slots are never given back, and the next table is used only when this one has no
            // room. So a key that has no slot before the first free one is in neither table.
            if (there == 0) {
                return nullptr;
            }
        }
    }
    return nullptr;
}

HealthTable::Slot* HealthTable::find_or_take(uint64_t key) {
    for (Slot* table : {shared_, private_}) {
        for (size_t probe = 0; table != nullptr && probe < kProbesMax; ++probe) {
            Slot& slot = table[(key + probe) % kSlots];
            uint64_t there = slot.key.load(std::memory_order_relaxed);
            if (there == 0 && slot.key.compare_exchange_strong(there, key)) {
                return &slot;
            }
            if (there == key) {
                return &slot;
            }
        }
    }
    return nullptr;
}

bool HealthTable::usable(const Server& server, TimePoint now) {
    Slot* slot = find(key_of(server));
    if (slot == nullptr) {
        return true;
    }
    uint64_t marked = slot->marked.load(std::memory_order_relaxed);
    if (marked == 0 || server.retry_interval.count() <= 0) {
        return true;
    }
    if (elapsed(marked, to_number(now)) < server.retry_interval) {
        return false;
    }
    // Several callers may see that the interval has passed. The one that renews the mark tries the
    // server. If `marked` is 0 after a failed exchange, the server has recovered meanwhile.
    return slot->marked.compare_exchange_strong(marked, to_number(now)) || marked == 0;
}

bool HealthTable::mark_down(const Server& server, Failure failure, TimePoint asked, TimePoint now) {
    Slot* slot = find_or_take(key_of(server));
    if (slot == nullptr || to_number(asked) < slot->ended.load(std::memory_order_relaxed)) {
        return false;
    }
    const uint64_t time = to_number(now);
    slot->failure.store(pack(failure), std::memory_order_relaxed);
    uint64_t marked = slot->marked.load(std::memory_order_relaxed);
    if (marked == 0) {
        slot->since.store(time, std::memory_order_relaxed);
        if (slot->marked.compare_exchange_strong(marked, time)) {
            return true;
        }
    }
    // Renew the mark of another caller, unless it is newer than ours or was just removed.
    while (marked != 0 && marked < time && !slot->marked.compare_exchange_weak(marked, time)) {
    }
    return false;
}

HealthTable::Recovery HealthTable::mark_up(const Server& server, TimePoint now) {
    Slot* slot = find(key_of(server));
    if (slot == nullptr || slot->marked.load(std::memory_order_relaxed) == 0) {
        return {};
    }
    const uint64_t since = slot->since.load(std::memory_order_relaxed);
    slot->ended.store(to_number(now), std::memory_order_relaxed);
    if (slot->marked.exchange(0) == 0) {
        return {};
    }
    return {true, elapsed(since, to_number(now))};
}

HealthTable::Snapshot HealthTable::snapshot(const Server& server, TimePoint now) const {
    const Slot* slot = find(key_of(server));
    const uint64_t marked = slot != nullptr ? slot->marked.load() : 0;
    if (marked == 0) {
        return {};
    }
    Snapshot result;
    result.down = true;
    result.failure = unpack(slot->failure.load(std::memory_order_relaxed));
    result.down_for = elapsed(slot->since.load(std::memory_order_relaxed), to_number(now));
    result.left_alone_for =
        std::max(Duration::zero(), server.retry_interval - elapsed(marked, to_number(now)));
    return result;
}

}  // namespace memcache_session

#include "src/lock/holder_table.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <thread>

#include "src/base/process.h"

namespace memcache_session {
namespace {

// The lower half of HolderTable::own_.
constexpr uint32_t kNotAsked = 0;  // this process has listed nothing yet
constexpr uint32_t kAsking = 1;    // one of its threads looks for a place
constexpr uint32_t kNoPlace = 2;   // there was none
constexpr uint32_t kPlaceBase = 3;

uint32_t lower_half(uint64_t own) {
    return static_cast<uint32_t>(own);
}

uint64_t present_generation() {
    return uint64_t{process_generation()} << 32;
}

uint32_t first_entry(LockToken token) {
    return static_cast<uint32_t>(token >> 17) % HolderTable::kTokensMax;  // bit 16 is always 1
}

}  // namespace

// The slots are not constructed, because that would make the system provide memory for all of them.
// They are zeroed when they are mapped.
HolderTable::HolderTable()
    : table_(static_cast<Table*>(map_family_memory(sizeof(Table)))),
      own_(present_generation() | kNotAsked) {}

HolderTable::~HolderTable() {
    if (table_ != nullptr) {
        unmap_family_memory(table_, sizeof(Table));
    }
}

// kNotAsked in a child that was forked since.
uint64_t HolderTable::own() const {
    const uint64_t own = own_.load(std::memory_order_acquire);
    const uint64_t generation = present_generation();
    return own >> 32 == generation >> 32 ? own : generation | kNotAsked;
}

HolderTable::Slot* HolderTable::own_slot() const {
    const uint32_t place = lower_half(own());
    return place >= kPlaceBase ? &table_->slots[place - kPlaceBase] : nullptr;
}

// The first thread of the process that comes here looks for a place, and the others wait for it. A
// process without a place gets none later, because its tokens would be missing there.
HolderTable::Slot* HolderTable::own_slot_made(int64_t pid) {
    uint64_t found = own_.load(std::memory_order_acquire);
    while (lower_half(own()) < kNoPlace) {
        if (lower_half(own()) == kAsking) {
            std::this_thread::yield();
            found = own_.load(std::memory_order_acquire);
        } else if (own_.compare_exchange_weak(found, present_generation() | kAsking)) {
            own_.store(present_generation() | take_place(pid), std::memory_order_release);
        }
    }
    return own_slot();
}

uint32_t HolderTable::take_place(int64_t pid) {
    for (uint32_t tried = 0; table_ != nullptr && tried < kSlotsTried; ++tried) {
        const uint32_t place = (first_place(pid) + tried) % kProcessesMax;
        if (places_.occupy(place)) {
            Slot& slot = table_->slots[place];
            slot.pid.store(0);
            for (std::atomic<LockToken>& entry : slot.tokens) {
                entry.store(0, std::memory_order_relaxed);
            }
            slot.overflowed.store(false, std::memory_order_relaxed);
            slot.pid.store(pid);
            return kPlaceBase + place;
        }
    }
    return kNoPlace;
}

void HolderTable::list(int64_t pid, LockToken token) {
    assert(token != 0);
    Slot* slot = own_slot();
    if (slot == nullptr) {
        slot = own_slot_made(pid);
    }
    for (uint32_t i = 0; slot != nullptr && i < kTokensMax; ++i) {
        LockToken free = 0;
        std::atomic<LockToken>& entry = slot->tokens[(first_entry(token) + i) % kTokensMax];
        if (entry.load(std::memory_order_relaxed) == 0 &&
            entry.compare_exchange_strong(free, token)) {
            return;
        }
    }
    if (slot != nullptr) {
        slot->overflowed.store(true);
    }
}

void HolderTable::unlist(LockToken token) {
    Slot* slot = own_slot();
    for (uint32_t i = 0; slot != nullptr && i < kTokensMax; ++i) {
        LockToken listed = token;
        std::atomic<LockToken>& entry = slot->tokens[(first_entry(token) + i) % kTokensMax];
        if (entry.load(std::memory_order_relaxed) == token &&
            entry.compare_exchange_strong(listed, 0)) {
            return;
        }
    }
}

bool HolderTable::lists(const Slot& slot, LockToken token) {
    return std::any_of(std::begin(slot.tokens), std::end(slot.tokens), [token](const auto& entry) {
        return same_token(entry.load(std::memory_order_acquire), token);
    });
}

Holding HolderTable::holding(int64_t pid, LockToken token) const {
    if (table_ == nullptr || pid <= 0) {
        return Holding::kUnknown;
    }
    for (uint32_t tried = 0; tried < kSlotsTried; ++tried) {
        const uint32_t place = (first_place(pid) + tried) % kProcessesMax;
        const Slot& slot = table_->slots[place];
        if (slot.pid.load(std::memory_order_acquire) != pid) {
            continue;
        }
        if (lists(slot, token)) {
            return Holding::kHolds;
        }
        // The slot may be that of a dead process whose id a stranger has now.
        if (!slot.overflowed.load(std::memory_order_acquire) &&
            (&slot == own_slot() || places_.other_occupant(place) == pid)) {
            return Holding::kDoesNotHold;
        }
    }
    return Holding::kUnknown;
}

void HolderTable::note_foreign_lock(int64_t now_unix) {
    if (table_ != nullptr) {
        table_->foreign_lock_seen.store(now_unix, std::memory_order_relaxed);
    }
}

int64_t HolderTable::foreign_lock_seen() const {
    return table_ == nullptr ? 0 : table_->foreign_lock_seen.load(std::memory_order_relaxed);
}

uint32_t HolderTable::first_place(int64_t pid) {
    return static_cast<uint32_t>(static_cast<uint64_t>(pid) * 0x9e3779b97f4a7c15ULL >> 32) %
           kProcessesMax;
}

}  // namespace memcache_session

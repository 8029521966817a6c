// Which locks the processes of one php-fpm or Apache hold. A lock may name a process that lives but
// ended that request long ago: protocol.md, "Taking over a lock", case 3. The table also tells when
// one of them last met the lock of another program: protocol.md, "Beside pecl/memcache".
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "src/base/family_places.h"
#include "src/lock/lock_item.h"

namespace memcache_session {

enum class Holding {
    kHolds,  // or asks for it
    kDoesNotHold,
    kUnknown,
};

// A table in shared memory with a slot for each process of a family (see FamilyPlaces). A process
// lists a token before it first asks for a lock with it, and removes the token after the last
// command that needs the lock. So a lock whose token its process does not list is held by nobody.
//
// The object is made before the family forks. Thread-safe, process-safe and lock-free between
// processes, so it stays usable when a process dies at any point. A slot belongs to a process as
// long as the process occupies the place of the same number; the slot of a dead process is used
// again. What the table cannot know is kUnknown: a process of another family, one that found no
// free slot, one that has listed more than kTokensMax tokens at a time, and everything on systems
// without FamilyPlaces.
class HolderTable {
public:
    static constexpr uint32_t kProcessesMax = 4096;
    static constexpr uint32_t kSlotsTried = 64;  // looked at for one process
    static constexpr uint32_t kTokensMax = 64;   // one for each thread of PHP that has a session

    HolderTable();
    ~HolderTable();
    HolderTable(const HolderTable&) = delete;
    HolderTable& operator=(const HolderTable&) = delete;

    // Lists a token of this process. The first call of a process makes system calls, later ones
    // cost some tens of instructions. `pid`: process_id().
    void list(int64_t pid, LockToken token);

    // Removes it. Does nothing in a child that was forked since list(), because the token is the
    // parent's.
    void unlist(LockToken token);

    // Whether the process `pid` of our pid namespace holds or asks for the lock with this token.
    // REQUIRES: the caller has read the token from the lock.
    Holding holding(int64_t pid, LockToken token) const;

    // Notes that a process of the family met another program's lock at this second of Unix time.
    void note_foreign_lock(int64_t now_unix);
    // The second of the latest note; 0 if there is none.
    int64_t foreign_lock_seen() const;

private:
    // A new slot is all zero bits.
    struct alignas(64) Slot {
        std::atomic<int64_t> pid{0};  // as its occupant calls itself; 0: never used
        std::atomic<bool> overflowed{false};
        std::atomic<LockToken> tokens[kTokensMax]{};  // 0: free
    };
    // So is the table.
    struct Table {
        std::atomic<int64_t> foreign_lock_seen{0};
        Slot slots[kProcessesMax];
    };
    static_assert(std::atomic<LockToken>::is_always_lock_free &&
                      std::atomic<int64_t>::is_always_lock_free,
                  "locks do not work across processes");

    uint64_t own() const;
    Slot* own_slot() const;
    Slot* own_slot_made(int64_t pid);
    uint32_t take_place(int64_t pid);
    static uint32_t first_place(int64_t pid);
    static bool lists(const Slot& slot, LockToken token);

    FamilyPlaces places_;
    Table* table_ = nullptr;  // shared; null if the system refused

    // Upper half: the process_generation() that the lower half belongs to. Lower half: our place
    // plus kPlaceBase, or one of the numbers below that.
    std::atomic<uint64_t> own_{0};
};

}  // namespace memcache_session

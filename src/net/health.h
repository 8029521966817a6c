// Which servers were found down, when and why. All workers of a PHP pool share this knowledge, so
// that one of them pays for a dead server, and not each.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "src/base/clock.h"
#include "src/net/failure.h"
#include "src/net/server.h"

namespace memcache_session {

// Servers are distinguished by endpoint and timeout, because a server that is too slow for one
// timeout may be fast enough for another. The table keeps the time when a server failed; each
// reader applies its own retry_interval.
//
// The table is thread-safe and, in shared memory, process-safe. It is lock-free, so it stays usable
// when a process dies at any point. Only servers that failed at some time have a slot. When there
// is no slot for a server, the server gets one in a second table of the same form that belongs to
// the process. When that is full, too, the mark is dropped, and every request asks the server.
class HealthTable {
public:
    static constexpr size_t kSlots = 2048;
    static constexpr size_t kProbesMax = 64;  // slots looked at for one server

    enum class Memory { kShared, kPrivate };

    // kShared: this process and all that it forks later have the table in common. Where the system
    // refuses that, the table is private; is_shared() tells.
    explicit HealthTable(Memory memory);
    ~HealthTable();
    HealthTable(const HealthTable&) = delete;
    HealthTable& operator=(const HealthTable&) = delete;

    bool is_shared() const { return shared_ != nullptr; }

    // Whether to ask the server: it is not marked, or its retry_interval has passed and this caller
    // is the one who tries it. That renews the mark, so other callers do not try it, too. If this
    // caller dies meanwhile, the next attempt is one retry_interval later.
    bool usable(const Server& server, TimePoint now);

    // Marks the server, or renews its mark. True when it was not marked: the outage begins here. A
    // failure of a request that was sent at `asked`, before the latest outage ended, is old, and
    // marks nothing.
    bool mark_down(const Server& server, Failure failure, TimePoint asked, TimePoint now);

    struct Recovery {
        bool was_down = false;  // this call ended an outage
        Duration outage{0};
    };
    // The server answered. When it is not marked, as usual, this costs two loads.
    Recovery mark_up(const Server& server, TimePoint now);

    struct Snapshot {
        bool down = false;
        Failure failure;             // the latest, when down
        Duration down_for{0};        // since the outage began
        Duration left_alone_for{0};  // until it is tried again; 0: the next request does
    };
    Snapshot snapshot(const Server& server, TimePoint now) const;

private:
    // A new slot is all zero bits. Fields are written one by one, so a reader may see the failure
    // of one mark with the time of another. Only `marked` decides; the rest is shown to people.
    struct Slot {
        std::atomic<uint64_t> key{0};      // hash of endpoint and timeout; 0: the slot is free
        std::atomic<uint64_t> marked{0};   // time of the latest mark; 0: not marked
        std::atomic<uint64_t> since{0};    // time of the first mark of this outage
        std::atomic<uint64_t> ended{0};    // when the latest outage ended
        std::atomic<uint64_t> failure{0};  // kind and system_error
    };
    static_assert(std::atomic<uint64_t>::is_always_lock_free, "locks do not work across processes");

    Slot* find(uint64_t key) const;
    Slot* find_or_take(uint64_t key);

    Slot* shared_ = nullptr;   // kSlots, mapped; null without shared memory
    Slot* private_ = nullptr;  // kSlots, of this process; null when memory was short
};

}  // namespace memcache_session

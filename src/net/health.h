// Which servers were found down, when and why. All workers of a PHP pool share this knowledge, so
// that one of them pays for a dead server, and not each. protocol.md, "Servers that fail".
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "src/base/clock.h"
#include "src/net/failure.h"
#include "src/net/server.h"

namespace memcache_session {

// Servers are distinguished by endpoint and timeout, because a server that is too slow for one
// timeout may be fast enough for another. A mark lasts until somebody gets an answer again: a
// request that has no other server left, or a probe (probes.h).
//
// The table is thread-safe and, in shared memory, process-safe. It is lock-free, so it stays usable
// when a process dies at any point. Only servers that failed have a slot. A slot is used again for
// another server when its mark is over. A second table of the same form belongs to this process. It
// has the marks that concern no other process, and those for which the first one has no slot. When
// that is full, too, the mark is dropped, and every request asks the server.
class HealthTable {
public:
    static constexpr size_t kSlots = 2048;
    static constexpr size_t kSlotsPerPool = kSlots / 4;  // the most that servers of one pool have
    static constexpr size_t kSlotsTried = 64;            // looked at for one server

    // A slot of a server for which nobody has asked for so long is used again, marked or not.
    static constexpr Duration kForgottenAfter = std::chrono::minutes(10);

    // At most so often a marked server is probed.
    static constexpr Duration kProbeInterval = std::chrono::seconds(1);

    // A mark whose next probe is so late is in doubt: nobody has wanted the server meanwhile.
    static constexpr Duration kDoubtedAfter = std::chrono::seconds(1);

    // So long a request waits for the probes of servers whose marks are in doubt.
    static constexpr Duration kDoubtPatience = std::chrono::milliseconds(50);

    // An outage is news at most so often, after a burst of kNewsBurst.
    static constexpr Duration kNewsInterval = std::chrono::seconds(15);
    static constexpr int kNewsBurst = 4;

    enum class Memory { kShared, kPrivate };

    // kShared: this process and all that it forks later have the table in common. Where the system
    // refuses that, the table is private; is_shared() tells.
    explicit HealthTable(Memory memory);
    ~HealthTable();
    HealthTable(const HealthTable&) = delete;
    HealthTable& operator=(const HealthTable&) = delete;

    bool is_shared() const { return shared_ != nullptr; }

    enum class State {
        kUp,      // no failure is known
        kClosed,  // it takes no new connection; a kept one may be used
        kDown,    // it is left alone
    };

    // With retry_interval = 0 a mark means nothing: the state is kUp.
    State state(const Server& server) const;

    // What failed, and for whom.
    struct Mark {
        Failure failure;
        Reach reach = Reach::kServer;
        TimePoint asked;    // when the request was sent
        uint64_t pool = 0;  // identifies the list of servers that the server is part of
    };

    struct Onset {
        bool begins = false;   // an outage begins here
        bool is_news = false;  // and it is to be told
    };
    // Marks the server, or renews its mark. A failure of a request that was sent before the latest
    // outage ended is old, and marks nothing. So does Reach::kNothing.
    Onset mark_down(const Server& server, const Mark& mark, TimePoint now);

    struct Recovery {
        bool is_end = false;   // this call ended an outage
        bool is_news = false;  // this call ended an outage whose begin was news
        Duration outage{0};
    };
    // The server answered a request that was sent at `asked`, on a connection that was new, or
    // kept. An answer to an older request than the one that failed proves nothing, and neither does
    // a kept connection prove that new ones are taken. When the server is not marked, as usual,
    // this costs two loads.
    Recovery mark_up(const Server& server, bool on_new_connection, TimePoint asked, TimePoint now);

    // Whether an outage of the server has ended, as far as that is remembered.
    bool had_outage(const Server& server) const;

    // Whether this caller is to probe the marked server now: one caller in each kProbeInterval, or
    // in each retry_interval if that is shorter. A name that was not resolved is tried again once
    // in each retry_interval, because the resolver blocks.
    bool begin_probe(const Server& server, TimePoint now);

    // Whether the mark of a server is in doubt, so that requests wait for its probe: the next one
    // is late by kDoubtedAfter, or the latest one was, and its outcome is not known yet.
    bool is_doubtful(const Server& server, TimePoint now) const;

    // The probe has no answer in time, so the mark is believed again.
    void end_doubt(const Server& server);

    struct Snapshot {
        State state = State::kUp;
        Failure failure;       // the latest, unless up
        Duration down_for{0};  // since the outage began
    };
    Snapshot snapshot(const Server& server, TimePoint now) const;

private:
    // A new slot is all zero bits. Fields are written one by one, so a reader may see the failure
    // of one mark with the time of another. Only `marked` decides whether the server is marked.
    // Times are microseconds plus one; 0: never.
    struct Slot {
        std::atomic<uint64_t> key{0};      // hash of endpoint and timeout; 0: the slot is free
        std::atomic<uint64_t> marked{0};   // time of the latest mark; 0: not marked
        std::atomic<uint64_t> since{0};    // time of the first mark of this outage
        std::atomic<uint64_t> ended{0};    // when the latest outage ended
        std::atomic<uint64_t> failure{0};  // reach, kind and system_error
        std::atomic<uint64_t> probed{0};   // when somebody last wanted the server and probed it,
                                           // and whether the mark is in doubt since
        std::atomic<uint64_t> news{0};     // until when news are held back, were there no burst
        std::atomic<uint64_t> pool{0};     // that of the mark that took the slot
    };
    static_assert(std::atomic<uint64_t>::is_always_lock_free, "locks do not work across processes");

    static Slot* find(Slot* table, uint64_t key);
    static Slot* take(Slot* table, uint64_t key, uint64_t pool, uint64_t time);
    static bool is_free(const Slot& slot, uint64_t time);
    static bool holds_too_many(const Slot* table, uint64_t pool);
    static bool is_news(Slot* slot, uint64_t time);
    static Failure failure_of(const Slot& slot);
    static Duration probe_interval(const Slot& slot, const Server& server);
    static bool is_late(const Slot& slot, uint64_t probed, const Server& server, uint64_t time);
    Slot* find_or_take(uint64_t key, const Mark& mark, uint64_t time);
    Slot* find_marked(uint64_t key) const;

    Slot* shared_ = nullptr;   // kSlots, mapped; null without shared memory
    Slot* private_ = nullptr;  // kSlots, of this process; null when memory was short
};

}  // namespace memcache_session

// The script of one history: settings, requests and faults. It is a list of events that can be made
// from a seed, printed, and shortened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "src/base/random.h"
#include "tests/sim/sim_server.h"

namespace memcache_session::sim {

// Choices from a seed.
class Dice {
public:
    explicit Dice(uint64_t seed) : random_(seed) {}
    uint64_t next() { return random_.next(); }
    uint32_t below(uint32_t count) { return static_cast<uint32_t>(random_.next() % count); }
    bool chance(double probability) { return random_.fraction() < probability; }
    // From `low` up to, but not including, `high`; `low` if `high` is not above it.
    SimTime between(SimTime low, SimTime high) {
        return high <= low
                   ? low
                   : low + static_cast<SimTime>(random_.next() % static_cast<uint64_t>(high - low));
    }
    template <class T, size_t N>
    T pick(const T (&choices)[N]) {
        return choices[random_.next() % N];
    }

private:
    Random random_;
};

// As memcached -I 16k. Larger values would cost time and show nothing more.
constexpr size_t kItemSizeMax = 16 << 10;

struct Settings {
    uint32_t servers = 2;
    uint32_t redundancy = 2;
    bool allow_failover = true;
    uint32_t search = 14;  // memcache.session_search
    uint32_t machines = 1;
    uint32_t processes = 2;  // process p runs on machine p % machines
    uint32_t sessions = 1;
    bool persistent = true;     // connections are kept from request to request
    uint32_t meta_servers = 0;  // bit s: server s speaks the meta protocol
    bool locking = true;        // memcache.session_lock
    uint32_t lock_waiters = 0;  // memcache.session_lock_waiters
    bool read_only_on_lock_failure = false;
    SimTime timeout = kSecond;
    SimTime retry_interval = kSecond;
    SimTime lease = 2 * kSecond;
    SimTime lock_wait = 4 * kSecond;
    int64_t lifetime = 1440;  // seconds
    // Bit p: process p is of pecl/memcache, which locks by `incr` and knows no versions. Set only
    // where there is one copy and nothing fails.
    uint32_t foreign_processes = 0;
    // Bit p: process p merges (memcache.session_merge), with `last` if last_wins, otherwise `fail`.
    uint32_t merging_processes = 0;
    bool last_wins = false;
    uint64_t placement_salt = 0;
    // Bit s: server s belongs to the pool, at first and after a machine's pool has changed.
    uint32_t pool = ~0U;
    uint32_t next_pool = ~0U;
    // The pool changes by itself again and again, and each machine follows at its own time.
    bool changing = false;

    // Fewer than R servers are failed at once, as the promises assume. Faults that would fail more
    // do not happen.
    bool limited = true;

    // The only faults are servers that are full. They lose nothing, so any number may be full.
    bool only_full = false;

    // Each session exists at first, on its first R servers, with this version. 0: another
    // program has written it.
    bool stored_at_begin = false;
    uint16_t version_at_begin = 1;
};

enum class Operation : uint8_t {
    kWrite,     // read, change, write
    kTouch,     // read, update_timestamp
    kAbort,     // read, close
    kPeek,      // read without lock, close
    kLateLock,  // read without lock, write
    kDestroy,   // read, destroy
    kCreate,    // read, write; the id is made here and never existed
    kReset,     // read, read again, write
    kLookUp,    // read, validate the id of another session, write
    kTooLarge,  // read, write more than a server takes
};
constexpr const char* kOperationNames[] = {"write",   "touch",  "abort", "peek",    "late lock",
                                           "destroy", "create", "reset", "look up", "too large"};

enum class FaultKind : uint8_t {
    kCrash,            // the process dies; it starts again, empty, at the end
    kHang,             // stopped: it takes bytes, and runs them at the end
    kCutOff,           // packets to and from some machines are lost
    kReset,            // connections of some machines are closed, at one moment
    kSlow,             // commands or replies take long
    kEvict,            // items of a session vanish, at one moment
    kMemoryShort,      // stores are refused
    kConnectionLimit,  // new connections are not taken, and those that were made work
};
constexpr const char* kFaultNames[] = {"crash", "hang",  "cut off",      "reset",
                                       "slow",  "evict", "memory short", "connection limit"};

// How the list of servers changes (Settings::changing).
enum class ChangeKind : uint8_t {
    kJoin,      // a server is added: empty, or with what it had when it was removed
    kLeave,     // a server is removed
    kReplace,   // one is removed and another added, at another place
    kRenumber,  // the same, and the new one has the name of the old one, so its place, too
};
constexpr const char* kChangeNames[] = {"join", "leave", "replace", "renumber"};

enum class EventKind : uint8_t {
    kRequest,
    kDeath,
    kFault,
    kPoolChange,
    kMove,  // a server gives its items new cas numbers, as memcached's slab mover does: no fault
};

struct Event {
    EventKind kind = EventKind::kRequest;
    SimTime at = 0;
    uint32_t number = 0;  // from 1, in the order in which the events were made; shrinking keeps it

    // kRequest
    uint32_t process = 0;
    uint32_t session = 0;  // also of the fault kEvict
    Operation operation = Operation::kWrite;
    bool strict = false;    // session.use_strict_mode: validates before it reads
    SimTime think = 0;      // between read and write
    uint32_t variable = 0;  // that it writes

    // kDeath: the process is killed in phase `phase` of request `request`, after it has sent to
    // `sends` servers. Phase 0: between read and write.
    uint32_t request = 0;
    uint32_t phase = 0;
    uint32_t sends = 0;

    // kPoolChange with Settings::changing. Events of one step are one change, which the first of
    // them begins, unless too many servers would be failed.
    uint32_t step = 0;
    ChangeKind change = ChangeKind::kJoin;
    uint32_t leaving = 0;  // modulo the number of servers that may leave
    uint32_t joining = 0;  // modulo the number of servers that may join
    // The leaving server ends when the change begins (`variant`) or so long after (`length`), for
    // a minute. Neither: it remains, for those who know it.

    // kFault
    FaultKind fault = FaultKind::kCrash;
    uint32_t server = 0;
    uint32_t machines = ~0U;  // bit m: it strikes machine m (kCutOff, kReset, kSlow; kPoolChange)
    SimTime length = 0;
    // kCrash and kHang. 0: at once. N: when the next commands arrive and N - 1 of them have run.
    uint32_t within_commands = 0;
    // kCrash: the whole machine stops, so nothing answers who connects. kCutOff: connecting is
    // refused instead. kMemoryShort: for locks alone. kConnectionLimit: new ones are closed at
    // once.
    bool variant = false;
    // kCutOff: only the replies of the server are lost. kEvict: the lock vanishes, not the session.
    bool second_variant = false;
};

struct Scenario {
    uint64_t seed = 0;
    Settings settings;
    std::vector<Event> events;
};

// The histories of seeds from here on have processes that merge.
constexpr uint64_t kMergingSeedMin = 1'000'000'000'000;

// The histories of seeds from here on have pools that change by themselves.
constexpr uint64_t kChangingSeedMin = 2'000'000'000'000;

// The same seed gives the same scenario.
Scenario make_scenario(uint64_t seed);

// A line each for the settings and for an event.
std::string describe(const Settings& settings);
std::string describe(const Event& event);

// "ABC": the servers among the first `count` whose bit is set.
std::string servers_text(uint32_t servers, uint32_t count);

// "1.234567"
std::string time_text(SimTime time);

}  // namespace memcache_session::sim

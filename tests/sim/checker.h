// Judges a history by the promises P1 to P8 of docs/protocol.md. It follows every request: the
// session that it holds, what it reads and stores, and the cost of its calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/replica/version.h"
#include "tests/sim/ledger.h"
#include "tests/sim/scenario.h"
#include "tests/sim/sim_exchange.h"

namespace memcache_session::sim {

class Failures;
class Pool;

constexpr SimTime kClockGrain = kSecond;  // leases and clocks are exact to about a second

// A request of PHP as the checker knows it.
struct RequestRecord {
    uint32_t number = 0;
    uint32_t process = 0;
    uint32_t machine = 0;
    uint32_t session = 0;
    SimExchange* exchange = nullptr;
    const Pool* pool = nullptr;
    SimTime begin = 0;
    uint32_t together = 0;  // most requests of its session at one time, with itself

    bool foreign = false;  // it is of pecl/memcache, which has no exchange
    bool locking = false;
    SimTime read_begin = 0;
    bool may_have_expired = false;  // the session, when the read began
    SimTime read_end = 0;
    SimTime lease_from = 0;
    bool may_be_read_only = false;
    bool is_overdue = false;  // the read is a session_reset() whose lease may have run out
    bool has_read = false;
    SessionValue value;             // as read
    std::vector<WriteNumber> base;  // its writes; empty if missing
    uint32_t variable = 0;          // that it writes
    bool merging = false;           // memcache.session_merge
    bool asks_for_lock = false;     // what PHP asks for; false: as with read_and_close

    bool holds = false;       // from its read until the call that releases begins
    bool is_counted = false;  // among the holders, until that call ends
    SimTime call_begin = 0;
    uint32_t call_failures = 0;  // SimExchange::failures() before the call
    uint32_t call_phases = 0;
    WriteNumber write = 0;
    DestroyNumber destroy = 0;
};

class Checker {
public:
    Checker(const Settings& settings, Cluster& cluster, Timeline& timeline, Trace& trace,
            const Pool& pool);

    void set_failures(Failures* failures) { failures_ = failures; }

    // The first that was found.
    const Violation& violation() const { return violation_; }
    void fail(const std::string& promise, const std::string& text);

    // Stores the sessions that exist when the history begins.
    void store_at_begin();

    void request_begins(RequestRecord* request);
    void read_begins(RequestRecord* request);
    // `value` null: the read failed.
    void read_ends(RequestRecord* request, const std::string_view* value, const std::string& why);
    WriteNumber write_begins(RequestRecord* request);
    void write_ends(RequestRecord* request, WriteNumber write, bool ok, bool too_large,
                    const std::string& why);
    void touch_begins(RequestRecord* request);
    void touch_ends(RequestRecord* request, bool ok, const std::string& why);
    void destroy_begins(RequestRecord* request);
    void destroy_ends(RequestRecord* request, bool ok, const std::string& why);
    // validate() of another id, which may have answered that it does not exist.
    void look_up_begins(RequestRecord* request);
    void look_up_ends(RequestRecord* request, uint32_t session, bool missing);
    void close_begins(RequestRecord* request);
    void request_ends(RequestRecord* request);
    void request_dies(RequestRecord* request);

    // Reads, writes and destroys that succeeded.
    uint64_t successes() const { return successes_; }

private:
    struct SessionState {
        int holders = 0;
        SimTime unheld_since = 0;
        SimTime last_use_by_others = -1;  // when two requests last ran at one time
        SimTime last_late_commit = -1;    // of a request whose lease may be over
        SimTime last_robbed = -1;         // when a request ended that had lost its lock
        int destroying = 0;               // how many destroys run
        SimTime last_destroy = -1;        // when one ended
        bool has_met_destroy = false;     // the last commit: a member may still have the tombstone
        std::vector<SimTime> dead_until;  // by machine: the leases of killed processes
    };

    bool limited() const { return settings_.limited; }
    // It read without lock and stores now.
    bool takes_lock_late(const RequestRecord& request) const {
        return settings_.locking && !request.locking;
    }
    void check_value(const RequestRecord& request, const std::vector<WriteNumber>& value);
    void check_last_resort(const RequestRecord& request, const std::string& why);
    void check_exclusion(const RequestRecord& request);
    bool was_alone(const RequestRecord& request, SimTime since) const;
    void check_wait(const RequestRecord& request, SimTime unheld_since);
    void check_missing_is_proven(const RequestRecord& request);
    Version newest_version(const std::string& key, bool tombstones);
    bool is_newest(uint32_t session, const SimServer::Item& item);
    // `value` null: tombstones.
    void check_copies(const RequestRecord& request, const SessionValue* value);
    bool is_copy(const RequestRecord& request, const SessionValue* value,
                 const SimServer::Item& item);
    void check_released(const RequestRecord& request);
    void begin_call(RequestRecord* request);
    void end_call(const RequestRecord& request, const char* call, SimTime wait,
                  uint32_t phases_max);
    bool is_excused(const RequestRecord& request) const;
    void note_late_commit(const RequestRecord& request);
    bool may_be_turned_away(const RequestRecord& request) const;
    bool may_be_refused_after_expiry(const RequestRecord& request) const;
    bool is_too_old_to_merge(const RequestRecord& request) const;
    bool is_of_expired_life(const RequestRecord& request) const;
    bool may_be_refused(const RequestRecord& request) const;
    bool may_destroy_without_lock() const {
        return settings_.read_only_on_lock_failure || settings_.merging_processes != 0;
    }
    bool may_find_others(const RequestRecord& request) const;
    bool was_robbed(const RequestRecord& request) const;
    bool lease_may_be_over(const RequestRecord& request) const;
    bool is_calm(const RequestRecord& request) const;
    SimTime wait_of_read(const RequestRecord& request) const;
    uint32_t phases_for_foreign_values() const;
    void release(RequestRecord* request);
    void leave(RequestRecord* request);
    uint32_t first_servers(const Pool& pool, uint32_t session) const;
    uint32_t redundancy(const Pool& pool) const;
    std::string name(const RequestRecord& request) const;

    const Settings& settings_;
    Cluster& cluster_;
    Timeline& timeline_;
    Trace& trace_;
    const Pool& pool_;  // at first
    Failures* failures_ = nullptr;
    Violation violation_;
    Ledger ledger_;
    std::vector<SessionState> sessions_;
    std::vector<RequestRecord*> requests_;  // those that run
    uint64_t successes_ = 0;
};

}  // namespace memcache_session::sim

// The writes and destroys of a history, and the values that a reader may find after them. Each
// value tells which writes it contains.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/scenario.h"
#include "tests/sim/session_value.h"
#include "tests/sim/timeline.h"

namespace memcache_session::sim {

using DestroyNumber = uint32_t;

struct Violation {
    std::string promise;  // "P2 lost update": the same words for the same kind
    std::string text;     // how
    explicit operator bool() const { return !promise.empty(); }
};

// "[1 2 5]"
std::string list(const std::vector<WriteNumber>& writes);

class Ledger {
public:
    explicit Ledger(const Settings& settings);

    // A write before all others.
    WriteNumber stored_at_begin(uint32_t session);
    // A write to `variable`. `base`: the value that its request had read at `read_end`.
    WriteNumber write_begins(uint32_t session, uint32_t variable, SimTime read_end,
                             SessionValue base, SimTime now);
    // Its request had read the session at `read_end`.
    DestroyNumber destroy_begins(uint32_t session, SimTime read_end, SimTime now);
    void extension_begins(uint32_t session, SimTime now) { note_expiry(session, now, false); }
    // The write, destroy or extension succeeded. It began at `begin`.
    void write_ends(WriteNumber write, SimTime begin, SimTime now);
    // The write counts as if its request had read the session at this time.
    void count_as_read_at(WriteNumber write, SimTime now) { writes_[write].read_end = now; }
    void destroy_ends(DestroyNumber destroy, SimTime now);
    void extension_ends(uint32_t session, SimTime begin);

    // The session was read as `value` when it may have expired, so writes that were not read may be
    // lost for good. `leftovers`: servers that are failed may still have older states of it.
    void forget_expired(uint32_t session, const std::vector<WriteNumber>& value, SimTime now,
                        bool leftovers);

    // The value, if each variable is as a request has written it.
    std::optional<SessionValue> parse(uint32_t session, std::string_view text) const;
    // The value that the request of the write would store if there were no others.
    const SessionValue& value(WriteNumber write) const { return writes_[write].value; }

    // Whether a read from `begin` to `end` may give `value`, and if not, why.
    Violation judge(uint32_t session, const std::vector<WriteNumber>& value, SimTime begin,
                    SimTime end) const;
    // Whether the write may be acknowledged beside the others that were.
    Violation judge_acknowledged(WriteNumber write) const;
    // Whether another request than that of `write` may have written its variable since then.
    bool is_variable_shared(WriteNumber write, SimTime since) const;
    // Whether the session surely exists from `begin` to `end`.
    bool exists(uint32_t session, SimTime begin, SimTime end) const;

    // Whether the session, or a tombstone of it, may have expired by now.
    bool may_have_expired(uint32_t session, SimTime now) const {
        return now >= sessions_[session].lives_until;
    }
    bool may_have_expired_since(uint32_t session, SimTime since, SimTime now) const;

private:
    struct Write {
        uint32_t session = 0;
        SimTime read_end = 0;
        SimTime begin = 0;
        SimTime end = kNever;
        bool acknowledged = false;
        uint32_t variable = 0;
        SessionValue value;
    };
    struct Destroy {
        uint32_t session = 0;
        SimTime read_end = 0;
        SimTime begin = 0;
        SimTime end = kNever;  // kNever if not acknowledged: its tombstones may come late
        bool acknowledged = false;
    };
    struct Session {
        SimTime lives_until = kNever;  // by the latest expiry that was acknowledged
        SimTime last_expired = -1;     // when it was last read after `lives_until`
        bool has_leftovers = false;    // it expired while a server was failed
    };

    const std::vector<WriteNumber>& written_list(WriteNumber write) const;
    bool is_overwritten(WriteNumber write, const std::vector<WriteNumber>& value) const;
    void note_expiry(uint32_t session, SimTime begin, bool acknowledged);
    bool tombstones_have_expired(const Destroy& destroy, SimTime now) const;
    bool destroyed_between(uint32_t session, SimTime after, SimTime before) const;
    bool is_of_new_session(const Write& write, const Destroy& destroy) const;
    bool may_leave_equal_tombstone(const Destroy& destroy, WriteNumber number) const;
    bool may_lack(uint32_t session, WriteNumber write, const std::vector<WriteNumber>& value,
                  SimTime end) const;

    const Settings& settings_;
    std::vector<Write> writes_;  // by number, from 1
    std::vector<Destroy> destroys_;
    std::vector<Session> sessions_;
};

}  // namespace memcache_session::sim

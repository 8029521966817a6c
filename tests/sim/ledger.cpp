#include "tests/sim/ledger.h"

#include <algorithm>
#include <utility>

namespace memcache_session::sim {

namespace {

constexpr SimTime kExpiryMargin = 2 * kSecond;  // servers count whole seconds

bool contains(const std::vector<WriteNumber>& writes, WriteNumber number) {
    return std::find(writes.begin(), writes.end(), number) != writes.end();
}

}  // namespace

std::string list(const std::vector<WriteNumber>& writes) {
    std::string text = "[";
    for (const WriteNumber write : writes) {
        text += (text.size() > 1 ? " " : "") + std::to_string(write);
    }
    return text + "]";
}

Ledger::Ledger(const Settings& settings)
    : settings_(settings), writes_(1), sessions_(settings.sessions) {}

// ---- what happens

WriteNumber Ledger::stored_at_begin(uint32_t session) {
    const WriteNumber number = write_begins(session, 0, -1, {}, -1);
    write_ends(number, 0, -1);
    return number;
}

WriteNumber Ledger::write_begins(uint32_t session, uint32_t variable, SimTime read_end,
                                 SessionValue base, SimTime now) {
    const auto number = static_cast<WriteNumber>(writes_.size());
    Write write;
    write.session = session;
    write.read_end = read_end;
    write.begin = now;
    write.variable = variable;
    write.value = std::move(base);
    write.value.add(variable, number);
    writes_.push_back(std::move(write));
    note_expiry(session, now, false);
    return number;
}

void Ledger::write_ends(WriteNumber write, SimTime begin, SimTime now) {
    writes_[write].end = now;
    writes_[write].acknowledged = true;
    note_expiry(writes_[write].session, begin, true);
}

DestroyNumber Ledger::destroy_begins(uint32_t session, SimTime read_end, SimTime now) {
    Destroy destroy;
    destroy.session = session;
    destroy.read_end = read_end;
    destroy.begin = now;
    destroys_.push_back(destroy);
    return static_cast<DestroyNumber>(destroys_.size() - 1);
}

void Ledger::destroy_ends(DestroyNumber destroy, SimTime now) {
    destroys_[destroy].end = now;
    destroys_[destroy].acknowledged = true;
}

void Ledger::extension_ends(uint32_t session, SimTime begin) {
    if (!may_have_expired(session, begin)) {  // otherwise some copies may have expired
        note_expiry(session, begin, true);
    }
}

// The session may expire at the earliest of the times that the servers were told.
void Ledger::note_expiry(uint32_t session, SimTime begin, bool acknowledged) {
    SimTime& until = sessions_[session].lives_until;
    const SimTime expiry = begin + settings_.lifetime * kSecond - kExpiryMargin;
    if (until == kNever) {
        until = expiry;
    } else if (acknowledged) {
        until = std::max(until, expiry);
    }
}

void Ledger::forget_expired(uint32_t session, const std::vector<WriteNumber>& value, SimTime now,
                            bool leftovers) {
    Session& state = sessions_[session];
    state.last_expired = now;
    state.has_leftovers = state.has_leftovers || leftovers;
    for (WriteNumber number = 1; number < writes_.size(); ++number) {
        Write& write = writes_[number];
        if (write.session == session && !contains(value, number)) {
            write.acknowledged = false;
        }
    }
    for (Destroy& destroy : destroys_) {
        if (destroy.session == session && tombstones_have_expired(destroy, now)) {
            destroy.acknowledged = false;
        }
    }
    if (value.empty()) {
        state.lives_until = kNever;
    }
}

// ---- what it means

std::optional<SessionValue> Ledger::parse(uint32_t session, std::string_view text) const {
    std::optional<SessionValue> value = SessionValue::parse(session, text);
    if (!value) {
        return std::nullopt;
    }
    for (const SessionValue::Variable& variable : value->variables()) {
        const WriteNumber last = variable.writes.back();
        if (last >= writes_.size() || writes_[last].session != session ||
            writes_[last].variable != variable.number || written_list(last) != variable.writes) {
            return std::nullopt;
        }
    }
    return value;
}

// The variable of the write, as the write left it.
const std::vector<WriteNumber>& Ledger::written_list(WriteNumber write) const {
    return *writes_[write].value.writes_to(writes_[write].variable);
}

// memcache.session_merge = last: a later write of a request that had not seen this one wins.
bool Ledger::is_overwritten(WriteNumber write, const std::vector<WriteNumber>& value) const {
    return settings_.last_wins && std::any_of(value.begin(), value.end(), [&](WriteNumber other) {
               return writes_[other].variable == writes_[write].variable &&
                      !contains(written_list(other), write) &&
                      writes_[other].end > writes_[write].begin;
           });
}

bool Ledger::is_variable_shared(WriteNumber write, SimTime since) const {
    for (WriteNumber number = 1; number < writes_.size(); ++number) {
        const Write& other = writes_[number];
        if (number != write && other.session == writes_[write].session &&
            other.variable == writes_[write].variable && other.end >= since) {
            return true;
        }
    }
    return false;
}

// Tombstones live twice as long as the session, or until a new session of the id expires.
bool Ledger::tombstones_have_expired(const Destroy& destroy, SimTime now) const {
    const bool made_again = std::any_of(writes_.begin(), writes_.end(), [&](const Write& write) {
        return write.session == destroy.session && write.begin > destroy.begin;
    });
    return now >= destroy.begin + 2 * settings_.lifetime * kSecond - kExpiryMargin ||
           (made_again && may_have_expired(destroy.session, now));
}

bool Ledger::may_have_expired_since(uint32_t session, SimTime since, SimTime now) const {
    return may_have_expired(session, now) || sessions_[session].last_expired >= since ||
           std::any_of(destroys_.begin(), destroys_.end(), [&](const Destroy& destroy) {
               return destroy.session == session && tombstones_have_expired(destroy, now);
           });
}

// Whether a destroy may have come between a write begun at `after` and a read ended at `before`.
bool Ledger::destroyed_between(uint32_t session, SimTime after, SimTime before) const {
    return std::any_of(destroys_.begin(), destroys_.end(), [&](const Destroy& destroy) {
        return destroy.session == session && destroy.end > after && destroy.begin < before;
    });
}

// Whether the write may have begun a session that is not the one to destroy: its request read after
// yet another destroy, which came after the reading of this one, and both ran side by side.
bool Ledger::is_of_new_session(const Write& write, const Destroy& destroy) const {
    return write.end > destroy.begin &&
           std::any_of(destroys_.begin(), destroys_.end(), [&](const Destroy& other) {
               return other.session == write.session && other.acknowledged &&
                      other.begin >= destroy.read_end && other.end <= write.read_end;
           });
}

// Whether the request of the write may have read the tombstone of an earlier destroy, while the
// destroy found no session, and left an equal one.
bool Ledger::may_leave_equal_tombstone(const Destroy& destroy, WriteNumber number) const {
    const Write& write = writes_[number];
    const bool follows_another =
        std::any_of(destroys_.begin(), destroys_.end(), [&](const Destroy& other) {
            return other.session == write.session && other.begin < write.read_end;
        });
    return follows_another && written_list(number).size() == 1 &&
           std::none_of(writes_.begin() + 1, writes_.end(), [&](const Write& other) {
               return other.session == write.session && &other != &write &&
                      other.begin < destroy.end && other.end > write.read_end;
           });
}

// A value may lack an acknowledged write only if a destroy came between them.
bool Ledger::may_lack(uint32_t session, WriteNumber write, const std::vector<WriteNumber>& value,
                      SimTime end) const {
    return std::any_of(destroys_.begin(), destroys_.end(), [&](const Destroy& destroy) {
        // Without locks a destroy may win against any write. Tombstones do not expire everywhere at
        // once: the version of a new session may be below that of a tombstone that is left.
        const bool may_win = !settings_.locking || tombstones_have_expired(destroy, end);
        const bool stands_between =
            destroy.end > writes_[write].begin && destroy.begin < end &&
            std::all_of(value.begin(), value.end(),
                        [&](WriteNumber present) { return writes_[present].end > destroy.begin; });
        return destroy.session == session && (may_win || stands_between);
    });
}

Violation Ledger::judge(uint32_t session, const std::vector<WriteNumber>& value, SimTime begin,
                        SimTime end) const {
    if (sessions_[session].has_leftovers) {
        return {};  // new versions may be below those of the leftovers
    }
    for (WriteNumber number = 1; number < writes_.size(); ++number) {
        const Write& write = writes_[number];
        if (write.session == session && write.acknowledged && write.end < begin &&
            !contains(value, number) && !may_lack(session, number, value, end) &&
            !is_overwritten(number, value)) {
            return {value.empty() ? "P3 false empty" : "P2 lost update",
                    "without the acknowledged write " + std::to_string(number)};
        }
    }
    for (const Destroy& destroy : destroys_) {
        if (destroy.session != session || !destroy.acknowledged || destroy.end >= begin ||
            tombstones_have_expired(destroy, end)) {
            continue;
        }
        for (const WriteNumber number : value) {
            const Write& write = writes_[number];
            if (write.read_end <= destroy.begin && !is_of_new_session(write, destroy) &&
                !may_leave_equal_tombstone(destroy, number)) {
                return {"P5 resurrection",
                        "in which write " + std::to_string(number) + " was destroyed"};
            }
        }
    }
    return {};
}

Violation Ledger::judge_acknowledged(WriteNumber number) const {
    const Write& write = writes_[number];
    if (sessions_[write.session].has_leftovers) {
        return {};
    }
    for (WriteNumber other_number = 1; other_number < writes_.size(); ++other_number) {
        const Write& other = writes_[other_number];
        if (other.session == write.session && other.acknowledged && !settings_.last_wins &&
            other.variable == write.variable && !contains(written_list(number), other_number) &&
            !contains(written_list(other_number), number) &&
            !destroyed_between(write.session, other.begin, write.read_end) &&
            !destroyed_between(write.session, write.begin, other.read_end)) {
            return {"P2 both writes acknowledged",
                    "which lacks the acknowledged " + list(other.value.writes())};
        }
    }
    for (const Destroy& destroy : destroys_) {
        if (destroy.session == write.session && destroy.acknowledged && destroy.end < write.begin &&
            write.read_end <= destroy.begin && !may_leave_equal_tombstone(destroy, number)) {
            return {"P5 write after a destroy",
                    "though the session was destroyed since it was read"};
        }
    }
    return {};
}

bool Ledger::exists(uint32_t session, SimTime begin, SimTime end) const {
    return settings_.locking && !may_have_expired(session, end) &&
           std::any_of(writes_.begin(), writes_.end(), [&](const Write& write) {
               return write.session == session && write.acknowledged && write.end < begin &&
                      !destroyed_between(session, write.begin, end);
           });
}

}  // namespace memcache_session::sim

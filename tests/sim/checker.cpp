#include "tests/sim/checker.h"

#include <algorithm>
#include <charconv>

#include "src/lock/lease.h"
#include "src/replica/version.h"
#include "src/session/expiry.h"
#include "tests/sim/failures.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

namespace {

constexpr SimTime kClockGrain = kSecond;  // leases and clocks are exact to about a second
constexpr int64_t kLongLifetime = 1000;   // seconds; nothing expires in a history

bool contains(const std::vector<WriteNumber>& writes, WriteNumber number) {
    return std::find(writes.begin(), writes.end(), number) != writes.end();
}

std::string list(const std::vector<WriteNumber>& writes) {
    std::string text = "[";
    for (const WriteNumber write : writes) {
        text += (text.size() > 1 ? " " : "") + std::to_string(write);
    }
    return text + "]";
}

}  // namespace

std::string encode_value(uint32_t session, const std::vector<WriteNumber>& writes) {
    std::string value = session_name(session) + ":";
    for (const WriteNumber write : writes) {
        value += std::to_string(write) + ",";
    }
    return value;
}

Checker::Checker(const Settings& settings, Cluster& cluster, Timeline& timeline, Trace& trace,
                 const Placement& placement)
    : settings_(settings),
      cluster_(cluster),
      timeline_(timeline),
      trace_(trace),
      placement_(placement),
      writes_(1),
      sessions_(settings.sessions) {
    for (SessionState& state : sessions_) {
        state.dead_until.assign(settings.machines, -1);
    }
}

void Checker::fail(const std::string& promise, const std::string& text) {
    if (!violation_) {
        violation_ = {promise, text};
        trace_.line("VIOLATION", promise + ": " + text);
    }
}

std::string Checker::name(const RequestRecord& request) const {
    return "request " + std::to_string(request.number) + " (p" + std::to_string(request.process) +
           ", " + session_name(request.session) + ")";
}

uint32_t Checker::first_servers(uint32_t session) const {
    std::vector<uint32_t> servers;
    placement_.first_servers(session_name(session), settings_.redundancy, &servers);
    uint32_t bits = 0;
    for (const uint32_t server : servers) {
        bits |= 1U << server;
    }
    return bits;
}

void Checker::store_at_begin() {
    for (uint32_t session = 0; session < settings_.sessions; ++session) {
        Write write;
        write.session = session;
        write.read_end = write.begin = write.end = -1;
        write.acknowledged = true;
        write.value = {static_cast<WriteNumber>(writes_.size())};
        const std::string key = session_name(session);
        const std::string value = encode_value(session, write.value);
        const uint32_t flags = ItemFlags::encode(settings_.version_at_begin, false, false);
        writes_.push_back(write);
        const int32_t expiry = exptime_of(settings_.lifetime, kUnixTimeAtBegin);
        sessions_[session].lives_until = (settings_.lifetime - 2) * kSecond;
        for (uint32_t server = 0; server < settings_.servers; ++server) {
            if ((first_servers(session) >> server & 1) != 0) {
                cluster_.server(server).run(Command::set(key, value, flags, expiry), 0);
            }
        }
        failures_->store_begins(session);
    }
}

// ---- the calls and what they cost

void Checker::begin_call(RequestRecord* request) {
    request->call_begin = timeline_.now();
    request->exchange->clear_answers();
    request->call_failures = request->exchange->failures();
    request->call_phases = request->exchange->phases();
}

// A call takes at most the wait for a lock, one timeout for each server that fails in it, one more
// for a server that answers late but in time, and half a second for round trips. When nothing
// happens during the call, only the failures count.
void Checker::end_call(const RequestRecord& request, const char* call, SimTime wait,
                       uint32_t phases_max) {
    const SimTime taken = timeline_.now() - request.call_begin;
    const SimTime longest = wait + (settings_.servers + 1) * settings_.timeout + kSecond / 2;
    if (taken > longest) {
        fail("bound of a call", name(request) + ": " + call + " took " + time_text(taken) +
                                    " s, at most " + time_text(longest) + " s are allowed");
    }
    if (!request.exchange->misuse().empty()) {
        fail("misuse of the exchange", name(request) + ": " + request.exchange->misuse());
    }
    if (request.exchange->timed_out_twice() != 0) {
        fail("P7 cost of a down server",
             name(request) + ": " + call + " waited twice for a server that did not answer");
    }
    if (is_excused(request)) {
        return;
    }
    const uint32_t failures = request.exchange->failures() - request.call_failures;
    const SimTime usual = wait + failures * settings_.timeout + kSecond / 5;
    if (taken > usual) {
        fail("P7 cost of a down server", name(request) + ": " + call + " took " + time_text(taken) +
                                             " s with " + std::to_string(failures) + " failures");
    }
    const uint32_t phases = request.exchange->phases() - request.call_phases;
    if (phases > phases_max && is_calm(request)) {
        fail("P1 two round trips",
             name(request) + ": " + call + " took " + std::to_string(phases) + " phases");
    }
}

// Something happened to a server since the request began: it may be refused with a warning.
bool Checker::is_excused(const RequestRecord& request) const {
    if (cluster_.last_disturbance() >= request.begin) {
        return true;
    }
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        if (cluster_.is_unreliable(server)) {
            return true;
        }
    }
    return false;
}

// Nothing has ever gone wrong, nobody else uses the session, and the lease lasts: this is the
// ordinary request that P1 speaks of.
bool Checker::is_calm(const RequestRecord& request) const {
    const SessionState& state = sessions_[request.session];
    return cluster_.last_disturbance() < 0 && state.last_use_by_others < request.begin &&
           std::all_of(state.dead_until.begin(), state.dead_until.end(),
                       [](SimTime until) { return until < 0; }) &&
           std::none_of(requests_.begin(), requests_.end(),
                        [&](const RequestRecord* other) {
                            return other != &request && other->session == request.session;
                        }) &&
           !request.is_overdue && !lease_may_be_over(request) &&
           settings_.lifetime >= kLongLifetime;
}

// What a request stores whose lease is over counts if nobody was faster: whoever holds the lock
// then is refused. So is he by any destroy of a request whose lock was lost, or that got none and
// may read only.
void Checker::note_late_commit(const RequestRecord& request) {
    if (lease_may_be_over(request)) {
        sessions_[request.session].last_late_commit = timeline_.now();
    }
}

bool Checker::may_be_refused(const RequestRecord& request) const {
    const SessionState& state = sessions_[request.session];
    return request.may_be_read_only || is_excused(request) ||
           (takes_lock_late(request) &&
            (state.last_use_by_others >= request.begin ||
             timeline_.now() >= request.call_begin + settings_.lock_wait ||
             may_be_turned_away(request))) ||
           timeline_.now() >= state.lives_until || state.last_expired >= request.read_begin ||
           lease_may_be_over(request) || state.last_late_commit >= request.read_begin ||
           state.destroying > 0 || state.last_destroy >= request.read_end ||
           state.last_robbed >= request.begin ||
           std::any_of(requests_.begin(), requests_.end(), [&](const RequestRecord* other) {
               return other->session == request.session &&
                      (was_robbed(*other) || lease_may_be_over(*other));
           });
}

// A server lost its lock: another request may hold the session beside it, and one of them is
// refused.
bool Checker::was_robbed(const RequestRecord& request) const {
    return cluster_.last_lock_loss(request.session) >= request.read_begin;
}

bool Checker::lease_may_be_over(const RequestRecord& request) const {
    return request.has_read && request.locking &&
           timeline_.now() >= request.lease_from + settings_.lease - kClockGrain - kSecond / 10;
}

void Checker::request_begins(RequestRecord* request) {
    request->begin = timeline_.now();
    // Whoever is there already is disturbed by us.
    requests_.push_back(request);
    const auto of_this_session = [&](const RequestRecord* other) {
        return other->session == request->session;
    };
    const auto together =
        static_cast<uint32_t>(std::count_if(requests_.begin(), requests_.end(), of_this_session));
    for (RequestRecord* other : requests_) {
        if (of_this_session(other)) {
            other->together = std::max(other->together, together);
        }
    }
    if (together > 1) {
        sessions_[request->session].last_use_by_others = timeline_.now();
    }
}

// ---- reading

void Checker::read_begins(RequestRecord* request) {
    release(request);
    request->is_overdue = lease_may_be_over(*request);
    request->read_begin = timeline_.now();
    request->has_read = false;
    begin_call(request);
}

void Checker::read_ends(RequestRecord* request, const std::string_view* value,
                        const std::string& why) {
    SessionState& state = sessions_[request->session];
    const SimTime now = timeline_.now();
    const SimTime unheld_since = state.holders > 0 ? now : state.unheld_since;
    const SimTime waited = now - request->read_begin;
    request->read_end = now;
    if (request->locking && limited()) {
        check_wait(*request, unheld_since);
    }
    if (value == nullptr) {
        end_call(*request, "the failing read", request->locking ? settings_.lock_wait : 0, ~0U);
        if (limited() && !is_excused(*request) && !may_be_turned_away(*request) &&
            !(request->locking && waited >= settings_.lock_wait)) {
            fail("P4 session unavailable", name(*request) + " could not open it: " + why);
        }
        return;
    }
    ++successes_;
    request->base.clear();
    if (!value->empty() && !parse(request->session, *value, &request->base)) {
        fail("P8 foreign data", name(*request) + " read \"" + std::string(*value) + "\"");
        return;
    }
    request->may_be_read_only = request->locking && settings_.read_only_on_lock_failure &&
                                (waited >= settings_.lock_wait || may_be_turned_away(*request));
    const bool found = !request->base.empty();
    end_call(*request, "read", request->locking ? settings_.lock_wait : 0,
             found || settings_.servers <= settings_.redundancy ? 1 : 2);
    if (!found) {
        check_missing_is_proven(*request);
    }
    if (timeline_.now() >= state.lives_until) {
        forget_expired(*request);
    }
    if (limited()) {
        check_value(*request, request->base);
    }
    request->has_read = true;
    if (!request->locking) {
        return;
    }
    if (!request->may_be_read_only) {
        check_exclusion(*request);
        request->holds = true;
    }
    request->is_counted = true;  // not before: reading again releases first
    ++state.holders;
}

// As many wait as may; one of them may have the lock by now. A server that was away may still have
// the places of others. The places of waiters that were killed stay taken for a while.
bool Checker::may_be_turned_away(const RequestRecord& request) const {
    const std::vector<SimTime>& dead_until = sessions_[request.session].dead_until;
    return (request.locking || takes_lock_late(request)) && settings_.lock_waiters > 0 &&
           (request.together > settings_.lock_waiters ||
            (cluster_.last_disturbance() >= 0 &&
             cluster_.last_disturbance() >=
                 request.begin - settings_.lock_wait - 3 * kClockGrain) ||
            std::any_of(dead_until.begin(), dead_until.end(), [&](SimTime until) {
                return until >= 0 && until + settings_.lock_wait + kClockGrain > request.begin;
            }));
}

bool Checker::parse(uint32_t session, std::string_view text, std::vector<WriteNumber>* writes) {
    const size_t begin = text.find(':') + 1;
    const char* at = text.data() + begin;
    const char* end = text.data() + text.size();
    while (at < end) {
        WriteNumber number = 0;
        const auto [next, error] = std::from_chars(at, end, number);
        if (error != std::errc() || number >= writes_.size()) {
            return false;
        }
        writes->push_back(number);
        at = next + 1;
    }
    return !writes->empty() && writes_[writes->back()].value == *writes &&
           encode_value(session, *writes) == text;
}

// Tombstones live twice as long as the session, or until it is made again, and expires.
bool Checker::tombstones_have_expired(const Destroy& destroy, SimTime now) const {
    const bool made_again = std::any_of(writes_.begin(), writes_.end(), [&](const Write& write) {
        return write.session == destroy.session && write.begin > destroy.begin;
    });
    return now >= destroy.begin + (2 * settings_.lifetime - 2) * kSecond ||
           (made_again && now >= sessions_[destroy.session].lives_until);
}

// Whether a destroy may stand between a write begun at `after` and a read ended at `before`.
bool Checker::destroyed_between(uint32_t session, SimTime after, SimTime before) const {
    return std::any_of(destroys_.begin(), destroys_.end(), [&](const Destroy& destroy) {
        return destroy.session == session && destroy.end > after && destroy.begin < before;
    });
}

void Checker::check_value(const RequestRecord& request, const std::vector<WriteNumber>& value) {
    if (!settings_.locking && !value.empty()) {
        return;  // the last write wins
    }
    const Violation violation =
        judge_value(request.session, value, request.read_begin, request.read_end);
    if (violation) {
        fail(violation.promise, name(request) + " read " + list(value) + ", " + violation.text);
    }
}

// Whether a read from `begin` to `end` may give `value`, and if not, why.
Violation Checker::judge_value(uint32_t session, const std::vector<WriteNumber>& value,
                               SimTime begin, SimTime end) const {
    // Without locks a destroy may win against any write. Tombstones do not end everywhere at once:
    // what is stored then may begin below one that is left.
    const bool may_be_destroyed =
        std::any_of(destroys_.begin(), destroys_.end(), [&](const Destroy& destroy) {
            return destroy.session == session &&
                   (!settings_.locking || tombstones_have_expired(destroy, end));
        });
    for (WriteNumber number = 1; number < writes_.size(); ++number) {
        const Write& write = writes_[number];
        if (write.session != session || !write.acknowledged || write.end >= begin ||
            may_be_destroyed || contains(value, number)) {
            continue;
        }
        // Only what came after a destroy may lack it.
        const bool destroyed =
            std::any_of(destroys_.begin(), destroys_.end(), [&](const Destroy& destroy) {
                return destroy.session == session && destroy.end > write.begin &&
                       destroy.begin < end &&
                       std::all_of(value.begin(), value.end(), [&](WriteNumber present) {
                           return writes_[present].end > destroy.begin;
                       });
            });
        if (!destroyed) {
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
            if (writes_[number].read_end <= destroy.begin) {
                return {"P5 resurrection",
                        "in which write " + std::to_string(number) + " was destroyed"};
            }
        }
    }
    return {};
}

void Checker::check_missing_is_proven(const RequestRecord& request) {
    const std::string key = session_name(request.session);
    const uint32_t redundancy = std::min(settings_.redundancy, settings_.servers);
    if ((redundancy == 1 && settings_.allow_failover) || request.exchange->saw_tombstone(key)) {
        return;
    }
    std::vector<uint32_t> reach;
    placement_.first_servers(key, settings_.allow_failover ? 2 * redundancy - 1 : redundancy,
                             &reach);
    const uint32_t answered = request.exchange->answered(key);
    uint32_t silent = 0;
    for (const uint32_t server : reach) {
        silent += answered >> server & 1 ? 0 : 1;
    }
    if (silent >= redundancy) {
        fail("P3 missing without proof", name(request) +
                                             " was told that the session does not exist, with " +
                                             std::to_string(silent) + " of " +
                                             std::to_string(reach.size()) + " servers silent");
    }
}

// No two requests hold a session, unless a lease ran out or a lock was lost.
void Checker::check_exclusion(const RequestRecord& request) {
    for (const RequestRecord* other : requests_) {
        if (other == &request || other->session != request.session || !other->holds ||
            timeline_.now() >= other->lease_from + settings_.lease - kClockGrain ||
            cluster_.last_disturbance() >= other->read_begin) {
            continue;
        }
        bool all_well = true;
        for (uint32_t server = 0; server < settings_.servers; ++server) {
            all_well = all_well && failures_->is_well(server);
        }
        if (all_well) {
            fail("P2 two holders",
                 name(request) + " and " + name(*other) + " hold the session at the same time");
        }
    }
}

// Nobody waits long for a session that nobody holds.
void Checker::check_wait(const RequestRecord& request, SimTime unheld_since) {
    const SessionState& state = sessions_[request.session];
    const SimTime since = std::max(unheld_since, request.read_begin);
    const SimTime waited = timeline_.now() - since;
    SimTime allowed =
        kSecond / 2 + (request.exchange->failures() - request.call_failures) * settings_.timeout;
    if (is_excused(request) || request.exchange->troubled() != 0 ||
        request.exchange->saw_lone_lock()) {
        // Locks of which a part cannot be asked for end with their leases.
        allowed += settings_.lease + 3 * kSecond / 2 + 2 * settings_.timeout;
    } else if (cluster_.last_disturbance() >= 0) {
        // What stands alone of a lock is found out in about a second, on each server.
        allowed += settings_.redundancy * (kSecond + kSecond / 4);
    }
    for (uint32_t machine = 0; machine < settings_.machines; ++machine) {
        if (machine != request.machine && state.dead_until[machine] > since) {
            allowed =
                std::max(allowed, kSecond / 2 + state.dead_until[machine] - since + kClockGrain);
        }
    }
    if (waited > allowed) {
        fail("P6 wait for nobody", name(request) + " waited " + time_text(waited) +
                                       " s while nobody held the session, at most " +
                                       time_text(allowed) + " s are allowed");
    }
}

// ---- storing

// The call that releases the locks has ended, or the request has.
void Checker::release(RequestRecord* request) {
    request->holds = false;
    if (request->is_counted) {
        request->is_counted = false;
        SessionState& state = sessions_[request->session];
        if (--state.holders == 0) {
            state.unheld_since = timeline_.now();
        }
    }
}

// The session may have expired: what the request has not read may be gone for good.
void Checker::forget_expired(const RequestRecord& request) {
    SessionState& state = sessions_[request.session];
    state.last_expired = timeline_.now();
    for (WriteNumber number = 1; number < writes_.size(); ++number) {
        Write& write = writes_[number];
        if (write.session == request.session && !contains(request.base, number)) {
            write.acknowledged = false;
        }
    }
    for (Destroy& destroy : destroys_) {
        if (destroy.session == request.session &&
            tombstones_have_expired(destroy, timeline_.now())) {
            destroy.acknowledged = false;
        }
    }
    if (request.base.empty()) {
        state.lives_until = kNever;
    }
}

// What is stored expires by its own clock, at the earliest of those that are told.
void Checker::note_expiry(const RequestRecord& request, bool acknowledged) {
    SimTime& until = sessions_[request.session].lives_until;
    const SimTime expiry = request.call_begin + (settings_.lifetime - 2) * kSecond;
    if (until == kNever) {
        until = expiry;
    } else if (acknowledged) {
        until = std::max(until, expiry);
    }
}

WriteNumber Checker::write_begins(RequestRecord* request) {
    begin_call(request);
    note_expiry(*request, false);
    request->holds = false;
    note_late_commit(*request);
    failures_->store_begins(request->session);
    const auto number = static_cast<WriteNumber>(writes_.size());
    Write write;
    write.session = request->session;
    write.request = request->number;
    write.read_end = request->read_end;
    write.begin = timeline_.now();
    write.value = request->base;
    write.value.push_back(number);
    writes_.push_back(std::move(write));
    return number;
}

void Checker::write_ends(RequestRecord* request, WriteNumber number, bool ok, bool too_large,
                         const std::string& why) {
    release(request);
    note_late_commit(*request);
    // A commit that does not reach every server takes the lock again.
    const bool waits = sessions_[request->session].last_use_by_others >= request->begin ||
                       takes_lock_late(*request) || is_excused(*request);
    end_call(*request, "write", waits ? settings_.lock_wait : 0, takes_lock_late(*request) ? 2 : 1);
    Write& write = writes_[number];
    if (ok) {
        ++successes_;
        write.end = timeline_.now();
        write.acknowledged = true;
        note_expiry(*request, true);
        if (too_large) {
            fail("P2 refused write acknowledged", name(*request) + " stored too much");
            return;
        }
        if (limited() && settings_.locking) {
            check_acknowledged(*request, number);
        }
        check_copies(*request, encode_value(request->session, write.value), false);
        return;
    }
    if (limited() && !too_large && !may_be_refused(*request)) {
        fail("P4 write refused", name(*request) + " could not store: " + why);
    }
}

void Checker::check_acknowledged(const RequestRecord& request, WriteNumber number) {
    const Write& write = writes_[number];
    for (WriteNumber other_number = 1; other_number < writes_.size(); ++other_number) {
        const Write& other = writes_[other_number];
        if (other.session != write.session || !other.acknowledged ||
            contains(write.value, other_number) || contains(other.value, number) ||
            destroyed_between(write.session, other.begin, write.read_end) ||
            destroyed_between(write.session, write.begin, other.read_end)) {
            continue;
        }
        fail("P2 both writes acknowledged", name(request) + " stored " + list(write.value) +
                                                ", which lacks the acknowledged " +
                                                list(other.value));
        return;
    }
    for (const Destroy& destroy : destroys_) {
        if (destroy.session == write.session && destroy.acknowledged && destroy.end < write.begin &&
            write.read_end <= destroy.begin) {
            fail("P5 write after a destroy",
                 name(request) + " stored " + list(write.value) +
                     " though the session was destroyed since it was read");
            return;
        }
    }
}

// A commit stands on R servers, or on all that are usable.
void Checker::check_copies(const RequestRecord& request, std::string_view value, bool tombstone) {
    const std::string key = session_name(request.session);
    const uint32_t first = first_servers(request.session);
    uint32_t copies = 0;
    uint32_t newest = 0;
    uint32_t usable = 0;
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        const bool troubled = (request.exchange->troubled() >> server & 1) != 0;
        if (!troubled && failures_->is_well(server)) {
            usable |= 1U << server;
        }
        const SimServer::Item* item = cluster_.is_running(server)
                                          ? cluster_.server(server).find(key, timeline_.now())
                                          : nullptr;
        if (item == nullptr || ItemFlags::is_tombstone(item->flags) != tombstone) {
            continue;
        }
        // A later write begins with this one.
        if (tombstone || item->value.compare(0, value.size(), value) == 0) {
            copies |= 1U << server;
            newest |= is_newest(request.session, *item) ? 1U << server : 0;
        }
    }
    // A commit reaches a server late, when it is raised over one that was silent: another may have
    // been acknowledged meanwhile, and a server without that is failed still.
    failures_->committed(request.session, newest, (first & ~newest) == 0);
    const bool overwritten = sessions_[request.session].last_use_by_others >= request.begin;
    const uint32_t lacking = first & usable & ~copies;
    if (limited() && lacking != 0 && !overwritten && !is_excused(request) &&
        !request.may_be_read_only && !lease_may_be_over(request)) {
        fail("P4 copy not brought up to date",
             name(request) + ": its commit does not stand on every usable server");
    }
}

// Whether the item contains all that has been acknowledged.
bool Checker::is_newest(uint32_t session, const SimServer::Item& item) {
    std::vector<WriteNumber> writes;
    const SimTime from_now_on = timeline_.now() + 1;
    return !settings_.locking || ((item.value.empty() || parse(session, item.value, &writes)) &&
                                  !judge_value(session, writes, from_now_on, from_now_on));
}

void Checker::touch_begins(RequestRecord* request) {
    begin_call(request);
    note_expiry(*request, false);
    request->holds = false;
}

void Checker::touch_ends(RequestRecord* request, bool ok, const std::string& why) {
    release(request);
    end_call(*request, "update_timestamp", 0, 1);
    if (ok) {
        ++successes_;
        note_expiry(*request, true);
        check_copies(*request, encode_value(request->session, request->base), false);
    } else if (limited() && !may_be_refused(*request)) {
        fail("P4 touch refused", name(*request) + " could not extend: " + why);
    }
}

void Checker::destroy_begins(RequestRecord* request) {
    begin_call(request);
    request->holds = false;
    note_late_commit(*request);
    ++sessions_[request->session].destroying;
    failures_->store_begins(request->session);
    Destroy destroy;
    destroy.session = request->session;
    destroy.begin = timeline_.now();
    destroys_.push_back(destroy);
    request->destroy = static_cast<uint32_t>(destroys_.size());
}

void Checker::destroy_ends(RequestRecord* request, bool ok, const std::string& why) {
    release(request);
    note_late_commit(*request);
    --sessions_[request->session].destroying;
    sessions_[request->session].last_destroy = timeline_.now();
    end_call(*request, "destroy", 0, 2 + (settings_.servers > settings_.redundancy ? 1 : 0));
    if (ok) {
        ++successes_;
        Destroy& destroy = destroys_[request->destroy - 1];
        destroy.end = timeline_.now();
        destroy.acknowledged = true;
        check_copies(*request, "", true);
    } else if (limited() && !may_be_refused(*request)) {
        fail("P4 destroy refused", name(*request) + " could not destroy: " + why);
    }
}

void Checker::look_up_begins(RequestRecord* request) {
    begin_call(request);
}

void Checker::look_up_ends(RequestRecord* request, uint32_t session, bool missing) {
    end_call(*request, "validate of another id", 0, 2);
    if (!limited() || !missing || timeline_.now() >= sessions_[session].lives_until) {
        return;
    }
    for (const Write& write : writes_) {
        if (write.session == session && write.acknowledged && write.end < request->call_begin &&
            !destroyed_between(session, write.begin, timeline_.now())) {
            fail("P3 known id called unknown",
                 name(*request) + " was told that " + session_name(session) + " does not exist");
            return;
        }
    }
}

// ---- the end of a request

void Checker::close_begins(RequestRecord* request) {
    begin_call(request);
    request->holds = false;
}

void Checker::request_ends(RequestRecord* request) {
    release(request);
    end_call(*request, "close", 0, 1);
    check_released(*request);
    leave(request);
    for (const RequestRecord* other : requests_) {
        if (other->session == request->session) {
            sessions_[request->session].last_use_by_others = timeline_.now();
        }
    }
}

// No lock of ours stands where the server was well all the time.
void Checker::check_released(const RequestRecord& request) {
    const std::string key = session_name(request.session) + ".lock";
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        if ((request.exchange->troubled() >> server & 1) != 0 || !failures_->is_well(server)) {
            continue;
        }
        const SimServer::Item* item = cluster_.server(server).find(key, timeline_.now());
        if (item != nullptr &&
            same_token(parse_lock(item->value).token, request.exchange->token())) {
            fail("P6 lock not released",
                 name(request) + " has ended, and its lock stands on " + server_name(server));
        }
    }
}

void Checker::request_dies(RequestRecord* request) {
    release(request);
    sessions_[request->session].dead_until[request->machine] =
        timeline_.now() + settings_.lease + kSecond;
    leave(request);
}

void Checker::leave(RequestRecord* request) {
    requests_.erase(std::find(requests_.begin(), requests_.end(), request));
    if (was_robbed(*request)) {
        sessions_[request->session].last_robbed = timeline_.now();
    }
}

}  // namespace memcache_session::sim

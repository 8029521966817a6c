// The part of Checker that judges the cost of calls, and whether they may fail.
#include <algorithm>

#include "src/session/lifetime.h"
#include "tests/sim/checker.h"
#include "tests/sim/pool.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

namespace {

constexpr int64_t kLongLifetime = 1000;  // seconds; nothing expires in a history

}  // namespace

void Checker::begin_call(RequestRecord* request) {
    request->call_begin = timeline_.now();
    request->exchange->clear_answers();
    request->call_failures = request->exchange->failures();
    request->call_phases = request->exchange->phases();
}

// A call takes at most two timeouts and the wait for a lock, whatever happens. If nothing happens
// during the call, it takes no more than one timeout for each failure.
void Checker::end_call(const RequestRecord& request, const char* call, SimTime wait,
                       uint32_t phases_max) {
    const SimTime taken = timeline_.now() - request.call_begin;
    const SimTime longest = wait + 2 * settings_.timeout + kSecond / 100;
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

// A request that merges, and may store, waits only to bring a tombstone to the servers that lack
// it.
SimTime Checker::wait_of_read(const RequestRecord& request) const {
    const SessionState& state = sessions_[request.session];
    const bool may_complete = request.merging && request.asks_for_lock &&
                              (state.destroying > 0 || state.last_destroy >= 0);
    return request.locking || may_complete ? settings_.lock_wait : 0;
}

// Nobody is refused because no server replied while one has not been asked.
void Checker::check_last_resort(const RequestRecord& request, const std::string& why) {
    if (why.find("no memcached server could be used") == std::string::npos) {
        return;
    }
    const size_t reach = settings_.allow_failover ? settings_.servers : redundancy(*request.pool);
    for (const uint32_t server : request.pool->first_of_all(session_name(request.session), reach)) {
        if ((request.exchange->asked() >> server & 1) == 0) {
            fail("P7 refused without asking",
                 name(request) + " did not ask " + server_name(server));
        }
    }
}

// A fault began, ended or struck since the request began, so it may be refused with a warning.
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

// The ordinary request of P1: no fault has happened yet, nobody else uses the session, and the
// lease lasts.
bool Checker::is_calm(const RequestRecord& request) const {
    const SessionState& state = sessions_[request.session];
    return cluster_.last_disturbance() < 0 && cluster_.last_move() < 0 &&
           state.last_use_by_others < request.begin && !state.has_met_destroy &&
           std::all_of(state.dead_until.begin(), state.dead_until.end(),
                       [](SimTime until) { return until < 0; }) &&
           std::none_of(requests_.begin(), requests_.end(),
                        [&](const RequestRecord* other) {
                            return other != &request && other->session == request.session;
                        }) &&
           !request.is_overdue && !lease_may_be_over(request) &&
           settings_.lifetime >= kLongLifetime && settings_.foreign_processes == 0;
}

// No version compares copies that another program has stored, so their values are read in a phase
// of its own where the meta protocol has left them out.
uint32_t Checker::phases_for_foreign_values() const {
    const bool may_be_foreign = settings_.stored_at_begin && settings_.version_at_begin == 0;
    return may_be_foreign && settings_.meta_servers != 0 && settings_.redundancy > 1 ? 1 : 0;
}

// A request whose lease is over may commit if nobody was faster. The holder of the lock at that
// time is refused then.
void Checker::note_late_commit(const RequestRecord& request) {
    if (lease_may_be_over(request)) {
        sessions_[request.session].last_late_commit = timeline_.now();
    }
}

// A commit may be refused after these, beside the obvious:
// - The request read without lock and left out a server. That one may have had a newer version.
// - Another request ran that may have opened the session without lock, because a server was full.
// - A server has moved its items since, and somebody else has got a lock meanwhile, or the session
//   was destroyed when it was read: an equal tombstone says nothing of the time between.
// - A destroy of a request that had waited in vain for the lock, and may only read or merges. It
//   may run between the reads of two servers by the one who has the lock.
// - It found the session destroyed, and that destroy ran while it read. A server may get its
//   tombstone after the read.
bool Checker::may_be_refused(const RequestRecord& request) const {
    const SessionState& state = sessions_[request.session];
    return request.may_be_read_only || is_excused(request) ||
           (cluster_.was_full() && state.last_use_by_others >= request.begin) ||
           (cluster_.last_move() >= request.begin &&
            (request.base.empty() || state.last_use_by_others >= request.begin ||
             ledger_.may_have_expired_since(request.session, request.read_begin,
                                            timeline_.now()))) ||
           (takes_lock_late(request) &&
            (cluster_.last_move() >= request.begin || request.exchange->troubled() != 0 ||
             may_find_others(request) ||
             timeline_.now() >= request.call_begin + settings_.lock_wait ||
             may_be_turned_away(request))) ||
           may_be_refused_after_expiry(request) || is_too_old_to_merge(request) ||
           lease_may_be_over(request) || state.last_late_commit >= request.read_begin ||
           state.destroying > 0 ||
           state.last_destroy >=
               (may_destroy_without_lock() ? request.read_begin : request.read_end) ||
           (request.base.empty() && state.last_destroy >= request.read_begin) ||
           state.last_robbed >= request.begin ||
           std::any_of(requests_.begin(), requests_.end(), [&](const RequestRecord* other) {
               return other->session == request.session &&
                      (was_robbed(*other) || lease_may_be_over(*other));
           });
}

// Others may have changed what a request changes that read without lock. Changes of other variables
// are merged.
bool Checker::may_find_others(const RequestRecord& request) const {
    return request.merging ? !settings_.last_wins &&
                                 ledger_.is_variable_shared(request.write, request.read_begin)
                           : sessions_[request.session].last_use_by_others >= request.begin;
}

// A session that expired under its lock is stored anew, unless somebody else has come meanwhile, or
// may have destroyed it so long ago that its tombstones are over too. A request that merges, and
// has found nothing, takes that for another session.
bool Checker::may_be_refused_after_expiry(const RequestRecord& request) const {
    const SessionState& state = sessions_[request.session];
    if (request.merging && request.base.empty() &&
        ledger_.may_have_expired_since(request.session, 0, timeline_.now())) {
        return true;
    }
    return ledger_.may_have_expired_since(request.session, request.read_begin, timeline_.now()) &&
           (!request.locking || state.last_use_by_others >= request.begin ||
            settings_.foreign_processes > 0 ||
            timeline_.now() - request.read_begin >= 2 * settings_.lifetime * kSecond);
}

// Nothing tells a request that merges that the session expired since it was read, and was begun
// anew, destroyed and begun once more. protocol.md, "Merging".
bool Checker::is_of_expired_life(const RequestRecord& request) const {
    return request.merging &&
           ledger_.may_have_expired_since(request.session, request.read_begin, timeline_.now());
}

// Nothing tells such a request whether the session was destroyed since it was read.
bool Checker::is_too_old_to_merge(const RequestRecord& request) const {
    return request.merging && timeline_.now() - request.begin >=
                                  certain_tombstone_lifetime(settings_.lifetime) * kSecond;
}

// A server lost the lock of the request. Another request may hold the session beside it, and one of
// them is refused.
bool Checker::was_robbed(const RequestRecord& request) const {
    return cluster_.last_lock_loss(request.session) >= request.read_begin;
}

bool Checker::lease_may_be_over(const RequestRecord& request) const {
    return request.has_read && request.locking &&
           timeline_.now() >= request.lease_from + settings_.lease - kClockGrain - kSecond / 10;
}

// All places of the waiting room may be taken: by waiters, of which one may have the lock by now;
// by waiters that a server remembers which was away; by waiters that were killed, for a while.
bool Checker::may_be_turned_away(const RequestRecord& request) const {
    const std::vector<SimTime>& dead_until = sessions_[request.session].dead_until;
    return request.locking && settings_.lock_waiters > 0 &&
           (request.together > settings_.lock_waiters ||
            (cluster_.last_disturbance() >= 0 &&
             cluster_.last_disturbance() >=
                 request.begin - settings_.lock_wait - 3 * kClockGrain) ||
            std::any_of(dead_until.begin(), dead_until.end(), [&](SimTime until) {
                return until >= 0 && until + settings_.lock_wait + kClockGrain > request.begin;
            }));
}

}  // namespace memcache_session::sim

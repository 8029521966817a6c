// The part of Checker that watches the locks.
#include <algorithm>

#include "src/lock/lock_item.h"
#include "tests/sim/checker.h"
#include "tests/sim/failures.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

// The call that releases the locks has ended, or the request has ended.
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

// No two requests hold a session, unless a lease ran out or a lock was lost or taken over.
void Checker::check_exclusion(const RequestRecord& request) {
    bool all_well = true;
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        all_well = all_well && failures_->is_well(server);
    }
    for (RequestRecord* other : requests_) {
        if (other == &request || other->session != request.session || !other->holds) {
            continue;
        }
        const bool may_have_lost_it =
            !all_well || cluster_.last_disturbance() >= other->read_begin || was_robbed(request) ||
            timeline_.now() >= other->lease_from + settings_.lease - kClockGrain;
        if (!may_have_lost_it) {
            fail("P2 two holders",
                 name(request) + " and " + name(*other) + " hold the session at the same time");
        }
        other->holds = false;
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
        // A lock that is stored on a server that cannot be asked lasts until its lease ends.
        allowed += settings_.lease + 3 * kSecond / 2 + 2 * settings_.timeout;
    } else if (cluster_.last_disturbance() >= 0 &&
               (settings_.machines > 1 || !was_alone(request, since))) {
        // On each server it takes about a second to recognise an orphaned lock. It takes no time if
        // its process is of this machine and has ended the request.
        allowed += settings_.redundancy * (kSecond + kSecond / 4);
    }
    for (uint32_t machine = 0; machine < settings_.machines; ++machine) {
        // This request may wait for one of another machine that waits for a dead holder of its own.
        const bool concerns =
            machine != request.machine || state.last_use_by_others >= request.read_begin;
        if (concerns && state.dead_until[machine] > since) {
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

// Whether no other request for the session ran. Such a request may still wait for a server, or it
// went on without one that its lock reached late.
bool Checker::was_alone(const RequestRecord& request, SimTime since) const {
    return sessions_[request.session].last_use_by_others < since &&
           std::none_of(requests_.begin(), requests_.end(), [&](const RequestRecord* other) {
               return other != &request && other->session == request.session;
           });
}

// The request has left no lock on a server that was well all the time.
void Checker::check_released(const RequestRecord& request) {
    if (request.exchange->token() == 0) {
        return;
    }
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

}  // namespace memcache_session::sim

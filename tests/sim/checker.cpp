#include "tests/sim/checker.h"

#include <algorithm>
#include <optional>

#include "src/replica/version.h"
#include "src/wire/exptime.h"
#include "tests/sim/failures.h"
#include "tests/sim/pool.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

Checker::Checker(const Settings& settings, Cluster& cluster, Timeline& timeline, Trace& trace,
                 const Pool& pool)
    : settings_(settings),
      cluster_(cluster),
      timeline_(timeline),
      trace_(trace),
      pool_(pool),
      ledger_(settings),
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

uint32_t Checker::redundancy(const Pool& pool) const {
    return std::min(settings_.redundancy, static_cast<uint32_t>(pool.server_count()));
}

uint32_t Checker::first_servers(const Pool& pool, uint32_t session) const {
    uint32_t bits = 0;
    for (const uint32_t server : pool.first_of_all(session_name(session), redundancy(pool))) {
        bits |= 1U << server;
    }
    return bits;
}

void Checker::store_at_begin() {
    for (uint32_t session = 0; session < settings_.sessions; ++session) {
        const WriteNumber write = ledger_.stored_at_begin(session);
        const std::string key = session_name(session);
        const std::string value = ledger_.value(write).text(session);
        const uint32_t flags = ItemFlags::encode(settings_.version_at_begin, false, false);
        const int32_t expiry = exptime_of(settings_.lifetime, kUnixTimeAtBegin);
        for (uint32_t server = 0; server < settings_.servers; ++server) {
            if ((first_servers(pool_, session) >> server & 1) != 0) {
                cluster_.server(server).run(Command::set(key, value, flags, expiry), 0);
            }
        }
        failures_->store_begins(session);
    }
}

void Checker::request_begins(RequestRecord* request) {
    request->begin = timeline_.now();
    // The new request disturbs those that run.
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
    // Copies do not expire at one time, so one may be read when another has expired.
    request->may_have_expired = ledger_.may_have_expired(request->session, request->read_begin);
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
        end_call(*request, "the failing read", wait_of_read(*request), ~0U);
        check_last_resort(*request, why);
        if (limited() && !is_excused(*request) && !may_be_turned_away(*request) &&
            !(request->locking && waited >= settings_.lock_wait)) {
            fail("P4 session unavailable", name(*request) + " could not open it: " + why);
        }
        return;
    }
    ++successes_;
    const std::optional<SessionValue> parsed = ledger_.parse(request->session, *value);
    if (!parsed) {
        fail("P8 foreign data", name(*request) + " read \"" + std::string(*value) + "\"");
        return;
    }
    request->value = *parsed;
    request->base = parsed->writes();
    request->may_be_read_only = request->locking && settings_.read_only_on_lock_failure &&
                                (waited >= settings_.lock_wait || may_be_turned_away(*request));
    const bool found = !request->base.empty();
    end_call(*request, "read", wait_of_read(*request),
             (found || request->pool->server_count() <= settings_.redundancy ? 1 : 2) +
                 phases_for_foreign_values());
    if (!found && !request->foreign) {
        check_missing_is_proven(*request);
    }
    if (request->may_have_expired || ledger_.may_have_expired(request->session, now)) {
        ledger_.forget_expired(request->session, request->base, now,
                               failures_->failed(request->session) != 0);
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
    request->is_counted = true;  // now, because reading again releases first
    ++state.holders;
}

void Checker::check_value(const RequestRecord& request, const std::vector<WriteNumber>& value) {
    if (!settings_.locking && !value.empty()) {
        return;  // the last write wins
    }
    const Violation violation =
        ledger_.judge(request.session, value, request.read_begin, request.read_end);
    if (violation) {
        fail(violation.promise, name(request) + " read " + list(value) + ", " + violation.text);
    }
}

void Checker::check_missing_is_proven(const RequestRecord& request) {
    const std::string key = session_name(request.session);
    const uint32_t redundancy = this->redundancy(*request.pool);
    if ((redundancy == 1 && settings_.allow_failover) || request.exchange->saw_tombstone(key)) {
        return;
    }
    const std::vector<uint32_t> reach =
        request.pool->first_of_all(key, settings_.allow_failover ? 2 * redundancy - 1 : redundancy);
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

void Checker::look_up_begins(RequestRecord* request) {
    begin_call(request);
}

void Checker::look_up_ends(RequestRecord* request, uint32_t session, bool missing) {
    end_call(*request, "validate of another id", 0, 2);
    if (limited() && missing && ledger_.exists(session, request->call_begin, timeline_.now())) {
        fail("P3 known id called unknown",
             name(*request) + " was told that " + session_name(session) + " does not exist");
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

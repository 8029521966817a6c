// The part of Checker that judges writes, touches and destroys.
#include <optional>

#include "src/replica/version.h"
#include "src/session/conflict_messages.h"
#include "tests/sim/checker.h"
#include "tests/sim/failures.h"
#include "tests/sim/pool.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

WriteNumber Checker::write_begins(RequestRecord* request) {
    begin_call(request);
    request->holds = false;
    note_late_commit(*request);
    failures_->store_begins(request->session);
    request->write = ledger_.write_begins(request->session, request->variable, request->read_end,
                                          request->value, timeline_.now());
    return request->write;
}

void Checker::write_ends(RequestRecord* request, WriteNumber number, bool ok, bool too_large,
                         const std::string& why) {
    release(request);
    note_late_commit(*request);
    // A commit that did not reach every server takes the lock again, and may wait for it.
    const bool waits = sessions_[request->session].last_use_by_others >= request->begin ||
                       takes_lock_late(*request) || is_excused(*request);
    end_call(*request, "write", waits ? settings_.lock_wait : 0,
             takes_lock_late(*request) ? 3 + phases_for_foreign_values() : 1);
    if (ok) {
        ++successes_;
        SessionState& state = sessions_[request->session];
        state.has_met_destroy =
            request->base.empty() && (state.destroying > 0 || state.last_destroy >= request->begin);
        // What is read under the late lock may be a copy that outlived a newer one.
        if (takes_lock_late(*request) &&
            ledger_.may_have_expired(request->session, timeline_.now())) {
            ledger_.forget_expired(request->session, {number}, timeline_.now(),
                                   failures_->failed(request->session) != 0);
        }
        ledger_.write_ends(number, request->call_begin, timeline_.now());
        if (too_large) {
            fail("P2 refused write acknowledged", name(*request) + " stored too much");
            return;
        }
        if (is_of_expired_life(*request)) {
            ledger_.count_as_read_at(number, timeline_.now());
        }
        if (limited() && settings_.locking) {
            const Violation violation = ledger_.judge_acknowledged(number);
            if (violation) {
                fail(violation.promise, name(*request) + " stored " +
                                            list(ledger_.value(number).writes()) + ", " +
                                            violation.text);
            }
        }
        check_copies(*request, &ledger_.value(number));
        return;
    }
    // The session was there when the request came, and was destroyed while it waited.
    const bool ended =
        why == destroyed_message() && sessions_[request->session].last_destroy >= request->begin;
    if (limited() && !too_large && !ended && !may_be_refused(*request)) {
        fail("P4 write refused", name(*request) + " could not store: " + why);
    }
}

// R servers have the commit, or all that are usable.
void Checker::check_copies(const RequestRecord& request, const SessionValue* value) {
    const bool tombstone = value == nullptr;
    const std::string key = session_name(request.session);
    const uint32_t first = first_servers(*request.pool, request.session);
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
        if (item == nullptr || !is_copy(request, value, *item)) {
            continue;
        }
        copies |= 1U << server;
        // A tombstone of an earlier destroy looks the same but for its version, and so does a copy
        // whose server was silent when the commit was raised.
        const bool is_earlier =
            is_newer(newest_version(key, tombstone), ItemFlags::version(item->flags));
        if (!is_earlier && is_newest(request.session, *item)) {
            newest |= 1U << server;
        }
    }
    // A commit that is stored twice reaches a server late. If another commit was acknowledged
    // meanwhile, a server without that one is still failed.
    failures_->committed(request.session, newest, (first & ~newest) == 0);
    const bool overwritten = sessions_[request.session].last_use_by_others >= request.begin;
    const uint32_t lacking = first & usable & ~copies;
    // The copy of an unchanged session that moved is brought up to date by the next commit.
    const bool moved = cluster_.last_move() >= request.begin;
    // A request that merges repairs an unchanged session if nobody holds the lock. If the session
    // expired meanwhile, it merges with an older copy that a server has kept for longer.
    const bool repairs = !request.merging || request.write != 0 || tombstone;
    if (limited() && repairs && lacking != 0 && !overwritten && !moved && !is_excused(request) &&
        !request.may_be_read_only && !lease_may_be_over(request) && !is_of_expired_life(request)) {
        fail("P4 copy not brought up to date",
             name(request) + ": its commit does not stand on every usable server");
    }
}

// A later write continues this one. Two commits that were never acknowledged may have one version
// and one size, which the meta protocol does not tell apart.
bool Checker::is_copy(const RequestRecord& request, const SessionValue* value,
                      const SimServer::Item& item) {
    if (value == nullptr || ItemFlags::is_tombstone(item.flags)) {
        return (value == nullptr) == ItemFlags::is_tombstone(item.flags);
    }
    const std::optional<SessionValue> stored = ledger_.parse(request.session, item.value);
    const bool looks_equal =
        settings_.meta_servers != 0 && item.value.size() == value->text(request.session).size();
    return looks_equal || (stored && stored->continues(*value));
}

// The newest version of the tombstones, or of the values, on all servers that run.
Version Checker::newest_version(const std::string& key, bool tombstones) {
    Version newest = kForeignVersion;
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        const SimServer::Item* item = cluster_.is_running(server)
                                          ? cluster_.server(server).find(key, timeline_.now())
                                          : nullptr;
        if (item != nullptr && ItemFlags::is_tombstone(item->flags) == tombstones) {
            const Version version = ItemFlags::version(item->flags);
            newest = newest == kForeignVersion || is_newer(version, newest) ? version : newest;
        }
    }
    return newest;
}

// Whether the item contains all acknowledged writes.
bool Checker::is_newest(uint32_t session, const SimServer::Item& item) {
    const std::optional<SessionValue> value = ledger_.parse(session, item.value);
    const SimTime from_now_on = timeline_.now() + 1;
    return !settings_.locking ||
           (value && !ledger_.judge(session, value->writes(), from_now_on, from_now_on));
}

void Checker::touch_begins(RequestRecord* request) {
    begin_call(request);
    ledger_.extension_begins(request->session, timeline_.now());
    request->holds = false;
}

void Checker::touch_ends(RequestRecord* request, bool ok, const std::string& why) {
    release(request);
    end_call(*request, "update_timestamp", 0, 1);
    if (ok) {
        ++successes_;
        ledger_.extension_ends(request->session, request->call_begin);
        check_copies(*request, &request->value);
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
    request->destroy = ledger_.destroy_begins(request->session, request->read_end, timeline_.now());
}

void Checker::destroy_ends(RequestRecord* request, bool ok, const std::string& why) {
    release(request);
    note_late_commit(*request);
    --sessions_[request->session].destroying;
    sessions_[request->session].last_destroy = timeline_.now();
    end_call(*request, "destroy", request->merging ? settings_.lock_wait : 0,
             2 + (request->merging ? 1 : 0) +
                 (request->pool->server_count() > settings_.redundancy ? 1 : 0));
    if (ok) {
        ++successes_;
        ledger_.destroy_ends(request->destroy, timeline_.now());
        check_copies(*request, nullptr);
    } else if (limited() && !may_be_refused(*request)) {
        fail("P4 destroy refused", name(*request) + " could not destroy: " + why);
    }
}

}  // namespace memcache_session::sim

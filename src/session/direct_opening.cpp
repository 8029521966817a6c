#include "src/session/direct_opening.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/lock/member_lock.h"
#include "src/replica/rules.h"
#include "src/session/direct_values.h"
#include "src/session/messages.h"

namespace memcache_session {
namespace {

// Waiting and failing over have bounds of their own. This bound is for locks that are lost as fast
// as they are granted.
constexpr int kRoundsMax = 100;

// The most servers that are asked at once because time is short, or because all others have failed.
constexpr size_t kTogetherMax = 64;

// Whether the server may be well: it was given up because of this process or this call.
bool may_be_well(const ServerFailure& entry) {
    return is_too_large(entry.failure) || entry.failure.kind == FailureKind::kOutOfTime;
}

Status too_large(const DirectSession& session, const ServerFailure& failure) {
    return {Code::kTooLarge, too_large_reply_message(session.parts.pool.servers, failure)};
}

Status newest_is_lost(const DirectSession& session) {
    return {Code::kUnavailable,
            newest_lost_message(session.parts.pool.servers, session.members.passed_over())};
}

// Whether outages explain why members do not have the session as it is. If the list of servers has
// changed, other web servers may still look at those that would be stand-ins here.
bool is_after_outage(const DirectSession& session) {
    const MemberList& members = session.members.list();
    const auto has_it = [](const Member& member) { return member.opened.current; };
    return std::any_of(members.begin(), members.end(), has_it) &&
           std::all_of(members.begin(), members.end(), [&](const Member& member) {
               return has_it(member) || session.parts.exchange.had_outage(member.server);
           });
}

std::ptrdiff_t well_among(const Failures& failures) {
    return std::count_if(failures.begin(), failures.end(), may_be_well);
}

}  // namespace

DirectOpening::DirectOpening(DirectSession* session, LockWait::Policy wait)
    : session_(*session),
      places_(session->parts, session->lock),
      wait_(session->parts, places_, wait),
      given_up_before_(well_among(session->members.passed_over())) {}

Status DirectOpening::run(Access access, Search search) {
    session_.locked = access == Access::kLocked;
    session_.fenced = access != Access::kUnfenced;
    // Without fence, requests side by side can store different values under one version.
    session_.reads_all = session_.reads_all || !session_.fenced;
    Status status = read_or_search(access, search);
    if (status.ok()) {
        status = check_given_up();
    }
    if (!status.ok()) {
        session_.locked = false;
        wait_.leave();
        for (const ServerFailure& silent : session_.lock.release_all(&session_.members)) {
            session_.members.drop(silent.server, silent.failure);
        }
    }
    return status;
}

Status DirectOpening::read_or_search(Access access, Search search) {
    bool is_complete = false;
    while (!is_complete) {
        Status status = access == Access::kLocked ? lock_and_read() : read();
        if (!status.ok()) {
            return status;
        }
        const bool searches = search == Search::kOtherServers && rules.sweep_before_missing;
        const SearchScope scope = searches ? search_scope(session_) : SearchScope::kNothing;
        is_complete = true;
        status = scope != SearchScope::kNothing ? search_elsewhere(scope, &is_complete)
                                                : choose_among_members(&is_complete);
        if (!status.ok()) {
            return status;
        }
    }
    compare_with_first_phase();
    return {};
}

// An id is judged by the answers of the first phase, before any wait: protocol.md, "Validating an
// id".
void DirectOpening::note_whether_known() {
    if (std::exchange(is_first_phase_, false)) {
        const Member& newest = newest_of(session_.members);
        if (newest.item.present && !newest.item.tombstone()) {
            known_on_ = newest.server;
        }
    }
}

// Notes whether a session that is missing now was there in the first phase, as the same server
// shows.
void DirectOpening::compare_with_first_phase() {
    StoredSession& stored = session_.stored;
    if (stored.missing && known_on_) {
        const Member& shown = session_.members.contains(*known_on_)
                                  ? session_.members.at(*known_on_)
                                  : newest_of(session_.members);
        stored.ended_meanwhile = shown.item.tombstone();
        stored.was_known = !shown.item.present || shown.item.tombstone();
    }
}

Status DirectOpening::lock_and_read() {
    for (int round_number = 0; round_number < kRoundsMax; ++round_number) {
        if (session_.members.empty() && !ask_marked()) {
            return unavailable();
        }
        LockRound round = run_lock_round(&session_);
        if (round.too_large) {
            return too_large(session_, *round.too_large);
        }
        const bool is_final = !give_up_excess(&session_);
        if (round.refused_by && session_.members.contains(*round.refused_by)) {
            note_whether_known();
            Status status = wait_for_lock(round);
            if (!status.ok()) {
                return status;
            }
            wait_.leave();
            if (places_.silent() && session_.members.contains(places_.silent()->server)) {
                session_.members.drop(places_.silent()->server, places_.silent()->failure);
            }
        } else if (is_final && round.all_answered && round.names_final_set) {
            return {};
        }
        add_stand_ins();
    }
    return {Code::kUnavailable, lock_lost_message(kRoundsMax)};
}

// Success: the refusing server has granted its lock, or failed and was dropped.
Status DirectOpening::wait_for_lock(const LockRound& round) {
    const bool is_first = session_.members.list().front().server == *round.refused_by;
    MemberLock lock(session_.parts, session_.lock, &session_.members, *round.refused_by,
                    round.refusal);
    const LockWait::End end =
        wait_.run(&lock, is_first ? WaitSchedule::kSleepMin : WaitSchedule::kSleepMinBehindOurs);
    if (end == LockWait::End::kGranted || end == LockWait::End::kServerFailed) {
        return {};
    }
    return {Code::kLocked, waited_in_vain_reason(session_.parts, lock, wait_, end)};
}

// Reads without lock. If a stand-in was added, or locks of excess members may have been released,
// all members are asked again, because views of replies do not outlive their phase.
Status DirectOpening::read() {
    while (!session_.members.empty() || ask_marked()) {
        const ReadRound round = run_read_round(&session_);
        if (round.too_large) {
            return too_large(session_, *round.too_large);
        }
        const bool is_final = !give_up_excess(&session_);
        const bool added = !round.all_answered && add_stand_ins();
        if (is_final && !added && !session_.members.empty()) {
            return {};
        }
    }
    return unavailable();
}

// Nobody is refused while a server that could answer has not been asked: protocol.md, "Opening".
bool DirectOpening::ask_marked() {
    return !std::exchange(asked_marked_, true) && session_.members.fill_with_marked(kTogetherMax);
}

// A call that has lost time asks all servers at once, because those that it would ask next may be
// silent too. protocol.md, "The time of a call".
bool DirectOpening::add_stand_ins() {
    Members& members = session_.members;
    const bool all_at_once = session_.parts.budget.is_short();
    const bool none_is_left = members.empty();
    bool added = false;
    if (stand_in_rounds_ < session_.options.failover_attempts_max) {
        const size_t count = std::max(members.redundancy(), all_at_once ? kTogetherMax : 0);
        added = members.fill_up_to(session_.parts.exchange, count);
        stand_in_rounds_ += added ? 1 : 0;
    }
    return (none_is_left && all_at_once && ask_marked()) || added;
}

// Reads values that are needed first: protocol.md, "Copies whose value is not read". Not complete:
// the session has vanished since its metadata were read, so whether it is missing is to be proven.
Status DirectOpening::choose_among_members(bool* is_complete) {
    ValuesRead read;
    const bool reads = needs_values(session_.members);
    if (reads) {
        read = read_values(session_.parts, session_.lock.key().session(), &session_.members);
    }
    if (read.too_large) {
        return too_large(session_, *read.too_large);
    }
    if (read.newest_is_lost) {
        return newest_is_lost(session_);
    }
    if (reads && !counting_member(session_.members).item.present) {
        *is_complete = false;
        return {};
    }
    session_.stored = choose_newest(&session_.members, nullptr, session_.lock.token());
    session_.stored.saw(read.newest_seen);
    return {};
}

// A member does not have the session, or not as it is. protocol.md, "Searching other servers". Not
// complete: there are new members, which have not been asked for their locks yet.
Status DirectOpening::search_elsewhere(SearchScope scope, bool* is_complete) {
    SearchResult found = search_other_servers(session_.parts, session_.lock.key().session(), scope,
                                              session_.options.search, &session_.members);
    if (found.too_large) {
        return too_large(session_, *found.too_large);
    }
    if (found.newest_is_lost) {
        return newest_is_lost(session_);
    }
    if (found.has_taken_back) {
        *is_complete = false;
        return {};
    }
    session_.stored = choose_newest(&session_.members, &found.newest, session_.lock.token());
    session_.left_on_stand_ins =
        is_after_outage(session_) ? std::move(found.on_stand_ins) : std::vector<OutsideCopy>();
    if (session_.stored.missing && !first_choice_shows_destroyed(session_.members) &&
        !is_missing_proven(session_.members, found.silent)) {
        return {Code::kUnknownState,
                state_unknown_message(session_.parts.pool.servers, found.silent)};
    }
    return {};
}

// A server that may be well may have the newest copy, so no other copy is served in its place.
Status DirectOpening::check_given_up() const {
    const Failures& failures = session_.members.passed_over();
    if (well_among(failures) == given_up_before_) {
        return {};
    }
    const ServerFailure& latest = *std::find_if(failures.rbegin(), failures.rend(), may_be_well);
    return is_too_large(latest.failure)
               ? too_large(session_, latest)
               : Status(Code::kUnavailable,
                        out_of_time_message(session_.parts.pool.servers, failures));
}

Status DirectOpening::unavailable() const {
    const Status status = check_given_up();
    if (!status.ok()) {
        return status;
    }
    return {Code::kUnavailable,
            unavailable_message(session_.parts.pool.servers, session_.members.passed_over())};
}

}  // namespace memcache_session

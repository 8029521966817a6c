#include "src/session/direct_recheck.h"

#include <algorithm>
#include <string>
#include <vector>

namespace memcache_session {
namespace {

// Each further look means that the locks had a lease left that may have ended since, or that the
// servers were slow.
constexpr int kLooksMax = 3;

void take_over_silence(const Request& request, size_t index, StoreRound* round, HeldLock* lock) {
    round->outcomes[index] = StoreOutcome::kSilent;
    round->failures[index] = failure_of(request);
    lock->held = lock->held && is_too_large(request.failure);
    lose_connection(lock);
}

// Judges the look at one member by the table of that chapter, and takes over its fresh cas numbers.
void take_over_look(const DirectSession& session, const Store& store, const Request& request,
                    bool is_stored_elsewhere, size_t index, StoreRound* round, Troubles* troubles,
                    Member* member) {
    const Reply& shown = request.replies[session.locked ? SessionLock::kSessionReply : 0];
    const bool lock_is_unknown =
        session.locked && !request.failure && is_error(request.replies[SessionLock::kLockReply]);
    if (request.failure || is_error(shown) || lock_is_unknown || lacks_cas(request)) {
        troubles->add(request);
        take_over_silence(request, index, round, &member->lock);
        return;
    }
    const Item item = Item::from(shown, request.connection);
    const bool is_as_good = is_unchanged(*member, item) || (is_stored_elsewhere && !item.present);
    // If so, only the reply to our store was lost.
    const bool is_ours = store.aim == Aim::kCommit && item.present && item.flags == store.flags &&
                         item.value == store.value;
    member->item = item;
    const bool was_without = member->lock.out_of_memory;
    if (session.locked) {
        member->lock = session.lock.lock_shown(request);
    }
    // A member that had no memory for our lock must have nobody else's. Where a lock has ended
    // before it was renewed, another look shows whether somebody else has it.
    const bool has_ended =
        request.commands[0].verb == Verb::kReplaceIf && request.replies[0].kind == ReplyKind::kGone;
    const bool holds_as_before = !session.locked || member->lock.held || has_ended ||
                                 (was_without && member->lock.out_of_memory);
    if (is_ours) {
        round->outcomes[index] = StoreOutcome::kStored;
        if (!holds_as_before || was_without) {
            round->holds[index] = Hold::kUnknown;
        }
    } else if (!is_as_good || !holds_as_before) {
        const bool is_lost = holds_as_before && !item.present;
        round->outcomes[index] = is_lost ? StoreOutcome::kGone : StoreOutcome::kChanged;
        round->holds[index] = Hold::kUnknown;
    }
}

// Whether the lease of our lock on this server begins with this phase. One that a full server keeps
// cannot be renewed.
bool is_lock_anew(const Request& request) {
    return request.answered > 0 && (request.replies[0].kind == ReplyKind::kDone ||
                                    is_out_of_memory(request.commands[0], request.replies[0]));
}

// `lock`: the value of our lock. `renews`: a lock that is held is stored anew, instead of being
// tried by `add`.
Request look_at(const Member& member, const DirectSession& session, const std::string& lock,
                bool renews) {
    Request request;
    request.server = member.server;
    if (!session.locked) {
        request.add(Command::read_for_update(session.lock.key().session()));
    } else if (renews && member.lock.held && member.lock.connection != kLostConnection) {
        request.bound_to = member.lock.connection;
        session.lock.add_renewal(&request, lock, member.lock.cas, Reading::kWhole);
    } else {
        session.lock.add_take(&request, lock, Reading::kWhole);
    }
    return request;
}

// One phase.
void look_once(DirectSession* session, const Store& store, bool renews, StoreRound* round,
               Troubles* troubles) {
    const std::string lock = session->lock.value(session->members.lock_names());
    std::vector<size_t> unsent;
    std::vector<Request> requests;
    const TimePoint began = session->parts.clock.now();
    for (size_t i = 0; i < round->outcomes.size(); ++i) {
        if (round->outcomes[i] == StoreOutcome::kUnsent) {
            unsent.push_back(i);
            requests.push_back(look_at(session->members.list()[i], *session, lock, renews));
        }
    }
    session->parts.exchange.run(Purpose::kRecheck, requests.data(), requests.size());

    const bool stored = round->has(StoreOutcome::kStored);
    bool all_anew = true;
    for (size_t i = 0; i < unsent.size(); ++i) {
        Member& member = session->members.list()[unsent[i]];
        all_anew = all_anew && is_lock_anew(requests[i]);
        if (requests[i].failure.kind == FailureKind::kConnectionLost) {
            lose_connection(&member.lock);  // a new one shows whether it is still ours
        } else {
            take_over_look(*session, store, requests[i], stored, unsent[i], round, troubles,
                           &member);
        }
    }
    if (all_anew) {
        session->lease_began = began;
    }
}

// Others have stored the session that was to be extended, or have its lock and may end without a
// store. What is there is touched, and nothing is replaced.
void extend_what_is_there(DirectSession* session, StoreRound* round) {
    session->left_on_stand_ins.clear();  // they may be needed: a member may have an older copy
    for (size_t i = 0; i < round->outcomes.size(); ++i) {
        StoreOutcome& outcome = round->outcomes[i];
        if (outcome == StoreOutcome::kChanged || outcome == StoreOutcome::kUnsent) {
            Member& member = session->members.list()[i];
            member.opened.current = member.item.present && !member.item.tombstone();
            outcome = member.opened.current ? StoreOutcome::kUnsent : StoreOutcome::kLeftOut;
        }
    }
}

// Whether the reply shows a foreign copy and, if the lock was read, a lock that is none of ours.
bool shows_foreign_state(const Request& request) {
    if (request.failure || is_error(request.replies[0])) {
        return false;
    }
    const Item item = Item::from(request.replies[0], request.connection);
    return item.present && item.version() == kForeignVersion &&
           (request.command_count == 1 ||
            (request.replies[1].kind == ReplyKind::kHit &&
             same_token(parse_lock_token(request.replies[1].value), 0)));
}

}  // namespace

void look_before_store(DirectSession* session, const Store& store, StoreRound* round,
                       Troubles* troubles) {
    look_once(session, store, false, round, troubles);
    for (int looks = 1;
         looks < kLooksMax && session->locked && round->has(StoreOutcome::kUnsent) &&
         !round->has(StoreOutcome::kChanged) && session->lock.is_overdue(session->lease_began);
         ++looks) {
        look_once(session, store, true, round, troubles);
    }
    if (store.aim == Aim::kExtend && session->locked && round->has(StoreOutcome::kChanged)) {
        extend_what_is_there(session, round);
    }
}

void look_at_refusals(DirectSession* session, StoreRound* round) {
    std::vector<size_t> refused;
    std::vector<Request> requests;
    for (size_t i = 0; i < round->outcomes.size(); ++i) {
        const Member& member = session->members.list()[i];
        if (round->outcomes[i] == StoreOutcome::kRefused) {
            refused.push_back(i);
            Request& request = requests.emplace_back();
            request.server = member.server;
            request.add(Command::read_for_update(session->lock.key().session()));
        }
    }
    const bool may_succeed =
        round->has(StoreOutcome::kStored) || round->has(StoreOutcome::kConflict);
    if (refused.empty() || !may_succeed) {
        return;
    }
    session->parts.exchange.run(Purpose::kRecheck, requests.data(), requests.size());
    for (size_t i = 0; i < refused.size(); ++i) {
        const Request& request = requests[i];
        if (!request.failure && !is_error(request.replies[0]) &&
            !is_unchanged(session->members.list()[refused[i]],
                          Item::from(request.replies[0], request.connection))) {
            round->outcomes[refused[i]] = StoreOutcome::kConflict;
            round->failures[refused[i]] = {};
            round->holds[refused[i]] = Hold::kUnknown;
        }
    }
}

bool is_newer_on(const std::vector<uint32_t>& servers, Version commit, DirectSession* session) {
    Requests requests;
    for (const uint32_t server : servers) {
        if (session->parts.exchange.usable(server)) {
            Request& request = requests.emplace_back();
            request.server = server;
            request.add(Command::read_metadata(session->lock.key().session()));
        }
    }
    if (requests.empty()) {
        return false;
    }
    session->parts.exchange.run(Purpose::kRecheck, requests.data(), requests.size());
    return std::any_of(requests.begin(), requests.end(), [commit](const Request& request) {
        return !request.failure && request.replies[0].kind == ReplyKind::kHit &&
               is_newer(ItemFlags::version(request.replies[0].flags), commit);
    });
}

bool look_whether_others_have_read(DirectSession* session, StoreRound* round) {
    if (round->first_held_on == 0 || round->has(Hold::kUnknown)) {
        return false;
    }
    std::vector<size_t> asked;
    Requests requests;
    for (size_t i = 0; i < round->holds.size(); ++i) {
        const bool overwritten = round->holds[i] == Hold::kOverwritten;
        if (i > 0 && !overwritten) {
            continue;
        }
        asked.push_back(i);
        Request& request = requests.emplace_back();
        request.server = session->members.list()[i].server;
        request.add(read_session(session->lock.key().session(), Reading::kMetadata));
        if (overwritten) {
            request.add(read_lock(session->lock.key().lock()));
        }
    }
    session->parts.exchange.run(Purpose::kRecheck, requests.data(), requests.size());
    for (size_t i = 0; i < asked.size(); ++i) {
        if (requests[i].failure) {  // it is not asked again
            round->failures[asked[i]] = requests[i].failure;
            session->members.list()[asked[i]].lock.held = false;
        }
    }
    return requests[0].connection == round->first_held_on &&
           std::all_of(requests.begin(), requests.end(), shows_foreign_state);
}

}  // namespace memcache_session

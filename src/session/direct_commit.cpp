#include "src/session/direct_commit.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <string>
#include <vector>

#include "src/replica/rules.h"
#include "src/session/conflict_messages.h"
#include "src/session/direct_destroy.h"
#include "src/session/direct_opening.h"
#include "src/session/direct_recheck.h"
#include "src/session/direct_search.h"
#include "src/session/lifetime.h"
#include "src/session/messages.h"
#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// Each further round means that a server failed, refused or lost its copy in the one before, or it
// is the second of two stores.
constexpr int kRoundsMax = 8;

// protocol.md, "Store twice with gaps".
bool stores_twice(const DirectSession& session, Aim aim) {
    return rules.store_twice_with_gaps && aim == Aim::kCommit && session.fenced &&
           session.members.redundancy() > 2 && session.members.absent_first_choices() > 0;
}

// Whether the session may have expired under its lock. If so, the locks are kept until the replies
// show whether the item was still there. A request that waits would see the session missing
// otherwise. `lifetime` in seconds.
bool may_have_expired(const DirectSession& session, int64_t lifetime) {
    return rules.restore_expired && session.locked && lifetime > 0 &&
           session.held() >= std::chrono::seconds(lifetime - kExpiryMargin);
}

// Whether another program, which locks the first server only, could come between the stores.
// protocol.md, "Beside pecl/memcache".
bool may_meet_other_programs(const DirectSession& session, Aim aim) {
    return aim == Aim::kCommit && session.locked && session.members.list().size() > 1 &&
           is_mixed_farm(session.parts.processes, session.parts.clock.unix_time());
}

// Whether the request has held the session for so long that the tombstone of a destroy since its
// opening may have expired. `lifetime` of the session in seconds.
bool outlives_tombstones(const DirectSession& session, int64_t lifetime) {
    return session.held() >= std::chrono::seconds(tombstone_lifetime(lifetime));
}

}  // namespace

DirectCommit::DirectCommit(DirectSession* session, Aim aim, const PackedValue& value,
                           int64_t lifetime)
    : session_(*session),
      lifetime_(std::min(lifetime, kLifetimeMax)),
      incarnation_(session->stored.next_incarnation()),
      stores_(session, store_, &troubles_) {
    assert(aim != Aim::kDestroy);
    const Version version = aim == Aim::kExtend ? ItemFlags::version(session_.stored.flags)
                                                : kForeignVersion;  // chosen in each round
    store_.aim = aim;
    store_.value = value.text;
    store_.flags = ItemFlags::encode(version, false, value.zlib, incarnation_);
    store_.exptime = exptime_of(lifetime, session_.parts.clock.unix_time());
    attempt_.value = value.text;
    attempt_.version_at_opening = session_.stored.newest_version;
    attempt_.flags_at_opening = session_.stored.flags;
}

Status DirectCommit::run() {
    const Status status = store_until_complete();
    session_.lock.release_all(&session_.members);
    if (has_all_copies_) {
        remove_from_stand_ins(&session_);
    }
    return status;
}

// The locks are released behind the stores, in the same write, unless another store is sure to
// follow, the session may have expired, or other programs lock it too. A store that is repeated
// takes the locks again, or renews them. protocol.md, "What became of a commit".
Status DirectCommit::store_until_complete() {
    Verdict verdict = Verdict::kDone;
    bool has_stored = false;
    for (int round_number = 0; round_number < kRoundsMax; ++round_number) {
        StoreTerms terms{store_.aim, session_.locked, session_.fenced, false};
        terms.first_of_two = !has_stored && stores_twice(session_, store_.aim);
        store_.keeps_locks = terms.first_of_two ||
                             (round_number == 0 && may_have_expired(session_, lifetime_)) ||
                             may_meet_other_programs(session_, store_.aim);
        if (store_.aim == Aim::kCommit) {
            const Raise raise = terms.first_of_two ? Raise::kFirstOfTwo : Raise::kLast;
            store_.flags = ItemFlags::encode(
                next_version(session_, session_.members.absent_first_choices(), raise), false,
                ItemFlags::is_zlib(store_.flags), incarnation_);
        }
        StoreRound round = store_round();
        has_stored = has_stored || round.has(StoreOutcome::kStored);
        verdict = judge_commit(round, terms);
        if (!is_worth_a_look(verdict)) {
            if (verdict == Verdict::kDone) {
                count_copies(round);
            }
            break;
        }
        const Sight sight = look_again(verdict, &round);
        if (sight != Sight::kMayStore) {
            return status_after(verdict, sight);
        }
    }
    // Our commit has counted at each look, although a server does not take it.
    return verdict == Verdict::kDisputed ? Status() : status_of(verdict);
}

void DirectCommit::count_copies(const StoreRound& round) {
    has_all_copies_ =
        session_.locked && round.count(StoreOutcome::kStored) == session_.members.redundancy();
    if (store_.aim == Aim::kCommit &&
        round.count(StoreOutcome::kStored) < session_.members.redundancy()) {
        session_.parts.count(Event::kFewerCopies);
    }
}

// Whether another look under the locks can tell more.
bool DirectCommit::is_worth_a_look(Verdict verdict) const {
    switch (verdict) {
        case Verdict::kStoreAgain:
        case Verdict::kDisputed:
            return true;
        case Verdict::kGone:
            return rules.restore_expired && (session_.locked || !session_.fenced) &&
                   !outlives_tombstones(session_, lifetime_);
        case Verdict::kConflict:
            return rules.look_at_moved_cas && session_.fenced && session_.locked &&
                   !session_.stored.missing;
        default:
            return false;
    }
}

StoreRound DirectCommit::store_round() {
    StoreRound round(session_.members.list().size());
    if (store_.aim == Aim::kExtend && session_.fenced && !session_.locked) {
        for (size_t i = 0; i < round.outcomes.size(); ++i) {
            round.outcomes[i] = session_.members.list()[i].opened.current ? StoreOutcome::kUnsent
                                                                          : StoreOutcome::kLeftOut;
        }
    }
    if (rules.recheck_overdue_lease && session_.locked &&
        session_.lock.is_overdue(session_.lease_began)) {
        look_before_store(&session_, store_, &round, &troubles_);
    }
    if (!round.has(StoreOutcome::kChanged)) {
        stores_.send(&round, nullptr);
    }
    if (round.has(StoreOutcome::kUnsent) && !round.has(StoreOutcome::kChanged) &&
        !round.has(StoreOutcome::kConflict)) {
        look_before_store(&session_, store_, &round, &troubles_);
        if (!round.has(StoreOutcome::kChanged) || round.has(StoreOutcome::kStored)) {
            stores_.send(&round, nullptr);
        }
    }
    if (store_.aim == Aim::kCommit && session_.fenced) {
        look_at_refusals(&session_, &round);
    }
    return round;
}

// Takes the locks, or renews them, on the members that are left and on stand-ins for the others.
Sight DirectCommit::look_again(Verdict verdict, StoreRound* round) {
    if (verdict == Verdict::kDisputed && look_whether_others_have_read(&session_, round)) {
        return Sight::kSuperseded;
    }
    store_.touches = store_.touches && !round->has(StoreOutcome::kUnknownCommand);
    drop_failed_members(*round, &session_, &refusing_);
    // A request that holds the lock of an unchanged session extends it too. One that has got the
    // lock since a refusal may end without a store.
    const bool waits = store_.aim == Aim::kCommit;
    const StoredSession before = session_.stored;
    const Members members_before = session_.members;
    const Duration time = session_.parts.budget.phase_max(session_.parts.clock.now());
    const LockOptions& lock = session_.options.lock;
    DirectOpening opening(
        &session_, {waits ? std::min(lock.wait, time) : Duration(0), lock.waiters_max, true});
    opening.add_stand_ins();
    const Access access = session_.locked   ? Access::kLocked
                          : session_.fenced ? Access::kUnlocked
                                            : Access::kUnfenced;
    session_.reads_all = true;  // the bytes of all copies tell what became of ours
    const Status opened = opening.run(access, Search::kNowhere);
    if (!opened.ok()) {
        return opened.code() == Code::kLocked && access == Access::kLocked &&
                       is_read_by_next(attempt_, *round, members_before, session_.members)
                   ? Sight::kSuperseded
                   : Sight::kUnknown;
    }
    session_.stored.follows(before);
    attempt_.flags = store_.flags;
    const Sight sight =
        judge_sight(attempt_, *round, verdict, members_before, session_.members, session_.stored);
    if (sight == Sight::kMayStore && store_.aim == Aim::kCommit &&
        is_newer_on(refusing_, ItemFlags::version(store_.flags), &session_)) {
        return round->was_held() ? Sight::kSuperseded : Sight::kUnknown;
    }
    if (sight == Sight::kTooLate) {
        note_overtaken(*find_overtaken(attempt_, members_before, session_.members));
    }
    return sight;
}

void DirectCommit::note_overtaken(const Member& theirs) {
    overtaken_flags_ = theirs.item.flags;
    if (!theirs.item.tombstone()) {
        overtaken_value_ = std::string(theirs.item.value);
    }
}

// Somebody else had committed before us, and our commit outranks that: their state is stored again
// above ours, under the locks. protocol.md, "The first commit wins".
Status DirectCommit::undo() {
    session_.stored.flags = overtaken_flags_ & ~ItemFlags::kTombstone;  // for its incarnation
    if (!overtaken_value_) {
        static_cast<void>(DirectDestroy(&session_, lifetime_).run());
        return {Code::kDestroyed, destroyed_message()};
    }
    const PackedValue value{*overtaken_value_, ItemFlags::is_zlib(overtaken_flags_)};
    DirectCommit theirs(&session_, Aim::kCommit, value, lifetime_);
    static_cast<void>(theirs.run());
    return status_of(Verdict::kConflict);
}

Status DirectCommit::status_after(Verdict verdict, Sight sight) {
    if (sight == Sight::kTooLate) {
        return undo();
    }
    if (verdict == Verdict::kDisputed && sight == Sight::kSuperseded) {
        return {};
    }
    if (verdict == Verdict::kStoreAgain && sight == Sight::kUnknown && store_.aim == Aim::kCommit) {
        return {Code::kNotStored,
                unconfirmed_message(session_.parts.pool.servers, troubles_.failures)};
    }
    return status_of(verdict);
}

Status DirectCommit::status_of(Verdict verdict) const {
    const bool extends = store_.aim == Aim::kExtend;
    const bool is_destroyed_since =
        session_.stored.destroyed() && session_.stored.flags != attempt_.flags_at_opening;
    switch (verdict) {
        case Verdict::kDone:
        case Verdict::kStoreAgain:
            return {};
        case Verdict::kDisputed:
        case Verdict::kConflict:
            if (extends) {
                return {};  // the request that has stored has extended the session too
            }
            return is_destroyed_since
                       ? Status(Code::kDestroyed, destroyed_message())
                       : Status(Code::kConflict, conflict_message(session_.options.lock.lease()));
        case Verdict::kGone:
            if (extends) {
                return {};  // there is no change that could be lost
            }
            return is_destroyed_since ? Status(Code::kDestroyed, destroyed_message())
                                      : Status(Code::kExpired, gone_message());
        case Verdict::kNotStored:
            if (!troubles_.failures.empty()) {
                break;
            }
            // An extension: all copies are outside of the set, or are extended by others.
            return extends ? Status() : Status(Code::kNotStored, cut_off_message("stored"));
    }
    return {Code::kNotStored,
            not_stored_message(session_.parts.pool.servers, troubles_.failures,
                               {troubles_.refusal, store_.value.size(), session_.stored.size()})};
}

}  // namespace memcache_session

#include "src/replica/commit_sight.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "src/replica/rules.h"

namespace memcache_session {
namespace {

// protocol.md, "Disputed commits": whether only a program without our lock can have caused the
// conflict, and whether the first server of all shows that such a program has read ours there. For
// that, the server must have stored under our lock, and not have been restarted since.
bool first_was_read(const StoreRound& round, const Members& members) {
    const Member& first = members.list().front();
    return round.was_held() && round.first_held_on != 0 && first.position == 0 &&
           first.item.connection == round.first_held_on && first.item.present &&
           first.item.version() == kForeignVersion;
}

bool is_ours(const CommitAttempt& attempt, bool present, uint32_t flags, std::string_view value) {
    return present && flags == attempt.flags && value == attempt.value;
}

// Whether every member has our commit, or the bytes that it had before under whatever cas, or has
// lost a copy that did not count.
bool is_moved_only(const CommitAttempt& attempt, const Members& before, const Members& now) {
    return std::all_of(now.list().begin(), now.list().end(), [&](const Member& member) {
        const Item& item = member.item;
        const Member* old = before.find(member.server);
        return is_ours(attempt, item.present, item.flags, item.value) ||
               (old != nullptr &&
                (has_same_bytes(old->opened, item) || (!item.present && !old->opened.current)));
    });
}

// Whether the item is no copy of what the opening showed: it is newer, or it is another one of the
// same version.
bool is_unseen(const CommitAttempt& attempt, const Item& theirs) {
    const Version opened = attempt.version_at_opening;
    return theirs.version() != kForeignVersion &&
           (opened == kForeignVersion || is_newer(theirs.version(), opened) ||
            (theirs.version() == opened && ItemFlags::version(attempt.flags_at_opening) == opened &&
             theirs.flags != attempt.flags_at_opening));
}

// Whether the conflict at `member` is the tombstone that the commit replaces, which its destroy has
// brought there since the opening.
bool has_our_tombstone(const CommitAttempt& attempt, const Member& member, const Members& now) {
    const Member* const shown = now.find(member.server);
    return shown != nullptr && shown->item.present && shown->item.tombstone() &&
           shown->item.flags == attempt.flags_at_opening;
}

// Whether the newest copy is on a server that the opening did not ask, while each member that took
// our commit still shows it. Then it may be older than the opening: its writer need not have read
// ours.
bool may_be_from_before(const CommitAttempt& attempt, const StoreRound& round,
                        const Members& before, const Members& now) {
    if (before.contains(newest_of(now).server)) {
        return false;
    }
    size_t kept = 0;  // members that have not failed since
    for (size_t i = 0; i < round.outcomes.size(); ++i) {
        if (round.failures[i]) {
            continue;
        }
        const Member* const shown = now.find(before.list()[kept++].server);
        if (round.outcomes[i] == StoreOutcome::kStored &&
            (shown == nullptr ||
             !is_ours(attempt, shown->item.present, shown->item.flags, shown->item.value))) {
            return false;
        }
    }
    return round.has(StoreOutcome::kStored);
}

bool is_newer_now(const CommitAttempt& attempt, const StoredSession& now) {
    return (!now.missing && now.newest_version == kForeignVersion) ||
           is_newer(now.newest_version, ItemFlags::version(attempt.flags));
}

}  // namespace

const Member* find_overtaken(const CommitAttempt& attempt, const Members& before,
                             const Members& members) {
    const Member* overtaken = nullptr;
    for (const Member& old : before.list()) {
        const Member* now = members.find(old.server);
        if (now == nullptr || !now->item.present || now->item.flags == old.opened.flags ||
            is_ours(attempt, true, now->item.flags, now->item.value)) {
            continue;
        }
        const bool is_newer_than_ours =
            is_newer(now->item.version(), ItemFlags::version(attempt.flags));
        if (!is_newer_than_ours && is_unseen(attempt, now->item) &&
            (overtaken == nullptr || takes_precedence(now->item, overtaken->item))) {
            overtaken = now;
        }
    }
    return overtaken;
}

bool is_read_by_next(const CommitAttempt& attempt, const StoreRound& round, const Members& before,
                     const Members& now) {
    if (!round.was_held() || !round.has(StoreOutcome::kStored)) {
        return false;
    }
    for (size_t i = 0; i < round.outcomes.size(); ++i) {
        const StoreOutcome outcome = round.outcomes[i];
        const bool is_counted = outcome == StoreOutcome::kStored || outcome == StoreOutcome::kGone;
        if (round.failures[i] ||
            !(is_counted || (outcome == StoreOutcome::kConflict &&
                             has_our_tombstone(attempt, before.list()[i], now)))) {
            return false;
        }
    }
    return true;
}

Sight judge_sight(const CommitAttempt& attempt, const StoreRound& round, Verdict verdict,
                  const Members& before, const Members& members, const StoredSession& now) {
    assert(!members.empty());
    if (!rules.refill_is_fenced && now.missing) {
        return Sight::kMayStore;
    }
    if (verdict == Verdict::kGone) {
        return newest_of(members).item.present ? Sight::kUnknown : Sight::kMayStore;
    }
    if (verdict == Verdict::kConflict) {
        return is_moved_only(attempt, before, members) ? Sight::kMayStore : Sight::kUnknown;
    }
    if (is_ours(attempt, !now.missing, now.flags, now.value)) {
        const bool was_first = find_overtaken(attempt, before, members) == nullptr;
        return was_first || !rules.first_commit_wins ? Sight::kMayStore : Sight::kTooLate;
    }
    if (verdict == Verdict::kDisputed && rules.look_at_moved_cas && !now.missing &&
        is_moved_only(attempt, before, members)) {
        return Sight::kMayStore;
    }
    if (verdict == Verdict::kStoreAgain && !now.missing &&
        may_be_from_before(attempt, round, before, members)) {
        return Sight::kUnknown;
    }
    const bool was_read = verdict == Verdict::kDisputed
                              ? first_was_read(round, members)
                              : is_newer_now(attempt, now) && round.was_held();
    return was_read ? Sight::kSuperseded : Sight::kUnknown;
}

}  // namespace memcache_session

#include "src/replica/commit_sight.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "src/replica/rules.h"

namespace memcache_session {
namespace {

// protocol.md, "A tombstone ends a dispute": a tombstone that our opening had not seen, and that is
// not newer than our commit, was stored before it.
bool was_destroyed(const CommitAttempt& attempt, const Members& members) {
    return std::any_of(members.list().begin(), members.list().end(), [&](const Member& member) {
        const Version version = member.item.version();
        const bool was_unseen = attempt.version_at_opening == kForeignVersion ||
                                is_newer(version, attempt.version_at_opening);
        return member.item.tombstone() && was_unseen &&
               !is_newer(version, ItemFlags::version(attempt.flags));
    });
}

// protocol.md, "Disputed commits": whether the first server of all, which took the store under our
// lock and has not been restarted since, shows that whoever wrote there had its lock after us.
bool first_was_read(const CommitAttempt& attempt, const StoreRound& round, const Members& members) {
    const Member& first = members.list().front();
    if (round.first_held_on == 0 || first.position != 0 ||
        first.item.connection != round.first_held_on || !first.item.present ||
        first.item.tombstone()) {
        return false;
    }
    const Version ours = ItemFlags::version(attempt.flags);
    const Version theirs = first.item.version();
    return theirs == kForeignVersion || theirs == advance(ours, 1) ||
           (attempt.replaces_foreign && theirs != ours);
}

bool is_ours(const CommitAttempt& attempt, bool present, uint32_t flags, std::string_view value) {
    return present && flags == attempt.flags && value == attempt.value;
}

// Whether every member has our commit, or the bytes that it had before under whatever cas.
bool is_moved_only(const CommitAttempt& attempt, const Members& before, const Members& now) {
    return std::all_of(now.list().begin(), now.list().end(), [&](const Member& member) {
        const Item& item = member.item;
        const auto old = std::find_if(
            before.list().begin(), before.list().end(),
            [&](const Member& candidate) { return candidate.server == member.server; });
        return is_ours(attempt, item.present, item.flags, item.value) ||
               (old != before.list().end() && has_same_bytes(old->opened, item));
    });
}

bool is_newer_now(const CommitAttempt& attempt, const StoredSession& now) {
    return (!now.missing && now.newest_version == kForeignVersion) ||
           is_newer(now.newest_version, ItemFlags::version(attempt.flags));
}

}  // namespace

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
        return rules.tombstone_ends_dispute && was_destroyed(attempt, members) ? Sight::kDestroyed
                                                                               : Sight::kMayStore;
    }
    if (verdict == Verdict::kDisputed && rules.look_at_moved_cas && !now.missing &&
        is_moved_only(attempt, before, members)) {
        return Sight::kMayStore;
    }
    const bool was_read = verdict == Verdict::kDisputed
                              ? first_was_read(attempt, round, members)
                              : is_newer_now(attempt, now) && round.was_held;
    return was_read ? Sight::kSuperseded : Sight::kUnknown;
}

}  // namespace memcache_session

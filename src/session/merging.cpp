#include "src/session/merging.h"

#include <cassert>
#include <chrono>
#include <utility>

#include "src/merge/session_merge.h"
#include "src/session/conflict_messages.h"
#include "src/session/lifetime.h"

namespace memcache_session {

LateChange judge_late_change(const StoredSession& before, const StoredSession& now, Duration held,
                             int64_t lifetime) {
    if (now.destroyed()) {
        return LateChange::kDestroyed;
    }
    if (!now.missing && ItemFlags::version(now.flags) == kForeignVersion) {
        return LateChange::kForeign;
    }
    if (!now.missing && ItemFlags::incarnation(now.flags) != before.next_incarnation()) {
        return LateChange::kDestroyed;
    }
    if (held >= std::chrono::seconds(certain_tombstone_lifetime(lifetime))) {
        return LateChange::kTooLate;
    }
    return now.missing ? LateChange::kRestore : LateChange::kMerge;
}

Result<MergedChanges> merge_changes(const SessionOptions& options, std::string_view base,
                                    std::string_view ours, std::string_view theirs) {
    assert(options.merging != Merging::kOff);
    const bool ours_wins = options.merging == Merging::kLast;
    SessionMerge merge = merge_sessions({base, ours, theirs}, options.serialize_handler,
                                        ours_wins ? OnConflict::kLast : OnConflict::kFail);
    if (!merge.is_merged) {
        return Status(Code::kConflict, merge_conflict_message(merge));
    }
    return MergedChanges{std::move(merge.text), merge.conflicts};
}

}  // namespace memcache_session

#include "src/session/merging.h"

#include <cassert>
#include <chrono>
#include <utility>

#include "src/merge/session_merge.h"
#include "src/session/lifetime.h"
#include "src/session/messages.h"

namespace memcache_session {

Meeting judge_meeting(const StoredSession& before, const StoredSession& now, Duration held,
                      int64_t lifetime) {
    if (now.missing) {
        const bool outlives_tombstones = held >= std::chrono::seconds(tombstone_lifetime(lifetime));
        return now.destroyed() || outlives_tombstones ? Meeting::kDestroyed : Meeting::kRestore;
    }
    return ItemFlags::incarnation(now.flags) == before.next_incarnation() ? Meeting::kMerge
                                                                          : Meeting::kDestroyed;
}

Result<std::string> merge_changes(const SessionOptions& options, std::string_view base,
                                  std::string_view ours, std::string_view theirs) {
    assert(options.merging != Merging::kOff);
    const bool ours_wins = options.merging == Merging::kLast;
    SessionMerge merge = merge_sessions({base, ours, theirs}, options.serialize_handler,
                                        ours_wins ? OnConflict::kLast : OnConflict::kFail);
    if (!merge.is_merged) {
        return Status(Code::kConflict, merge_conflict_message(merge));
    }
    return std::move(merge.text);
}

}  // namespace memcache_session

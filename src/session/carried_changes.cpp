#include "src/session/carried_changes.h"

#include <utility>

#include "src/merge/session_merge.h"
#include "src/session/conflict_messages.h"

namespace memcache_session {

void add_changes(std::optional<CarriedChanges>* carried, CarriedChanges later) {
    if (!*carried) {
        *carried = std::move(later);
        return;
    }
    SessionMerge merge = merge_sessions({later.base, later.theirs, (*carried)->theirs},
                                        later.serialize_handler, OnConflict::kLast);
    (*carried)->theirs = merge.is_merged ? std::move(merge.text) : std::move(later.theirs);
}

ContinuedSession continue_session(const CarriedChanges& carried, std::string_view ours) {
    SessionMerge merge = merge_sessions({carried.base, ours, carried.theirs},
                                        carried.serialize_handler, OnConflict::kLast);
    ContinuedSession continued;
    continued.value = merge.is_merged ? std::move(merge.text) : std::string(ours);
    continued.conflicts = merge.conflicts;
    if (!merge.is_merged || (merge.conflicts > 0 && carried.merging != Merging::kLast)) {
        continued.lost_note = carried_conflict_note(merge);
    }
    return continued;
}

}  // namespace memcache_session

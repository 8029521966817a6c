// The changes of a request to a session that others have stored since it was read. protocol.md,
// "Merging".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/base/status.h"
#include "src/replica/stored_session.h"
#include "src/session/options.h"

namespace memcache_session {

// What becomes of a change that is to be stored after another request, or a server, has changed the
// session.
enum class LateChange {
    kMerge,      // the session is the one that was read, with changes of others
    kRestore,    // the servers have lost it, and nobody destroyed it: all of ours is stored
    kDestroyed,  // it was destroyed, and perhaps made anew: nothing is stored
    kForeign,    // another program has stored it, and marks no incarnation: nothing is stored
    kTooLate,    // a tombstone may have come and expired since it was read: nothing is stored
};

// `before`: as it was read, `held` ago; `now`: under its lock. `lifetime`: of the session, in
// seconds, 0 for ever.
LateChange judge_late_change(const StoredSession& before, const StoredSession& now, Duration held,
                             int64_t lifetime);

struct MergedChanges {
    std::string value;     // as PHP knows it
    size_t conflicts = 0;  // places where ours has won; 0 unless Merging::kLast
};

// The session with the changes of both, from three values as PHP knows them. kConflict: both have
// changed the same variables differently, and the message names them. REQUIRES: merging is on.
Result<MergedChanges> merge_changes(const SessionOptions& options, std::string_view base,
                                    std::string_view ours, std::string_view theirs);

}  // namespace memcache_session

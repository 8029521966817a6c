// The changes of a request to a session that others have stored since it was read. protocol.md,
// "Merging".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/clock.h"
#include "src/base/status.h"
#include "src/replica/stored_session.h"
#include "src/session/options.h"

namespace memcache_session {

// What is left to do with the changes.
enum class Meeting {
    kMerge,      // the session is the one that was read, with changes of others
    kRestore,    // the servers have lost it, and nobody destroyed it: all of ours is stored
    kDestroyed,  // it was destroyed, and perhaps made anew: nothing is stored
};

// `before`: as it was read, `held` ago; `now`: under its lock. `lifetime`: of the session, in
// seconds, 0 for ever. After a tombstone has expired nothing tells that there was one.
Meeting judge_meeting(const StoredSession& before, const StoredSession& now, Duration held,
                      int64_t lifetime);

// The session with the changes of both, from three values as PHP knows them. kConflict: both have
// changed the same variables differently, and the message names them. REQUIRES: merging is on.
Result<std::string> merge_changes(const SessionOptions& options, std::string_view base,
                                  std::string_view ours, std::string_view theirs);

}  // namespace memcache_session

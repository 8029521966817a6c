// What became of a session whose commit was not complete, or refused: judged from another look at
// it under its locks. Pure functions; protocol.md, "What became of a commit".
#pragma once

#include <string_view>

#include "src/replica/commit_verdict.h"
#include "src/replica/members.h"
#include "src/replica/stored_session.h"

namespace memcache_session {

enum class Sight {
    kMayStore,    // it is our commit, or the session that was read, or every copy is lost
    kSuperseded,  // somebody has read our commit, or is about to, and decides from now on
    kTooLate,     // it is our commit, but somebody had committed or destroyed before it
    kUnknown,     // none of these
};

// What was stored, and over what.
struct CommitAttempt {
    uint32_t flags = 0;
    std::string_view value;
    Version version_at_opening = kForeignVersion;  // the newest that the opening showed
    uint32_t flags_at_opening = 0;                 // of the item that was read
};

// The member that shows a commit or a tombstone of somebody else which our opening had not seen,
// and which our commit outranks; null if none does. protocol.md, "The first commit wins". `before`
// and `members` as for judge_sight().
const Member* find_overtaken(const CommitAttempt& attempt, const Members& before,
                             const Members& members);

// Whether another request that holds the locks now reads our commit: under our lock, each member
// took it, had lost the session, or had got the tombstone that it replaces.
bool is_read_by_next(const CommitAttempt& attempt, const StoreRound& round, const Members& before,
                     const Members& now);

// `round` and `verdict`: of the latest stores, which were based on the items of `before`. `members`
// and `now`: as another opening under the locks has read them since. REQUIRES: there are members.
Sight judge_sight(const CommitAttempt& attempt, const StoreRound& round, Verdict verdict,
                  const Members& before, const Members& members, const StoredSession& now);

}  // namespace memcache_session

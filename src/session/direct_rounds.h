// The phases of an opening: each asks all members of the set once. protocol.md, "Opening".
#pragma once

#include <cstdint>
#include <optional>

#include "src/lock/session_lock.h"
#include "src/net/failure.h"
#include "src/session/direct_session.h"

namespace memcache_session {

// The result of locking and reading.
struct LockRound {
    bool all_answered = true;            // and have renewed the locks that were held
    bool names_final_set = true;         // the value of the lock was the one that it is to have
    std::optional<uint32_t> refused_by;  // the first server whose lock is another's
    LockSeen refusal;
    std::optional<ServerFailure> too_large;  // a reply that this process cannot take
};

// Asks every member for its lock and then for the session. A lock that we hold is renewed, so that
// all locks name the final set and all leases begin together. Members that fail are dropped.
LockRound run_lock_round(DirectSession* session);

// The result of reading.
struct ReadRound {
    bool all_answered = true;
    std::optional<ServerFailure> too_large;
};

// Asks every member for the session. Members that fail are dropped.
ReadRound run_read_round(DirectSession* session);

// Keeps the first R members of a set that was made larger because time was short, and releases the
// locks of the others. Returns whether there were others: the locks of the set name them then.
bool give_up_excess(DirectSession* session);

}  // namespace memcache_session

// What one session needs to know of the settings, read when it is opened.
#pragma once

#include <cstdint>
#include <string>

#include "src/lock/session_key.h"
#include "src/lock/session_parts.h"
#include "src/merge/serialized_session.h"

namespace memcache_session {

// memcache.session_lock_failure: what a request gets that waited for the lock in vain.
enum class LockFailure {
    kFail,      // no session
    kReadOnly,  // the session to read; its changes are refused
};

// memcache.session_merge: whether requests of one session run side by side, and their changes are
// merged when they store. If so, what becomes of changes that cannot be merged.
enum class Merging {
    kOff,   // each request locks the session before it reads it
    kFail,  // nothing of the request is stored
    kLast,  // the request that stores last wins, for the variables in conflict alone
};

struct SessionOptions {
    std::string key_prefix;
    SessionIds ids = SessionIds::kAny;
    uint32_t redundancy = 2;  // copies; at least 1, more than there are servers means all of them
    bool allow_failover = true;
    bool meta = true;                     // the meta protocol, where a server speaks it
    uint32_t failover_attempts_max = 20;  // rounds of stand-ins in one opening
    uint32_t search = 14;                 // servers outside the set that are asked for a session

    bool locking = true;
    LockFailure lock_failure = LockFailure::kFail;
    LockOptions lock;
    Merging merging = Merging::kOff;                              // kOff if `locking` is off
    SerializeHandler serialize_handler = SerializeHandler::kPhp;  // of the values, for merging
    int64_t lifetime = 0;  // of sessions, in seconds, for merging; 0 for ever

    uint32_t compress_threshold = 20000;  // bytes; longer values are compressed. 0: never
    uint32_t warn_size = 0;               // bytes; a longer value that is stored is logged. 0: none
    bool counting = true;                 // what happens is counted

    bool merges() const { return merging != Merging::kOff; }
};

}  // namespace memcache_session

// What one session needs to know of the settings, read when it is opened.
#pragma once

#include <cstdint>
#include <string>

#include "src/lock/session_key.h"
#include "src/lock/session_parts.h"

namespace memcache_session {

// memcache.session_lock_failure: what a request gets that waited for the lock in vain.
enum class LockFailure {
    kFail,      // no session
    kReadOnly,  // the session to read; its changes are refused
};

struct SessionOptions {
    std::string key_prefix;
    SessionIds ids = SessionIds::kAny;
    uint32_t redundancy = 2;  // copies; at least 1, more than there are servers means all of them
    bool allow_failover = true;
    bool meta = true;                     // the meta protocol, where a server speaks it
    uint32_t failover_attempts_max = 20;  // rounds of stand-ins in one opening

    bool locking = true;
    LockFailure lock_failure = LockFailure::kFail;
    LockOptions lock;

    uint32_t compress_threshold = 20000;  // bytes; longer values are compressed. 0: never
};

}  // namespace memcache_session

// The settings of a session as values, and the rest that an opening needs to know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/base/clock.h"
#include "src/pool/placement.h"
#include "src/session/options.h"

namespace memcache_session {

// Plain data: it may be in a frame that calls Zend. The views are PHP's, and live until a setting
// changes, so at least until user code runs.
struct Settings {
    std::string_view save_path;  // memcache.session_save_path; empty: session.save_path is used
    uint16_t default_port = 0;
    PlacementSettings placement;

    uint32_t redundancy = 0;
    bool allow_failover = false;
    bool meta = false;
    uint32_t failover_attempts_max = 0;
    uint32_t search = 0;

    bool locking = false;
    LockFailure lock_failure = LockFailure::kFail;
    Duration lock_timeout{0};
    Duration lock_wait{0};
    uint32_t lock_waiters_max = 0;
    std::string_view readonly_paths;
    Merging merging = Merging::kOff;

    uint32_t compress_threshold = 0;

    bool counting = false;  // memcache.session_status
    uint32_t warn_size = 0;
    bool may_reset_status = false;  // not only on the command line; the same for the next
    bool may_inspect = false;

    SessionIds ids = SessionIds::kAny;
    std::string_view prefix_static_key;
    bool prefix_host_key = false;
    bool prefix_host_key_remove_www = false;
    bool prefix_host_key_remove_subdomain = false;
    std::string_view prefix_separator;
};

// Everything that opens a session. The views are only read during the call.
struct OpenParameters {
    Settings settings;
    std::string_view save_path;          // session.save_path
    uint64_t save_path_id = 0;           // PoolSettings::save_path_id of the one that is used
    bool save_path_is_given = false;     // by a script, to SessionHandler::open()
    std::string_view server_name;        // needed for prefix_host_key only
    std::string_view request_path;       // for the lock item
    size_t memory_left = SIZE_MAX;       // bytes that PHP may still allocate (memory_limit)
    std::string_view serialize_handler;  // session.serialize_handler, for merging
    int64_t lifetime = 0;                // session.gc_maxlifetime, in seconds
    bool id_sent = false;                // the request brought the session's id, as in a cookie
    bool id_changes = false;             // session_regenerate_id() opens it, for the new id
    bool without_lock = false;           // no lock is taken, whatever read() is told
};

}  // namespace memcache_session

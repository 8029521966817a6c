// The settings in php.ini: those of pecl/memcache's sessions under their names, and ours.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/clock.h"
#include "src/placement/placement.h"
#include "src/session/options.h"

namespace memcache_session {

// What an opening is told by the settings. Plain data: it may stand in a frame that calls Zend. The
// views are PHP's, and live until a setting changes, so at least until user code runs.
struct Settings {
    std::string_view save_path;  // memcache.session_save_path; empty: session.save_path counts
    uint16_t default_port = 0;
    PlacementSettings placement;

    uint32_t redundancy = 0;
    bool allow_failover = false;
    uint32_t failover_attempts_max = 0;

    bool locking = false;
    LockFailure lock_failure = LockFailure::kFail;
    Duration lock_timeout{0};
    Duration lock_wait{0};
    uint32_t lock_waiters_max = 0;
    std::string_view readonly_paths;

    uint32_t compress_threshold = 0;

    std::string_view prefix_static_key;
    bool prefix_host_key = false;
    bool prefix_host_key_remove_www = false;
    bool prefix_host_key_remove_subdomain = false;
};

// A setting whose value cannot be used, and what could be.
struct BadSetting {
    const char* name = nullptr;  // null: all is well
    const char* allowed = nullptr;
    std::string_view value;
};

// Registers what another module (pecl/memcache) has not registered before, one by one: it may
// refuse values that are ours, and accept some that are not. Call in MINIT, after that module's.
void register_settings(int module_number);

// Reads all of them as they are now. Allocates nothing. A bad value can come only from an entry
// that another module registered.
BadSetting read_settings(Settings* settings);

}  // namespace memcache_session

// The settings in php.ini: those of pecl/memcache's sessions under their names, and ours.
#pragma once

#include <string_view>

#include "src/worker/settings.h"

namespace memcache_session {

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

// The settings that scripts have changed by ini_set(), as they were before. Needed only where many
// requests are served within one request of PHP, which takes changes back at its own end only.
#pragma once

#include <cstddef>

#include "src/php/php_api.h"

namespace memcache_session {

// At least as many as there are settings.
constexpr size_t kChangedSettingsMax = 64;

// Part of the module's globals, which have no constructor.
struct ChangedSettings {
    struct Change {
        zend_ini_entry* entry;
        zend_string* value;  // before the first change; null: none
    };
    Change changes[kChangedSettingsMax];
    size_t count;
};

// Call it before each change of a setting of this thread.
void remember_setting(ChangedSettings* changed, zend_ini_entry* entry);

// Gives each of these settings its value of before, and forgets them. Calls Zend.
// REQUIRES: PHP's request has not ended.
void take_back_settings(ChangedSettings* changed);

void forget_settings(ChangedSettings* changed);

}  // namespace memcache_session

#include "src/php/changed_settings.h"

#include <algorithm>

namespace memcache_session {

void remember_setting(ChangedSettings* changed, zend_ini_entry* entry) {
    ChangedSettings::Change* const end = changed->changes + changed->count;
    const bool is_known = std::any_of(
        changed->changes, end, [entry](const auto& change) { return change.entry == entry; });
    if (is_known || changed->count == kChangedSettingsMax) {
        return;
    }
    zend_string* const value = entry->value;
    *end = {entry, value != nullptr ? zend_string_copy(value) : nullptr};
    ++changed->count;
}

void take_back_settings(ChangedSettings* changed) {
    const size_t count = changed->count;
    for (size_t i = 0; i < count; ++i) {
        zend_ini_entry* const entry = changed->changes[i].entry;
        zend_string* const value = changed->changes[i].value;
        // A change that begins here is one of ours, and is known already.
        if (entry->modified != 0 && entry->orig_value == value) {
            zend_restore_ini_entry(entry->name, ZEND_INI_STAGE_RUNTIME);
        } else if (entry->value != value && value != nullptr) {
            zend_alter_ini_entry(entry->name, value, PHP_INI_SYSTEM, ZEND_INI_STAGE_RUNTIME);
        }
    }
    forget_settings(changed);
}

void forget_settings(ChangedSettings* changed) {
    for (size_t i = 0; i < changed->count; ++i) {
        if (changed->changes[i].value != nullptr) {
            zend_string_release(changed->changes[i].value);
        }
    }
    changed->count = 0;
}

}  // namespace memcache_session

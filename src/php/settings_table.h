// The settings in php.ini: those of pecl/memcache's sessions, under the same names, and ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/worker/settings.h"

namespace memcache_session {

// Room for a refused value in a warning, with its NUL. Bytes.
constexpr size_t kShownValueSize = 101;

// A setting whose value cannot be used, and the values that can.
struct BadSetting {
    const char* name = nullptr;  // null: every value can be used
    const char* allowed = nullptr;
    std::string_view value;
};

// Registers each setting that no other module (pecl/memcache) has registered before. The other
// module may refuse values that we allow, and allow some that we refuse. Call in MINIT, after that
// module's.
void register_settings(int module_number);

// Reads the present values of all settings. Allocates nothing, and costs little if no setting has
// changed since the last call. Only a setting that another module registered can have a bad value.
// Changes of such a setting are not noticed, so that all are read again if there is one.
BadSetting read_settings(Settings* settings);

// A text, and a number that no other text gets in this process; 0: none is known.
struct IdentifiedText {
    std::string_view text;
    uint64_t id = 0;
    bool is_setting = true;  // false: given to SessionHandler::open()
};

// The save_path that counts: memcache.session_save_path, or `given`, which may be null, if that is
// empty. It has an id unless a script or a request has set it. PHP keeps every other value as long
// as the process lives.
IdentifiedText used_save_path(const Settings& settings, const char* given);

}  // namespace memcache_session

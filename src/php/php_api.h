// PHP's headers. No other file includes them, or knows how PHP 8.1 to 8.6 differ.
//
// Two rules for code that calls Zend:
// 1. A bailout (fatal error, memory limit) is a longjmp, which runs no destructor. So no frame has
//    an object with a destructor while Zend is called.
// 2. A warning may run the user's error handler, which may throw, or close the session that warns.
//    Output may run a script's code too (ob_start() with a callback).
#pragma once

// It comes first, because without it the module's entry point is not exported.
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "php.h"
#include "SAPI.h"
#include "ext/standard/info.h"
#include "php_globals.h"
#include "php_ini.h"
#include "php_main.h"
#include "php_variables.h"
#include "zend_exceptions.h"
#include "zend_interfaces.h"
#include "zend_smart_str.h"

// In some versions these have no guards for C++.
extern "C" {
#include "ext/session/php_session.h"
#include "ext/standard/php_var.h"
#ifdef PHP_WIN32
#include "win32/fnmatch.h"
#endif
}
#ifndef PHP_WIN32
#include <fnmatch.h>
#endif

#include <string_view>

namespace memcache_session {

// Whether an error is pending that will end the current action of PHP: an exception or, in versions
// that delay it to the next safe point, the end of memory. A session that PHP serialized meanwhile
// may be cut short, and one that it could not unserialize may be intact.
inline bool error_is_pending() {
#ifdef ZEND_HAS_OOM
    if (ZEND_HAS_OOM()) {
        return true;
    }
#endif
    return EG(exception) != nullptr;
}

// A text of PHP's, empty for null. There is one for each type, because a C string of one version is
// a zend_string in the next (open()'s save_path in 8.6). The view lives as long as the text.
inline std::string_view as_view(const char* text) {
    return text != nullptr ? std::string_view(text) : std::string_view();
}
inline std::string_view as_view(const zend_string* text) {
    return text != nullptr ? std::string_view(ZSTR_VAL(text), ZSTR_LEN(text)) : std::string_view();
}
inline const char* bytes_of(const char* text) {
    return text;
}
inline const char* bytes_of(const zend_string* text) {
    return text != nullptr ? ZSTR_VAL(text) : nullptr;
}

}  // namespace memcache_session

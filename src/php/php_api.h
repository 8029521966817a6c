// PHP's headers: the one place that includes them, and that knows how PHP 8.1 to 8.6 differ.
//
// Two things to know of Zend code. A bailout (fatal error, memory limit) is a longjmp: it runs no
// destructor, so no frame holds an object with a destructor while Zend is called. And a warning may
// run the user's error handler, which may throw, or close the session that warns.
#pragma once

// First: without it the module's entry point is not exported.
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

// Those without guards for C++ in some versions.
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

// Whether an error is on its way that will end what PHP is doing: an exception or, in versions that
// delay it to the next safe point, the end of memory. What PHP serialized meanwhile may be cut
// short, and what it could not unserialize may be intact.
inline bool error_is_pending() {
#ifdef ZEND_HAS_OOM
    if (ZEND_HAS_OOM()) {
        return true;
    }
#endif
    return EG(exception) != nullptr;
}

// Text of PHP's, wherever PHP keeps it: what was a C string in one version is a zend_string in the
// next (open()'s save_path in 8.6). The view lives as long as the text.
inline std::string_view as_view(const char* text) {
    return text != nullptr ? std::string_view(text) : std::string_view();
}
inline std::string_view as_view(const zend_string* text) {
    return text != nullptr ? std::string_view(ZSTR_VAL(text), ZSTR_LEN(text)) : std::string_view();
}

}  // namespace memcache_session

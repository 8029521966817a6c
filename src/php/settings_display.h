// How phpinfo() shows settings whose values PHP's own way would show wrongly.
#pragma once

#include "src/php/php_api.h"

namespace memcache_session {

// Hides passwords, because the output of phpinfo() is often public or sent by mail.
ZEND_INI_DISP(display_save_path);

// For values that may hold any bytes.
ZEND_INI_DISP(display_text);

// For memcache.session_lock_wait and memcache.session_hash_strategy, of which the empty value has a
// meaning of its own.
ZEND_INI_DISP(display_lock_wait);
ZEND_INI_DISP(display_off);
ZEND_INI_DISP(display_session_strategy);

}  // namespace memcache_session

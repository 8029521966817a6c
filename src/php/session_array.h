// A report on one session as an array of PHP.
#pragma once

#include "src/php/php_api.h"
#include "src/worker/session_report.h"

namespace memcache_session {

// Makes `*array` the array that docs/status.md describes. `report` outlives the call. Calls Zend,
// which may bail out.
void make_session_array(zval* array, const SessionReport& report);

}  // namespace memcache_session

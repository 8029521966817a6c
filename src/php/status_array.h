// A status report as an array of PHP.
#pragma once

#include "src/php/php_api.h"
#include "src/worker/status_report.h"

namespace memcache_session {

// Makes `*array` the array that docs/status.md describes. `enabled`: memcache.session_status here.
// `report` outlives the call. Calls Zend, which may bail out.
void make_status_array(zval* array, const StatusReport& report, bool enabled);

}  // namespace memcache_session

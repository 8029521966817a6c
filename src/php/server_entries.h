// The servers and sources of a status report as entries of PHP arrays. They call Zend, which may
// bail out.
#pragma once

#include <cstdint>

#include "src/php/php_api.h"
#include "src/worker/status_report.h"

namespace memcache_session {

// Appends what docs/status.md describes. `now`: Unix time.
void add_server(zval* list, const ServerReport& server, int64_t now);
void add_source(zval* list, const SourceState& source, int64_t now);

}  // namespace memcache_session

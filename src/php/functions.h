// The functions that scripts can call: docs/status.md.
#pragma once

#include "src/php/php_api.h"

namespace memcache_session {

// Those of functions.stub.php, with an empty entry at the end.
const zend_function_entry* script_functions();

}  // namespace memcache_session

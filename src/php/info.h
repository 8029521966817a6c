// The extension's part of phpinfo().
#pragma once

#include "src/php/php_api.h"

namespace memcache_session {

void print_info(zend_module_entry* module);

}  // namespace memcache_session

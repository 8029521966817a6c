/* What PHP needs to know of the extension. Pure C: a static build includes it from C. */
#ifndef PHP_MEMCACHE_SESSION_H
#define PHP_MEMCACHE_SESSION_H

#include "php.h"

#define PHP_MEMCACHE_SESSION_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

extern zend_module_entry memcache_session_module_entry;
#define phpext_memcache_session_ptr &memcache_session_module_entry

#ifdef __cplusplus
}
#endif

#endif

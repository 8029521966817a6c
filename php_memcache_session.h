/* The declarations that PHP needs. They are pure C, because a static build includes them from C. */
#ifndef PHP_MEMCACHE_SESSION_H
#define PHP_MEMCACHE_SESSION_H

#include "php.h"

#define PHP_MEMCACHE_SESSION_VERSION "1.0.0"

#ifdef __cplusplus
extern "C" {
#endif

extern zend_module_entry memcache_session_module_entry;
#define phpext_memcache_session_ptr &memcache_session_module_entry

#ifdef __cplusplus
}
#endif

#endif

// What the extension keeps between calls of PHP.
#pragma once

#include "src/net/health.h"
#include "src/php/php_api.h"
#include "src/worker/worker.h"

ZEND_BEGIN_MODULE_GLOBALS(memcache_session)
    memcache_session::Worker* worker;  // null until a session is opened
ZEND_END_MODULE_GLOBALS(memcache_session)

ZEND_EXTERN_MODULE_GLOBALS(memcache_session)

#if defined(ZTS) && defined(COMPILE_DL_MEMCACHE_SESSION)
ZEND_TSRMLS_CACHE_EXTERN()
#endif

#define MEMCACHE_SESSION_G(member) ZEND_MODULE_GLOBALS_ACCESSOR(memcache_session, member)

namespace memcache_session {

// The table is made in MINIT, before a web server forks its workers, and is then the same for all
// of them and all their threads. False when memory is short.
bool make_health_table();
void delete_health_table();

// Null outside of MINIT to MSHUTDOWN.
const HealthTable* health_table();

// This thread's worker, made if there is none. Null when memory is short.
Worker* worker();

// Closes its connections, and what is open without a word to the servers.
void free_worker(zend_memcache_session_globals* globals);

// Writes what the worker learned about servers into PHP's error log, never to the visitor.
void log_health(Worker& worker);

}  // namespace memcache_session

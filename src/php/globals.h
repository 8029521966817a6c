// The extension's state between calls of PHP.
#pragma once

#include "src/net/health.h"
#include "src/php/changed_settings.h"
#include "src/php/php_api.h"
#include "src/worker/settings.h"
#include "src/worker/worker.h"

ZEND_BEGIN_MODULE_GLOBALS(memcache_session)
    memcache_session::Worker* worker;  // null until a session is opened
    // As they were read last, and whether no setting has changed since. See read_settings().
    memcache_session::Settings settings;
    bool settings_are_known;
    // Whether PHP itself ends the present request. See server_hooks.h.
    bool is_request_of_php;
    memcache_session::ChangedSettings changed_settings;  // in another request
ZEND_END_MODULE_GLOBALS(memcache_session)

ZEND_EXTERN_MODULE_GLOBALS(memcache_session)

#if defined(ZTS) && defined(COMPILE_DL_MEMCACHE_SESSION)
ZEND_TSRMLS_CACHE_EXTERN()
#endif

#define MEMCACHE_SESSION_G(member) ZEND_MODULE_GLOBALS_ACCESSOR(memcache_session, member)

namespace memcache_session {

// Makes the tables of server health, of lock holders, of sources and of what is counted. Call it in
// MINIT, before a web server forks its workers: all of them and all their threads then share them.
// False when memory is short.
bool make_shared_tables();
void delete_shared_tables();

// Null before MINIT and after MSHUTDOWN.
const HealthTable* health_table();
const Statistics* statistics();

// This thread's worker, made if there is none. Null when memory is short.
Worker* worker();

// Deletes the thread's worker: closes its connections, and its open sessions without telling the
// servers.
void free_worker(zend_memcache_session_globals* globals);

// Writes what the worker learned about servers into PHP's error log, never to the visitor.
void write_log(Worker& worker);

}  // namespace memcache_session

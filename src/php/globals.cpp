#include "src/php/globals.h"

#include <new>

ZEND_DECLARE_MODULE_GLOBALS(memcache_session)

#if defined(ZTS) && defined(COMPILE_DL_MEMCACHE_SESSION)
ZEND_TSRMLS_CACHE_DEFINE()
#endif

namespace memcache_session {
namespace {

// One for the process, not for each thread. It is written in MINIT and MSHUTDOWN only.
HealthTable* health = nullptr;

}  // namespace

bool make_health_table() {
    health = new (std::nothrow) HealthTable(HealthTable::Memory::kShared);
    return health != nullptr;
}

void delete_health_table() {
    delete health;
    health = nullptr;
}

const HealthTable* health_table() {
    return health;
}

Worker* worker() {
    Worker*& worker = MEMCACHE_SESSION_G(worker);
    if (worker == nullptr && health != nullptr) {
        worker = make_worker(*health);
    }
    return worker;
}

void free_worker(zend_memcache_session_globals* globals) {
    delete globals->worker;
    globals->worker = nullptr;
}

void log_health(Worker& worker) {
    while (const char* line = worker.log().next()) {
        if (PG(log_errors)) {
            php_log_err(line);
        }
    }
}

}  // namespace memcache_session

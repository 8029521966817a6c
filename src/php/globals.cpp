#include "src/php/globals.h"

#include <memory>
#include <new>

ZEND_DECLARE_MODULE_GLOBALS(memcache_session)

#if defined(ZTS) && defined(COMPILE_DL_MEMCACHE_SESSION)
ZEND_TSRMLS_CACHE_DEFINE()
#endif

namespace memcache_session {
namespace {

// One of each for the process, not for each thread. They are written in MINIT and MSHUTDOWN only.
HealthTable* health = nullptr;
std::shared_ptr<HolderTable> holders;
Statistics* counted = nullptr;
Discovery* discovery = nullptr;

}  // namespace

bool make_shared_tables() {
    try {
        health = new HealthTable(HealthTable::Memory::kShared);
        holders = std::make_shared<HolderTable>();
        discovery = new Discovery;
        counted = new Statistics;
        counted->totals.begin(SystemClock().unix_time());
    } catch (const std::bad_alloc&) {
        delete_shared_tables();
    }
    return counted != nullptr;
}

void delete_shared_tables() {
    delete counted;
    counted = nullptr;
    delete discovery;
    discovery = nullptr;
    holders.reset();
    delete health;
    health = nullptr;
}

const HealthTable* health_table() {
    return health;
}

const Statistics* statistics() {
    return counted;
}

Worker* worker() {
    Worker*& worker = MEMCACHE_SESSION_G(worker);
    if (worker == nullptr && counted != nullptr) {
        worker = make_worker(*health, holders, counted, discovery);
    }
    return worker;
}

void free_worker(zend_memcache_session_globals* globals) {
    delete globals->worker;
    globals->worker = nullptr;
}

void write_log(Worker& worker) {
    while (const char* line = worker.log().next()) {
        if (PG(log_errors)) {
            php_log_err(line);
        }
    }
}

}  // namespace memcache_session

#include "php_memcache_session.h"
#include "src/php/functions.h"
#include "src/php/globals.h"
#include "src/php/info.h"
#include "src/php/php_api.h"
#include "src/php/save_handler.h"
#include "src/php/server_hooks.h"
#include "src/php/settings_table.h"

namespace {

// pecl/memcache, if it is loaded, starts first in either order of loading, so that its own names
// are still free then.
const zend_module_dep kDependencies[] = {ZEND_MOD_REQUIRED("session") ZEND_MOD_OPTIONAL("memcache")
                                             ZEND_MOD_END};

PHP_GINIT_FUNCTION(memcache_session) {
#if defined(ZTS) && defined(COMPILE_DL_MEMCACHE_SESSION)
    ZEND_TSRMLS_CACHE_UPDATE();
#endif
    memcache_session_globals->worker = nullptr;
    memcache_session_globals->settings_are_known = false;
    // Settings of php.ini are no change of a request.
    memcache_session_globals->is_request_of_php = true;
    memcache_session_globals->changed_settings.count = 0;
}

PHP_GSHUTDOWN_FUNCTION(memcache_session) {
    memcache_session::free_worker(memcache_session_globals);
}

PHP_MINIT_FUNCTION(memcache_session) {
    static_cast<void>(type);
    if (!memcache_session::make_shared_tables()) {
        php_error_docref(nullptr, E_CORE_WARNING, "there is not enough memory for the extension");
        return FAILURE;
    }
    memcache_session::register_settings(module_number);
    memcache_session::register_handlers();
    memcache_session::add_server_hooks();
    return SUCCESS;
}

PHP_MSHUTDOWN_FUNCTION(memcache_session) {
    static_cast<void>(type);
    memcache_session::remove_server_hooks();
    zend_unregister_ini_entries(module_number);
#ifndef ZTS
    memcache_session::free_worker(&memcache_session_globals);
#endif
    memcache_session::delete_shared_tables();
    return SUCCESS;
}

PHP_RINIT_FUNCTION(memcache_session) {
    static_cast<void>(type);
    static_cast<void>(module_number);
    memcache_session::begin_request_of_php();
    return SUCCESS;
}

// Runs after session's own RSHUTDOWN, which writes and closes sessions, and after PHP has taken
// back what scripts have set.
ZEND_MODULE_POST_ZEND_DEACTIVATE_D(memcache_session) {
    memcache_session::sweep_sessions();
    memcache_session::end_request_of_php();
    return SUCCESS;
}

PHP_MINFO_FUNCTION(memcache_session) {
    memcache_session::print_info(zend_module);
}

}  // namespace

zend_module_entry memcache_session_module_entry = {
    STANDARD_MODULE_HEADER_EX,
    nullptr,
    kDependencies,
    "memcache_session",
    memcache_session::script_functions(),
    PHP_MINIT(memcache_session),
    PHP_MSHUTDOWN(memcache_session),
    PHP_RINIT(memcache_session),
    nullptr,
    PHP_MINFO(memcache_session),
    PHP_MEMCACHE_SESSION_VERSION,
    PHP_MODULE_GLOBALS(memcache_session),
    PHP_GINIT(memcache_session),
    PHP_GSHUTDOWN(memcache_session),
    ZEND_MODULE_POST_ZEND_DEACTIVATE_N(memcache_session),
    STANDARD_MODULE_PROPERTIES_EX};

#ifdef COMPILE_DL_MEMCACHE_SESSION
ZEND_GET_MODULE(memcache_session)
#endif

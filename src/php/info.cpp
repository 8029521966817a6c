#include "src/php/info.h"

#ifdef HAVE_LIBMEMCACHED
#include <libmemcached/memcached.h>
#endif
#include <zlib.h>

#include "php_memcache_session.h"
#include "src/php/globals.h"
#include "src/php/save_handler.h"
#include "src/php/settings_table.h"
#include "src/worker/worker.h"

namespace memcache_session {
namespace {

bool is_our_handler() {
    const ps_module* const chosen = PS(default_mod) != nullptr ? PS(default_mod) : PS(mod);
    return chosen == &kMemcacheHandler || chosen == &kMemcacheSessionHandler;
}

void print_versions() {
    php_info_print_table_start();
    php_info_print_table_row(2, "Session save handlers",
                             _php_find_ps_module(kMemcacheHandler.s_name) == &kMemcacheHandler
                                 ? "memcache, memcache_session"
                                 : "memcache_session (memcache is pecl/memcache's)");
    php_info_print_table_row(2, "Version", PHP_MEMCACHE_SESSION_VERSION);
    php_info_print_table_row(2, "PHP extension build", ZEND_MODULE_BUILD_ID);
#ifdef HAVE_LIBMEMCACHED
    php_info_print_table_row(2, "libmemcached", memcached_lib_version());
#else
    php_info_print_table_row(2, "libmemcached", "none (no ketama)");
#endif
    php_info_print_table_row(2, "zlib", zlibVersion());
    const HealthTable* const health = health_table();
    php_info_print_table_row(2, "Server health",
                             health != nullptr && health->is_shared() ? "shared by all workers"
                                                                      : "known to this process");
    php_info_print_table_end();
}

void print_servers() {
    Worker* const known = worker();
    OpenParameters opening;
    if (known == nullptr || read_settings(&opening.settings).name != nullptr) {
        return;
    }
    if (opening.settings.save_path.empty()) {
        if (!is_our_handler()) {
            return;
        }
        opening.save_path = as_view(PS(save_path));
    }
    const std::vector<ServerState>& states = known->server_states(opening);
    php_info_print_table_start();
    php_info_print_table_header(2, "Server", "State");
    for (const ServerState& state : states) {
        php_info_print_table_row(2, state.server.c_str(), state.state.c_str());
    }
    php_info_print_table_end();
}

}  // namespace

void print_info(zend_module_entry* module) {
    print_versions();
    print_servers();
    display_ini_entries(module);
}

}  // namespace memcache_session

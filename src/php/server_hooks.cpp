#include "src/php/server_hooks.h"

#include "src/php/changed_settings.h"
#include "src/php/globals.h"
#include "src/php/php_api.h"
#include "src/php/save_handler.h"

namespace memcache_session {
namespace {

// Those of the web server, or of a module that came before. Null: none. One for all threads.
decltype(sapi_module.activate) next_activate = nullptr;
decltype(sapi_module.deactivate) next_deactivate = nullptr;

// Runs before RINIT, if RINIT comes.
auto on_activate() -> decltype(sapi_module.activate()) {
    MEMCACHE_SESSION_G(is_request_of_php) = false;
    return next_activate != nullptr ? next_activate() : SUCCESS;
}

// In a request of PHP itself, post_deactivate has come before. The first request of a worker is the
// script that serves the others. It ends here before the first of them, and its settings are meant
// for all of them.
auto on_deactivate() -> decltype(sapi_module.deactivate()) {
    sweep_sessions();
    if (!MEMCACHE_SESSION_G(is_request_of_php)) {
        take_back_settings(&MEMCACHE_SESSION_G(changed_settings));
    }
    return next_deactivate != nullptr ? next_deactivate() : SUCCESS;
}

}  // namespace

void add_server_hooks() {
    next_activate = sapi_module.activate;
    next_deactivate = sapi_module.deactivate;
    sapi_module.activate = on_activate;
    sapi_module.deactivate = on_deactivate;
}

void remove_server_hooks() {
    // Another module may have put its own hooks before ours. Then ours stay in their chain.
    if (sapi_module.activate == on_activate) {
        sapi_module.activate = next_activate;
    }
    if (sapi_module.deactivate == on_deactivate) {
        sapi_module.deactivate = next_deactivate;
    }
}

void begin_request_of_php() {
    MEMCACHE_SESSION_G(is_request_of_php) = true;
}

void end_request_of_php() {
    forget_settings(&MEMCACHE_SESSION_G(changed_settings));
}

}  // namespace memcache_session

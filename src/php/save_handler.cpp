#include "src/php/save_handler.h"

#include "src/base/text.h"
#include "src/php/call_stack.h"
#include "src/php/file_limits.h"
#include "src/php/globals.h"
#include "src/php/path_patterns.h"
#include "src/php/php_api.h"
#include "src/php/request.h"
#include "src/php/settings_table.h"
#include "src/worker/worker.h"

// Each function has three steps: it gathers plain values; it makes one call into the core; it calls
// Zend with the result, and returns. A warning is the last act, because the user's error handler
// may close the session that the warning is about.

namespace memcache_session {
namespace {

// Null when mod_data is not ours, or points to a session that was closed: PHP keeps the mod_data of
// a session that its owner forgot.
OpenedSession* session_of(void** mod_data) {
    const Worker* worker = MEMCACHE_SESSION_G(worker);
    return worker != nullptr && *mod_data != nullptr ? worker->find(*mod_data) : nullptr;
}

// No warning while an error is pending: the user is told of that.
zend_result fail_with(std::string_view warning) {
    if (!warning.empty() && !error_is_pending()) {
        php_error_docref(nullptr, E_WARNING, "%s", warning.data());
    }
    return FAILURE;
}

zend_result log_and_return(const CallResult& result) {
    write_log(*MEMCACHE_SESSION_G(worker));
    return result.answer == Answer::kFailed ? fail_with(result.warning) : SUCCESS;
}

Next next_of_call() {
    return id_is_changing() ? Next::kNewId : Next::kNothing;
}

// Does not store the session, because PHP may have only half of it.
zend_result give_up(OpenedSession& session) {
    session.release();
    write_log(*MEMCACHE_SESSION_G(worker));
    return FAILURE;
}

// Whether PHP stopped with a fatal error while no function runs. PHP destroys a session whose data
// it could not decode, also when it only lacked memory to do so. A script that destroys its session
// at shutdown, after a fatal error, is running, and may do it.
bool stopped_by_error() {
    return CG(unclean_shutdown) && EG(current_execute_data) == nullptr;
}

// Sets all but the settings, which are there.
void describe_request(const char* save_path, OpenParameters& opening) {
    const IdentifiedText used = used_save_path(opening.settings, save_path);
    opening.save_path = used.text;
    opening.save_path_id = used.id;
    opening.save_path_is_given = !used.is_setting;
    if (opening.settings.prefix_host_key) {
        opening.server_name = server_name();
    }
    opening.request_path = request_path();
    opening.serialize_handler = serialize_handler();
    opening.lifetime = PS(gc_maxlifetime);
    opening.memory_left = memory_left();
    // PHP has put off its cookie if the request brought the id.
    opening.id_sent = PS(id) != nullptr && PS(send_cookie) == 0;
    opening.id_changes = id_is_changing();
    opening.without_lock = matches_any_pattern(opening.settings.readonly_paths, script_path());
}

void warn_of(const BadSetting& bad) {
    if (!error_is_pending()) {
        char shown[kShownValueSize];
        copy_printable(bad.value, shown, sizeof shown);
        php_error_docref(nullptr, E_WARNING, "%s must be %s; it is \"%s\"", bad.name, bad.allowed,
                         shown);
    }
}

zend_result open_session(void** mod_data, const char* save_path) {
    OpenParameters opening;
    const BadSetting bad = read_settings(&opening.settings);
    Worker* const opener = worker();
    OpenedSession* session = session_of(mod_data);
    CallResult result;
    bool is_refused = bad.name != nullptr;
    if (opener == nullptr) {
        result.warning = "there is not enough memory to handle the session";
    } else if (!is_refused) {
        describe_request(save_path, opening);
        is_refused = names_forbidden_file(*opener, opening);
        result.warning = is_refused ? kForbiddenFile : std::string_view();
    }
    if (opener != nullptr && is_refused) {
        opener->close(session);
        session = nullptr;
    } else if (opener != nullptr) {
        result = opener->open(opening, &session);
    }
    *mod_data = session;
    if (opener != nullptr) {
        write_log(*opener);
    }
    if (opener != nullptr && bad.name != nullptr) {
        warn_of(bad);
        return FAILURE;
    }
    return result.answer == Answer::kFailed ? fail_with(result.warning) : SUCCESS;
}

PS_OPEN_FUNC(memcache) {
    static_cast<void>(session_name);
    return open_session(mod_data, bytes_of(save_path));
}

PS_CLOSE_FUNC(memcache) {
    OpenedSession* const session = session_of(mod_data);
    *mod_data = nullptr;
    if (session != nullptr) {
        MEMCACHE_SESSION_G(worker)->close(session);
        write_log(*MEMCACHE_SESSION_G(worker));
    }
    return SUCCESS;
}

PS_CREATE_SID_FUNC(memcache) {
    zend_string* const sid = php_session_create_id(mod_data);
    OpenedSession* const session = session_of(mod_data);
    if (sid != nullptr && session != nullptr) {
        session->id_created(as_view(sid));
    }
    return sid;
}

PS_VALIDATE_SID_FUNC(memcache) {
    OpenedSession* const session = session_of(mod_data);
    if (session == nullptr) {
        return FAILURE;
    }
    const CallResult result = session->validate(as_view(key), !opened_for_reading_only());
    return result.answer == Answer::kMissing ? FAILURE : log_and_return(result);
}

PS_READ_FUNC(memcache) {
    static_cast<void>(maxlifetime);
    OpenedSession* const session = session_of(mod_data);
    if (session == nullptr) {
        return FAILURE;
    }
    const CallResult result = session->read(as_view(key), !opened_for_reading_only());
    if (result.answer == Answer::kFailed) {
        return log_and_return(result);
    }
    write_log(*MEMCACHE_SESSION_G(worker));
    // PHP may bail out here because memory is short. It then writes an empty session, which is
    // refused because the read was not confirmed.
    *val = result.value.empty() ? ZSTR_EMPTY_ALLOC()
                                : zend_string_init(result.value.data(), result.value.size(), 0);
    session->confirm_read();
    return SUCCESS;
}

PS_WRITE_FUNC(memcache) {
    OpenedSession* const session = session_of(mod_data);
    if (session == nullptr) {
        return FAILURE;
    }
    if (error_is_pending()) {
        return give_up(*session);
    }
    return log_and_return(session->write(as_view(key), as_view(val), maxlifetime, next_of_call()));
}

PS_UPDATE_TIMESTAMP_FUNC(memcache) {
    OpenedSession* const session = session_of(mod_data);
    if (session == nullptr) {
        return FAILURE;
    }
    if (error_is_pending()) {
        return give_up(*session);
    }
    return log_and_return(session->update_timestamp(as_view(key), as_view(val), maxlifetime));
}

PS_DESTROY_FUNC(memcache) {
    OpenedSession* const session = session_of(mod_data);
    if (session == nullptr) {
        return FAILURE;
    }
    if (error_is_pending() || stopped_by_error()) {
        return give_up(*session);
    }
    return log_and_return(session->destroy(as_view(key), PS(gc_maxlifetime), next_of_call()));
}

// There is nothing to collect: memcached itself deletes expired items.
PS_GC_FUNC(memcache) {
    static_cast<void>(mod_data);
    static_cast<void>(maxlifetime);
    *nrdels = 0;
    return 0;
}

constexpr ps_module named(ps_module handler, const char* name) {
    handler.s_name = name;
    return handler;
}

}  // namespace

const ps_module kMemcacheHandler = {PS_MOD_UPDATE_TIMESTAMP(memcache)};
const ps_module kMemcacheSessionHandler = named(kMemcacheHandler, "memcache_session");

void register_handlers() {
    if (_php_find_ps_module(kMemcacheHandler.s_name) == nullptr) {
        php_session_register_module(&kMemcacheHandler);
    }
    php_session_register_module(&kMemcacheSessionHandler);
}

// A script with a handler of its own may extend SessionHandler, behind which is the handler that
// was in force before.
bool is_our_handler() {
    const bool is_user_handler = PS(mod) != nullptr && as_view(PS(mod)->s_name) == "user";
    const ps_module* const chosen = is_user_handler ? PS(default_mod) : PS(mod);
    return chosen == &kMemcacheHandler || chosen == &kMemcacheSessionHandler;
}

void sweep_sessions() {
    Worker* const worker = MEMCACHE_SESSION_G(worker);
    if (worker == nullptr) {
        return;
    }
    if (worker->find(PS(mod_data)) != nullptr) {
        PS(mod_data) = nullptr;
    }
    worker->end_request();
    write_log(*worker);
}

}  // namespace memcache_session

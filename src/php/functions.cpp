#include "src/php/functions.h"

#include "src/php/file_limits.h"
#include "src/php/globals.h"
#include "src/php/request.h"
#include "src/php/save_handler.h"
#include "src/php/session_array.h"
#include "src/php/settings_table.h"
#include "src/php/status_array.h"
#include "src/worker/worker.h"

// As in save_handler.cpp: plain values first, then one call into the core, then Zend.

namespace memcache_session {
namespace {

// Made from functions.stub.php by php-src's build/gen_stub.php. It declares the functions below.
#include "src/php/functions_arginfo.h"

constexpr const char* kNoMemory = "there is not enough memory";

// Whether the script may do it: it is run from the command line, by the one who may also read the
// servers, or the setting of this name allows it. False after a warning.
bool may_do(bool is_allowed, const char* setting) {
    if (is_allowed || strcmp(sapi_module.name, "cli") == 0 ||
        strcmp(sapi_module.name, "phpdbg") == 0) {
        return true;
    }
    php_error_docref(nullptr, E_WARNING,
                     "only the command line may do this, unless %s is 1 in php.ini", setting);
    return false;
}

// Reads the settings. False after a warning if they cannot be used.
bool read_opening(OpenParameters* opening) {
    const BadSetting bad = read_settings(&opening->settings);
    if (bad.name != nullptr) {
        php_error_docref(nullptr, E_WARNING, "%s must be %s", bad.name, bad.allowed);
        return false;
    }
    if (is_our_handler()) {
        opening->save_path = as_view(PS(save_path));
    }
    return true;
}

// The worker and the opening for a look at one session. Null after a warning.
Worker* begin_inspection(OpenParameters* opening) {
    if (!read_opening(opening)) {
        return nullptr;
    }
    if (!may_do(opening->settings.may_inspect, "memcache.session_inspect")) {
        return nullptr;
    }
    if (opening->settings.prefix_host_key) {
        opening->server_name = server_name();
    }
    Worker* const reader = worker();
    if (reader == nullptr) {
        php_error_docref(nullptr, E_WARNING, "%s", kNoMemory);
    } else if (names_forbidden_file(*reader, *opening)) {
        php_error_docref(nullptr, E_WARNING, "%s", kForbiddenFile.data());
        return nullptr;
    }
    return reader;
}

PHP_FUNCTION(memcache_session_status) {
    bool ask_servers = false;
    ZEND_PARSE_PARAMETERS_START(0, 1)
    Z_PARAM_OPTIONAL
    Z_PARAM_BOOL(ask_servers)
    ZEND_PARSE_PARAMETERS_END();

    OpenParameters opening;
    if (!read_opening(&opening)) {
        RETURN_FALSE;
    }
    Worker* const reader = worker();
    const bool may_ask =
        ask_servers && reader != nullptr && !names_forbidden_file(*reader, opening);
    const StatusReport* const report =
        reader != nullptr ? reader->status_report(opening, may_ask) : nullptr;
    if (report == nullptr) {
        php_error_docref(nullptr, E_WARNING, "%s", kNoMemory);
        RETURN_FALSE;
    }
    write_log(*reader);
    make_status_array(return_value, *report, opening.settings.counting);
    if (may_ask != ask_servers) {
        php_error_docref(nullptr, E_WARNING, "no server was asked, because %s",
                         kForbiddenFile.data());
    }
}

PHP_FUNCTION(memcache_session_reset_status) {
    ZEND_PARSE_PARAMETERS_NONE();
    OpenParameters opening;
    if (!read_opening(&opening) ||
        !may_do(opening.settings.may_reset_status, "memcache.session_status_reset")) {
        RETURN_FALSE;
    }
    Worker* const reader = worker();
    if (reader == nullptr) {
        php_error_docref(nullptr, E_WARNING, "%s", kNoMemory);
        RETURN_FALSE;
    }
    reader->reset_status();
    RETURN_TRUE;
}

PHP_FUNCTION(memcache_session_inspect) {
    zend_string* id = nullptr;
    ZEND_PARSE_PARAMETERS_START(1, 1)
    Z_PARAM_STR(id)
    ZEND_PARSE_PARAMETERS_END();

    OpenParameters opening;
    Worker* const reader = begin_inspection(&opening);
    if (reader == nullptr) {
        RETURN_FALSE;
    }
    const SessionReport* const report = reader->inspect(opening, as_view(id));
    write_log(*reader);
    if (report == nullptr || !report->problem.empty()) {
        php_error_docref(nullptr, E_WARNING, "%s",
                         report == nullptr ? kNoMemory : report->problem.c_str());
        RETURN_FALSE;
    }
    make_session_array(return_value, *report);
}

PHP_FUNCTION(memcache_session_kill) {
    zend_string* id = nullptr;
    ZEND_PARSE_PARAMETERS_START(1, 1)
    Z_PARAM_STR(id)
    ZEND_PARSE_PARAMETERS_END();

    OpenParameters opening;
    Worker* const reader = begin_inspection(&opening);
    if (reader == nullptr) {
        RETURN_FALSE;
    }
    const CallResult result = reader->kill(opening, as_view(id), PS(gc_maxlifetime));
    write_log(*reader);
    if (result.answer == Answer::kFailed) {
        php_error_docref(nullptr, E_WARNING, "%s", result.warning.data());
        RETURN_FALSE;
    }
    RETURN_TRUE;
}

}  // namespace

const zend_function_entry* script_functions() {
    return ext_functions;
}

}  // namespace memcache_session

#include "src/php/call_stack.h"

#include "src/php/php_api.h"

namespace memcache_session {
namespace {

// session_start() converts the option to an integer. With a type other than these, a reference
// among them, it throws before it opens a session.
bool asks_to_close(const zval* option) {
    switch (Z_TYPE_P(option)) {
        case IS_TRUE:
            return true;
        case IS_LONG:
            return Z_LVAL_P(option) > 0;
        case IS_STRING:
            return ZEND_STRTOL(Z_STRVAL_P(option), nullptr, 10) > 0;
        default:
            return false;
    }
}

bool has_read_and_close(zend_execute_data* call) {
    if (ZEND_CALL_NUM_ARGS(call) < 1) {
        return false;
    }
    const zval* options = ZEND_CALL_ARG(call, 1);
    ZVAL_DEREF(options);
    if (Z_TYPE_P(options) != IS_ARRAY) {
        return false;
    }
    const zval* option = zend_hash_str_find(Z_ARRVAL_P(options), ZEND_STRL("read_and_close"));
    return option != nullptr && asks_to_close(option);
}

// The nearest function of the session extension, or null. It decides, because session_reset() and
// session_regenerate_id() open a session too, perhaps below a session_start(). The frames between
// that function and this one belong to a SessionHandler and the user's class around it: they have a
// scope or are not internal. The way in which the function was called (named arguments,
// call_user_func(), Reflection, a fiber) shows only in frames further out.
zend_execute_data* nearest_session_call() {
    for (zend_execute_data* call = EG(current_execute_data); call != nullptr;
         call = call->prev_execute_data) {
        const zend_function* function = call->func;
        if (function != nullptr && function->type == ZEND_INTERNAL_FUNCTION &&
            function->common.scope == nullptr && function->common.function_name != nullptr &&
            as_view(function->common.function_name).substr(0, 8) == "session_") {
            return call;
        }
    }
    return nullptr;
}

bool is_call_of(const zend_execute_data* call, std::string_view name) {
    return call != nullptr && as_view(call->func->common.function_name) == name;
}

}  // namespace

bool opened_for_reading_only() {
    zend_execute_data* const call = nearest_session_call();
    return is_call_of(call, "session_start") && has_read_and_close(call);
}

bool id_is_changing() {
    return is_call_of(nearest_session_call(), "session_regenerate_id");
}

}  // namespace memcache_session

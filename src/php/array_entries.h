// Entries of PHP arrays, by constant keys. They call Zend, which may bail out.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>

#include "src/php/php_api.h"

namespace memcache_session {

inline void add_int(zval* array, const char* key, uint64_t number) {
    add_assoc_long_ex(array, key, strlen(key), static_cast<zend_long>(number));
}

inline void add_bool(zval* array, const char* key, bool value) {
    add_assoc_bool_ex(array, key, strlen(key), value);
}

inline void add_text(zval* array, const char* key, const char* text) {
    add_assoc_string_ex(array, key, strlen(key), text);
}

inline void add_null(zval* array, const char* key) {
    add_assoc_null_ex(array, key, strlen(key));
}

// Null in place of an empty text.
inline void add_text_or_null(zval* array, const char* key, const char* text) {
    if (text[0] != '\0') {
        add_text(array, key, text);
    } else {
        add_null(array, key);
    }
}

// Null in place of nothing.
inline void add_int_or_null(zval* array, const char* key, std::optional<int64_t> number) {
    if (number) {
        add_assoc_long_ex(array, key, strlen(key), static_cast<zend_long>(*number));
    } else {
        add_null(array, key);
    }
}

inline void add_array(zval* array, const char* key, zval* value) {
    add_assoc_zval_ex(array, key, strlen(key), value);
}

}  // namespace memcache_session

#include "src/php/request.h"

#include <algorithm>
#include <cstdint>

#include "src/php/php_api.h"

namespace memcache_session {

namespace {

// Zend allocates its memory in such chunks. Bytes.
constexpr size_t kMemoryLeftMin = size_t{2} << 20;

}  // namespace

std::string_view server_name() {
    // This fills the array if no script has mentioned it (auto_globals_jit).
    zend_is_auto_global_str(ZEND_STRL("_SERVER"));
    const zval* server = &PG(http_globals)[TRACK_VARS_SERVER];
    if (Z_TYPE_P(server) != IS_ARRAY) {
        return {};
    }
    const zval* name = zend_hash_str_find(Z_ARRVAL_P(server), ZEND_STRL("SERVER_NAME"));
    return name != nullptr && Z_TYPE_P(name) == IS_STRING ? as_view(Z_STR_P(name))
                                                          : std::string_view();
}

std::string_view request_path() {
    const char* uri = SG(request_info).request_uri;
    return as_view(uri != nullptr ? uri : SG(request_info).path_translated);
}

std::string_view script_path() {
    return as_view(SG(request_info).path_translated);
}

std::string_view serialize_handler() {
    return as_view(PS(serializer) != nullptr ? PS(serializer)->name : nullptr);
}

size_t memory_left() {
    if (PG(memory_limit) < 0) {
        return SIZE_MAX;
    }
    const auto limit = static_cast<size_t>(PG(memory_limit));
    const size_t used = zend_memory_usage(true);
    return std::max(limit > used ? limit - used : 0, kMemoryLeftMin);
}

}  // namespace memcache_session

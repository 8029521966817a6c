// The value of a session as PHP knows it, and as it is stored.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/base/status.h"
#include "src/replica/stored_session.h"

namespace memcache_session {

// Whether this is an empty $_SESSION, in the texts of PHP's serialize_handlers and of igbinary. PHP
// writes it for a request that read an empty session and changed nothing, too.
bool is_empty_session(std::string_view value);

// Compresses a value of more than `threshold` bytes, if that saves something. 0: never. The text is
// `value`, or in `*buffer`.
PackedValue pack_value(std::string_view value, size_t threshold, std::string* buffer);

// The value of `stored`, in its own bytes or in `*buffer`. `size_max`: what PHP has memory for.
Result<std::string_view> unpack_value(const StoredSession& stored, size_t size_max,
                                      std::string* buffer);

}  // namespace memcache_session

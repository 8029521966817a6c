// The options of a session, from the settings and the request that opens it.
#pragma once

#include <cstdint>

#include "src/session/options.h"
#include "src/worker/settings.h"

namespace memcache_session {

// `pid`: this process, for the lock item.
SessionOptions session_options(const OpenParameters& opening, int64_t pid);

// Whether the requests are to be merged, and cannot be because of session.serialize_handler.
bool is_unmergeable(const OpenParameters& opening);

// Whether all options are equal, so that an open session can be kept (session_reset()).
bool are_same(const SessionOptions& a, const SessionOptions& b);

}  // namespace memcache_session

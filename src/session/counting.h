// How the calls of a session are counted.
#pragma once

#include <cstddef>
#include <optional>

#include "src/base/clock.h"
#include "src/base/status.h"
#include "src/net/event_totals.h"
#include "src/replica/stored_session.h"

namespace memcache_session {

// PHP has got a session. `id_was_sent`: the request brought the id, as in a cookie. `totals`: null:
// nothing is counted; the same below.
void count_opening(EventTotals* totals, Duration time, const StoredSession& stored, bool is_locked,
                   bool id_was_sent);

// A session was stored, touched or destroyed. `stored_size`: in bytes, if a value was stored.
void count_closing(EventTotals* totals, Duration time, const std::optional<size_t>& stored_size);

// The event of a call that fails with this code.
Event refusal_of(Code cause);

}  // namespace memcache_session

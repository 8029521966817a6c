// Why PHP calls the save handler, which it does not say: read from the call stack.
#pragma once

namespace memcache_session {

// Whether the session is opened by session_start() with the option read_and_close, so that nothing
// will be written and no lock is needed. False in doubt. Allocates nothing and runs no
// code of PHP.
bool opened_for_reading_only();

// Whether session_regenerate_id() calls: it stores or destroys the session of the old id, and opens
// that of the new one. As above.
bool id_is_changing();

}  // namespace memcache_session

// What PHP does not tell a save handler: why it is called.
#pragma once

namespace memcache_session {

// Whether the session is opened by session_start() with the option read_and_close, so that nothing
// will be written and no lock is needed. False in doubt. Allocates nothing, calls nothing.
bool opened_for_reading_only();

}  // namespace memcache_session

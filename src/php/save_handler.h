// The session save handler, as PHP's session extension calls it.
#pragma once

#include "src/php/php_api.h"

namespace memcache_session {

// One handler under two names: `memcache`, which is pecl/memcache's name too, and
// `memcache_session`, which no other extension has. Both are static.
extern const ps_module kMemcacheHandler;
extern const ps_module kMemcacheSessionHandler;

// Call in MINIT, after pecl/memcache's MINIT: where that is loaded, `memcache` is its handler.
void register_handlers();

// Whether the session.save_handler in force is one of these two.
bool is_our_handler();

// Releases the locks of sessions that PHP has not closed, because a class around SessionHandler
// forgot to or was left by an exception. Call after session's RSHUTDOWN.
void sweep_sessions();

}  // namespace memcache_session

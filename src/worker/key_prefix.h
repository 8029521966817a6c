// The prefix of the session id in every key, so that sites can share servers.
#pragma once

#include <string>
#include <string_view>

#include "src/worker/settings.h"

namespace memcache_session {

// memcache.session_prefix_static_key, and then the host name if memcache.session_prefix_host_key is
// on. Two more settings remove a leading `www.` from the host name, and then everything but its
// last two labels. The case of letters is kept. pecl/memcache makes the same prefix, byte for byte,
// unless it replaces characters in it.
std::string key_prefix(const Settings& settings, std::string_view server_name);

}  // namespace memcache_session

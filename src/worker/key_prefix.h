// What stands before the session id in every key, so that sites can share servers.
#pragma once

#include <string>
#include <string_view>

#include "src/worker/settings.h"

namespace memcache_session {

// memcache.session_prefix_static_key, then the host name if memcache.session_prefix_host_key asks
// for it: less a leading `www.`, then less all but its last two labels, as far as these are asked
// for. The letters stay as they are. The same as pecl/memcache's, byte for byte, as long as that
// finds nothing in it to replace.
std::string key_prefix(const Settings& settings, std::string_view server_name);

}  // namespace memcache_session

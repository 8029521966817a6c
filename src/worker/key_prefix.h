// The prefix of the session id in every key, so that sites can share servers.
#pragma once

#include <string>
#include <string_view>

#include "src/worker/settings.h"

namespace memcache_session {

// memcache.session_prefix_static_key, and then the host name if memcache.session_prefix_host_key is
// on. Two more settings remove a leading `www.` from the host name, and then everything but its
// last two labels. The case of letters is kept. pecl/memcache makes the same prefix, byte for byte,
// unless it replaces characters in it. memcache.session_prefix_separator follows, unless the prefix
// is empty.
std::string key_prefix(const Settings& settings, std::string_view server_name);

// Why keys with this prefix, which key_prefix() made, may be those of an application with a longer
// prefix, and the remedy. Empty if they cannot be, or if there is no prefix. Printable.
//
// They cannot be if ids are of PHP's alphabet and the prefix ends in another character; and they
// cannot be if the separator is at the end of the prefix and nowhere else, and all applications
// have it, because then no prefix is the begin of another.
std::string prefix_overlap(const Settings& settings, std::string_view prefix);

}  // namespace memcache_session

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

// Says why an application with a longer prefix may have the same keys, and names the remedy. The
// text is printable. It is empty if there is no prefix, or if that cannot happen:
//
// - Ids are of PHP's alphabet, and the prefix ends in another character.
// - The separator is at the end of the prefix and nowhere else. All applications are assumed to
//   have it, so no prefix is the beginning of another.
//
// REQUIRES: key_prefix() made the prefix.
std::string prefix_overlap(const Settings& settings, std::string_view prefix);

}  // namespace memcache_session

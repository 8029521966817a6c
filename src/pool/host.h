// Host names and addresses, as text.
#pragma once

#include <string_view>

namespace memcache_session {

// Four decimal numbers, as inet_pton() takes them.
bool is_ipv4(std::string_view text);

// As inet_pton() takes it, perhaps with a zone that names the network card of a link-local address:
// fe80::1%eth0.
bool is_ipv6(std::string_view text);

// Letters, digits, '.', '-' and '_'. A name of digits and dots alone must be an IPv4 address.
bool is_host_name(std::string_view text);

}  // namespace memcache_session

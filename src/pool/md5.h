// MD5 (RFC 1321), of which libmemcached's weighted ketama is made. It decides places, and protects
// nothing.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace memcache_session {

// The 16 bytes of the digest as four numbers, each of them read with its lowest byte first.
using Md5 = std::array<uint32_t, 4>;

Md5 md5_of(std::string_view text);

}  // namespace memcache_session

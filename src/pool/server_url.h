// One server of a save_path: where it is, and its parameters. save_path.h has the grammar.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/net/server.h"
#include "src/pool/parse_error.h"

namespace memcache_session {

// Whether the server is written with the scheme unix:.
bool is_unix_url(std::string_view url);

// Sets `*server`, or returns the error, whose piece is a part of `url`. `default_port` is used if
// the text has no port. REQUIRES: url has no separators and no control characters.
std::optional<ParseError> parse_server_url(std::string_view url, uint16_t default_port,
                                           Server* server);

}  // namespace memcache_session

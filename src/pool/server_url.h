// One entry of a save_path: a server, or a source of servers. save_path.h has the grammar.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/pool/parse_error.h"
#include "src/pool/source.h"

namespace memcache_session {

// Whether the server is written with the scheme unix:.
bool is_unix_url(std::string_view url);

// Sets `*entry`, or returns the error, whose piece is a part of `url`. `default_port` is used if
// the text has no port. REQUIRES: url has no separators and no control characters.
std::optional<ParseError> parse_server_url(std::string_view url, uint16_t default_port,
                                           Source* entry);

}  // namespace memcache_session

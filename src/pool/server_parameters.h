// The parameters of a server in a save_path, as in weight=2&timeout=0.5. save_path.h lists them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/pool/parse_error.h"
#include "src/pool/source.h"

namespace memcache_session {

// A whole number without sign, up to the largest port.
std::optional<uint16_t> parse_port_number(std::string_view digits);

// Sets the target to 0 or 1, or what php.ini writes for them. The error quotes `parameter`.
std::optional<ParseError> set_switch(std::string_view parameter, std::string_view name,
                                     std::string_view value, bool* target);

// Sets the server's weight. The error quotes `piece`.
std::optional<ParseError> parse_weight(std::string_view digits, std::string_view piece,
                                       Server* server);

// Sets what `query` says of the entry, whose endpoint and kind are known; the rest stays as it is.
// `weight_given`: the weight is already set, so another one is an error.
std::optional<ParseError> parse_parameters(std::string_view query, bool weight_given,
                                           Source* entry);

}  // namespace memcache_session

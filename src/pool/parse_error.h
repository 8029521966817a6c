// Why a text cannot be used.
#pragma once

#include <string>
#include <string_view>

namespace memcache_session {

struct ParseError {
    std::string_view piece;  // the part of the text that is wrong
    std::string reason;      // what is allowed there
};

}  // namespace memcache_session

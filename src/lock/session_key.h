// The keys under which a session and its lock are stored.
#pragma once

#include <string>
#include <string_view>

#include "src/base/status.h"
#include "src/wire/command.h"

namespace memcache_session {

constexpr std::string_view kLockSuffix = ".lock";

struct SessionKey {
    std::string session;
    std::string lock;

    // kInvalidArgument if `prefix` and `sid` do not make two keys that memcached accepts and that
    // no other session uses. Nothing is replaced or cut, because that would make two ids one
    // session.
    static Result<SessionKey> make(std::string_view prefix, std::string_view sid);
};

}  // namespace memcache_session

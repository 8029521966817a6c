// Reading the values of copies whose metadata alone was read. protocol.md, "Copies whose value is
// not read".
#pragma once

#include <optional>
#include <string_view>

#include "src/lock/session_parts.h"
#include "src/replica/members.h"

namespace memcache_session {

struct ValuesRead {
    Version newest_seen = kForeignVersion;   // before these phases
    std::optional<ServerFailure> too_large;  // a copy that this process cannot take
    bool newest_is_lost = false;             // the member with the newest copy did not answer again
};

// Whether a value is needed that was not read: that of the newest copy, or of a foreign one, which
// no version compares. REQUIRES: there are members.
bool needs_values(const Members& members);

// Reads these values, and that of the newest copy again, because views of replies do not outlive
// their phase. Usually one phase; a second one asks all members if the newest copy has changed
// meanwhile. Members that fail are dropped. REQUIRES: there are members.
ValuesRead read_values(const SessionParts& parts, std::string_view session_key, Members* members);

}  // namespace memcache_session

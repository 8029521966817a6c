// Looking for a session on the servers outside its set, and removing what an outage has left there.
// protocol.md, "Searching other servers" and "Copies left on stand-ins".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "src/lock/session_parts.h"
#include "src/replica/members.h"
#include "src/session/direct_session.h"

namespace memcache_session {

struct SearchResult {
    Item newest;  // the item of precedence outside the set; absent if none has it
    // The copies where stand-ins are. Tombstones and items of other programs are not among them.
    std::vector<OutsideCopy> on_stand_ins;
    Failures silent;                         // servers that did not answer, or were not asked
    std::optional<ServerFailure> too_large;  // a copy that this process cannot take
    bool newest_is_lost = false;             // the member with the newest copy did not answer again
    bool has_taken_back = false;  // a server that is marked down is well, and is a member now
};

// What an opening has to search before it believes its members. protocol.md, "Searching other
// servers".
enum class SearchScope {
    kNothing,
    kStandIns,  // the first 2R-1 servers of the preference list
    kAll,
};
SearchScope search_scope(const DirectSession& session);

// Asks searched_servers() in one phase. If some members have the session, all members are asked
// again, because views of their replies do not outlive their phase. Members that fail are dropped.
// A server that was passed over for its mark and answers becomes a member if it is preferred to a
// stand-in.
SearchResult search_other_servers(const SessionParts& parts, std::string_view session_key,
                                  SearchScope scope, size_t search, Members* members);

// The servers that are searched, members among them, in order: R and `search` more, and at least
// the first 2R-1, where members and stand-ins are. A missing session is not proven without them,
// and a stand-in may have a tombstone that a new session must outrank.
std::vector<uint32_t> searched_servers(const Members& members, size_t search);

// Whether a server is no member, and can be asked.
bool may_be_asked(const SessionParts& parts, const Members& members, uint32_t server);

// Removes the copies that an outage has left on stand-ins. Nothing depends on its success.
// REQUIRES: R members have stored the session under the lock. protocol.md, "Copies left on
// stand-ins".
void remove_from_stand_ins(DirectSession* session);

}  // namespace memcache_session

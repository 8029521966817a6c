// What the servers show of one session, without changing it: for operators, not for requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/status.h"
#include "src/lock/lock_item.h"
#include "src/lock/session_parts.h"
#include "src/replica/item.h"
#include "src/session/options.h"

namespace memcache_session {

// What one server shows.
struct InspectedCopy {
    enum class State {
        kStored,
        kDestroyed,  // a tombstone
        kMissing,
        kDown,    // marked down, and not asked
        kFailed,  // it gave no usable reply
    };

    uint32_t server = 0;  // position in the pool
    bool in_set = false;  // of the session's replica set, as it would be chosen now
    State state = State::kMissing;
    Failure failure;         // kDown, kFailed
    std::string words = {};  // of the server, printable; kFailed
    uint32_t flags = 0;      // kStored, kDestroyed; the same for those below
    size_t size = 0;         // bytes, as stored
    int32_t seconds_left = kExpiryUnknown;
    std::optional<Holder> holder = {};  // of the lock there, if there is one
};

struct Inspection {
    enum class State { kStored, kDestroyed, kMissing, kUnknown };

    State state = State::kUnknown;
    std::optional<size_t> newest;  // the copy that counts, an index; nothing: there is none
    size_t copies = 0;             // equal to that one, itself among them
    std::vector<InspectedCopy> list;
};

// Asks the servers of the session's set and those that would be searched, without a lock, all in
// one phase; those of new connections once more for the expiry. A proxy is asked one command after
// another. kInvalidArgument: the id makes no key.
Result<Inspection> inspect_session(const SessionParts& parts, const SessionOptions& options,
                                   std::string_view sid);

}  // namespace memcache_session

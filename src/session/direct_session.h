// A session that is kept on memcached servers: the state that its steps share.
#pragma once

#include <cstdint>
#include <vector>

#include "src/lock/session_lock.h"
#include "src/replica/members.h"
#include "src/replica/stored_session.h"
#include "src/session/options.h"

namespace memcache_session {

// A copy on a server outside the set, as a search found it.
struct OutsideCopy {
    uint32_t server = 0;
    Item item;  // without its value
};

struct DirectSession {
    // The arguments must outlive the session.
    DirectSession(const SessionParts& of_parts, const SessionOptions& of_options,
                  const SessionLock& of_lock)
        : parts(of_parts), options(of_options), lock(of_lock) {}

    const SessionParts& parts;
    const SessionOptions& options;
    const SessionLock& lock;

    Members members;
    StoredSession stored;     // as it was read last
    bool locked = false;      // read under its lock, which has not been released
    bool reads_all = false;   // the value of every copy, not only of the one that counts
    bool fenced = true;       // a store is refused if somebody else has written
    TimePoint opened_at{};    // no later than the first look at the session
    TimePoint lease_began{};  // no later than the moment when the first server granted the lock

    // Copies on stand-ins of an outage that is over. They are removed when every member has the
    // session. protocol.md, "Copies left on stand-ins".
    std::vector<OutsideCopy> left_on_stand_ins;

    // What to ask the member for, when all members are asked. The first usually has the copy that
    // counts. protocol.md, "Copies whose value is not read".
    Reading reading_of(const Member& member) const {
        return reads_all || &member == &members.list().front() ? Reading::kWhole
                                                               : Reading::kMetadata;
    }

    // Since the opening.
    Duration held() const { return parts.clock.now() - opened_at; }
};

}  // namespace memcache_session

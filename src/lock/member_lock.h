// The lock of one member of the set, when another request holds it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/lock/lock_wait.h"
#include "src/lock/session_lock.h"
#include "src/replica/members.h"

namespace memcache_session {

// While the lock is sought, the locks of the members behind it are released. protocol.md, "Keep
// earlier locks only". A server that fails is dropped from the set. The arguments of the
// constructor outlive the object.
class MemberLock final : public ContendedLock {
public:
    // `seen`: the lock of `server` as it was refused. REQUIRES: `server` is a member.
    MemberLock(const SessionParts& parts, const SessionLock& lock, Members* members,
               uint32_t server, LockSeen seen);

    uint32_t server() const override { return server_; }
    const LockSeen& seen() const override { return seen_; }
    bool may_take_over(Duration hold_age) override;
    Try ask(bool take_over) override;

private:
    // Which state of the session's item a server showed.
    struct ItemState {
        uint32_t server = 0;
        ConnectionId connection = 0;
        uint64_t cas = 0;  // 0: there is no item

        bool operator==(const ItemState& other) const {
            return server == other.server && connection == other.connection && cas == other.cas;
        }
    };

    Request request_for(std::string_view value, bool take_over) const;
    bool is_orphan(Duration hold_age);
    bool is_granted_elsewhere(std::vector<ItemState>* shown);
    bool replace(std::vector<Request>* replacements);
    void release_behind();

    const SessionParts& parts_;
    const SessionLock& lock_;
    Members& members_;
    uint32_t server_;
    LockSeen seen_;
    std::optional<TimePoint> orphan_checked_;
    bool orphan_suspected_ = false;        // by that check; another one has to confirm it
    std::vector<ItemState> suspected_at_;  // what the servers that were asked showed at that check
};

}  // namespace memcache_session

// Releasing the locks of one session on several servers at once.
#pragma once

#include <string_view>
#include <vector>

#include "src/lock/session_lock.h"
#include "src/net/exchange.h"
#include "src/replica/members.h"

namespace memcache_session {

// One use. Each step works on the members whose lock is unsettled, and keeps those that it did not
// settle. protocol.md, "Releasing a lock".
class LockRelease {
public:
    LockRelease(const SessionLock& lock, Exchange& exchange, std::vector<Member*> members);

    // Returns the servers that did not reply.
    Failures run();

private:
    void release();
    void keep_ours();
    void delete_where_out_of_memory();
    bool is_out_of_memory(const Member* member) const;
    Request& add_request(const Member& member);
    void send();

    // Keeps the unsettled members for which `is_unsettled(request, member)`.
    // REQUIRES: requests_ has one entry for each unsettled member.
    template <class IsUnsettled>
    void keep(IsUnsettled is_unsettled);

    const SessionLock& lock_;
    Exchange& exchange_;
    std::vector<Member*> unsettled_;
    std::vector<const Member*> out_of_memory_;
    std::vector<Request> requests_;
    Failures silent_;
};

}  // namespace memcache_session

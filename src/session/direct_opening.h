// Opening a session on memcached servers: locking and reading it in one phase. More phases follow
// when a server fails, another request holds the lock, or a server does not have the session.
// protocol.md, "Opening".
#pragma once

#include <cstddef>
#include <optional>

#include "src/base/status.h"
#include "src/lock/lock_wait.h"
#include "src/session/direct_rounds.h"
#include "src/session/direct_search.h"
#include "src/session/direct_session.h"
#include "src/session/session_store.h"

namespace memcache_session {

// One use.
class DirectOpening {
public:
    // Works on `session`, whose members are chosen.
    DirectOpening(DirectSession* session, LockWait::Policy wait);

    // Adds members in place of those that failed, as far as there are any. Returns whether it did.
    bool add_stand_ins();

    // Locks and reads the session, or only reads it. kLocked: another request holds it, and the
    // message is the reason, as in "the session is ...". After a failure no lock is held.
    Status run(Access access, Search search);

private:
    Status read_or_search(Access access, Search search);
    Status lock_and_read();
    Status wait_for_lock(const LockRound& round);
    Status read();
    void note_whether_known();
    void compare_with_first_phase();
    bool ask_marked();
    Status choose_among_members(bool* is_complete);
    Status search_elsewhere(SearchScope scope, bool* is_complete);
    Status check_given_up() const;
    Status unavailable() const;

    DirectSession& session_;
    MemberPlaces places_;
    LockWait wait_;
    std::ptrdiff_t given_up_before_;  // servers that may be well, given up before this opening
    uint32_t stand_in_rounds_ = 0;
    bool asked_marked_ = false;
    bool is_first_phase_ = true;
    std::optional<uint32_t> known_on_;  // the server that had the session in the first phase
};

}  // namespace memcache_session

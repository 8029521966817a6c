// Opening a session on memcached servers: locking and reading it in one phase. More phases follow
// when a server fails, another request holds the lock, or a server does not have the session.
// protocol.md, "Opening".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "src/base/status.h"
#include "src/lock/lock_wait.h"
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
    // One phase of locking and reading.
    struct LockRound {
        bool all_answered = true;
        bool names_final_set = true;         // the value of the lock was the one that it is to have
        std::optional<uint32_t> refused_by;  // the first server whose lock is another's
        LockSeen refusal;
        std::optional<ServerFailure> too_large;  // a reply that this process cannot take
    };

    // One phase of reading.
    struct ReadRound {
        bool all_answered = true;
        std::optional<ServerFailure> too_large;
    };

    Status read_or_search(Access access, Search search);
    Status lock_and_read();
    LockRound run_lock_round();
    void delete_locks_without_cas(const std::vector<uint32_t>& servers);
    Status wait_for_lock(const LockRound& round);
    Status read();
    ReadRound run_read_round();
    void note_whether_known();
    void compare_with_first_phase();
    bool ask_marked();
    void give_up_excess(LockRound* round);
    Status search_elsewhere();
    Status check_sizes() const;
    Status too_large(const ServerFailure& failure) const;
    Status unavailable() const;

    DirectSession& session_;
    MemberPlaces places_;
    LockWait wait_;
    std::ptrdiff_t too_large_before_;  // servers that were given up for a reply before this opening
    uint32_t stand_in_rounds_ = 0;
    bool asked_marked_ = false;
    bool is_first_phase_ = true;
    std::optional<uint32_t> known_on_;  // the server that had the session in the first phase
};

}  // namespace memcache_session

// Opening a session: choosing its servers, locking and reading it in one phase, and what is to be
// done when a server fails, another request holds the lock, or the session is not where it belongs.
#pragma once

#include <optional>
#include <vector>

#include "src/base/status.h"
#include "src/lock/wait_schedule.h"
#include "src/session/open_session.h"
#include "src/session/options.h"
#include "src/session/waiting_room.h"

namespace memcache_session {

class Opening {
public:
    // Works on `session`, of which sid, key and token are set.
    Opening(const SessionParts& parts, const SessionOptions& options, OpenSession* session);

    // Fails with kUnavailable when the session could not be locked or its state is unknown; no lock
    // is left then. A session that does not exist is a success. `created_here`: PHP made the id in
    // this request.
    Status run(bool lock, bool created_here);

private:
    // The lock of a server, as it showed it when it refused ours.
    struct Refusal {
        uint32_t server = 0;
        bool present = false;  // false: gone again when we looked
        bool free = false;     // left by pecl/memcache, which writes 0 to release
        uint64_t cas = 0;
        ConnectionId connection = 0;
        Holder holder;
    };

    enum class Poll { kGranted, kRefused, kFailed };

    Status acquire();
    Status look();
    Status look_instead(const std::string& why);

    bool lock_and_read();
    bool accept(Copy* copy, const Request& request);

    void leave_waiting_room();
    bool drop_silent_of_waiting_room();
    void give_back_behind_refusal();
    void give_back_from(uint32_t position);
    Status wait_for_lock();
    bool may_take_over(const WaitSchedule& schedule);
    bool is_replaceable(const Refusal& lock) const;
    void forget_orphan();
    bool is_orphan(const WaitSchedule& schedule);
    bool is_granted_elsewhere();
    Poll poll_for_lock(bool take_over);
    static Refusal refusal_of(uint32_t server, const Reply& lock, ConnectionId connection);
    void note_refusal(uint32_t server, const Reply& lock, ConnectionId connection);

    void choose_newest(const Item* elsewhere);
    Status sweep();
    Failures ask_all_others(bool all_miss);
    bool missing_is_believable(const Failures& silent) const;

    Copy* find_copy(uint32_t server);
    void drop(uint32_t server, const Request& request);
    bool fill_set();

    Status unavailable() const;
    Status held() const;
    Status too_many_wait() const;

    const SessionParts& parts_;
    const SessionOptions& options_;
    OpenSession& session_;
    std::vector<Request> requests_;

    Refusal refusal_;  // of the first refusing server in the list
    bool refused_ = false;
    WaitingRoom waiting_room_;
    std::optional<TimePoint> wait_began_;
    std::optional<TimePoint> orphan_checked_;
    bool orphan_suspected_ = false;  // by that check, and to be confirmed by another
    uint32_t stand_ins_ = 0;
    Version newest_seen_ = kForeignVersion;  // on any server, also on those that failed since
};

}  // namespace memcache_session

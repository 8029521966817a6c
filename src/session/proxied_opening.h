// Opening a session behind a proxy (Server::proxy): `add` of the lock, then `get` of the session.
// The proxy makes the copies, so there is one server to ask; another proxy is asked when it fails.
#pragma once

#include <optional>
#include <string>

#include "src/base/status.h"
#include "src/lock/wait_schedule.h"
#include "src/session/open_session.h"
#include "src/session/options.h"
#include "src/session/proxied_lock.h"

namespace memcache_session {

class ProxiedOpening {
public:
    // Works on `session`, of which sid, key and token are set. If it has a set, that is used.
    ProxiedOpening(const SessionParts& parts, const SessionOptions& options, OpenSession* session);

    // As Opening::run(). A miss is believed: every proxy of the list leads to the same servers.
    Status run(bool lock);

    // After run() failed: the lock is another's.
    bool was_held() const { return was_held_; }

private:
    using LockState = ProxiedLock::State;

    LockState take_lock();
    LockState wait_for_lock();
    LockState try_lock();
    LockState poll_lock();
    bool is_abandoned() const;
    bool clear_abandoned();
    bool enter_waiting_room(TimePoint until);
    void leave_waiting_room();
    bool read();
    void note(const Request& request);
    void give_up_proxy();
    LockState give_up_waiting();
    Status unavailable() const;

    const SessionParts& parts_;
    const SessionOptions& options_;
    OpenSession& session_;
    ProxiedLock lock_;

    // Of the latest answer that was of no use.
    Failure failure_;
    bool answered_ = false;  // the proxy did answer
    std::string refusal_;    // with this text

    std::optional<TimePoint> wait_began_;
    std::optional<TimePoint> add_began_;  // of the first add that may have taken the lock
    std::string place_;  // in the waiting room: the key of an item beside the lock; empty: none
    uint32_t stand_ins_ = 0;
    bool was_held_ = false;
    std::string held_by_;
};

}  // namespace memcache_session

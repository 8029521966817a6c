// Opening a session behind a proxy: `add` of the lock, then `get` of the session. Another proxy is
// asked when one fails. protocol.md, "Behind a proxy".
#pragma once

#include <optional>
#include <string>

#include "src/base/status.h"
#include "src/lock/lock_wait.h"
#include "src/session/proxied_session.h"
#include "src/session/session_store.h"

namespace memcache_session {

// One use.
class ProxiedOpening {
public:
    // Works on `session`, whose proxies are chosen.
    ProxiedOpening(ProxiedSession* session, LockWait::Policy wait);

    // As DirectOpening::run(). A miss is believed, because every proxy of the list leads to the
    // same servers.
    Status run(Access access);

private:
    Status take_lock();
    ContendedLock::Try confirm_or_take();
    bool read();
    void note_whether_known();
    void note(const Request& request);
    void give_up_proxy();
    bool ask_marked();
    Status unavailable() const;

    ProxiedSession& session_;
    std::optional<ProxiedLock> lock_;
    ProxiedPlaces places_;
    LockWait wait_;

    // What note() keeps of the latest reply.
    Failure failure_;
    bool answered_ = false;  // the proxy did reply
    std::string words_;      // of the proxy, if it gave no usable reply

    uint32_t stand_ins_ = 0;
    std::optional<bool> was_known_;  // the session was there before the request waited
};

}  // namespace memcache_session

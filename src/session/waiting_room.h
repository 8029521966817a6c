// How many requests of one session may wait for its lock at once: memcache.session_lock_waiters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/session/open_session.h"

namespace memcache_session {

// The key of a place, from 1 on, and how long its item lives: a waiter that is killed leaves it
// free two seconds after the end of its wait.
std::string waiting_place_key(const OpenSession& session, uint32_t place);
int32_t waiting_place_exptime(const SessionParts& parts, Duration stay);

// A place among the waiters is an item beside the lock, `<lock>.<number>`, that whoever waits adds
// and takes away again; it expires by itself, for waiters that are killed. Nothing is sent unless a
// request has to wait and there is a limit.
class WaitingRoom {
public:
    WaitingRoom(const SessionParts& parts, const OpenSession& session);

    // Takes one of `places` on the server that holds the lock, for at most `stay`. False if they
    // are all taken. A server that is silent or has no memory for it, and a key with no room for
    // the suffix, count as free: the limit protects the web server, it is no condition for a
    // session.
    bool enter(uint32_t server, uint32_t places, Duration stay);

    // Gives the place back, if there is one. Like enter(), it ends what views of answers live for.
    void leave();

    // The server that was silent in the latest call, if it was.
    const std::optional<ServerFailure>& silent() const { return silent_; }

private:
    enum class Found { kTaken, kAllTaken, kNoAnswer };

    Found take_one_of(uint32_t first, uint32_t end);
    Found take(uint32_t place);
    bool run(Request* request);

    const SessionParts& parts_;
    const OpenSession& session_;
    uint32_t server_ = 0;
    int32_t exptime_ = 0;
    std::string key_;  // of our place; empty: none
    uint64_t cas_ = 0;
    ConnectionId connection_ = 0;
    std::optional<ServerFailure> silent_;
};

}  // namespace memcache_session

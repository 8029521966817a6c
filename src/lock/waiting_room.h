// How many requests of one session may wait for its lock at once: memcache.session_lock_waiters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/lock/session_lock.h"

namespace memcache_session {

// A place among the waiters is an item beside the lock, SessionKey::beside_lock() of its number,
// which a waiter adds and deletes again. It expires two seconds after the end of the wait, because
// waiters can be killed.
std::string waiting_place_key(const SessionKey& key, uint32_t number);

// Finds and keeps such an item, by pipelined commands, or by single commands through a proxy.
class WaitingPlaces {
public:
    virtual ~WaitingPlaces() = default;

    enum class Found { kTaken, kAllTaken, kNoAnswer };

    // Takes one of the places [first, end) on `server`. REQUIRES: end - first <= kCommandsMax.
    virtual Found take_one_of(uint32_t server, uint32_t first, uint32_t end, int32_t exptime) = 0;

    // Deletes the item of the place that was taken.
    virtual void give_back() = 0;

    // The server that was silent in the latest call, if the lock has to be sought elsewhere.
    virtual std::optional<ServerFailure> silent() const = 0;
};

// Nothing is sent unless a request has to wait and there is a limit.
class WaitingRoom {
public:
    WaitingRoom(const SessionParts& parts, WaitingPlaces& places)
        : parts_(parts), places_(places) {}

    // Takes one of `count` places on the server of the lock, for at most `stay`. False if all are
    // taken. A server that is silent or has no memory for it counts as free. protocol.md, "Waiting
    // for a lock".
    bool enter(uint32_t server, uint32_t count, Duration stay);

    // Gives the place back, if there is one. Like enter(), it ends the life of views of replies.
    void leave();

private:
    const SessionParts& parts_;
    WaitingPlaces& places_;
    bool has_place_ = false;
};

// The places on a memcached server: up to kCommandsMax are looked at in one phase.
class MemberPlaces final : public WaitingPlaces {
public:
    MemberPlaces(const SessionParts& parts, const SessionLock& lock) : parts_(parts), lock_(lock) {}

    Found take_one_of(uint32_t server, uint32_t first, uint32_t end, int32_t exptime) override;
    void give_back() override;
    std::optional<ServerFailure> silent() const override { return silent_; }

private:
    Found take(uint32_t server, uint32_t number, int32_t exptime);
    bool run(Request* request);

    const SessionParts& parts_;
    const SessionLock& lock_;
    uint32_t server_ = 0;
    std::string key_;  // of our place
    uint64_t cas_ = 0;
    ConnectionId connection_ = 0;
    std::optional<ServerFailure> silent_;
};

}  // namespace memcache_session

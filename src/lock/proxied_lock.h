// The lock of a session behind a proxy (Server::proxy): one command at a time, each reply awaited,
// and no cas. `add` takes it, `get` shows whose it is, `delete` releases it. protocol.md, "Behind a
// proxy".
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/lock/lock_wait.h"
#include "src/lock/session_lock.h"
#include "src/lock/waiting_room.h"

namespace memcache_session {

// Sends one command and awaits its reply, which lives as Exchange::run() says. `bound_to` is as in
// Request.
Request ask_proxy(const SessionParts& parts, Purpose purpose, uint32_t proxy,
                  const Command& command, ConnectionId bound_to = 0);

// An item that one request at a time can own. The caller chooses the proxy of each call.
class ProxiedItem {
public:
    // `key` outlives the object.
    ProxiedItem(const SessionParts& parts, Purpose purpose, std::string_view key, LockToken token)
        : parts_(parts), purpose_(purpose), key_(key), token_(token) {}

    enum class State {
        kOurs,
        kAnothers,
        kNone,     // nobody has it, or it was deleted meanwhile
        kUnknown,  // no usable reply; answer() is what came
    };

    // Adds the item. `value` begins with our token. A refused `add` is ours too if the item shows
    // our token: a reply was lost, or was wrong (magent's, while a server is dead).
    State take(uint32_t proxy, std::string_view value, int32_t exptime);

    State look(uint32_t proxy);

    // Deletes the item if it is as look() showed it last, as far as that can be told without cas:
    // on the same connection, at once. kUnknown: no reply. kAnothers: look again.
    State remove(uint32_t proxy);

    // Deletes it if it is ours. False if the proxy did not reply.
    bool give_back(uint32_t proxy);

    // As look() or take() last saw it.
    const LockSeen& seen() const { return seen_; }

    const Request& answer() const { return request_; }

private:
    const SessionParts& parts_;
    Purpose purpose_;
    std::string_view key_;
    LockToken token_;
    Request request_;
    LockSeen seen_;
};

// The lock of the session at the proxy in use. All that it is given outlives it.
class ProxiedLock final : public ContendedLock {
public:
    ProxiedLock(const SessionParts& parts, const SessionLock& lock, const Member& proxy)
        : parts_(parts),
          lock_(lock),
          proxy_(proxy.server),
          position_(proxy.position),
          item_(parts, Purpose::kOpen, lock.key().lock(), lock.token()) {}

    // Another proxy, which leads to the same servers, is asked from now on.
    void move_to(const Member& proxy) {
        proxy_ = proxy.server;
        position_ = proxy.position;
    }

    // Takes the lock by `add`.
    Try take();

    // Whether it is still ours. kServerFailed: the proxy did not say.
    Try confirm();

    // Releases the lock if it is ours. False if the proxy did not reply.
    bool release() { return item_.give_back(proxy_); }

    // Before the first `add`, by any proxy, that may have taken the lock. REQUIRES: take() gave
    // kGranted.
    TimePoint lease_began() const {
        assert(add_began_.has_value());
        return *add_began_;
    }

    const Request& answer() const { return item_.answer(); }

    uint32_t server() const override { return proxy_; }
    const LockSeen& seen() const override { return item_.seen(); }
    bool may_take_over(Duration hold_age) override;
    Try ask(bool take_over) override;

private:
    bool clear_abandoned();
    Try result(ProxiedItem::State state);

    const SessionParts& parts_;
    const SessionLock& lock_;
    uint32_t proxy_;
    uint32_t position_;  // of the proxy in the preference list
    ProxiedItem item_;
    std::optional<TimePoint> add_began_;
};

// The places among the waiters, one command at a time.
class ProxiedPlaces final : public WaitingPlaces {
public:
    ProxiedPlaces(const SessionParts& parts, const SessionLock& lock)
        : parts_(parts), lock_(lock) {}

    Found take_one_of(uint32_t proxy, uint32_t first, uint32_t end, int32_t exptime) override;
    void give_back() override;
    // Another proxy shows the same places.
    std::optional<ServerFailure> silent() const override { return std::nullopt; }

private:
    const SessionParts& parts_;
    const SessionLock& lock_;
    uint32_t proxy_ = 0;
    std::string key_;  // of our place
};

}  // namespace memcache_session

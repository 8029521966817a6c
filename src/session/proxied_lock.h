// The lock of a session whose servers are proxies (Server::proxy): one command at a time, each
// answer awaited, and no cas. `add` takes it, `get` shows whose it is, `delete` gives it back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/lock/lock_item.h"
#include "src/session/open_session.h"

namespace memcache_session {

// Sends one command and awaits its answer, which lives as Exchange::run() says. `bound_to` is as in
// Request.
Request ask_proxy(const SessionParts& parts, uint32_t server, const Command& command,
                  ConnectionId bound_to = 0);

// The proxy that the session uses, or null: no other is tried.
Copy* proxy_of(OpenSession& session);

// Gives up the proxy in use, and takes the next one of the list if failover allows it.
// REQUIRES: there is one.
void next_proxy(const SessionParts& parts, OpenSession* session, Failure failure);

// An item that one request at a time can have. The caller chooses the proxy of each call.
class ProxiedLock {
public:
    enum class State {
        kOurs,
        kAnothers,
        kNone,     // nobody has it, or it has just gone
        kUnknown,  // no usable answer; answer() is what came
    };

    // `key` outlives the object.
    ProxiedLock(const SessionParts& parts, std::string_view key, LockToken token)
        : parts_(parts), key_(key), token_(token) {}

    // Adds the item. `value` begins with our token. A refused add is ours all the same if our token
    // stands there: an answer was lost, or was wrong (magent's, while a server is dead).
    State take(uint32_t proxy, std::string_view value, int32_t exptime);

    State look(uint32_t proxy);

    // Deletes the item if it is as look() showed it last, as far as that can be told without cas:
    // on the same connection, at once. kUnknown: no answer. kAnothers: look again.
    State remove(uint32_t proxy);

    // Deletes it if it is ours. False if the proxy did not answer.
    bool give_back(uint32_t proxy);

    // Whose it was when look() or take() last saw it; `token` is 0 if nobody's.
    const Holder& holder() const { return holder_; }
    // Nobody's, but there: pecl/memcache releases a lock by writing 0.
    bool is_left_free() const { return is_left_free_; }

    const Request& answer() const { return request_; }

private:
    const SessionParts& parts_;
    std::string_view key_;
    LockToken token_;
    Request request_;
    Holder holder_;
    bool is_left_free_ = false;
};

// Gives back the lock of the session, by another proxy if the first does not answer. If none does,
// the lock stands until its lease ends.
void release_proxied_lock(const SessionParts& parts, OpenSession* session);

}  // namespace memcache_session

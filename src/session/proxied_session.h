// A session that is kept behind a proxy: the state that its steps share, and the proxy in use.
#pragma once

#include <cassert>
#include <string>
#include <utility>

#include "src/lock/proxied_lock.h"
#include "src/net/server_words.h"
#include "src/replica/members.h"
#include "src/replica/stored_session.h"
#include "src/session/options.h"

namespace memcache_session {

struct ProxiedSession {
    const SessionParts& parts;
    const SessionOptions& options;
    const SessionLock& lock;

    Members proxies;  // the one in use, or none; the others that failed
    StoredSession stored;
    bool locked = false;  // opened under its lock
    bool holds_lock = false;
    bool fenced = true;
    TimePoint lease_began{};

    // Null: no other proxy is tried.
    const Member* proxy() const { return proxies.empty() ? nullptr : &proxies.list().front(); }

    // Gives up the proxy in use, and takes the next one of the list if failover allows it.
    // `words`: of words_of(). REQUIRES: there is one.
    void next_proxy(Failure failure, std::string words) {
        assert(proxy() != nullptr);
        proxies.drop(proxy()->server, failure, std::move(words));
        proxies.fill(parts.exchange);
    }

    // Releases the lock if it is held. Asks another proxy if one does not reply. If none replies,
    // the lock remains until its lease ends.
    void release() {
        while (holds_lock && proxy() != nullptr) {
            ProxiedLock held(parts, lock, *proxy());
            if (held.release()) {
                holds_lock = false;
                return;
            }
            next_proxy(held.answer().failure, words_of(held.answer()));
        }
    }
};

}  // namespace memcache_session

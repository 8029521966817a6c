#include "src/session/proxied_store.h"

#include <utility>

#include "src/session/messages.h"
#include "src/session/proxied_commit.h"
#include "src/session/proxied_opening.h"

namespace memcache_session {

ProxiedStore::ProxiedStore(const SessionParts& parts, const SessionOptions& options,
                           const SessionKey& key, LockToken token)
    : lock_(parts, options.lock, key, token), session_{parts, options, lock_, {}, {},
                                                       false, false,   true,  {}} {}

Result<StoredSession> ProxiedStore::open(Access access, Search /*search*/) {
    return open(access, session_.options.lock.wait);
}

// One proxy is one server for the session, however many copies the proxy makes.
Result<StoredSession> ProxiedStore::open(Access access, Duration wait_max) {
    if (session_.proxy() == nullptr) {
        const SessionKey& key = lock_.key();
        session_.proxies = Members(session_.parts.pool.preference_list(key.sid(), key.session()), 1,
                                   session_.options.allow_failover);
        session_.proxies.fill(session_.parts.exchange);
    }
    const uint32_t waiters_max = session_.options.lock.waiters_max;
    const Status status = ProxiedOpening(&session_, {wait_max, waiters_max}).run(access);
    if (!status.ok()) {
        session_.release();
        return status;
    }
    return session_.stored;
}

Result<Relocked> ProxiedStore::lock_after_all(Search /*search*/, Duration wait_max) {
    const StoredSession before = session_.stored;
    const Result<StoredSession> now = open(Access::kLocked, wait_max);
    if (!now.ok()) {
        return now.status();
    }
    return Relocked{now.value(), now.value().equals(before)};
}

Status ProxiedStore::commit(std::string_view value, bool zlib, int64_t lifetime) {
    return ProxiedCommit(&session_, Aim::kCommit, value, zlib, lifetime).run();
}

Status ProxiedStore::extend(std::string_view value, bool zlib, int64_t lifetime) {
    return ProxiedCommit(&session_, Aim::kExtend, value, zlib, lifetime).run();
}

Status ProxiedStore::destroy(int64_t lifetime) {
    return ProxiedCommit(&session_, Aim::kDestroy, {}, false, lifetime).run();
}

}  // namespace memcache_session

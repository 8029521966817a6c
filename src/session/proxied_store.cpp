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
    const LockOptions& lock = session_.options.lock;
    return open(access, {lock.wait, lock.waiters_max});
}

// One proxy is one server for the session, however many copies the proxy makes.
Result<StoredSession> ProxiedStore::open(Access access, LockWait::Policy wait) {
    if (session_.proxy() == nullptr) {
        const SessionKey& key = lock_.key();
        session_.proxies = Members(session_.parts.pool.preference_list(key.sid(), key.session()), 1,
                                   session_.options.allow_failover);
        session_.proxies.fill(session_.parts.exchange);
    }
    const StoredSession before = session_.stored;
    const Status status = ProxiedOpening(&session_, wait).run(access);
    session_.stored.follows(before);
    if (!status.ok()) {
        session_.release();
        return status;
    }
    return session_.stored;
}

// No limit of the waiters, as in DirectStore.
Result<Relocked> ProxiedStore::lock_after_all(Search /*search*/, Duration wait_max) {
    const StoredSession before = session_.stored;
    const Result<StoredSession> now = open(Access::kLocked, {wait_max});
    if (!now.ok()) {
        return now.status();
    }
    return Relocked{session_.stored, session_.stored.equals(before)};
}

Status ProxiedStore::commit(const PackedValue& value, int64_t lifetime) {
    return ProxiedCommit(&session_, Aim::kCommit, value, lifetime).run();
}

Status ProxiedStore::extend(const PackedValue& value, int64_t lifetime) {
    return ProxiedCommit(&session_, Aim::kExtend, value, lifetime).run();
}

Status ProxiedStore::destroy(int64_t lifetime) {
    return ProxiedCommit(&session_, Aim::kDestroy, {}, lifetime).run();
}

// ProxiedCommit waits for the lock of a session that was opened without it.
Status ProxiedStore::destroy_after_all(Search /*search*/, int64_t lifetime) {
    return destroy(lifetime);
}

// There is one copy for us, which is destroyed or not.
Result<StoredSession> ProxiedStore::complete_destroy(Search search, Duration /*wait_max*/) {
    return open(Access::kUnlocked, search);
}

}  // namespace memcache_session

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

// One proxy is one server for the session, however many copies the proxy makes.
Result<StoredSession> ProxiedStore::open(Access access, Search /*search*/) {
    if (session_.proxy() == nullptr) {
        const SessionKey& key = lock_.key();
        session_.proxies = Members(session_.parts.pool.preference_list(key.sid(), key.session()), 1,
                                   session_.options.allow_failover);
        session_.proxies.fill(session_.parts.exchange);
    }
    const LockOptions& lock = session_.options.lock;
    const Status status = ProxiedOpening(&session_, {lock.wait, lock.waiters_max}).run(access);
    if (!status.ok()) {
        session_.release();
        return status;
    }
    return session_.stored;
}

Status ProxiedStore::lock_after_all(Search search) {
    const StoredSession before = session_.stored;
    const Result<StoredSession> now = open(Access::kLocked, search);
    if (!now.ok()) {
        return now.status();
    }
    if (!now.value().equals(before)) {
        release();
        return {Code::kConflict, changed_message()};
    }
    return {};
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

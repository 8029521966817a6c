// Sessions behind proxies, which make the copies: one command at a time, no cas, so that the lease
// alone protects a store. protocol.md, "Behind a proxy".
#pragma once

#include <string_view>

#include "src/session/proxied_session.h"
#include "src/session/session_store.h"

namespace memcache_session {

class ProxiedStore final : public SessionStore {
public:
    ProxiedStore(const SessionParts& parts, const SessionOptions& options, const SessionKey& key,
                 LockToken token);

    Result<StoredSession> open(Access access, Search search) override;
    Result<Relocked> lock_after_all(Search search, Duration wait_max) override;
    Status commit(const PackedValue& value, int64_t lifetime) override;
    // Stored again, because proxies do not understand `touch`.
    Status extend(const PackedValue& value, int64_t lifetime) override;
    Status destroy(int64_t lifetime) override;
    Status destroy_after_all(Search search, int64_t lifetime) override;
    Result<StoredSession> complete_destroy(Search search, Duration wait_max) override;
    void release() override { session_.release(); }

private:
    Result<StoredSession> open(Access access, LockWait::Policy wait);

    SessionLock lock_;
    ProxiedSession session_;
};

}  // namespace memcache_session

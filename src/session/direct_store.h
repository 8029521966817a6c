// Sessions on memcached servers directly: R copies of each, and a lock on every one of them.
#pragma once

#include <string_view>

#include "src/lock/lock_wait.h"
#include "src/session/direct_session.h"
#include "src/session/session_store.h"

namespace memcache_session {

class DirectStore final : public SessionStore {
public:
    DirectStore(const SessionParts& parts, const SessionOptions& options, const SessionKey& key,
                LockToken token);

    Result<StoredSession> open(Access access, Search search) override;
    Result<Relocked> lock_after_all(Search search, Duration wait_max) override;
    Status commit(const PackedValue& value, int64_t lifetime) override;
    Status extend(const PackedValue& value, int64_t lifetime) override;
    Status destroy(int64_t lifetime) override;
    Status destroy_after_all(Search search, int64_t lifetime) override;
    Result<StoredSession> complete_destroy(Search search, Duration wait_max) override;
    void release() override;

private:
    Result<StoredSession> open(Access access, Search search, LockWait::Policy wait);
    Status lock_or_read(Search search, Duration wait_max);
    void choose_members();

    SessionLock lock_;
    DirectSession session_;
};

}  // namespace memcache_session

#include "src/session/session_store.h"

#include "src/session/direct_store.h"
#include "src/session/proxied_store.h"

namespace memcache_session {

std::unique_ptr<SessionStore> make_session_store(const SessionParts& parts,
                                                 const SessionOptions& options,
                                                 const SessionKey& key, LockToken token) {
    if (parts.pool.is_proxied()) {
        return std::make_unique<ProxiedStore>(parts, options, key, token);
    }
    return std::make_unique<DirectStore>(parts, options, key, token);
}

}  // namespace memcache_session

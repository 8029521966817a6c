// Storing or destroying a session behind a proxy: `set` of the item, then release of the lock.
// Nothing but the lease protects the store, so the session is looked at again when the lease may
// have ended, or when another proxy has to be used. protocol.md, "Behind a proxy".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/status.h"
#include "src/replica/commit_verdict.h"
#include "src/session/proxied_session.h"

namespace memcache_session {

// One use; afterwards the lock is released, whatever the outcome.
class ProxiedCommit {
public:
    // `value` is empty for kDestroy; `lifetime` in seconds, 0 for ever.
    ProxiedCommit(ProxiedSession* session, Aim aim, const PackedValue& value, int64_t lifetime);

    Status run();

private:
    // The session, as another look shows it.
    enum class Sight {
        kAsRead,
        kStored,  // our store is there: only its reply was lost
        kChanged,
        kHeld,  // the lock is another's
        kUnanswered,
    };

    // The item that a store replaces, kept while the store may be refused.
    struct OldItem {
        std::string value;
        uint32_t flags = 0;
    };

    Status store();
    bool must_look_first() const;
    Sight look_again();
    Status not_as_read(Sight sight) const;
    std::optional<OldItem> read_old(uint32_t proxy) const;
    bool put_back(uint32_t proxy, const OldItem& old) const;
    Status refused(const Request& request, const std::optional<OldItem>& old) const;
    Status unanswered() const;

    ProxiedSession& session_;
    Aim aim_;
    std::string_view value_;
    uint32_t flags_;
    int32_t exptime_;
    std::string held_by_;  // the message if look_again() gave kHeld
};

}  // namespace memcache_session

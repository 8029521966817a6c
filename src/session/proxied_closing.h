// Closing a session behind a proxy (Server::proxy): `set` of the session, then the lock is given
// back. Nothing fences the store but the lease: what a request knows of it is looked at again when
// it may have ended, or when another proxy has to be used.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/status.h"
#include "src/session/open_session.h"
#include "src/session/options.h"

namespace memcache_session {

// One use of an open session; afterwards its lock is given back, whatever the outcome.
class ProxiedClosing {
public:
    ProxiedClosing(const SessionParts& parts, const SessionOptions& options, OpenSession* session);

    // As those of Closing. An unchanged session is stored again, for `touch` is not understood.
    Status commit(std::string_view value, bool zlib, int32_t exptime);
    Status extend(std::string_view value, bool zlib, int32_t exptime);
    Status destroy(int32_t tombstone_exptime);

private:
    enum class Aim { kCommit, kExtend, kDestroy };

    // What another look shows.
    enum class Standing {
        kAsRead,
        kStored,  // what is to be stored is there: only its answer was lost
        kChanged,
        kHeld,  // the lock is another's
        kUnanswered,
    };

    Status finish();
    Status store();
    bool must_look_first() const;
    Standing look_again();
    Status not_as_read(Standing standing) const;
    void keep_old(uint32_t proxy);
    bool put_back_old(uint32_t proxy);
    Status refused(const Request& request);
    Status unanswered() const;

    const SessionParts& parts_;
    const SessionOptions& options_;
    OpenSession& session_;

    Aim aim_ = Aim::kCommit;
    std::string_view value_;
    uint32_t flags_ = 0;
    int32_t exptime_ = 0;
    std::string held_by_;

    // What the store replaces, while it may be refused.
    bool has_old_ = false;
    std::string old_value_;
    uint32_t old_flags_ = 0;
};

}  // namespace memcache_session

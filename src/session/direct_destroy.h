// Destroying a session on memcached servers: its tombstones outrank every old copy that a server
// shows later. protocol.md, "Destroying".
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/status.h"
#include "src/session/direct_stores.h"

namespace memcache_session {

// One use; afterwards the locks of the session are released, whatever the outcome.
class DirectDestroy {
public:
    // `lifetime` of the session in seconds, 0 for ever.
    DirectDestroy(DirectSession* session, int64_t lifetime);

    // SessionStore::destroy().
    Status run();

private:
    std::vector<Request> looks_elsewhere() const;
    std::vector<size_t> to_store_again(bool more_are_silent) const;
    void read_again(const std::vector<size_t>& members);
    void remove_elsewhere(const std::vector<Request>& looks);

    DirectSession& session_;
    Store store_;
    Troubles troubles_;
    StoreRound round_;
    uint32_t incarnation_ = 0;  // of the tombstones
};

}  // namespace memcache_session

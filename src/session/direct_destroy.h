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
    using Outcomes = decltype(StoreRound::outcomes);

    Status result() const;
    std::vector<Request> looks_elsewhere() const;
    bool saw_newer(const std::vector<Request>& looks);
    std::vector<size_t> to_store_again(bool must_raise) const;
    bool read_again(const std::vector<size_t>& members, bool first_time);
    void take_over_look(const Request& request, size_t index, bool others_stored);
    bool others_have_stored(const std::vector<size_t>& members, const Requests& looks) const;
    bool shows_successor(const Request& look) const;
    void continue_incarnations(const std::vector<size_t>& members, const Outcomes& before,
                               bool first_time);
    void continue_incarnation(const Item& item, uint32_t follows);
    void replace_elsewhere(const std::vector<Request>& looks);

    DirectSession& session_;
    Store store_;
    Troubles troubles_;
    StoreRound round_;
    uint32_t incarnation_ = 0;                  // of the tombstones
    Version continued_from_ = kForeignVersion;  // the version of the item that it follows
};

// Stores the tombstone that was read, as it is, over what members show from before it. It lives as
// long as one of a destroy now. REQUIRES: the session is destroyed, and our locks are held.
void repair_tombstones(DirectSession* session);

}  // namespace memcache_session

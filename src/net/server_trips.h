// The trips of the phases of a thread, kept for their memory.
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <vector>

#include "src/base/clock.h"
#include "src/net/dialect.h"
#include "src/net/receive_budget.h"
#include "src/net/server_trip.h"

namespace memcache_session {

// One exchange after another uses them, and ends its use by trim(). One thread.
class ServerTrips {
public:
    // Both outlive the object.
    ServerTrips(const Clock& clock, const Dialect& dialect) : clock_(clock), dialect_(dialect) {}
    ServerTrips(const ServerTrips&) = delete;
    ServerTrips& operator=(const ServerTrips&) = delete;

    // Makes trips until there are `count`. Those that exist do not move.
    void grow_to(size_t count);

    // REQUIRES: there are so many.
    ServerTrip& operator[](size_t i) const {
        assert(i < trips_.size());
        return *trips_[i];
    }

    // For the replies of all trips together.
    ReceiveBudget& receive_budget() { return receive_budget_; }

    // Frees what an ordinary session does not need, and forgets trips that were broken off.
    void trim();

private:
    // A search for an unknown id asks so many servers by default: those of the replica set, and
    // memcache.session_search others. The trips of larger searches are made anew.
    static constexpr size_t kKeptMax = 16;

    const Clock& clock_;
    const Dialect& dialect_;
    ReceiveBudget receive_budget_;
    std::vector<std::unique_ptr<ServerTrip>> trips_;
};

}  // namespace memcache_session

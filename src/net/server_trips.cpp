#include "src/net/server_trips.h"

#include <algorithm>

namespace memcache_session {

void ServerTrips::grow_to(size_t count) {
    while (trips_.size() < count) {
        trips_.push_back(std::make_unique<ServerTrip>(clock_, dialect_, receive_budget_));
    }
}

void ServerTrips::trim() {
    if (trips_.size() > kKeptMax) {
        trips_.resize(kKeptMax);
    }
    trips_.erase(std::remove_if(trips_.begin(), trips_.end(),
                                [](const auto& trip) { return !trip->is_done(); }),
                 trips_.end());
    for (const std::unique_ptr<ServerTrip>& trip : trips_) {
        trip->trim();
    }
}

}  // namespace memcache_session

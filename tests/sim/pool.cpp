#include "tests/sim/pool.h"

#include <algorithm>
#include <bitset>
#include <numeric>
#include <utility>

#include "src/replica/rules.h"
#include "tests/sim/scenario.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

uint32_t count_servers(uint32_t servers) {
    return static_cast<uint32_t>(std::bitset<32>(servers).count());
}

Pool::Pool(const std::vector<Server>& all, uint32_t members, uint64_t salt)
    : Placement(count_servers(members)), all_count_(all.size()), members_(members), salt_(salt) {
    for (uint32_t number = 0; number < all.size(); ++number) {
        if ((members >> number & 1) != 0) {
            numbers_.push_back(number);
            as_configured_.servers.push_back(all[number]);
        }
    }
    as_configured_.timeout_max = all.front().timeout;
    // The pool is its own placement; the pointer does not own it.
    as_configured_.placement = std::shared_ptr<const Placement>(std::shared_ptr<void>(), this);
}

Pool::Pool(const Settings& settings, const std::vector<Server>& all, uint32_t members,
           const Places& places)
    : Pool(all, members, settings.placement_salt) {
    places_ = places;
    std::sort(numbers_.begin(), numbers_.end(),
              [&](uint32_t a, uint32_t b) { return places[a] < places[b]; });
    std::vector<Server> named;
    for (size_t position = 0; position < numbers_.size(); ++position) {
        const uint32_t number = numbers_[position];
        as_configured_.servers[position] = all[number];
        Server& server = named.emplace_back();
        server.endpoint.host =
            server_name(places[number]) + "." + std::to_string(settings.placement_salt);
        server.endpoint.port = 11211;
    }
    PlacementSettings wanted;
    wanted.changing = rules.views_overlap;
    placement_ = Placement::create(wanted, named);
}

uint32_t Pool::lock_mark(uint32_t position) const {
    return placement_ != nullptr ? kLockMarkMin + numbers_[position] : 0;
}

std::vector<uint32_t> Pool::first_of_all(std::string_view key, size_t count) const {
    if (placement_ != nullptr) {
        std::vector<uint32_t> order;
        placement_->first_servers(key, count, &order);
        std::transform(order.begin(), order.end(), order.begin(),
                       [this](uint32_t position) { return numbers_[position]; });
        return order;
    }
    uint64_t seed = salt_;
    for (const char byte : key) {
        seed = seed * 131 + static_cast<unsigned char>(byte);
    }
    Dice dice(seed);
    std::vector<uint32_t> order(all_count_);
    std::iota(order.begin(), order.end(), 0U);
    for (size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[dice.below(static_cast<uint32_t>(i))]);
    }
    order.erase(std::remove_if(order.begin(), order.end(),
                               [this](uint32_t number) { return (members_ >> number & 1) == 0; }),
                order.end());
    order.resize(std::min(count, order.size()));
    return order;
}

void Pool::first_servers(std::string_view key, size_t count, std::vector<uint32_t>* out) const {
    out->clear();
    for (const uint32_t number : first_of_all(key, count)) {
        const auto at = std::find(numbers_.begin(), numbers_.end(), number);
        out->push_back(static_cast<uint32_t>(at - numbers_.begin()));
    }
}

void PoolExchange::run(Purpose purpose, Request* requests, size_t count) {
    std::vector<uint32_t> positions;
    for (size_t i = 0; i < count; ++i) {
        positions.push_back(requests[i].server);
        requests[i].server = pool_.number(requests[i].server);
    }
    all_.run(purpose, requests, count);
    for (size_t i = 0; i < count; ++i) {
        requests[i].server = positions[i];
    }
}

}  // namespace memcache_session::sim

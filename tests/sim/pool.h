// The pool of some machines: some of the servers of the simulation.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "src/net/exchange.h"
#include "src/net/server.h"
#include "src/pool/placement.h"
#include "src/pool/pool.h"

namespace memcache_session::sim {

struct Settings;

// How many servers a set of bits names.
uint32_t count_servers(uint32_t servers);

// The names of the servers, by which they are placed: server s has that of server places[s]. Two
// servers of one pool have different names.
using Places = std::vector<uint32_t>;

// The order of preference depends on key and `salt`. A smaller pool has the same order with gaps,
// as on a consistent ring. A pool with Settings::changing has the placement of such pools.
class Pool final : public Placement {
public:
    Pool(const Settings& settings, const std::vector<Server>& all, uint32_t members,
         const Places& places);
    // Bit s of `members`: server s of `all` belongs to it. `all` outlives the pool.
    Pool(const std::vector<Server>& all, uint32_t members, uint64_t salt);
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    void first_servers(std::string_view key, size_t count,
                       std::vector<uint32_t>* out) const override;
    uint32_t lock_mark(uint32_t position) const override;
    // The same, as numbers in the simulation.
    std::vector<uint32_t> first_of_all(std::string_view key, size_t count) const;

    const memcache_session::Pool& as_configured() const { return as_configured_; }
    uint32_t number(uint32_t position) const { return numbers_[position]; }
    uint32_t members() const { return members_; }
    const Places& places() const { return places_; }

private:
    size_t all_count_;
    uint32_t members_;
    uint64_t salt_;
    Places places_;
    std::unique_ptr<Placement> placement_;  // null: an order of its own
    std::vector<uint32_t> numbers_;         // in the simulation, by position in the pool
    memcache_session::Pool as_configured_;
};

// An exchange with the servers of a pool, through one with all servers.
class PoolExchange final : public Exchange {
public:
    PoolExchange(Exchange& all, const Pool& pool) : all_(all), pool_(pool) {}

    void run(Purpose purpose, Request* requests, size_t count) override;
    bool usable(uint32_t server) override { return all_.usable(pool_.number(server)); }
    Failure why_down(uint32_t server) const override { return all_.why_down(pool_.number(server)); }
    bool had_outage(uint32_t server) const override {
        return all_.had_outage(pool_.number(server));
    }
    void mark_down(uint32_t server, Failure failure) override {
        all_.mark_down(pool_.number(server), failure);
    }

private:
    Exchange& all_;
    const Pool& pool_;
};

}  // namespace memcache_session::sim

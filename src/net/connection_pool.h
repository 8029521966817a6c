// Open connections that nobody uses at the moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "src/net/connection.h"
#include "src/net/endpoint.h"
#include "src/net/server.h"

namespace memcache_session {

// Who takes a connection owns it, so no two users share one; giving it back is a promise that it is
// in step: every command sent was answered, every byte of an answer received. One thread only.
//
// In the child of a fork the inherited connections are the parent's: they are closed, without a
// word to the server, before anything is taken or given.
class ConnectionPool {
public:
    // Of one address: more than one is kept when a pool of servers names an address twice.
    static constexpr size_t kIdlePerAddressMax = 4;
    // Of all addresses; beyond it the one that was idle for longest is closed.
    static constexpr size_t kIdleMax = kServersMax;

    ConnectionPool();

    // A connection to `endpoint`, or none: the one called `preferred` if it is here, else the one
    // used last. It may turn out to have been closed by the server.
    std::unique_ptr<Connection> take(const Endpoint& endpoint, ConnectionId preferred);

    void give_back(std::unique_ptr<Connection> connection);

    size_t idle_count() const { return idle_.size(); }

private:
    struct Idle {
        uint64_t endpoint_hash;  // spares a look at each connection when there are a thousand
        std::unique_ptr<Connection> connection;

        bool leads_to(const Endpoint& endpoint, uint64_t hash) const {
            return endpoint_hash == hash && connection->endpoint() == endpoint;
        }
    };

    void drop_inherited();

    std::vector<Idle> idle_;  // used last comes last
    uint32_t generation_;
};

}  // namespace memcache_session

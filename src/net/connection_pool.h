// Open connections that are not in use at the moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "src/net/connection.h"
#include "src/net/endpoint.h"
#include "src/net/server.h"

namespace memcache_session {

// The caller who takes a connection owns it, so two callers never share one. The caller who gives
// it back promises that it is in step: every command that was sent has been answered, and every
// byte of a reply has been received. One thread only.
//
// In the child of a fork the inherited connections belong to the parent. The child closes its
// copies without a word to the server before it takes or gives any connection.
class ConnectionPool {
public:
    // The most connections to one endpoint. A list of servers may name an endpoint twice.
    static constexpr size_t kIdlePerAddressMax = 4;
    // The most connections in all: one to each server of the largest pool.
    static constexpr size_t kIdleMax = kServersMax;

    // As many as the pool of a thread should keep: half as many as the process may have
    // descriptors, up to kIdleMax.
    static size_t idle_max_of_process();

    // Keeps `idle_max` connections. Beyond that the connection is closed that was idle for longest.
    explicit ConnectionPool(size_t idle_max = kIdleMax);

    // Returns a connection to `endpoint`, or null: the one with the id `preferred` if it is here,
    // else the one used last. The server may have closed it meanwhile.
    std::unique_ptr<Connection> take(const Endpoint& endpoint, ConnectionId preferred);

    // Whether there is a connection to `endpoint`.
    bool has(const Endpoint& endpoint);

    // REQUIRES: `connection` is not null.
    void give_back(std::unique_ptr<Connection> connection);

    // Closes all connections to `endpoint`.
    void close(const Endpoint& endpoint);

    size_t idle_count() const { return idle_count_; }
    size_t idle_max() const { return idle_max_; }

private:
    struct Idle {
        uint64_t given_back;  // numbers the calls of give_back()
        std::unique_ptr<Connection> connection;

        bool leads_to(const Endpoint& endpoint) const { return connection->endpoint() == endpoint; }
    };

    void drop_inherited();
    void close_oldest();

    // The key is the hash of the endpoint: a look-up must not cost more among many connections. The
    // connection used last is the last one. A list that was emptied is kept for its memory.
    std::unordered_map<uint64_t, std::vector<Idle>> idle_;
    size_t idle_count_ = 0;
    const size_t idle_max_;
    uint64_t given_back_ = 0;
    uint32_t generation_;
};

}  // namespace memcache_session

#include "src/net/connection_pool.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "src/base/process.h"

namespace memcache_session {

ConnectionPool::ConnectionPool() : generation_(process_generation()) {}

void ConnectionPool::drop_inherited() {
    const uint32_t generation = process_generation();
    if (generation != generation_) {
        idle_.clear();
        generation_ = generation;
    }
}

std::unique_ptr<Connection> ConnectionPool::take(const Endpoint& endpoint, ConnectionId preferred) {
    drop_inherited();
    const uint64_t hash = endpoint.hash();
    auto chosen = idle_.end();
    for (auto one = idle_.end(); one != idle_.begin();) {
        --one;
        if (!one->leads_to(endpoint, hash)) {
            continue;
        }
        if (chosen == idle_.end() || one->connection->id() == preferred) {
            chosen = one;
        }
        if (preferred == 0 || chosen->connection->id() == preferred) {
            break;
        }
    }
    if (chosen == idle_.end()) {
        return nullptr;
    }
    std::unique_ptr<Connection> taken = std::move(chosen->connection);
    idle_.erase(chosen);
    return taken;
}

bool ConnectionPool::has(const Endpoint& endpoint) {
    drop_inherited();
    const uint64_t hash = endpoint.hash();
    return std::any_of(idle_.begin(), idle_.end(),
                       [&](const Idle& one) { return one.leads_to(endpoint, hash); });
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
    assert(connection);
    drop_inherited();
    const Endpoint& endpoint = connection->endpoint();
    const uint64_t hash = connection->endpoint_hash();
    auto oldest = idle_.end();
    size_t same = 0;
    for (auto one = idle_.begin(); one != idle_.end(); ++one) {
        if (one->leads_to(endpoint, hash)) {
            oldest = same == 0 ? one : oldest;
            ++same;
        }
    }
    if (same >= kIdlePerAddressMax) {
        idle_.erase(oldest);
    } else if (idle_.size() >= kIdleMax) {
        idle_.erase(idle_.begin());
    }
    idle_.push_back({hash, std::move(connection)});
}

}  // namespace memcache_session

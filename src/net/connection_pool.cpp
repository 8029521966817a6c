#include "src/net/connection_pool.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "src/base/process.h"

namespace memcache_session {

size_t ConnectionPool::idle_max_of_process() {
    return std::min(kIdleMax, descriptors_max() / 2);
}

ConnectionPool::ConnectionPool(size_t idle_max)
    : idle_max_(idle_max), generation_(process_generation()) {}

void ConnectionPool::drop_inherited() {
    const uint32_t generation = process_generation();
    if (generation != generation_) {
        idle_.clear();
        idle_count_ = 0;
        generation_ = generation;
    }
}

std::unique_ptr<Connection> ConnectionPool::take(const Endpoint& endpoint, ConnectionId preferred) {
    drop_inherited();
    const auto found = idle_.find(endpoint.hash());
    if (found == idle_.end()) {
        return nullptr;
    }
    std::vector<Idle>& same = found->second;
    auto chosen = same.end();
    for (auto one = same.end(); one != same.begin();) {
        --one;
        if (!one->leads_to(endpoint)) {
            continue;
        }
        if (chosen == same.end() || one->connection->id() == preferred) {
            chosen = one;
        }
        if (preferred == 0 || chosen->connection->id() == preferred) {
            break;
        }
    }
    if (chosen == same.end()) {
        return nullptr;
    }
    std::unique_ptr<Connection> taken = std::move(chosen->connection);
    same.erase(chosen);
    --idle_count_;
    return taken;
}

bool ConnectionPool::has(const Endpoint& endpoint) {
    drop_inherited();
    const auto found = idle_.find(endpoint.hash());
    return found != idle_.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [&](const Idle& one) { return one.leads_to(endpoint); });
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
    assert(connection);
    drop_inherited();
    const uint64_t hash = connection->endpoint_hash();
    const auto to_same = [&](const Idle& one) { return one.leads_to(connection->endpoint()); };
    std::vector<Idle>& same = idle_[hash];
    const auto count = std::count_if(same.begin(), same.end(), to_same);
    if (static_cast<size_t>(count) >= kIdlePerAddressMax) {
        same.erase(std::find_if(same.begin(), same.end(), to_same));
        --idle_count_;
    }
    same.push_back({++given_back_, std::move(connection)});
    if (++idle_count_ > idle_max_) {
        close_oldest();
    }
}

void ConnectionPool::close(const Endpoint& endpoint) {
    drop_inherited();
    const auto found = idle_.find(endpoint.hash());
    if (found == idle_.end()) {
        return;
    }
    std::vector<Idle>& same = found->second;
    const auto kept = std::remove_if(same.begin(), same.end(),
                                     [&](const Idle& one) { return one.leads_to(endpoint); });
    idle_count_ -= static_cast<size_t>(same.end() - kept);
    same.erase(kept, same.end());
    if (same.empty()) {
        idle_.erase(found);
    }
}

// Looks at all lists, which is little beside the new connection that made it necessary.
void ConnectionPool::close_oldest() {
    std::vector<Idle>* oldest = nullptr;
    for (auto list = idle_.begin(); list != idle_.end();) {
        std::vector<Idle>& same = list->second;
        if (same.empty()) {
            list = idle_.erase(list);
            continue;
        }
        if (oldest == nullptr || same.front().given_back < oldest->front().given_back) {
            oldest = &same;
        }
        ++list;
    }
    assert(oldest != nullptr);
    oldest->erase(oldest->begin());
    --idle_count_;
}

}  // namespace memcache_session

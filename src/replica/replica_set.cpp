#include "src/replica/replica_set.h"

#include <algorithm>
#include <utility>

#include "src/replica/rules.h"

namespace memcache_session {

Item Item::from(const Reply& reply, ConnectionId connection) {
    Item item;
    item.present = reply.kind == ReplyKind::kHit;
    item.connection = connection;
    if (item.present) {
        item.flags = reply.flags;
        item.cas = reply.cas;
        item.value = reply.value;
    }
    return item;
}

bool takes_precedence(const Item& a, const Item& b) {
    if (a.present != b.present) {
        return a.present;
    }
    if (is_newer(a.version(), b.version())) {
        return true;
    }
    return rules.tombstone_wins_ties && !is_newer(b.version(), a.version()) && a.tombstone() &&
           !b.tombstone();
}

void ReplicaSet::reset(std::vector<uint32_t> preference, uint32_t redundancy, bool allow_failover) {
    preference_ = std::move(preference);
    passed_over_.clear();
    copies_.clear();
    redundancy_ = std::min<size_t>(redundancy, preference_.size());
    allow_failover_ = allow_failover;
}

bool ReplicaSet::fill(Exchange& exchange) {
    const size_t reach = allow_failover_ ? preference_.size() : redundancy_;
    bool added = false;
    for (size_t position = 0; position < reach && copies_.size() < redundancy_; ++position) {
        const uint32_t server = preference_[position];
        if (contains(server) || was_passed_over(server)) {
            continue;
        }
        if (!exchange.usable(server)) {
            passed_over_.push_back({server, exchange.why_down(server), false});
            continue;
        }
        Copy copy;
        copy.server = server;
        copy.position = static_cast<uint32_t>(position);
        copies_.insert(std::find_if(copies_.begin(), copies_.end(),
                                    [&](const Copy& c) { return c.position > copy.position; }),
                       copy);
        added = true;
    }
    return added;
}

void ReplicaSet::drop(uint32_t server, Failure failure) {
    copies_.erase(std::remove_if(copies_.begin(), copies_.end(),
                                 [&](const Copy& copy) { return copy.server == server; }),
                  copies_.end());
    passed_over_.push_back({server, failure, true});
}

bool ReplicaSet::was_passed_over(uint32_t server) const {
    return std::any_of(passed_over_.begin(), passed_over_.end(),
                       [&](const ServerFailure& entry) { return entry.server == server; });
}

bool ReplicaSet::has_failed(uint32_t server) const {
    return std::any_of(passed_over_.begin(), passed_over_.end(), [&](const ServerFailure& entry) {
        return entry.server == server && entry.asked;
    });
}

bool ReplicaSet::contains(uint32_t server) const {
    return std::any_of(copies_.begin(), copies_.end(),
                       [&](const Copy& copy) { return copy.server == server; });
}

uint32_t ReplicaSet::absent_first_choices() const {
    const auto chosen = std::count_if(copies_.begin(), copies_.end(), [&](const Copy& copy) {
        return copy.position < redundancy_;
    });
    return static_cast<uint32_t>(redundancy_ - static_cast<size_t>(chosen));
}

const Copy& ReplicaSet::newest() const {
    const Copy* newest = &copies_.front();
    for (const Copy& copy : copies_) {
        if (takes_precedence(copy.item, newest->item)) {
            newest = &copy;
        }
    }
    return *newest;
}

std::string ReplicaSet::positions() const {
    std::string text;
    for (const Copy& copy : copies_) {
        if (!text.empty()) {
            text += ',';
        }
        text += std::to_string(copy.position);
    }
    return text;
}

}  // namespace memcache_session

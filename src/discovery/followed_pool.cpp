#include "src/discovery/followed_pool.h"

#include <algorithm>
#include <utility>

#include "src/base/text.h"

namespace memcache_session {
namespace {

// The endpoints that only the first list has.
std::vector<Endpoint> without(const std::vector<Server>& servers, const std::vector<Server>& left) {
    std::vector<Endpoint> removed;
    for (const Server& server : servers) {
        const bool is_left = std::any_of(left.begin(), left.end(), [&](const Server& other) {
            return other.endpoint == server.endpoint;
        });
        if (!is_left) {
            removed.push_back(server.endpoint);
        }
    }
    return removed;
}

}  // namespace

FollowedPool::FollowedPool(const ServerList& list, const PlacementSettings& settings,
                           Discovery& discovery, Clock& clock, SourceEvents* events)
    : list_(list), settings_(settings), clock_(clock), events_(events) {
    settings_.changing = true;
    for (const ServerList::PlacedSource& placed : list.sources()) {
        sources_.emplace_back(discovery, placed.source);
    }
}

Result<std::shared_ptr<const Pool>> FollowedPool::current() {
    const TimePoint now = clock_.now();
    for (FollowedSource& source : sources_) {
        is_new_ = source.follow(now) || is_new_;
    }
    // Only now, so that all of them are asked at the same time.
    Status status;
    for (FollowedSource& source : sources_) {
        if (source.is_to_be_waited_for()) {
            if (Status waited = source.wait_for_list(clock_, &is_new_); !waited.ok()) {
                status = std::move(waited);
            }
        }
        if (source.has_news()) {
            add_line(source.take_news(now));
        }
    }
    if (!status.ok()) {
        return status;
    }
    return is_new_ ? renewed() : pool_;
}

void FollowedPool::add_line(const std::string& line) {
    if (!line.empty()) {
        events_->lines.push_back(printable(line));
    }
}

// The pool of the present lists. If they cannot make one, the pool stays as it is.
Result<std::shared_ptr<const Pool>> FollowedPool::renewed() {
    Result<std::shared_ptr<const Pool>> pool = rebuilt();
    if (!pool.ok() && pool_) {
        add_line("memcache_session: the new list of servers cannot be used: " +
                 pool.status().message() + "; sessions stay on the servers of the list before");
        is_new_ = false;
        return pool_;
    }
    if (!pool.ok()) {
        return pool;
    }
    if (pool_) {
        const std::vector<Endpoint> removed = without(pool_->servers, pool.value()->servers);
        events_->removed.insert(events_->removed.end(), removed.begin(), removed.end());
    }
    pool_ = pool.value();
    is_new_ = false;
    return pool;
}

// The servers in the order of the save_path. Those that are written there themselves are not taken
// from a source, because they have parameters of their own.
Result<std::shared_ptr<const Pool>> FollowedPool::rebuilt() {
    ServerList list;
    bool is_full = false;
    size_t source = 0;
    const auto& placed = list_.sources();
    for (size_t i = 0; i <= list_.size(); ++i) {
        for (; source < placed.size() && placed[source].place == i; ++source) {
            for (const Node& node : sources_[source].nodes().nodes()) {
                const Server server = sources_[source].server_of(node);
                is_full = is_full || (!list_.has(server) && !list.add_unless_known(server));
            }
        }
        if (i < list_.size()) {
            is_full = is_full || !list.add_unless_known(list_.servers()[i]);
        }
    }
    if (is_full) {
        return Status(Code::kInvalidArgument, "with those that sources give, there are more than " +
                                                  std::to_string(kServersMax) + " servers");
    }
    return make_pool(list, settings_, ++revision_);
}

std::vector<SourceState> FollowedPool::sources(TimePoint now) const {
    std::vector<SourceState> states;
    for (const FollowedSource& source : sources_) {
        states.push_back(source.state(now));
    }
    return states;
}

Result<std::unique_ptr<ChangingPool>> FollowedPools::make(const ServerList& list,
                                                          const PlacementSettings& settings) {
    if (settings.strategy != Strategy::kConsistent) {
        return Status(Code::kInvalidArgument,
                      list.sources().front().source.name() +
                          " may give other servers at any time, and only memcache.hash_strategy = "
                          "consistent lets web servers learn of that at different times");
    }
    return std::unique_ptr<ChangingPool>(
        std::make_unique<FollowedPool>(list, settings, discovery_, clock_, &events_));
}

}  // namespace memcache_session

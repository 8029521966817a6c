// The pools of save_paths with sources.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/discovery/discovery.h"
#include "src/discovery/followed_source.h"
#include "src/net/endpoint.h"
#include "src/pool/changing_pool.h"

namespace memcache_session {

// What a thread must do about sources. It is collected while its pools change.
struct SourceEvents {
    std::vector<std::string> lines;  // for the log
    std::vector<Endpoint> removed;   // servers to which no connection need be kept
};

class FollowedPool final : public ChangingPool {
public:
    // All outlive the object.
    FollowedPool(const ServerList& list, const PlacementSettings& settings, Discovery& discovery,
                 Clock& clock, SourceEvents* events);

    Result<std::shared_ptr<const Pool>> current() override;

    std::vector<SourceState> sources(TimePoint now) const override;

private:
    void add_line(const std::string& line);
    Result<std::shared_ptr<const Pool>> renewed();
    Result<std::shared_ptr<const Pool>> rebuilt();

    const ServerList list_;
    PlacementSettings settings_;
    Clock& clock_;
    SourceEvents* const events_;
    std::vector<FollowedSource> sources_;  // in the order of list_.sources()
    bool is_new_ = true;                   // a source has given a list that pool_ has not
    std::shared_ptr<const Pool> pool_;     // null until every source has given a list
    uint64_t revision_ = 0;
};

// One thread.
class FollowedPools final : public ChangingPools {
public:
    // `discovery`, `clock`: outlive the object.
    FollowedPools(Discovery& discovery, Clock& clock) : discovery_(discovery), clock_(clock) {}

    Result<std::unique_ptr<ChangingPool>> make(const ServerList& list,
                                               const PlacementSettings& settings) override;

    bool has_events() const { return !events_.lines.empty() || !events_.removed.empty(); }
    SourceEvents take_events() { return std::exchange(events_, {}); }

private:
    Discovery& discovery_;
    Clock& clock_;
    SourceEvents events_;
};

}  // namespace memcache_session

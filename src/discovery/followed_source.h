// One source, as a thread follows it.
#pragma once

#include <optional>
#include <string>

#include "src/base/clock.h"
#include "src/base/status.h"
#include "src/discovery/discovery.h"
#include "src/pool/changing_pool.h"
#include "src/pool/source.h"

namespace memcache_session {

// One thread. Survives fork().
class FollowedSource {
public:
    // A list of which nobody has asked for so many intervals is too old to begin with.
    static constexpr int kOldIntervals = 10;

    FollowedSource(Discovery& discovery, Source source);

    // Has it asked if that is due, and takes its list if that is another one than before: true.
    // Costs three loads otherwise. It does not wait.
    bool follow(TimePoint now);

    // Whether there is no list, or one so old that a request does not begin with it if a new one
    // can be had.
    bool is_to_be_waited_for() const { return nodes_.nodes().empty() || is_old_; }

    // Waits for a list, never longer than for the timeout of the source since the present ask, or
    // since the first one if there was no list yet. So the first requests wait together, and no
    // later request waits anew. Sets `changed` if there is a new one. kUnavailable: there is none.
    Status wait_for_list(Clock& clock, bool* changed);

    // The present list; empty if there is none.
    const NodeList& nodes() const { return nodes_; }
    const Source& source() const { return source_; }

    // How the node is used: with the parameters of the source.
    Server server_of(const Node& node) const;

    bool has_news() const { return place_ && discovery_.table->has_news(*place_); }
    // A line for the log, or nothing if another process has taken the news.
    std::string take_news(TimePoint now);

    SourceState state(TimePoint now) const;

private:
    bool find_place(TimePoint now);
    bool may_come(TimePoint now) const;
    Status no_list(TimePoint now) const;

    Discovery& discovery_;
    const Source source_;
    std::string identity_;
    std::optional<SourceTable::Place> place_;  // nothing: the table is full
    uint64_t revision_ = 0;                    // of nodes_
    uint32_t generation_ = 0;                  // of the process to which identity_ belongs
    bool is_old_ = false;
    NodeList nodes_;
};

}  // namespace memcache_session

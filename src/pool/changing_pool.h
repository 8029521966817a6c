// The pool of a save_path that names sources. What asks them is above this layer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/status.h"
#include "src/pool/pool.h"
#include "src/pool/server_list.h"

namespace memcache_session {

// What is known of a source without asking it.
struct SourceState {
    std::string name;                     // Source::name(), printable
    size_t nodes = 0;                     // of its list
    uint64_t version = 0;                 // of the list; 0: the source tells none
    std::optional<Duration> asked_ago;    // since the latest question; nothing: not asked yet
    std::optional<Duration> changed_ago;  // since the list is as it is; nothing: there is none
    std::string failure;                  // printable: why it gives no list. Empty: it does
    Duration failing_for{0};
};

// One thread.
class ChangingPool {
public:
    virtual ~ChangingPool() = default;

    // The pool for a request that begins now. It is the same object as before if no source has
    // given another list. kUnavailable: a source has not given any list yet.
    virtual Result<std::shared_ptr<const Pool>> current() = 0;

    // The states of its sources, in their order.
    virtual std::vector<SourceState> sources(TimePoint now) const = 0;
};

// Makes them.
class ChangingPools {
public:
    // `list`: has sources. kUnsupported, kInvalidArgument: why they cannot be asked.
    virtual Result<std::unique_ptr<ChangingPool>> make(const ServerList& list,
                                                       const PlacementSettings& settings) = 0;

protected:
    ~ChangingPools() = default;  // nobody owns it through its base
};

}  // namespace memcache_session

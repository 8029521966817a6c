// Storing a session that was read without lock. protocol.md, "Sessions read without lock" and
// "Merging".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/lock/session_parts.h"
#include "src/session/merging.h"
#include "src/session/options.h"
#include "src/session/packed_value.h"
#include "src/session/session_store.h"

namespace memcache_session {

// All of it outlives the LateStore.
struct LateSession {
    const SessionParts& parts;
    const SessionOptions& options;
    SessionStore& store;
    const StoredSession& read;  // as it was read; its value is not valid any longer
    Search search;
    const std::string& base;  // what PHP read, if changes are merged
    TimePoint read_at;        // no later than the first look at the session
    size_t value_max;         // what PHP has memory for, in bytes
};

// One use, of one of the calls: each is the last one of `store`, and returns as it does.
class LateStore {
public:
    explicit LateStore(const LateSession& session) : session_(session) {}

    // Stores `value`, which differs from what was read. `packed` is the same value.
    Status commit(std::string_view value, const PackedValue& packed, int64_t lifetime);

    // Extends the life of the session, whose value is the one that was read.
    Status extend(const PackedValue& packed, int64_t lifetime);

    Status destroy(int64_t lifetime);

    // What commit() or commit_before_new_id() has stored, as PHP knows it and as it is stored, in
    // bytes. Nothing: it stored no value.
    struct Sizes {
        size_t value = 0;
        size_t packed = 0;
    };
    const std::optional<Sizes>& stored() const { return stored_; }

    // The session with the changes of others, as it is stored now, or was before the destroy.
    // Nothing: nobody else has stored it.
    using Newest = std::optional<std::string>;

    // The same as commit() or extend(), and as destroy(), before PHP changes the session's id. Both
    // look under the lock what others have made of the session. The destroy is refused where a
    // change would be, but succeeds if the session is destroyed already: the newest is empty then.
    // REQUIRES: changes are merged.
    Result<Newest> commit_before_new_id(std::string_view value, const PackedValue& packed,
                                        int64_t lifetime);
    Result<Newest> destroy_before_new_id(int64_t lifetime);

private:
    Result<Newest> commit_merged(std::string_view ours, const StoredSession& now, int64_t lifetime);
    bool changes_nothing(std::string_view ours) const;
    Result<Newest> changed_by_others(const StoredSession& now, int64_t lifetime);
    Status commit_value(std::string_view value, const PackedValue& packed, int64_t lifetime);
    Status extend_theirs(const StoredSession& now, int64_t lifetime);
    Status why_not_locked(const Status& status) const;

    LateSession session_;
    std::optional<Sizes> stored_;
};

}  // namespace memcache_session

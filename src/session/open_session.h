// An opened session: what the opening found out, and what the closing builds upon.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/clock.h"
#include "src/base/fingerprint.h"
#include "src/base/random.h"
#include "src/base/status.h"
#include "src/lock/lock_item.h"
#include "src/lock/process_table.h"
#include "src/lock/session_key.h"
#include "src/net/exchange.h"
#include "src/pool/pool.h"
#include "src/replica/replica_set.h"

namespace memcache_session {

// What a session works with. All of it belongs to the caller and outlives the session.
struct SessionParts {
    const Pool& pool;
    Exchange& exchange;
    Clock& clock;
    Random& random;
    const ProcessTable& processes;
};

struct OpenSession {
    std::string sid;
    SessionKey key;

    // Not ok: the session could not be opened, and nothing below but `key` means anything.
    Status failure;

    ReplicaSet set;

    // The lease. Without lock `locked` is false, and commits are fenced by cas alone, or not at all
    // when `fenced` is false too (memcache.session_lock = 0).
    bool locked = false;
    bool fenced = true;
    LockToken token = 0;
    TimePoint lease_began{};  // no later than the moment at which the first server granted it

    // Waited in vain, and allowed to read all the same: nothing may be stored.
    bool read_only = false;
    std::string read_only_reason;

    // The session itself. `value` is as stored (see ItemFlags::is_zlib()) and lives until the next
    // exchange; empty if missing.
    bool missing = true;
    uint32_t flags = 0;
    std::string_view value;

    // Of `value`, under the token: 46 random bits that no visitor sees.
    Fingerprint fingerprint;

    // The newest version seen on any server, tombstones included; kForeignVersion if none.
    Version newest_version = kForeignVersion;

    // Whether this is what was read, both as stored. The bytes that were read have not been kept: a
    // session of megabytes would be in memory twice. See fingerprint.h for how far that is wrong.
    bool has_value(std::string_view stored, bool zlib) const {
        return !missing && ItemFlags::is_zlib(flags) == zlib && stored.size() == fingerprint.size &&
               fingerprint_of(stored, token) == fingerprint;
    }
};

// Every server, in the order in which it is preferred for the session.
inline std::vector<uint32_t> preference_list(const SessionParts& parts,
                                             const OpenSession& session) {
    std::vector<uint32_t> servers;
    parts.pool.placement->preference_list(
        parts.pool.placement->hashes_prefix() ? session.key.session : session.sid, &servers);
    return servers;
}

}  // namespace memcache_session

// Which of its copies is the session, and when it is proven that there is none. Pure functions of
// the answers.
#pragma once

#include <cassert>
#include <cstdint>
#include <string_view>

#include "src/base/fingerprint.h"
#include "src/net/failure.h"
#include "src/replica/item.h"
#include "src/replica/members.h"

namespace memcache_session {

// A session as it was read, compressed if its flags say so.
struct StoredSession {
    bool missing = true;  // unknown, or destroyed
    // Missing, but it was there when the opening began to wait for the lock; and if so, whether it
    // was destroyed since.
    bool was_known = false;
    bool ended_meanwhile = false;
    uint32_t flags = 0;
    std::string_view value;  // valid until the next exchange; empty if missing
    Fingerprint content;     // of `value`

    // The newest version seen on any server, tombstones included; kForeignVersion if none.
    Version newest_version = kForeignVersion;

    // Whether it is `other`, as far as a reader can tell who sees no cas. REQUIRES: one key.
    bool equals(const StoredSession& other) const {
        assert(missing || other.missing || content.key == other.content.key);
        return missing == other.missing && flags == other.flags && content == other.content;
    }

    // Whether `stored`, marked `zlib`, is what was read.
    bool has_value(std::string_view stored, bool zlib) const {
        return !missing && ItemFlags::is_zlib(flags) == zlib && content.is_of(stored);
    }

    // Takes note of a version that a server showed.
    void saw(Version version) {
        if (newest_version == kForeignVersion || is_newer(version, newest_version)) {
            newest_version = version;
        }
    }
};

// Chooses from the members' items and from `elsewhere`, the item of precedence outside the set or
// null, and notes in each member whether it has the session itself. protocol.md, "Which copy
// counts". Values are fingerprinted under `key`.
// REQUIRES: there are members; their items were read in the last exchange.
StoredSession choose_newest(Members* members, const Item* elsewhere, uint64_t key);

// Whether the session is proven not to exist, when every server that answered has none and those of
// `silent` did not answer. protocol.md, "When missing is proven".
bool is_missing_proven(const Members& members, const Failures& silent);

}  // namespace memcache_session

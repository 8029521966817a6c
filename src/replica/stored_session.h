// Which of its copies is the session, and when it is proven that the session does not exist. Pure
// functions of the replies.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/fingerprint.h"
#include "src/net/failure.h"
#include "src/replica/item.h"
#include "src/replica/members.h"

namespace memcache_session {

// A value as it is stored.
struct PackedValue {
    std::string_view text;
    bool zlib = false;  // compressed
};

// A session as it was read, compressed if its flags say so.
struct StoredSession {
    bool missing = true;  // unknown, or destroyed
    // Missing, but it was there when the opening began to wait for the lock; and if so, whether it
    // was destroyed since.
    bool was_known = false;
    bool ended_meanwhile = false;
    bool is_whole = true;  // each server of its set that was asked has it
    // One server of its set shows the tombstone, and another one the state before it.
    bool is_partly_destroyed = false;
    uint32_t flags = 0;
    std::string_view value;  // valid until the next exchange; empty if missing
    Fingerprint content;     // of `value`

    // The incarnation of a session that this request has read and the servers have lost since.
    uint32_t lost_incarnation = 0;

    // The newest version seen on any server, tombstones included; kForeignVersion if none.
    Version newest_version = kForeignVersion;

    // Whether it is `other`, as far as flags and value tell. REQUIRES: both were fingerprinted with
    // one key.
    bool equals(const StoredSession& other) const {
        assert(missing || other.missing || content.key == other.content.key);
        return missing == other.missing && flags == other.flags && content == other.content;
    }

    // Whether this is the value that was read.
    bool has_value(const PackedValue& packed) const {
        return !missing && ItemFlags::is_zlib(flags) == packed.zlib && content.is_of(packed.text);
    }

    // The size of the value in bytes, if there is a session.
    std::optional<size_t> size() const {
        return missing ? std::nullopt : std::optional<size_t>(content.size);
    }

    // Whether no server showed any version, so that it counts from the beginning.
    bool is_unseen() const { return missing && newest_version == kForeignVersion; }

    bool destroyed() const { return missing && ItemFlags::is_tombstone(flags); }

    // The incarnation of a session or tombstone that is stored now.
    uint32_t next_incarnation() const {
        return missing && !destroyed() ? lost_incarnation : ItemFlags::next_incarnation(flags);
    }

    // Takes note of a version that a server showed.
    void saw(Version version) {
        if (newest_version == kForeignVersion || is_newer(version, newest_version)) {
            newest_version = version;
        }
    }

    // Takes note of the session as the same request read it before: its copies may be lost now.
    void follows(const StoredSession& before) {
        saw(before.newest_version);
        lost_incarnation = before.next_incarnation();
    }
};

// Whether the item is from before the destroy that left this tombstone.
bool is_before_destroy(const Item& item, uint32_t tombstone_flags);

// The member whose item is the session, unless another server has a newer one.
// REQUIRES: there are members.
const Member& counting_member(const Members& members);

// Chooses the session from the members' items and from `elsewhere`, the item of precedence outside
// the set (or null). Notes in each member whether its item is the session. Fingerprints of values
// are made with `key`. protocol.md, "Which copy counts".
// REQUIRES: there are members; their items were read in the last exchange, the one that counts and
// those of other programs with their values.
StoredSession choose_newest(Members* members, const Item* elsewhere, uint64_t key);

// Whether the item that counts among the members is the tombstone of a first choice, which proves
// that the session is missing. protocol.md, "When missing is proven". REQUIRES: there are members.
bool first_choice_shows_destroyed(const Members& members);

// Whether the session is proven not to exist, if no server that replied has it and those of
// `silent` did not reply. protocol.md, "When missing is proven".
bool is_missing_proven(const Members& members, const Failures& silent);

}  // namespace memcache_session

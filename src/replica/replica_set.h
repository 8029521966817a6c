// The servers that hold one session, what each of them is known to hold, and which copy counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/fingerprint.h"
#include "src/net/exchange.h"
#include "src/replica/version.h"

namespace memcache_session {

// A session item as a server last showed it.
struct Item {
    bool present = false;
    uint32_t flags = 0;
    uint64_t cas = 0;        // means something on `connection` only
    std::string_view value;  // PHP's bytes, compressed if the flags say so; see Exchange::run()
    ConnectionId connection = 0;
    Fingerprint fingerprint;  // of `value`, to recognise it later; from() does not set it

    Version version() const { return ItemFlags::version(flags); }
    bool tombstone() const { return present && ItemFlags::is_tombstone(flags); }

    // REQUIRES: reply.kind is kHit or kMiss.
    static Item from(const Reply& reply, ConnectionId connection);

    // The same item, as far as a reader can tell who does not trust its cas. The values need not
    // live any more. REQUIRES: both have their fingerprints, under one key.
    bool same_content(const Item& other) const {
        return present == other.present && flags == other.flags && fingerprint == other.fingerprint;
    }
};

// Whether `a` takes precedence over `b`, which stands earlier in the preference list. Present beats
// absent and newer beats older; where versions do not decide, a tombstone beats a value.
bool takes_precedence(const Item& a, const Item& b);

// One server of a replica set.
struct Copy {
    uint32_t server = 0;    // in the pool
    uint32_t position = 0;  // in the preference list
    Item item;
    bool current = false;   // the item was the session itself when it was opened
    bool locked = false;    // our lock stands there, as far as we know
    uint64_t lock_cas = 0;  // of our lock, on lock_connection
    ConnectionId lock_connection = 0;
};

// The replica set of one session, in the order of its preference list.
class ReplicaSet {
public:
    // `preference` names every server of the pool once. Starts without any copy.
    // REQUIRES: redundancy > 0.
    void reset(std::vector<uint32_t> preference, uint32_t redundancy, bool allow_failover);

    // Asks for copies until there are R of them or no server is left: the first R servers of the
    // list that are usable, or with failover off the usable ones of the first R. Servers that were
    // passed over stay so. Returns whether copies were added.
    bool fill(Exchange& exchange);

    // Gives up a server that failed, for the rest of this session.
    void drop(uint32_t server, Failure failure);

    // Servers that this session would have used: those that were dropped, and those that stood
    // marked down when the set was filled.
    const Failures& passed_over() const { return passed_over_; }

    // Whether the server was asked in this session and failed.
    bool has_failed(uint32_t server) const;

    std::vector<Copy>& copies() { return copies_; }
    const std::vector<Copy>& copies() const { return copies_; }
    const std::vector<uint32_t>& preference() const { return preference_; }

    // min(session_redundancy, servers).
    size_t redundancy() const { return redundancy_; }

    bool contains(uint32_t server) const;

    // How many of the first R servers of the list are not in the set.
    uint32_t absent_first_choices() const;

    // The copy that takes precedence. REQUIRES: there are copies.
    const Copy& newest() const;

    // The positions, for the lock's value: "0,1".
    std::string positions() const;

private:
    bool was_passed_over(uint32_t server) const;

    std::vector<uint32_t> preference_;
    Failures passed_over_;
    std::vector<Copy> copies_;
    size_t redundancy_ = 1;
    bool allow_failover_ = true;
};

}  // namespace memcache_session

// The servers that hold one session: its replica set, in the order of its preference list.
// protocol.md, "Preference list and replica set".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "src/base/fingerprint.h"
#include "src/base/small_vector.h"
#include "src/net/exchange.h"
#include "src/pool/preference_list.h"
#include "src/replica/item.h"

namespace memcache_session {

// Our lock on one server, as far as we know.
struct HeldLock {
    bool held = false;
    uint64_t cas = 0;  // of the lock item, valid on `connection` only
    ConnectionId connection = 0;
    // Not held, because the server has no memory for it (memcached -M), and nobody else holds it.
    bool out_of_memory = false;

    // Whether the server let us go on: the lock is ours, or it cannot be anybody's.
    bool is_granted() const { return held || out_of_memory; }
};

// The connection is closed, and the server works: another connection shows whether a lock that may
// be held is still ours.
inline void lose_connection(HeldLock* lock) {
    lock->cas = 0;
    lock->connection = kLostConnection;
}

// How a lock's value names the servers of a set, in order of preference.
using LockNames = SmallVector<uint32_t, 8>;

// An item as the opening of a session showed it, without its bytes.
struct OpenedItem {
    bool present = false;
    uint32_t flags = 0;
    Fingerprint content;     // of its value; only its size is set if that was not read
    bool current = false;    // it was the session itself
    bool is_unread = false;  // its value was not read, and it was not the session itself
};

// One server of the set, and what it last showed.
struct Member {
    uint32_t server = 0;    // in the pool
    uint32_t position = 0;  // in the preference list
    Item item;
    OpenedItem opened;
    HeldLock lock;
};

// A session rarely has more copies.
using MemberList = SmallVector<Member, 3>;

class Members {
public:
    Members() = default;

    // Has no member yet. REQUIRES: redundancy > 0.
    Members(PreferenceList preference, uint32_t redundancy, bool allow_failover);

    // If there are fewer than R members, adds some until there are R, or `count`, or no server is
    // left: the first servers of the list that are usable, with failover off of the first R. A
    // server that was passed over once is not tried again. Returns whether members were added.
    // REQUIRES: count >= R.
    bool fill(Exchange& exchange) { return fill_up_to(exchange, redundancy_); }
    bool fill_up_to(Exchange& exchange, size_t count);

    // The last resort when there is no member: a mark is advice, so the servers that were passed
    // over because they are marked down become members, up to `count` in all. Returns whether there
    // are any.
    bool fill_with_marked(size_t count);

    // A server that was passed over because it is marked down has answered. It becomes a member if
    // there are fewer than R, or the last one is less preferred. Returns whether it did.
    bool take_back(uint32_t server);

    // Gives up a server that failed, for the rest of this session. `words`: of words_of().
    void drop(uint32_t server, Failure failure, std::string words = {});

    // Gives up the members behind the first R, which have not failed. REQUIRES: we hold none of
    // their locks.
    void drop_excess();

    MemberList& list() { return list_; }
    const MemberList& list() const { return list_; }
    bool empty() const { return list_.empty(); }

    // REQUIRES: the server is a member.
    Member& at(uint32_t server);
    // Null if the server is no member.
    const Member* find(uint32_t server) const;
    bool contains(uint32_t server) const { return find(server) != nullptr; }

    // The servers that this session would have used: those that were dropped, and those that were
    // marked down when the set was filled.
    const Failures& passed_over() const { return passed_over_; }

    // The newest version that a dropped member had shown, because it may show it again.
    Version newest_dropped() const { return newest_dropped_; }

    // How the server failed when it was asked in this session; null if it did not.
    const ServerFailure* failure_in_session(uint32_t server) const;
    bool has_failed(uint32_t server) const { return failure_in_session(server) != nullptr; }

    const PreferenceList& preference() const { return preference_; }

    // R = min(session_redundancy, servers).
    size_t redundancy() const { return redundancy_; }
    bool allows_failover() const { return allow_failover_; }

    // Members and stand-ins are among the first so many servers of the list, while fewer than R
    // have failed.
    size_t stand_in_reach() const;

    // Whether a member is one of the first R servers of the list.
    bool is_first_choice(const Member& member) const { return member.position < redundancy_; }

    // How many of the first R servers of the list are not members.
    uint32_t absent_first_choices() const;

    // The members, as the lock's value names them. A member that has no memory for the lock is left
    // out, unless none has. protocol.md, "Full servers".
    LockNames lock_names() const;

    // What lock_names() has for this member: its position, or its mark in a pool that changes by
    // itself.
    uint32_t lock_name_of(const Member& member) const;

private:
    void add(uint32_t server, size_t position);
    void note_dropped(const Member& member);

    PreferenceList preference_;
    Failures passed_over_;
    MemberList list_;
    Version newest_dropped_ = kForeignVersion;
    size_t redundancy_ = 0;
    bool allow_failover_ = true;
};

// Whether an item has this value of so many bytes, as far as its metadata tells. Two foreign values
// of one size need not be equal.
bool is_same_by_metadata(uint32_t flags, size_t size, const Item& item);

// Whether `now` has the presence, the flags and the bytes of the item that the opening showed.
// Where bytes were not read, their number decides: protocol.md, "Copies whose value is not read".
bool has_same_bytes(const OpenedItem& opened, const Item& now);

// Whether the server still shows the item of the opening: on the same connection by cas, presence
// and flags; on a new one, where no cas is valid, by has_same_bytes().
bool is_unchanged(const Member& member, const Item& now);

// Whether the server showed an item without a cas number: memcached -C.
bool lacks_cas(const Request& request);

// Why the reply to a request cannot be used: its failure, or the error that the server reported.
Failure failure_of(const Request& request);

// Drops a member that failed. A member that replied with an error is also marked down.
void drop_failed(Members* members, Exchange& exchange, const Request& request);

// The member whose item counts. REQUIRES: there are members.
const Member& newest_of(const Members& members);

}  // namespace memcache_session

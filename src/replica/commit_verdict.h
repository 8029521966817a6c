// The fate of a commit, judged from the replies to its stores. Pure functions; the whole table is
// in protocol.md, "What became of a commit".
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/base/small_vector.h"
#include "src/net/exchange.h"

namespace memcache_session {

// What a request does to a session when it closes it.
enum class Aim {
    kCommit,   // a new version is stored
    kExtend,   // the life of the unchanged session is extended; no conflict can arise
    kDestroy,  // a tombstone is stored
};

// The result of the store at one server.
enum class StoreOutcome {
    kUnsent,          // not asked yet, or its connection was closed before a reply
    kChanged,         // a look before the store showed another item, or another's lock
    kStored,          // by this store, or by an earlier one whose reply was lost
    kConflict,        // another request has stored since the opening
    kGone,            // the item to replace does not exist any longer
    kUnknownCommand,  // the server does not know `touch`
    kRefused,         // the server keeps the old item, and gave a reason
    kSilent,
    kLeftOut,  // not asked, because its item is to stay as it is
};

// The outcome that the replies to a request show. REQUIRES: its first command is the store.
StoreOutcome outcome_of(const Request& request);

// Whether a store, refused or not, ran under our lock, which was released behind it.
enum class Hold : uint8_t {
    kHeld,
    kOverwritten,  // the lock had been replaced
    kUnknown,      // no reply tells, or the lock was kept: then nobody has read ours
};

// One round of stores, to every member of the set.
struct StoreRound {
    SmallVector<StoreOutcome, 8> outcomes;  // of the members, in their order
    SmallVector<Failure, 8> failures;       // of each, or none; a member may have stored and failed
    SmallVector<Hold, 8> holds;             // of the lock of each that replied

    // Where the first server of all stored under our lock, which was released behind the store. 0:
    // it did not.
    ConnectionId first_held_on = 0;

    explicit StoreRound(size_t members)
        : outcomes(members, StoreOutcome::kUnsent),
          failures(members, Failure()),
          holds(members, Hold::kHeld) {}

    size_t count(StoreOutcome outcome) const;
    bool has(StoreOutcome outcome) const;
    bool has(Hold hold) const;

    bool was_held() const { return !has(Hold::kOverwritten) && !has(Hold::kUnknown); }

    // The member stored, and was silent after that.
    bool is_lost(size_t member) const {
        return outcomes[member] == StoreOutcome::kStored && static_cast<bool>(failures[member]);
    }
};

// How the stores were sent.
struct StoreTerms {
    Aim aim = Aim::kCommit;
    bool locked = true;         // under the lock
    bool fenced = true;         // false: memcache.session_lock = 0
    bool first_of_two = false;  // the stores are to be repeated with a higher version in any case
};

enum class Verdict {
    kDone,
    kStoreAgain,  // stored, but a server may hold what outranks it, or has lost its copy
    kDisputed,    // some servers took the store, others show that another request has stored
    kConflict,    // another request has stored: nothing more is stored
    kGone,        // no server has the session that was read
    kNotStored,   // every server was silent or refused
};

Verdict judge_commit(const StoreRound& round, const StoreTerms& terms);

}  // namespace memcache_session

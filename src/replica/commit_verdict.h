// What became of a commit: judged from what the servers answered to its stores. Pure functions; the
// whole table is in protocol.md, "What became of a commit".
#pragma once

#include <cstddef>
#include <vector>

#include "src/net/exchange.h"

namespace memcache_session {

// What is done to a session when it is closed.
enum class Aim {
    kCommit,   // a new version is stored
    kExtend,   // the unchanged session lives on: no conflict can arise
    kDestroy,  // a tombstone is stored
};

// What became of the store at one server.
enum class StoreOutcome {
    kUnsent,          // not asked yet, or its connection was gone before an answer
    kChanged,         // looked at again before the store: it is not what was read
    kStored,          // by our store, or already there because only its answer had been lost
    kConflict,        // another request has written since the opening
    kGone,            // the item that was to be replaced is not there any more
    kUnknownCommand,  // the server does not know `touch`
    kRefused,         // the server keeps the old item, and said why
    kSilent,
    kLeftOut,  // not asked, because its item is to stay as it is
};

// The outcome that the answers to a request show whose first command is the store.
StoreOutcome outcome_of(const Request& request);

// One round of stores, to every member of the set.
struct StoreRound {
    std::vector<StoreOutcome> outcomes;  // of the members, in their order
    std::vector<Failure> failures;       // of each, or none; a member may have stored and failed

    bool was_held = true;            // every store ran under our lock
    ConnectionId first_held_on = 0;  // the first server of all stored under our lock; 0: it did not

    explicit StoreRound(size_t members)
        : outcomes(members, StoreOutcome::kUnsent), failures(members) {}

    size_t count(StoreOutcome outcome) const;
    bool has(StoreOutcome outcome) const;

    // The member stored, and was silent then.
    bool is_lost(size_t member) const {
        return outcomes[member] == StoreOutcome::kStored && static_cast<bool>(failures[member]);
    }
};

// Under which terms the stores were sent.
struct StoreTerms {
    Aim aim = Aim::kCommit;
    bool locked = true;         // under the lock
    bool fenced = true;         // false: memcache.session_lock = 0
    bool first_of_two = false;  // the stores are to be repeated with a higher version in any case
};

enum class Verdict {
    kDone,
    kStoreAgain,  // stored, but a server may hold what outranks it, or has lost its copy
    kDisputed,    // some servers took the store, and others show that somebody else has written
    kConflict,    // somebody else has written: nothing more is stored
    kGone,        // no server has the session that was read
    kNotStored,   // every server was silent or refused
};

Verdict judge_commit(const StoreRound& round, const StoreTerms& terms);

}  // namespace memcache_session

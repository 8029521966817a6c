// The stores of one session on the members of its set. Each is followed by the release of the lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/small_vector.h"
#include "src/net/server_words.h"
#include "src/replica/commit_verdict.h"
#include "src/session/direct_session.h"

namespace memcache_session {

// The item to store, and how to store it.
struct Store {
    Aim aim = Aim::kCommit;
    std::string_view value;
    uint32_t flags = 0;
    int32_t exptime = 0;
    bool touches = true;       // kExtend: false where a server does not know `touch`
    bool keeps_locks = false;  // a later phase releases them
};

// The failures while a session was closed, for the message that the user reads.
struct Troubles {
    Failures failures;
    std::string refusal;  // text of the first server that refused; then failures.front() is of it

    void add(const Request& request) {
        failures.push_back({request.server, failure_of(request), true, words_of(request)});
    }
};

// `session`, `store` and `troubles` outlive the object.
class DirectStores {
public:
    DirectStores(DirectSession* session, const Store& store, Troubles* troubles)
        : session_(*session), store_(store), troubles_(*troubles) {}

    // Stores on every member whose outcome is kUnsent. This takes one phase, or two if the set is
    // not the first R servers (protocol.md, "Commit order with stand-ins"). The requests `*beside`
    // to other servers are sent in the last phase; null if there are none. False if the first
    // member shows a conflict, or its connection was lost: then nothing was sent to the others, and
    // nothing of `*beside`.
    bool send(StoreRound* round, std::vector<Request>* beside);

private:
    // Positions in the list of members.
    using Indexes = SmallVector<size_t, 8>;

    Indexes unsent(const StoreRound& round) const;
    void run(const Indexes& members, StoreRound* round, std::vector<Request>* beside);
    void add_store(Request* request, const Member& member) const;
    Command command_for(const Member& member) const;
    void take_over(const Request& request, size_t index, StoreRound* round);

    DirectSession& session_;
    const Store& store_;
    Troubles& troubles_;
};

// How far a version is raised, so that it outranks every copy on servers that are left out.
// protocol.md, "Store twice with gaps".
enum class Raise {
    kFirstOfTwo,  // by R for each of them
    kLast,        // by 2R for each of them
    kTombstone,   // by 2R for all of them
};

// The version of a commit or tombstone that leaves out `left_out` servers. It outranks every copy
// that they hold, or that a late command stores there. protocol.md, "Versions".
Version next_version(const DirectSession& session, size_t left_out, Raise raise);

// Drops the members that were silent or refused. A lock that is within reach is released. Servers
// that refused are added to `refusing`.
void drop_failed_members(const StoreRound& round, DirectSession* session,
                         std::vector<uint32_t>* refusing);

}  // namespace memcache_session

// A parallel round trip with many servers, and their health. The session layer is written against
// this interface, which has sockets behind it in production and a simulated cluster in tests.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/base/small_vector.h"
#include "src/net/failure.h"
#include "src/wire/command.h"

namespace memcache_session {

// Identifies a connection for the life of the process; 0 is none. A cas number is valid only on the
// connection on which it was read, because a server that restarted counts anew.
using ConnectionId = uint64_t;

// No connection has this id: a request that is bound to it fails with kConnectionLost.
constexpr ConnectionId kLostConnection = UINT64_MAX;

constexpr size_t kCommandsMax = 4;

// Why a phase is run. Phases are counted by it, and it changes nothing on the wire.
enum class Purpose : uint8_t {
    kOpen,     // take locks and read the session; behind a proxy also wait for the lock
    kWait,     // ask for a lock that another request holds; take and release a waiting place
    kSearch,   // look for copies on the servers outside the set
    kStore,    // store or touch the session, release its locks, remove copies from stand-ins
    kRecheck,  // look again before a store
    kRepair,   // put back the value that a refused `set` of a proxy dropped
    kRelease,  // release locks on memcached servers alone
    kDestroy,  // store tombstones, in the set and over copies outside it
    kStatus,   // look at servers for no session: clocks, figures, copies for an operator
};

constexpr size_t kPurposes = static_cast<size_t>(Purpose::kStatus) + 1;

// The share of one server in a phase: commands to run in this order, sent in one write.
struct Request {
    uint32_t server = 0;  // position in the pool
    // Not 0: the commands are sent on this connection only. If it is closed before a byte of a
    // reply has come, the failure is kConnectionLost.
    // 0: they are sent on any connection. A kept one that is closed before a byte of a reply has
    // come is replaced once, and the commands are sent again.
    ConnectionId bound_to = 0;
    std::array<Command, kCommandsMax> commands;
    size_t command_count = 0;

    // Set by run(). Without failure answered == command_count. With a failure the first `answered`
    // replies still count: the server sent them before it failed.
    std::array<Reply, kCommandsMax> replies;
    size_t answered = 0;
    Failure failure;
    ConnectionId connection = 0;  // the connection of the replies; 0 if none was made
    // The first line of the server that is an error or no reply at all, as it came; it lives as the
    // replies do. Empty if there is none, or if the exchange does not know it. See server_words.h.
    std::string_view said;

    // REQUIRES: command_count < kCommandsMax. A command beyond that is dropped.
    void add(const Command& command) {
        assert(command_count < kCommandsMax);
        if (command_count < kCommandsMax) {
            commands[command_count++] = command;
        }
    }
};

// The requests of a phase. A session rarely has more copies.
using Requests = SmallVector<Request, 3>;

class Exchange {
public:
    virtual ~Exchange() = default;

    // Runs all requests in parallel, each bounded by its server's timeout, counted from the call,
    // and by the time budget of PHP's call (time_budget.h), if it has one. A server that fails is
    // marked down as far as its failure reaches: reach_of() in failure.h. Views in the replies live
    // until the next run() of this object. Never fails as a whole. REQUIRES: each request has
    // commands, and each server at most one request.
    virtual void run(Purpose purpose, Request* requests, size_t count) = 0;

    // Whether to ask the server: it is not marked down, or only for new connections and this caller
    // has kept one. A marked server that is passed over may be probed beside the phases.
    virtual bool usable(uint32_t server) = 0;

    // Why the server is marked down, as far as known.
    virtual Failure why_down(uint32_t server) const {
        static_cast<void>(server);
        return {FailureKind::kMarkedDown, 0};
    }

    // Whether the server was marked down and is well again, as far as that is remembered.
    virtual bool had_outage(uint32_t server) const {
        static_cast<void>(server);
        return false;
    }

    // Marks the server down until it answers again, because of a reply that run() cannot judge.
    virtual void mark_down(uint32_t server, Failure failure) = 0;
};

}  // namespace memcache_session

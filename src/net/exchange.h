// One parallel round trip with many servers, and what is known of their health. The session layer
// is written against this interface: sockets in production, a simulated cluster in tests.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "src/net/failure.h"
#include "src/wire/command.h"

namespace memcache_session {

// Identifies a connection for the life of the process; 0 is none. A cas number means something
// only on the connection on which it was read: a server that restarted counts anew.
using ConnectionId = uint64_t;

// No connection has it: what is bound to it is lost.
constexpr ConnectionId kLostConnection = UINT64_MAX;

constexpr size_t kCommandsMax = 4;

// Why a phase is run. It changes nothing on the wire: phases are counted by it.
enum class Purpose : uint8_t {
    kOpen,     // take locks and read the session
    kWait,     // ask for a lock that somebody else holds
    kSearch,   // look for copies on servers that should have none
    kStore,    // write the session
    kRecheck,  // read or lock once more after a connection was lost
    kRepair,   // write copies that are missing or old
    kRelease,  // give up locks or places in a waiting room
    kDestroy,  // delete the session
    kStatus,   // ask for the state of a server, no session
};

constexpr size_t kPurposes = static_cast<size_t>(Purpose::kStatus) + 1;

// The share of one server in a phase: commands to run in this order, sent in one write.
struct Request {
    uint32_t server = 0;  // position in the pool
    // Not 0: send only on this connection; if it is gone, or goes before a byte of an answer, the
    // failure is kConnectionLost. 0: any connection; a kept one that turns out closed before a byte
    // of an answer is replaced once, and the commands are sent again.
    ConnectionId bound_to = 0;
    std::array<Command, kCommandsMax> commands;
    size_t command_count = 0;

    // Set by run(). Without failure answered == command_count. With a failure the first `answered`
    // replies still count: the server sent them before it failed.
    std::array<Reply, kCommandsMax> replies;
    size_t answered = 0;
    Failure failure;
    ConnectionId connection = 0;  // on which the replies came, 0 if none was made

    // REQUIRES: command_count < kCommandsMax. One command more is dropped: its reply is missing.
    void add(const Command& command) {
        assert(command_count < kCommandsMax);
        if (command_count < kCommandsMax) {
            commands[command_count++] = command;
        }
    }
};

class Exchange {
public:
    virtual ~Exchange() = default;

    // Runs all requests in parallel, each bounded by its server's timeout, counted from the call.
    // A server that fails is marked down, except for kConnectionLost. Views in the replies live
    // until the next run() of this object. Never fails as a whole.
    // REQUIRES: each server at most once.
    virtual void run(Purpose purpose, Request* requests, size_t count) = 0;

    // Whether the server should be asked: it is not marked down, or its retry_interval has passed
    // and this caller is the one who tries it again.
    virtual bool usable(uint32_t server) = 0;

    // Why the server is marked down, as far as known.
    virtual Failure why_down(uint32_t server) const {
        static_cast<void>(server);
        return {FailureKind::kMarkedDown, 0};
    }

    // Leaves the server alone for its retry_interval: for answers that run() cannot judge.
    virtual void mark_down(uint32_t server, Failure failure) = 0;
};

}  // namespace memcache_session

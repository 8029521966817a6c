// The share of one server in a phase: commands out, replies in. It moves when it is told that its
// socket is ready or that its time has come, and never waits itself.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <memory>

#include "src/base/buffer.h"
#include "src/base/clock.h"
#include "src/net/connection.h"
#include "src/net/exchange.h"
#include "src/net/server.h"
#include "src/wire/encoder.h"

namespace memcache_session {

// Room for answers to begin with. A longer one costs a second receive.
constexpr size_t kReceiveSize = size_t{16} << 10;

// How much memory an announced length gets at once. Beyond it room grows with what has arrived, so
// a false length costs no memory.
constexpr size_t kTrustedLength = size_t{8} << 20;

// Used again for phase after phase: the memory for answers is kept. Not copied, not moved, one
// thread. begin() first, then whatever waits_for() says, until is_done(); then take_connection().
class ServerTrip {
public:
    explicit ServerTrip(const Clock& clock) : clock_(clock) {}
    ServerTrip(const ServerTrip&) = delete;
    ServerTrip& operator=(const ServerTrip&) = delete;

    // Resets the answers of `request` and, when `kept` is a connection that may be used, sends.
    // Otherwise the trip is done, or needs a connection: then call connect().
    // `request` and `server` must live until the trip is done.
    void begin(Request* request, const Server& server, TimePoint started,
               std::unique_ptr<Connection> kept);

    bool needs_connection() const { return state_ == State::kUnconnected; }

    // Begins to connect; may block in the resolver. REQUIRES: needs_connection().
    void connect();

    bool is_done() const { return state_ == State::kDone; }

    // Everything is sent, only the answer is missing.
    bool only_receives() const { return state_ == State::kTalking && piece_ == piece_count_; }

    // What poll() should wait for, and until when. A socket of -1: only for the time.
    struct Wait {
        int socket = -1;
        short events = 0;
        TimePoint until;
    };
    Wait waits_for() const;

    // The socket is ready for some of waits_for(), or has failed; `events` are poll()'s.
    void on_ready(short events);

    // The time of waits_for() has come. What was there to receive must have been received.
    void on_time();

    // The connection, if it may be used again: it is in step. Else closes it and returns none.
    std::unique_ptr<Connection> take_connection();

private:
    enum class State { kUnconnected, kConnecting, kTalking, kDone };

    void prepare_pieces();
    void after_connect(ConnectAttempt::State state);
    void send();
    void receive();
    bool make_room();
    void parse();
    void lost(Failure failure);
    void finish(Failure failure);

    const Clock& clock_;
    State state_ = State::kDone;
    Request* request_ = nullptr;
    const Server* server_ = nullptr;
    TimePoint deadline_;
    ConnectAttempt attempt_;
    std::unique_ptr<Connection> connection_;
    bool kept_ = false;     // the connection is older than this trip
    bool in_step_ = false;  // kDone: the connection may be used again

    // Each command is a line, a data block and the end of the block.
    std::array<iovec, kCommandsMax * 3> pieces_;
    std::array<char, kCommandsMax * kCommandLineMax> lines_;
    size_t piece_ = 0;  // the first not fully sent
    size_t piece_count_ = 0;

    Buffer answers_;
    size_t parsed_ = 0;  // bytes of answers_ that are replies already
    size_t needed_ = 0;  // bytes that the reply after them has; 0: not known yet
};

}  // namespace memcache_session

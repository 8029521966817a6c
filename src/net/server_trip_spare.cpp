// The part of ServerTrip that replaces a kept connection which is dead.
#include <utility>

#include "src/net/server_trip.h"

namespace memcache_session {

// The system of a server acknowledges bytes at once, even if the server hangs.
bool ServerTrip::is_unacknowledged() const {
    return incoming_.is_empty() && outgoing_.sent_size() > 0 &&
           connection_->stream().unacknowledged() >= outgoing_.sent_size();
}

// A connection is dead when a firewall has forgotten it and drops its packets, or when its address
// has moved to another machine. Then no byte that was sent on it is acknowledged, and a new
// connection works. When the network is interrupted, neither works, and the old connection recovers
// first.
void ServerTrip::look_at_connection() {
    if (is_unacknowledged()) {
        has_spare_ = true;
        after_spare(start_attempt());
    }
}

void ServerTrip::on_spare_ready() {
    if (has_spare_ && state_ == State::kTalking) {
        after_spare(attempt_.on_ready());
    }
}

void ServerTrip::after_spare(ConnectAttempt::State state) {
    if (state == ConnectAttempt::State::kPending) {
        return;
    }
    has_spare_ = false;
    if (state == ConnectAttempt::State::kFailed) {
        return;
    }
    std::unique_ptr<Connection> spare = attempt_.take();
    if (!is_unacknowledged()) {
        return;
    }
    forget_unacknowledged(connection_->stream().socket());
    connection_ = std::move(spare);
    if (request_->bound_to != 0) {
        request_->connection = 0;
        in_step_ = true;
        finish({FailureKind::kConnectionLost, 0});
        return;
    }
    kept_ = false;
    prepare();
    send();
}

}  // namespace memcache_session

#include "src/net/server_trip.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

namespace memcache_session {

namespace {

// When a kept connection is looked at on which nothing has been answered, as a part of the timeout:
// a lost packet has been sent again by then, and the rest is enough to do it all on a new one.
constexpr int kLookParts = 3;

// Receives in a row before other servers have their turn.
constexpr int kReceivesMax = 4;

}  // namespace

void ServerTrip::begin(Request* request, const Server& server, TimePoint started,
                       std::unique_ptr<Connection> kept) {
    request_ = request;
    request_->answered = 0;
    request_->failure = {};
    request_->connection = 0;
    server_ = &server;
    protocol_ = &dialect_.protocol(server);
    deadline_ = started + server.timeout;
    look_at_ = server.endpoint.is_unix() ? TimePoint::max() : started + server.timeout / kLookParts;
    connection_ = std::move(kept);
    kept_ = connection_ != nullptr;
    in_step_ = false;
    blocked_ = Duration(0);
    has_spare_ = false;
    answers_.clear();
    parsed_ = 0;
    needed_ = 0;
    if (request_->bound_to != 0 && (!kept_ || connection_->id() != request_->bound_to)) {
        in_step_ = kept_;  // another connection: nothing is sent on it
        finish({FailureKind::kConnectionLost, 0});
        return;
    }
    prepare_pieces();
    state_ = State::kUnconnected;
    if (kept_) {
        state_ = State::kTalking;
        request_->connection = connection_->id();
        send();
    }
}

void ServerTrip::prepare_pieces() {
    piece_ = 0;
    piece_count_ = 0;
    sent_ = 0;
    for (size_t i = 0; i < request_->command_count; ++i) {
        piece_count_ += protocol_->encode(request_->commands[i], &space_[i * kCommandSpaceMax],
                                          &pieces_[piece_count_]);
    }
}

void ServerTrip::connect() {
    assert(needs_connection() || state_ == State::kTalking);  // the latter: from lost()
    kept_ = false;
    look_at_ = TimePoint::max();
    has_spare_ = false;
    state_ = State::kConnecting;
    after_connect(start_attempt());
}

ConnectAttempt::State ServerTrip::start_attempt() {
    const ConnectAttempt::State state = attempt_.start(*server_, deadline_, clock_);
    deadline_ += attempt_.blocked();
    blocked_ += attempt_.blocked();
    return state;
}

void ServerTrip::after_connect(ConnectAttempt::State state) {
    if (state == ConnectAttempt::State::kFailed) {
        finish(attempt_.failure());
    } else if (state == ConnectAttempt::State::kConnected) {
        connection_ = attempt_.take();
        request_->connection = connection_->id();
        state_ = State::kTalking;
        send();
    }
}

ServerTrip::Wait ServerTrip::waits_for() const {
    if (state_ == State::kConnecting) {
        return {attempt_.socket(), POLLOUT, std::min(attempt_.wake_at(), deadline_)};
    }
    const int events = only_receives() ? POLLIN : POLLIN | POLLOUT;
    Wait wait{connection_->socket(), static_cast<short>(events), std::min(deadline_, look_at_)};
    if (has_spare_) {
        wait.until = std::min(wait.until, attempt_.wake_at());
        wait.spare = attempt_.socket();
    }
    return wait;
}

void ServerTrip::on_ready(short events) {
    if (state_ == State::kConnecting) {
        after_connect(attempt_.on_ready());
        return;
    }
    // Answers first: a server that gets rid of none takes no more either.
    if ((events & ~POLLOUT) != 0) {
        receive();
    }
    if ((events & POLLOUT) != 0 && state_ == State::kTalking && piece_ < piece_count_) {
        send();
    }
}

void ServerTrip::on_time() {
    if (state_ == State::kConnecting) {
        after_connect(attempt_.on_time());
        return;
    }
    if (look_at_ < deadline_) {
        look_at_ = TimePoint::max();
        look_at_connection();
        return;
    }
    if (has_spare_ && attempt_.wake_at() < deadline_) {
        after_spare(attempt_.on_time());
        return;
    }
    // A server may answer before it has taken everything; what it has not taken stays unsent.
    if (request_->answered == request_->command_count) {
        finish({});
        return;
    }
    const bool stuck = request_->answered > 0 && parsed_ == answers_.size();
    finish({stuck ? FailureKind::kStuck : FailureKind::kTimeout, 0});
}

void ServerTrip::send() {
    const Transfer sent = connection_->send(&pieces_[piece_], piece_count_ - piece_);
    if (sent.state == Transfer::State::kBroken) {
        const Failure broken{FailureKind::kBroken, sent.error};
        const ConnectionId id = connection_->id();
        receive();  // what the server said before it closed comes first
        if (state_ == State::kTalking && connection_->id() == id) {
            lost(broken);
        }
        return;
    }
    sent_ += sent.count;
    size_t rest = sent.count;
    while (piece_ < piece_count_ && rest >= pieces_[piece_].size()) {
        rest -= pieces_[piece_++].size();
    }
    if (piece_ < piece_count_) {
        pieces_[piece_].remove_prefix(rest);
    } else if (request_->answered == request_->command_count) {
        in_step_ = true;
        finish({});
    }
}

void ServerTrip::receive() {
    for (int i = 0; i < kReceivesMax; ++i) {
        if (!make_room()) {
            lost({FailureKind::kBroken, ENOMEM});
            return;
        }
        const size_t room = answers_.free_size();
        const Transfer received = connection_->receive(answers_.free_space(), room);
        switch (received.state) {
            case Transfer::State::kBytes:
                answers_.append_written(received.count);
                parse();
                break;
            case Transfer::State::kNothingYet:
                return;
            case Transfer::State::kClosed:
                lost({FailureKind::kClosed, 0});
                return;
            case Transfer::State::kBroken:
                lost({FailureKind::kBroken, received.error});
                return;
        }
        if (state_ != State::kTalking || received.count < room) {
            return;
        }
    }
}

// Room for the reply that is being received, as far as its length is trusted, and for at least one
// byte. Replies parsed before move with their bytes.
bool ServerTrip::make_room() {
    const size_t capacity = answers_.capacity();
    const bool full = answers_.free_size() == 0;
    size_t wanted = std::max(kReceiveSize, full ? 2 * capacity : capacity);
    if (needed_ != 0) {
        const size_t whole = parsed_ + needed_ + kLineLengthMax;  // and the next one, a short one
        wanted = std::min(whole, full ? std::max(kTrustedLength, 2 * capacity) : kTrustedLength);
    }
    if (wanted <= capacity) {
        return true;
    }
    std::array<size_t, kCommandsMax> offsets{};
    for (size_t i = 0; i < request_->answered; ++i) {
        const std::string_view& value = request_->replies[i].value;
        offsets[i] =
            value.empty() ? 0 : static_cast<size_t>(value.data() - answers_.content().data());
    }
    if (!answers_.reserve(wanted)) {
        return false;
    }
    for (size_t i = 0; i < request_->answered; ++i) {
        std::string_view& value = request_->replies[i].value;
        value = answers_.content().substr(offsets[i], value.size());
    }
    return true;
}

void ServerTrip::parse() {
    while (request_->answered < request_->command_count) {
        const std::string_view bytes = answers_.content().substr(parsed_);
        if (bytes.empty() || bytes.size() < needed_) {
            return;
        }
        const Command& command = request_->commands[request_->answered];
        const ParsedReply parsed = protocol_->parse(command, bytes);
        if (parsed.state == ParsedReply::State::kIncomplete) {
            needed_ = parsed.total;
            return;
        }
        if (parsed.state == ParsedReply::State::kMalformed) {
            request_->answered = 0;
            finish({FailureKind::kMalformed, 0});
            return;
        }
        request_->replies[request_->answered++] = parsed.reply;
        parsed_ += parsed.consumed;
        needed_ = 0;
        if (protocol_->loses_step(command, parsed.reply)) {
            const bool last = request_->answered == request_->command_count;
            finish(last ? Failure{} : Failure{FailureKind::kMalformed, 0});
            return;
        }
    }
    if (parsed_ < answers_.size()) {
        request_->answered = 0;
        finish({FailureKind::kMalformed, 0});
    } else if (piece_ == piece_count_) {
        in_step_ = true;
        finish({});
    }
}

void ServerTrip::allow(Duration blocked_in_all) {
    const Duration more = blocked_in_all - std::exchange(blocked_, Duration(0));
    deadline_ += more;
    if (look_at_ != TimePoint::max()) {
        look_at_ += more;
    }
    attempt_.allow(more);
}

// The system of a server acknowledges at once, even if the server hangs.
bool ServerTrip::is_unacknowledged() const {
    return answers_.size() == 0 && sent_ > 0 && unacknowledged(connection_->socket()) >= sent_;
}

// A firewall that has forgotten a connection drops its packets silently, and an address that moves
// leaves behind those to its old owner. Then a new connection works, and not a byte of what was
// sent on this one is acknowledged. Where the network is interrupted, neither works, and this one
// is the first to recover.
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
    forget_unacknowledged(connection_->socket());
    connection_ = std::move(spare);
    if (request_->bound_to != 0) {
        request_->connection = 0;
        in_step_ = true;
        finish({FailureKind::kConnectionLost, 0});
        return;
    }
    kept_ = false;
    request_->connection = connection_->id();
    prepare_pieces();
    send();
}

// The connection is gone.
void ServerTrip::lost(Failure failure) {
    if (request_->answered == request_->command_count) {
        finish({});
    } else if (!kept_ || answers_.size() > 0) {
        finish(failure);
    } else if (request_->bound_to != 0) {
        request_->connection = 0;
        finish({FailureKind::kConnectionLost, 0});
    } else {
        // The server closed it while it lay idle, most likely: once more, on a new one.
        connection_.reset();
        request_->connection = 0;
        prepare_pieces();
        connect();
    }
}

void ServerTrip::finish(Failure failure) {
    request_->failure = failure;
    state_ = State::kDone;
    attempt_.abandon();
}

std::unique_ptr<Connection> ServerTrip::take_connection() {
    if (!in_step_) {
        connection_.reset();
    }
    return std::move(connection_);
}

}  // namespace memcache_session

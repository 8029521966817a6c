#include "src/net/server_trip.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "src/wire/reply_parser.h"

namespace memcache_session {

namespace {

// Receives in a row before other servers have their turn.
constexpr int kReceivesMax = 4;

// sendmsg() takes what it sends as not const, and does not write to it.
iovec piece_of(std::string_view bytes) {
    return {const_cast<char*>(bytes.data()), bytes.size()};
}

// A server that refuses a store this way may have read the data block as commands, whose answers
// then follow: which reply belongs to which command is no longer known.
bool loses_step(const Command& command, const Reply& reply) {
    return (reply.kind == ReplyKind::kError || reply.kind == ReplyKind::kClientError) &&
           data_block(command).has_value();
}

}  // namespace

void ServerTrip::begin(Request* request, const Server& server, TimePoint started,
                       std::unique_ptr<Connection> kept) {
    request_ = request;
    request_->answered = 0;
    request_->failure = {};
    request_->connection = 0;
    server_ = &server;
    deadline_ = started + server.timeout;
    connection_ = std::move(kept);
    kept_ = connection_ != nullptr;
    in_step_ = false;
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
    char* line = lines_.data();
    for (size_t i = 0; i < request_->command_count; ++i) {
        const Command& command = request_->commands[i];
        const size_t length = encode_line(command, line);
        pieces_[piece_count_++] = piece_of({line, length});
        line += length;
        if (const auto block = data_block(command)) {
            pieces_[piece_count_++] = piece_of(*block);
            pieces_[piece_count_++] = piece_of(kLineEnd);
        }
    }
}

void ServerTrip::connect() {
    kept_ = false;
    state_ = State::kConnecting;
    after_connect(attempt_.start(*server_, deadline_, clock_));
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
    return {connection_->socket(), static_cast<short>(events), deadline_};
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
    // A server may answer before it has taken everything; what it has not taken stays unsent.
    const bool answered = request_->answered == request_->command_count;
    finish(answered ? Failure{} : Failure{FailureKind::kTimeout, 0});
}

void ServerTrip::send() {
    const ssize_t sent = connection_->send(&pieces_[piece_], piece_count_ - piece_);
    if (sent < 0) {
        const Failure broken{FailureKind::kBroken, errno};
        const ConnectionId id = connection_->id();
        receive();  // what the server said before it closed comes first
        if (state_ == State::kTalking && connection_->id() == id) {
            lost(broken);
        }
        return;
    }
    size_t rest = static_cast<size_t>(sent);
    while (piece_ < piece_count_ && rest >= pieces_[piece_].iov_len) {
        rest -= pieces_[piece_++].iov_len;
    }
    if (piece_ < piece_count_) {
        pieces_[piece_].iov_base = static_cast<char*>(pieces_[piece_].iov_base) + rest;
        pieces_[piece_].iov_len -= rest;
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
        const Connection::Received received = connection_->receive(answers_.free_space(), room);
        switch (received.state) {
            case Connection::Received::State::kBytes:
                answers_.append_written(received.count);
                parse();
                break;
            case Connection::Received::State::kNothingYet:
                return;
            case Connection::Received::State::kClosed:
                lost({FailureKind::kClosed, 0});
                return;
            case Connection::Received::State::kBroken:
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
        const ParsedReply parsed = parse_reply(command, bytes);
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
        if (loses_step(command, parsed.reply)) {
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
}

std::unique_ptr<Connection> ServerTrip::take_connection() {
    if (!in_step_) {
        connection_.reset();
    }
    return std::move(connection_);
}

}  // namespace memcache_session

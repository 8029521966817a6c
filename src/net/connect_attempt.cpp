#include "src/net/connect_attempt.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace memcache_session {

namespace {

using namespace std::chrono_literals;

// Linux answers EAGAIN when the queue of a Unix socket is full, and does not tell when there is
// room again: the connect is repeated after this time.
constexpr Duration kUnixRetryDelay = 1ms;

bool is_queue_full(const SocketAddress& address, int error) {
    return address.family() == AF_UNIX && would_block(error);
}

}  // namespace

void ConnectAttempt::abandon() {
    greeting_.reset();
    connection_.reset();
    if (socket_ != kNoSocket) {
        close_socket(std::exchange(socket_, kNoSocket));
    }
}

ConnectAttempt::State ConnectAttempt::start(const Server& server, TimePoint deadline,
                                            bool may_resolve) {
    abandon();
    server_ = &server;
    next_address_ = 0;
    failure_ = {};
    const TimePoint began = clock_.now();
    addresses_ = resolve(server, may_resolve, &failure_);
    blocked_ = clock_.now() - began;
    deadline_ = deadline + blocked_;
    return try_addresses();
}

ConnectAttempt::State ConnectAttempt::try_addresses() {
    for (; next_address_ < addresses_.size(); ++next_address_) {
        abandon();
        const TimePoint now = clock_.now();
        if (now >= deadline_ && next_address_ > 0) {
            break;  // the failure of an earlier address says more than a timeout
        }
        const State state = try_address(addresses_[next_address_], now);
        if (state != State::kFailed) {
            return state;
        }
    }
    abandon();
    return State::kFailed;
}

ConnectAttempt::State ConnectAttempt::try_address(const SocketAddress& address, TimePoint now) {
    const auto addresses_left = static_cast<int64_t>(addresses_.size() - next_address_);
    give_up_at_ = now + std::max(0us, deadline_ - now) / addresses_left;
    retry_at_ = {};
    int error = 0;
    socket_ = open_socket(address.family(), &error);
    if (socket_ == kNoSocket) {
        failure_ = {FailureKind::kConnect, error};
        return State::kFailed;
    }
    if (server_->persistent && !server_->endpoint.is_unix()) {
        keep_alive(socket_);
    }
    error = connect_socket(socket_, address.get(), address.length);
    if (error == 0) {
        return on_connected();
    }
    if (error == EINPROGRESS) {
        return State::kPending;
    }
    if (!is_queue_full(address, error)) {
        failure_ = {FailureKind::kConnect, error};
        return State::kFailed;
    }
    failure_ = {FailureKind::kConnectTimeout, 0};
    if (now >= deadline_) {
        return State::kFailed;
    }
    retry_at_ = std::min(deadline_, now + kUnixRetryDelay);
    return State::kPending;
}

ConnectAttempt::State ConnectAttempt::on_connected() {
    connection_ = std::make_unique<Connection>(
        dialect_.make_stream(std::exchange(socket_, kNoSocket), *server_), server_->endpoint);
    greeting_ = dialect_.make_greeting(*server_);
    if (!greeting_) {
        return State::kConnected;
    }
    give_up_at_ = deadline_;  // no other address is tried any more
    return greet();
}

ConnectAttempt::State ConnectAttempt::greet() {
    switch (greeting_->advance(connection_->stream())) {
        case Greeting::State::kPending:
            return State::kPending;
        case Greeting::State::kDone:
            greeting_.reset();
            return State::kConnected;
        case Greeting::State::kFailed:
            break;
    }
    failure_ = greeting_->failure();
    abandon();
    return State::kFailed;
}

SocketHandle ConnectAttempt::socket() const {
    if (retries()) {
        return kNoSocket;
    }
    return connection_ ? connection_->stream().socket() : socket_;
}

ConnectAttempt::State ConnectAttempt::on_ready() {
    assert(socket() != kNoSocket);
    if (greeting_) {
        return greet();
    }
    const int error = take_socket_error(socket_);
    if (error == 0) {
        return on_connected();
    }
    failure_ = {FailureKind::kConnect, error};
    ++next_address_;
    return try_addresses();
}

ConnectAttempt::State ConnectAttempt::on_time() {
    assert(greeting_ || socket_ != kNoSocket);
    if (greeting_) {
        failure_ = greeting_->on_timeout();
        abandon();
        return State::kFailed;
    }
    if (!retries()) {
        failure_ = {FailureKind::kConnectTimeout, 0};
        ++next_address_;
    }
    return try_addresses();
}

void ConnectAttempt::allow(Duration more) {
    deadline_ += more;
    give_up_at_ += more;
}

void ConnectAttempt::extend_to(TimePoint until) {
    deadline_ = std::max(deadline_, until);
    give_up_at_ = std::max(give_up_at_, until);
}

std::unique_ptr<Connection> ConnectAttempt::take() {
    assert(connection_ && !greeting_);
    return std::move(connection_);
}

}  // namespace memcache_session

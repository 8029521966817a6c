#include "src/net/connection.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "src/base/process.h"

namespace memcache_session {

namespace {

// Linux answers EAGAIN when the queue of a Unix socket is full, and tells nobody when it no longer
// is: the connect is repeated after this time.
constexpr Duration kUnixRetryDelay = std::chrono::milliseconds(1);

}  // namespace

Connection::Connection(SocketHandle socket, const Endpoint& endpoint)
    : socket_(socket), id_(process_unique_number()), endpoint_(endpoint) {}

Connection::~Connection() {
    close_socket(socket_);
}

void ConnectAttempt::abandon() {
    if (socket_ != kNoSocket) {
        close_socket(socket_);
        socket_ = kNoSocket;
    }
}

ConnectAttempt::State ConnectAttempt::start(const Server& server, TimePoint deadline,
                                            const Clock& clock) {
    abandon();
    server_ = &server;
    clock_ = &clock;
    next_address_ = 0;
    failure_ = {};
    const TimePoint began = clock.now();
    addresses_ = resolve(server, &failure_);
    blocked_ = clock.now() - began;
    deadline_ = deadline + blocked_;
    return try_addresses();
}

ConnectAttempt::State ConnectAttempt::try_addresses() {
    for (; next_address_ < addresses_.size(); ++next_address_) {
        abandon();
        retry_at_ = {};
        const TimePoint now = clock_->now();
        if (now >= deadline_ && next_address_ > 0) {
            break;  // the failure of the addresses before says more than a timeout
        }
        const SocketAddress& address = addresses_[next_address_];
        int error = 0;
        socket_ = open_socket(address.family(), &error);
        if (socket_ != kNoSocket && server_->persistent && !server_->endpoint.is_unix()) {
            keep_alive(socket_);
        }
        if (socket_ != kNoSocket) {
            error = connect_socket(socket_, address.get(), address.length);
        }
        if (error == 0) {
            return State::kConnected;
        }
        const auto addresses_left = static_cast<int64_t>(addresses_.size() - next_address_);
        give_up_at_ = now + std::max(Duration(0), deadline_ - now) / addresses_left;
        if (socket_ != kNoSocket && error == EINPROGRESS) {
            return State::kPending;
        }
        if (socket_ != kNoSocket && address.family() == AF_UNIX && would_block(error) &&
            now < deadline_) {
            retry_at_ = std::min(deadline_, now + kUnixRetryDelay);
            failure_ = {FailureKind::kConnectTimeout, 0};
            return State::kPending;
        }
        if (!(address.family() == AF_UNIX && would_block(error))) {
            failure_ = {FailureKind::kConnect, error};
        }
    }
    abandon();
    return State::kFailed;
}

ConnectAttempt::State ConnectAttempt::on_ready() {
    const int error = take_socket_error(socket_);
    if (error == 0) {
        return State::kConnected;
    }
    failure_ = {FailureKind::kConnect, error};
    ++next_address_;
    return try_addresses();
}

ConnectAttempt::State ConnectAttempt::on_time() {
    if (retry_at_ == TimePoint{}) {
        failure_ = {FailureKind::kConnectTimeout, 0};
        ++next_address_;
    }
    return try_addresses();
}

void ConnectAttempt::allow(Duration more) {
    deadline_ += more;
    give_up_at_ += more;
}

std::unique_ptr<Connection> ConnectAttempt::take() {
    return std::make_unique<Connection>(std::exchange(socket_, kNoSocket), server_->endpoint);
}

}  // namespace memcache_session

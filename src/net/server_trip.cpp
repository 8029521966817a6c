#include "src/net/server_trip.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "src/net/server_words.h"
#include "src/wire/classic.h"

namespace memcache_session {

namespace {

// After this part of the timeout a kept connection without a byte of a reply is looked at. A lost
// packet has been sent again by then, and the remaining time is enough for a new connection.
constexpr int kLookParts = 3;

using Direction = Stream::Direction;

// A stream may wait by itself if the time of the trip is this many times as long.
constexpr int kWaitParts = 4;

// How many receives in a row fill their room before other servers have their turn.
constexpr int kReceivesMax = 4;

}  // namespace

void ServerTrip::begin(Request* request, const Server& server, const Terms& terms,
                       std::unique_ptr<Connection> kept) {
    meta_ = terms.meta;
    request_ = request;
    request_->failure = {};
    request_->connection = 0;
    server_ = &server;
    timeout_ = terms.timeout;
    may_resolve_ = true;
    deadline_ = terms.started + timeout_;
    look_at_ = server.endpoint.is_unix() ? TimePoint::max() : terms.started + timeout_ / kLookParts;
    connection_ = std::move(kept);
    kept_ = connection_ != nullptr;
    in_step_ = false;
    blocked_ = Duration::zero();
    has_spare_ = false;
    gave_up_probe_ = false;
    const bool is_bound = request_->bound_to != 0;
    if (kept_ && (!is_bound || connection_->id() == request_->bound_to)) {
        state_ = State::kTalking;
        prepare();
        send();
        return;
    }
    incoming_.begin(kClassicProtocol, request);
    state_ = State::kUnconnected;
    if (is_bound) {
        in_step_ = kept_;  // nothing is sent on another connection
        finish({FailureKind::kConnectionLost, 0});
    }
}

void ServerTrip::connect(bool may_resolve) {
    assert(needs_connection() || state_ == State::kTalking);  // the latter: from lost()
    may_resolve_ = may_resolve;
    kept_ = false;
    look_at_ = TimePoint::max();
    has_spare_ = false;
    state_ = State::kConnecting;
    after_connect(start_attempt());
}

ConnectAttempt::State ServerTrip::start_attempt() {
    const ConnectAttempt::State state = attempt_.start(*server_, deadline_, may_resolve_);
    deadline_ += attempt_.blocked();
    blocked_ += attempt_.blocked();
    return state;
}

void ServerTrip::after_connect(ConnectAttempt::State state) {
    if (state == ConnectAttempt::State::kFailed) {
        finish(attempt_.failure());
    } else if (state == ConnectAttempt::State::kConnected) {
        connection_ = attempt_.take();
        state_ = State::kTalking;
        prepare();
        send();
    }
}

ServerTrip::Wait ServerTrip::waits_for() const {
    if (state_ == State::kConnecting) {
        return {attempt_.socket(), attempt_.events(), std::min(attempt_.wake_at(), deadline_)};
    }
    const Stream& stream = connection_->stream();
    Wait wait{stream.socket(), stream.interest(Direction::kReceive), std::min(deadline_, look_at_)};
    if (!outgoing_.is_sent()) {
        wait.events = static_cast<short>(wait.events | stream.interest(Direction::kSend));
    }
    if (has_spare_) {
        wait.until = std::min(wait.until, attempt_.wake_at());
        wait.spare = attempt_.socket();
        wait.spare_events = attempt_.events();
    }
    return wait;
}

void ServerTrip::on_pending() {
    while (has_pending()) {
        receive();
    }
}

bool ServerTrip::can_wait(TimePoint now) {
    return only_receives() && kept_ && server_->persistent && !has_spare_ &&
           waits_for().until - now >= kWaitParts * kReceiveWait && connection_->stream().can_wait();
}

void ServerTrip::on_ready(short events) {
    if (state_ == State::kConnecting) {
        after_connect(attempt_.on_ready());
        return;
    }
    const Stream& stream = connection_->stream();
    const int errors = ~(POLLIN | POLLOUT);
    const bool may_receive = (events & (stream.interest(Direction::kReceive) | errors)) != 0;
    const bool may_send = (events & stream.interest(Direction::kSend)) != 0;
    // Receive before sending: a server whose output buffer is full stops reading, so sending first
    // could deadlock.
    if (may_receive) {
        receive();
    }
    if (may_send && state_ == State::kTalking && !outgoing_.is_sent()) {
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
    // A server may have answered before it has taken everything. The rest stays unsent.
    if (incoming_.has_all_replies()) {
        finish({});
        return;
    }
    finish({incoming_.ends_with_a_reply() ? FailureKind::kStuck : FailureKind::kTimeout, 0});
}

void ServerTrip::send() {
    const Transfer sent = outgoing_.send(connection_->stream());
    if (sent.state == Transfer::State::kBroken) {
        const Failure broken = connection_->stream().why_broken(sent.error);
        const ConnectionId id = connection_->id();
        receive();  // the server may have replied before it closed
        if (state_ == State::kTalking && connection_->id() == id) {
            lost(broken);
        }
        return;
    }
    if (outgoing_.is_sent() && incoming_.has_all_replies()) {
        in_step_ = true;
        finish({});
    }
}

void ServerTrip::receive(Receive first) {
    Stream& stream = connection_->stream();
    int receives = 0;
    bool goes_on = true;
    while (goes_on) {
        if (!incoming_.make_room()) {
            lost(incoming_.failure());
            return;
        }
        const size_t room = incoming_.free_size();
        const Transfer received = std::exchange(first, Receive::kAtOnce) == Receive::kWaiting
                                      ? stream.receive_waiting(incoming_.free_space(), room)
                                      : stream.receive(incoming_.free_space(), room);
        switch (received.state) {
            case Transfer::State::kBytes:
                after_receive(incoming_.parse(received.count));
                break;
            case Transfer::State::kNothingYet:
                return;
            case Transfer::State::kClosed:
                lost({FailureKind::kClosed, 0});
                return;
            case Transfer::State::kBroken:
                lost(stream.why_broken(received.error));
                return;
        }
        // A stream may hand out less than there is room for, and still have more.
        const bool is_more_likely = received.count == room && ++receives < kReceivesMax;
        goes_on = state_ == State::kTalking && (is_more_likely || stream.has_pending());
    }
}

void ServerTrip::after_receive(Incoming::Progress progress) {
    switch (progress) {
        case Incoming::Progress::kMissing:
            break;
        case Incoming::Progress::kAll:
            if (outgoing_.is_sent()) {
                in_step_ = true;
                finish({});
            }
            break;
        case Incoming::Progress::kLostStep:
            finish(incoming_.has_all_replies() ? Failure{} : Failure{FailureKind::kMalformed, 0});
            break;
        case Incoming::Progress::kUnusable:
            finish(incoming_.failure());
            break;
    }
}

void ServerTrip::allow(Duration blocked_in_all) {
    const Duration more = blocked_in_all - std::exchange(blocked_, Duration::zero());
    deadline_ += more;
    if (look_at_ != TimePoint::max()) {
        look_at_ += more;
    }
    attempt_.allow(more);
}

void ServerTrip::extend_to(TimePoint until) {
    assert(!is_done());
    deadline_ = std::max(deadline_, until);
    attempt_.extend_to(until);
}

// The connection is closed or broken.
void ServerTrip::lost(Failure failure) {
    if (incoming_.has_all_replies()) {
        finish({});
    } else if (may_resend_without_probe()) {
        gave_up_probe_ = true;
        connection_.reset();
        request_->connection = 0;
        connect(may_resolve_);
    } else if (!kept_ || !incoming_.is_empty()) {
        finish(failure);
    } else if (request_->bound_to != 0) {
        request_->connection = 0;
        finish({FailureKind::kConnectionLost, 0});
    } else {
        // Most likely the server closed it while it was idle: try once more on a new connection.
        connection_.reset();
        request_->connection = 0;
        connect(may_resolve_);
    }
}

void ServerTrip::finish(Failure failure) {
    if (failure) {
        incoming_.note_words();
        failure.kind = kind_told_by(request_->said, failure.kind);
    }
    note_protocol();
    request_->failure = failure;
    state_ = State::kDone;
    attempt_.abandon();
}

std::unique_ptr<Connection> ServerTrip::take_connection() {
    assert(is_done());
    if (!in_step_) {
        connection_.reset();
    }
    return std::move(connection_);
}

}  // namespace memcache_session

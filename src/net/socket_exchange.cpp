#include "src/net/socket_exchange.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <thread>
#include <utility>

namespace memcache_session {

namespace {

// How long the first look waits for the last server alone. memcached answers in less, near or far,
// and when one server does not, the others wait no longer than this before they are read.
constexpr Duration kFirstWait = std::chrono::milliseconds(5);

// How long a poll() that failed is not repeated.
constexpr Duration kPauseAfterFailedPoll = std::chrono::milliseconds(10);

// For poll(), which counts in milliseconds: rounded up, so as not to spin through the last one.
int poll_timeout(Duration time) {
    const int64_t milliseconds = (std::max<int64_t>(0, time.count()) + 999) / 1000;
    return static_cast<int>(std::min<int64_t>(milliseconds, 60 * 60 * 1000));
}

// After a signal the caller looks at the clock and waits again. Where poll() fails for want of
// memory, it would fail again at once: the pause keeps the caller from spinning until its deadline.
int poll_some(pollfd* sockets, size_t count, Duration time) {
    const int ready = poll_sockets(sockets, count, poll_timeout(time));
    if (ready < 0 && errno != EINTR) {
        std::this_thread::sleep_for(std::clamp(time, Duration(0), kPauseAfterFailedPoll));
    }
    return ready;
}

bool is_local(Failure failure) {
    switch (failure.system_error) {
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOBUFS:
            return failure.kind == FailureKind::kConnect || failure.kind == FailureKind::kBroken;
        default:
            return false;
    }
}

[[maybe_unused]] bool names_each_server_once(const Request* requests, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        for (size_t other = 0; other < i; ++other) {
            if (requests[i].server == requests[other].server) {
                return false;
            }
        }
    }
    return true;
}

bool has_error_reply(const Request& request) {
    return std::any_of(request.replies.begin(),
                       request.replies.begin() + static_cast<std::ptrdiff_t>(request.answered),
                       [](const Reply& reply) {
                           return reply.kind == ReplyKind::kUnknownCommand ||
                                  reply.kind == ReplyKind::kRejected ||
                                  reply.kind == ReplyKind::kRefused;
                       });
}

}  // namespace

SocketExchange::SocketExchange(const std::vector<Server>& servers, ConnectionPool& pool,
                               HealthTable& health, const Clock& clock, const Dialect& dialect)
    : servers_(servers), shared_pool_(pool), health_(health), clock_(clock), dialect_(dialect) {}

ConnectionPool& SocketExchange::pool_of(const Server& server) {
    return server.persistent ? shared_pool_ : own_pool_;
}

void SocketExchange::run(Purpose purpose, Request* requests, size_t count) {
    assert(names_each_server_once(requests, count));
    phase_counts_.add(purpose);
    begin(requests, count);
    wait_for_last();
    while (pending_count() > 0) {
        allow_for_resolver();
        wait_for_ready();
    }
    for (size_t i = 0; i < count; ++i) {
        end(requests[i], trips_[i]);
    }
}

void SocketExchange::begin(Request* requests, size_t count) {
    while (trips_.size() < count) {
        trips_.emplace_back(clock_, dialect_);
    }
    trip_count_ = count;
    began_ = clock_.now();
    for (size_t i = 0; i < count; ++i) {
        const Server& server = servers_[requests[i].server];
        trips_[i].begin(&requests[i], server, began_,
                        pool_of(server).take(server.endpoint, requests[i].bound_to));
    }
    // Only now: a resolver that blocks must not keep commands from servers that are connected.
    for (size_t i = 0; i < count; ++i) {
        if (trips_[i].needs_connection()) {
            trips_[i].connect();
        }
    }
}

void SocketExchange::allow_for_resolver() {
    Duration blocked{0};
    for (size_t i = 0; i < trip_count_; ++i) {
        blocked += trips_[i].blocked();
    }
    for (size_t i = 0; blocked > Duration(0) && i < trip_count_; ++i) {
        trips_[i].allow(blocked);
    }
}

size_t SocketExchange::pending_count() const {
    return static_cast<size_t>(
        std::count_if(trips_.begin(), trips_.begin() + static_cast<std::ptrdiff_t>(trip_count_),
                      [](const ServerTrip& trip) { return !trip.is_done(); }));
}

// The usual phase, in as few system calls as it can have: all servers answer at about the same
// time, so when the one asked last has answered, a receive from each finds its answer.
void SocketExchange::wait_for_last() {
    ServerTrip* last = nullptr;
    for (size_t i = 0; i < trip_count_; ++i) {
        if (trips_[i].is_done()) {
            continue;
        }
        if (!trips_[i].only_receives() || trips_[i].has_pending()) {
            return;
        }
        last = &trips_[i];
    }
    if (last == nullptr || trip_count_ == 1) {
        return;
    }
    const ServerTrip::Wait wait = last->waits_for();
    pollfd polled{wait.socket, wait.events, 0};
    if (poll_some(&polled, 1, std::min(kFirstWait, wait.until - clock_.now())) <= 0) {
        return;
    }
    last->on_ready(polled.revents);
    for (size_t i = trip_count_; i > 0; --i) {
        ServerTrip& trip = trips_[i - 1];
        if (&trip != last && trip.only_receives()) {
            trip.on_ready(POLLIN);
        }
    }
}

void SocketExchange::wait_for_ready() {
    polled_.clear();
    waiting_.clear();
    TimePoint until = TimePoint::max();
    for (size_t i = 0; i < trip_count_; ++i) {
        trips_[i].on_pending();
        if (trips_[i].is_done()) {
            continue;
        }
        const ServerTrip::Wait wait = trips_[i].waits_for();
        polled_.push_back({wait.socket, wait.events, 0});
        waiting_.push_back(&trips_[i]);
        if (wait.spare != kNoSocket) {
            polled_.push_back({wait.spare, wait.spare_events, 0});
            waiting_.push_back(&trips_[i]);
        }
        until = std::min(until, wait.until);
    }
    if (polled_.empty()) {
        return;
    }
    const TimePoint before = clock_.now();
    if (poll_some(polled_.data(), polled_.size(), until - before) > 0) {
        for (size_t i = 0; i < polled_.size(); ++i) {
            if (polled_[i].revents == 0 || waiting_[i]->is_done()) {
                continue;
            }
            if (i > 0 && waiting_[i] == waiting_[i - 1]) {
                waiting_[i]->on_spare_ready();
            } else {
                waiting_[i]->on_ready(polled_[i].revents);
            }
        }
    }
    // By the clock as it was before the poll: what had arrived in time was received above, even if
    // this thread was kept from looking for long.
    for (ServerTrip* trip : waiting_) {
        if (!trip->is_done() && trip->waits_for().until <= before) {
            trip->on_time();
        }
    }
}

void SocketExchange::end(Request& request, ServerTrip& trip) {
    const Server& server = servers_[request.server];
    if (std::unique_ptr<Connection> connection = trip.take_connection()) {
        pool_of(server).give_back(std::move(connection));
    }
    if (!request.failure) {
        if (!has_error_reply(request)) {
            const HealthTable::Recovery recovery = health_.mark_up(server, clock_.now());
            if (recovery.was_down) {
                events_.push_back({request.server, false, {}, recovery.outage});
            }
        }
    } else if (request.failure.kind != FailureKind::kConnectionLost && !is_local(request.failure)) {
        mark_down(request.server, request.failure);
    }
}

bool SocketExchange::usable(uint32_t server) {
    return health_.usable(servers_[server], clock_.now());
}

Failure SocketExchange::why_down(uint32_t server) const {
    const HealthTable::Snapshot health = health_.snapshot(servers_[server], clock_.now());
    return health.failure ? health.failure : Failure{FailureKind::kMarkedDown, 0};
}

void SocketExchange::mark_down(uint32_t server, Failure failure) {
    if (health_.mark_down(servers_[server], failure, began_, clock_.now())) {
        events_.push_back({server, true, failure, Duration(0)});
    }
}

std::vector<HealthEvent> SocketExchange::take_events() {
    return std::exchange(events_, {});
}

}  // namespace memcache_session

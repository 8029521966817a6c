#include "src/net/socket_exchange.h"

#include <algorithm>
#include <bitset>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <utility>

namespace memcache_session {

namespace {

using namespace std::chrono_literals;

// How long a phase waits first for its last server alone. memcached usually answers sooner. When it
// does not, the replies of the other servers are received this much later.
constexpr Duration kFirstWait = kReceiveWait;

// A process that comes back so late was stopped or starved.
constexpr Duration kStarvedAfter = 50ms;

// It gives the servers this part of its time once more, in each phase once.
constexpr int kGraceParts = 4;

[[maybe_unused]] bool names_each_server_once(const Request* requests, size_t count) {
    std::bitset<kServersMax> named;
    for (size_t i = 0; i < count; ++i) {
        const uint32_t server = requests[i].server;
        if (server >= kServersMax || named[server]) {
            return false;
        }
        named.set(server);
    }
    return true;
}

}  // namespace

SocketExchange::SocketExchange(const std::vector<Server>& servers, ConnectionPool& pool,
                               HealthTable& health, const Clock& clock, const Dialect& dialect,
                               Probes* probes, TimeBudget* budget, MetaServers* meta,
                               ServerTrips* trips, ServerCounters* counters)
    : servers_(servers),
      shared_pool_(pool),
      clock_(clock),
      meta_(meta),
      time_budget_(budget),
      marks_(servers, health, clock, probes, counters),
      own_trips_(trips == nullptr ? std::make_unique<ServerTrips>(clock, dialect) : nullptr),
      trips_(trips == nullptr ? *own_trips_ : *trips) {}

ConnectionPool& SocketExchange::pool_of(const Server& server) {
    return server.persistent ? shared_pool_ : own_pool_;
}

void SocketExchange::run(Purpose purpose, Request* requests, size_t count) {
    assert(names_each_server_once(requests, count));
    phase_counts_.add(purpose);
    marks_.look_at_probes();
    begin(requests, count);
    wait_for_last();
    const Ends ends = wait_for_all();
    for (size_t i = 0; i < count; ++i) {
        end(purpose, requests[i], trips_[i], ends);
    }
    if (time_budget_ != nullptr) {
        time_budget_->phase_ended(ends.phase);
    }
    marks_.look_at_probes();
}

// A phase measures its last server only, because wait_for_last() looks at the others after it.
// Which one is last differs from session to session.
SocketExchange::Ends SocketExchange::wait_for_all() {
    Ends ends;
    while (is_pending()) {
        if (ends.last_server == TimePoint::max() && trips_[trip_count_ - 1].is_done()) {
            ends.last_server = clock_.now();
        }
        allow_for_resolver();
        wait_for_ready();
    }
    ends.phase = clock_.now();
    ends.last_server = std::min(ends.last_server, ends.phase);
    return ends;
}

void SocketExchange::begin(Request* requests, size_t count) {
    trips_.grow_to(count);
    trip_count_ = count;
    began_ = clock_.now();
    runs_again_by_ = began_ + kFirstWait;
    phase_max_ = time_budget_ != nullptr ? time_budget_->phase_max(began_) : Duration::max();
    marks_.begin_phase(began_);
    for (size_t i = 0; i < count; ++i) {
        assert(requests[i].command_count > 0);
        const Server& server = servers_[requests[i].server];
        trips_[i].begin(&requests[i], server, {began_, timeout_of(server), meta_},
                        pool_of(server).take(server.endpoint, requests[i].bound_to));
    }
    // Connect last, because a resolver that blocks must not delay the commands to other servers.
    for (size_t i = 0; i < count; ++i) {
        if (trips_[i].needs_connection()) {
            trips_[i].connect(time_budget_ == nullptr || time_budget_->may_resolve());
            note_resolver(trips_[i].blocked());
        }
    }
}

void SocketExchange::note_resolver(Duration blocked) {
    runs_again_by_ += blocked;
    if (time_budget_ != nullptr && blocked > Duration(0)) {
        time_budget_->exclude_resolver(blocked);
    }
}

Duration SocketExchange::timeout_of(const Server& server) const {
    return std::min(server.timeout, phase_max_);
}

void SocketExchange::allow_for_resolver() {
    Duration blocked = 0us;
    for (size_t i = 0; i < trip_count_; ++i) {
        blocked += trips_[i].blocked();
    }
    for (size_t i = 0; blocked > 0us && i < trip_count_; ++i) {
        trips_[i].allow(blocked);
    }
}

bool SocketExchange::is_pending() const {
    for (size_t i = 0; i < trip_count_; ++i) {
        if (!trips_[i].is_done()) {
            return true;
        }
    }
    return false;
}

// Serves the usual phase with the fewest system calls. All servers answer at about the same time,
// so when the last one has answered, a receive from each other server usually finds its replies.
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
    if (last == nullptr || !wait_for(last)) {
        return;
    }
    for (size_t i = trip_count_; i > 0; --i) {
        ServerTrip& trip = trips_[i - 1];
        if (&trip != last && trip.only_receives()) {
            trip.on_ready(POLLIN);
        }
    }
}

// Whether something came from it. With one server, wait_for_ready() does the same.
bool SocketExchange::wait_for(ServerTrip* trip) {
    const TimePoint now = clock_.now();
    if (trip->can_wait(now)) {
        trip->wait_and_receive();
        return trip->is_done();
    }
    if (trip_count_ == 1) {
        return false;
    }
    const ServerTrip::Wait wait = trip->waits_for();
    pollfd polled{wait.socket, wait.events, 0};
    const bool is_ready = poll_for(&polled, 1, std::min(kFirstWait, wait.until - now)) > 0;
    if (is_ready) {
        trip->on_ready(polled.revents);
    }
    return is_ready;
}

// Collects the sockets for poll(), and returns until when it may wait.
TimePoint SocketExchange::collect_waits() {
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
    return until;
}

// The answers of the servers may have been on their way while this process could not run, or the
// commands to them have not been sent.
void SocketExchange::make_up_for_standstill(TimePoint now) {
    if (runs_again_by_ == TimePoint::max() || now - runs_again_by_ < kStarvedAfter) {
        return;
    }
    runs_again_by_ = TimePoint::max();
    for (size_t i = 0; i < trip_count_; ++i) {
        if (!trips_[i].is_done()) {
            trips_[i].extend_to(now + trips_[i].timeout() / kGraceParts);
        }
    }
}

void SocketExchange::wait_for_ready() {
    const TimePoint before = clock_.now();
    make_up_for_standstill(before);
    const TimePoint until = collect_waits();
    if (waiting_.empty()) {
        return;
    }
    if (runs_again_by_ != TimePoint::max()) {
        runs_again_by_ = std::max(until, before) + 1ms;  // poll() counts milliseconds
    }
    const int ready = poll_for(polled_.data(), polled_.size(), until - before);
    if (ready < 0 && errno != EINTR) {
        // It would fail again, and nothing can be known of the sockets without it.
        const Failure failure{FailureKind::kBroken, errno};
        for (ServerTrip* trip : waiting_) {
            trip->fail(failure);
        }
        return;
    }
    for (size_t i = 0; ready > 0 && i < polled_.size(); ++i) {
        if (polled_[i].revents == 0 || waiting_[i]->is_done()) {
            continue;
        }
        if (i > 0 && waiting_[i] == waiting_[i - 1]) {
            waiting_[i]->on_spare_ready();
        } else {
            waiting_[i]->on_ready(polled_[i].revents);
        }
    }
    // The clock as it was before poll() decides: bytes that arrived in time were received above,
    // even if this thread could not run for long.
    for (ServerTrip* trip : waiting_) {
        if (!trip->is_done() && trip->waits_for().until <= before) {
            trip->on_time();
        }
    }
}

void SocketExchange::end(Purpose purpose, Request& request, ServerTrip& trip, const Ends& ends) {
    const Server& server = servers_[request.server];
    const bool is_last = &trip == &trips_[trip_count_ - 1];
    ServerMarks::Outcome outcome{
        purpose, trip.is_on_new_connection(), 0, ends.phase,
        is_last ? ends.last_server - began_ : ServerCounters::kNotMeasured};
    if (std::unique_ptr<Connection> connection = trip.take_connection()) {
        outcome.endpoint = connection->endpoint_hash();
        pool_of(server).give_back(std::move(connection));
    } else {
        outcome.endpoint = server.endpoint.hash();
    }
    request.failure = after_waiting(request.failure, timeout_of(server), server.timeout);
    marks_.note(request, outcome);
}

bool SocketExchange::usable(uint32_t server) {
    return marks_.is_usable(server, pool_of(servers_[server]));
}

}  // namespace memcache_session

#include "tests/sim/sim_exchange.h"

#include <algorithm>

#include "src/replica/rules.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

namespace {

constexpr std::string_view kProbedKey = "probe";

}  // namespace

SimExchange::SimExchange(const std::vector<Server>& servers, Cluster& cluster, Timeline& timeline,
                         Process& process, const Clock& clock, HealthTable& health,
                         const TimeBudget& budget, Trace& trace)
    : servers_(servers),
      cluster_(cluster),
      timeline_(timeline),
      process_(process),
      clock_(clock),
      health_(health),
      budget_(budget),
      trace_(trace),
      kept_(servers.size(), 0) {}

std::string SimExchange::who() const {
    return "p" + std::to_string(process_.slot());
}

void SimExchange::begin_request(uint64_t seed) {
    seed_ = seed;
    request_since_ = timeline_.now();
    phases_ = 0;
    troubled_ = 0;
    failures_ = 0;
    death_phase_ = 0;
    doubts_end_ = kNever;
    waits_for_probe_ = false;
    seen_.clear();
    token_ = 0;
    asked_ = 0;
    values_in_use_ = 0;
}

void SimExchange::end_request(bool keep_connections) {
    request_since_ = kNever;
    troubled_ = 0;
    if (!keep_connections) {
        std::fill(kept_.begin(), kept_.end(), 0);
    }
}

void SimExchange::die() {
    for (Trip& trip : trips_) {
        if (!trip.done) {
            close(&trip);
        }
    }
    for (Probe& probe : probes_) {
        if (!probe.trip.done) {
            cluster_.abandon(&probe.trip);
            ++probe.trip.serial;
            probe.trip.done = true;
        }
        probe.request.command_count = 0;
    }
    end_request(false);
}

SimExchange::Probe* SimExchange::probe_of(const Trip* trip) {
    for (Probe& probe : probes_) {
        if (&probe.trip == trip) {
            return &probe;
        }
    }
    return nullptr;
}

void SimExchange::begin_probe(uint32_t server) {
    if (health_.begin_probe(servers_[server], clock_.now())) {
        start_probe(server);
    }
}

void SimExchange::start_probe(uint32_t server) {
    auto free = std::find_if(probes_.begin(), probes_.end(),
                             [](const Probe& probe) { return probe.request.command_count == 0; });
    if (free == probes_.end()) {
        free = probes_.emplace(probes_.end());
    }
    free->request = {};
    free->request.server = server;
    free->request.add(Command::read(kProbedKey));
    free->began = clock_.now();
    free->gives_up_at = timeline_.now() + servers_[server].timeout.count();
    Trip& trip = free->trip;
    trip.owner = this;
    ++trip.serial;
    trip.request = &free->request;
    trip.server = server;
    trip.machine = process_.machine();
    trip.dice = Dice(seed_ * 37 + server * 7919 + static_cast<uint64_t>(timeline_.now()));
    trip.done = false;
    trip.kept = false;
    trip.connection = 0;
    trip.message = nullptr;
    cluster_.connect(&trip);
}

void SimExchange::probe_ended(Trip* trip) {
    trip->done = true;
    if (waits_for_probe_) {
        process_.wake();
    }
}

bool SimExchange::is_probing(uint32_t server) const {
    return std::any_of(probes_.begin(), probes_.end(), [server](const Probe& probe) {
        return probe.request.command_count > 0 && probe.request.server == server;
    });
}

// As ServerMarks and Probes do.
bool SimExchange::is_well_after_all(uint32_t server) {
    if (!health_.is_doubtful(servers_[server], clock_.now())) {
        return false;
    }
    const SimTime began = timeline_.now();
    look_at_probes();
    if (doubts_end_ == kNever) {
        doubts_end_ = began + HealthTable::kDoubtPatience.count();
        for (uint32_t other = 0; other < servers_.size(); ++other) {
            if (health_.is_doubtful(servers_[other], clock_.now()) && !is_probing(other)) {
                health_.begin_probe(servers_[other], clock_.now());
                start_probe(other);
            }
        }
    }
    while (is_probing(server) && timeline_.now() < doubts_end_) {
        waits_for_probe_ = true;
        process_.wait(doubts_end_);
        waits_for_probe_ = false;
        look_at_probes();
    }
    if (health_.state(servers_[server]) == HealthTable::State::kUp) {
        return true;
    }
    if (began < doubts_end_) {
        health_.end_doubt(servers_[server]);
    }
    return false;
}

void SimExchange::look_at_probes() {
    for (Probe& probe : probes_) {
        if (probe.request.command_count == 0) {
            continue;
        }
        if (!probe.trip.done && timeline_.now() >= probe.gives_up_at) {
            cluster_.abandon(&probe.trip);
            ++probe.trip.serial;
            probe.trip.done = true;
            probe.request.failure = {FailureKind::kTimeout, 0};
        }
        if (!probe.trip.done) {
            continue;
        }
        if (!probe.request.failure && !is_error(probe.request.replies[0])) {
            health_.mark_up(servers_[probe.request.server], true, probe.began, clock_.now());
        }
        probe.request.command_count = 0;
    }
}

void SimExchange::run(Purpose /*purpose*/, Request* requests, size_t count) {
    if (rules.reread_after_wait) {
        for (std::string& value : values_) {
            std::fill(value.begin(), value.end(), '#');  // views do not outlive their phase
        }
        values_in_use_ = 0;
    }
    if (count == 0) {
        return;
    }
    look_at_probes();
    ++phases_;
    last_phase_begin_ = timeline_.now();
    phase_began_ = clock_.now();
    if (!check(requests, count)) {
        throw Killed();
    }
    while (trips_.size() < count) {
        trips_.emplace_back();
    }
    while (values_.size() < values_in_use_ + count * kCommandsMax) {
        values_.emplace_back();
    }
    first_value_ = values_in_use_;
    values_in_use_ += count * kCommandsMax;
    const bool dies = death_phase_ == phases_;
    phase_max_ = std::min(servers_[0].timeout, budget_.phase_max(phase_began_));
    const SimTime deadline = timeline_.now() + phase_max_.count();
    pending_ = count;
    for (size_t i = 0; i < count; ++i) {
        if (dies && i >= death_sends_) {
            break;
        }
        begin(&trips_[i], &requests[i], seed_ * 31 + phases_ * 1009 + requests[i].server * 7919);
    }
    if (dies) {
        throw Killed();
    }
    while (pending_ > 0 && timeline_.now() < deadline) {
        waiting_ = true;
        process_.wait(deadline);
        waiting_ = false;
    }
    for (size_t i = 0; i < count; ++i) {
        Trip& trip = trips_[i];
        if (!trip.done) {
            const bool connected = trip.connection != 0;
            close(&trip);
            const Failure silent{connected ? FailureKind::kTimeout : FailureKind::kConnectTimeout,
                                 0};
            finish(&trip, after_waiting(silent, phase_max_, servers_[0].timeout));
        }
        settle(trip);
    }
    look_at_probes();
}

void SimExchange::begin(Trip* trip, Request* request, uint64_t seed) {
    trip->owner = this;
    ++trip->serial;
    trip->request = request;
    trip->server = request->server;
    asked_ |= 1U << trip->server;
    trip->machine = process_.machine();
    trip->dice = Dice(seed);
    trip->done = false;
    trip->message = nullptr;
    request->answered = 0;
    request->failure = {};
    request->connection = 0;
    const ConnectionId kept = kept_[request->server];
    if (request->bound_to != 0 && request->bound_to != kept) {
        trip->connection = 0;
        finish(trip, {FailureKind::kConnectionLost, 0});
        return;
    }
    trip->connection = kept;
    trip->kept = kept != 0;
    if (trip->kept && cluster_.is_closed(kept)) {
        lost(trip);
    } else if (trip->kept) {
        request->connection = kept;
        cluster_.send(trip);
    } else {
        connect(trip);
    }
}

void SimExchange::connect(Trip* trip) {
    trip->kept = false;
    trip->connection = 0;
    kept_[trip->server] = 0;
    cluster_.connect(trip);
}

void SimExchange::on_connected(Trip* trip, ConnectionId connection) {
    trip->connection = connection;
    trip->request->connection = connection;
    if (probe_of(trip) == nullptr) {
        kept_[trip->server] = connection;
    }
    cluster_.send(trip);
}

void SimExchange::on_connect_failed(Trip* trip, Failure failure) {
    if (Probe* probe = probe_of(trip)) {
        probe->request.failure = failure;
        probe_ended(trip);
    } else {
        finish(trip, failure);
    }
}

void SimExchange::on_answers(Trip* trip, const Message& message, size_t count) {
    Request& request = *trip->request;
    if (probe_of(trip) != nullptr) {
        request.replies[0] = message.replies[0];
        request.answered = count;
        probe_ended(trip);
        return;
    }
    const size_t first_value =
        first_value_ + static_cast<size_t>(std::find_if(trips_.begin(), trips_.end(),
                                                        [trip](const Trip& candidate) {
                                                            return &candidate == trip;
                                                        }) -
                                           trips_.begin()) *
                           kCommandsMax;
    for (size_t i = 0; i < count; ++i) {
        request.replies[i] = message.replies[i];
        std::string& value = values_[first_value + i];
        value = message.reply_values[i];
        request.replies[i].value = value;
        const Verb verb = message.commands[i].verb;
        if ((verb == Verb::kReadForUpdate || verb == Verb::kReadMetadata) &&
            !is_error(message.replies[i])) {
            note(request.server, message.keys[i], request.replies[i]);
        }
    }
    request.answered = count;
    const Command& first = request.commands[0];
    if (first.verb == Verb::kAdd && first.flags == kLockFlags && is_error(request.replies[0])) {
        missed(request.server);  // the session will mark it down
    }
    if (count == request.command_count) {
        finish(trip, {});
    }
}

void SimExchange::on_closed(Trip* trip) {
    if (probe_of(trip) != nullptr) {
        on_connect_failed(trip, {FailureKind::kClosed, 0});
    } else {
        lost(trip);
    }
}

// The connection was closed by the server before all was answered.
void SimExchange::lost(Trip* trip) {
    Request& request = *trip->request;
    kept_[request.server] = 0;
    if (!trip->kept || request.answered > 0) {
        finish(trip, {FailureKind::kClosed, 0});
    } else if (request.bound_to != 0) {
        request.connection = 0;
        finish(trip, {FailureKind::kConnectionLost, 0});
    } else {
        request.connection = 0;
        connect(trip);
    }
}

// The client closes the connection.
void SimExchange::close(Trip* trip) {
    cluster_.abandon(trip);
    kept_[trip->server] = 0;
    ++trip->serial;
    trip->done = true;
}

void SimExchange::finish(Trip* trip, Failure failure) {
    trip->request->failure = failure;
    if (failure && failure.kind != FailureKind::kConnectionLost) {
        missed(trip->server);  // it is marked down when the phase ends
    }
    if (failure.kind == FailureKind::kTimeout || failure.kind == FailureKind::kConnectTimeout) {
        timed_out_twice_ |= timed_out_ & 1U << trip->server;
        timed_out_ |= 1U << trip->server;
    }
    trip->done = true;
    ++trip->serial;
    --pending_;
    if (pending_ == 0 && waiting_) {
        process_.wake();
    }
}

void SimExchange::settle(const Trip& trip) {
    const Request& request = *trip.request;
    const Server& server = servers_[request.server];
    if (trace_.on() && request.failure) {
        trace_.line(who(), server_name(request.server) +
                               " fails: " + describe(request.failure, server.timeout));
    }
    if (!request.failure) {
        if (std::none_of(request.replies.begin(),
                         request.replies.begin() + static_cast<std::ptrdiff_t>(request.answered),
                         is_error)) {
            health_.mark_up(server, !trip.kept, phase_began_, clock_.now());
        }
        return;
    }
    ++failures_;
    if (request.failure.kind != FailureKind::kConnectionLost) {
        mark(request.server, request.failure, reach_of(request.failure, !trip.kept));
    }
}

void SimExchange::missed(uint32_t server) {
    troubled_ |= 1U << server;
    on_missed_(server);
}

bool SimExchange::usable(uint32_t server) {
    const HealthTable::State state = health_.state(servers_[server]);
    if (state != HealthTable::State::kUp) {
        begin_probe(server);
    }
    const bool is_usable = state == HealthTable::State::kUp ||
                           (state == HealthTable::State::kClosed && kept_[server] != 0) ||
                           is_well_after_all(server);
    if (!is_usable) {
        missed(server);
    }
    return is_usable;
}

void SimExchange::mark_down(uint32_t server, Failure failure) {
    mark(server, failure, Reach::kServer);
}

void SimExchange::mark(uint32_t server, Failure failure, Reach reach) {
    missed(server);
    const HealthTable::Mark mark{failure, reach, phase_began_, 0};
    if (health_.mark_down(servers_[server], mark, clock_.now()).is_news && trace_.on()) {
        trace_.line(who(), "marks " + server_name(server) + " down");
    }
}

}  // namespace memcache_session::sim

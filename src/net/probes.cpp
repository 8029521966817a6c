#include "src/net/probes.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "src/base/process.h"
#include "src/net/socket.h"

namespace memcache_session {
namespace {

constexpr std::string_view kProbedKey = "memcache_session.probe";

// An error is no sign that the server can be used.
bool is_well(const Request& request) {
    if (request.failure || is_error(request.replies[0])) {
        return false;
    }
    return request.command_count == 1 ||
           (request.replies[1].kind == ReplyKind::kHit && request.replies[1].cas != 0);
}

// A server without cas numbers (memcached -C) answers every read, so it is to show the cas of an
// item, which lives for a second.
void add_commands(const Failure& failure, Request* request) {
    if (failure.kind == FailureKind::kNoCas) {
        request->add(Command::set(kProbedKey, "", 0, 1));
        request->add(Command::read_for_update(kProbedKey));
    } else {
        request->add(Command::read(kProbedKey));
    }
}

}  // namespace

void Probes::drop_inherited() {
    const uint32_t generation = process_generation();
    if (generation != generation_) {
        pending_.clear();
        generation_ = generation;
    }
}

void Probes::consider(const Server& server, ServerCounters* counters) {
    drop_inherited();
    if (pending_.size() < kPendingMax && health_.begin_probe(server, clock_.now())) {
        start(server, counters);
    }
}

void Probes::begin(const Server& server, ServerCounters* counters) {
    look();  // an earlier probe may have ended long ago
    const TimePoint now = clock_.now();
    if (pending_.size() < kPendingMax && !is_probing(server) && health_.is_doubtful(server, now)) {
        health_.begin_probe(server, now);
        start(server, counters);
    }
}

void Probes::start(const Server& server, ServerCounters* counters) {
    pending_.push_back(std::make_unique<Probe>(server, clock_, dialect_));
    Probe& probe = *pending_.back();
    add_commands(health_.snapshot(server, clock_.now()).failure, &probe.request);
    probe.began = clock_.now();
    probe.counters = counters;
    probe.trip.begin(&probe.request, probe.server, {probe.began, probe.server.timeout}, nullptr);
    probe.trip.connect(true);
}

bool Probes::is_probing(const Server& server) const {
    return std::any_of(pending_.begin(), pending_.end(), [&](const std::unique_ptr<Probe>& probe) {
        return probe->server.endpoint == server.endpoint && probe->server.timeout == server.timeout;
    });
}

bool Probes::wait_for(const Server& server, TimePoint until) {
    for (TimePoint now = clock_.now(); is_probing(server) && now < until; now = clock_.now()) {
        look(until - now);
    }
    return health_.state(server) == HealthTable::State::kUp;
}

void Probes::look(Duration wait_max) {
    drop_inherited();
    if (pending_.empty()) {
        return;
    }
    polled_.clear();
    bool is_any_done = false;
    for (const std::unique_ptr<Probe>& probe : pending_) {
        if (probe->trip.is_done()) {
            polled_.push_back({kNoSocket, 0, 0});
            is_any_done = true;
        } else {
            const ServerTrip::Wait wait = probe->trip.waits_for();
            polled_.push_back({wait.socket, wait.events, 0});
        }
    }
    const TimePoint now = clock_.now();
    poll_for(polled_.data(), polled_.size(), is_any_done ? Duration(0) : wait_max);
    for (size_t i = 0; i < pending_.size(); ++i) {
        Probe& probe = *pending_[i];
        if (!probe.trip.is_done() && polled_[i].revents != 0) {
            probe.trip.on_ready(polled_[i].revents);
            probe.trip.on_pending();
        }
        if (!probe.trip.is_done() && probe.trip.waits_for().until <= now) {
            probe.trip.on_time();
        }
        if (probe.trip.is_done()) {
            end(&probe, clock_.now());
        }
    }
    pending_.erase(
        std::remove_if(pending_.begin(), pending_.end(),
                       [](const std::unique_ptr<Probe>& probe) { return probe->trip.is_done(); }),
        pending_.end());
}

void Probes::count(const Probe& probe, TimePoint now) {
    const uint64_t endpoint = probe.server.endpoint.hash();
    probe.counters->count_probe(endpoint, now);
    if (probe.request.failure) {
        probe.counters->count_failure(endpoint, probe.request.failure, now);
    }
}

void Probes::end(Probe* probe, TimePoint now) {
    if (probe->counters != nullptr) {
        count(*probe, now);
    }
    if (is_well(probe->request)) {
        const HealthTable::Recovery recovery =
            health_.mark_up(probe->server, true, probe->began, now);
        if (recovery.is_end && probe->counters != nullptr) {
            probe->counters->count_recovery(probe->server.endpoint.hash(), now);
        }
        if (recovery.is_news) {
            recovered_.push_back({probe->server.name(), recovery.outage});
        }
    }
}

std::vector<Probes::Recovered> Probes::take_recovered() {
    return std::exchange(recovered_, {});
}

}  // namespace memcache_session

#include "src/net/server_marks.h"

#include <algorithm>
#include <utility>

#include "src/net/server_words.h"

namespace memcache_session {
namespace {

// Whether the server cannot be used: memcached -C. In an opening the last reply shows a lock.
bool shows_no_cas(const Request& request) {
    if (request.answered == 0) {
        return false;
    }
    const Verb verb = request.commands[request.answered - 1].verb;
    const Reply& reply = request.replies[request.answered - 1];
    return verb == Verb::kReadForUpdate && reply.kind == ReplyKind::kHit && reply.cas == 0;
}

// Whether the server reported an error other than that it is full.
bool has_error_reply(const Request& request) {
    for (size_t i = 0; i < request.answered; ++i) {
        const Reply& reply = request.replies[i];
        if (is_error(reply) && !is_out_of_memory(request.commands[i], reply)) {
            return true;
        }
    }
    return false;
}

bool is_full(const Request& request) {
    for (size_t i = 0; i < request.answered; ++i) {
        if (is_out_of_memory(request.commands[i], request.replies[i])) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool ServerMarks::is_usable(uint32_t server, ConnectionPool& kept) {
    const Server& asked = servers_[server];
    const HealthTable::State state = health_.state(asked);
    if (state == HealthTable::State::kUp) {
        return true;
    }
    if (probes_ != nullptr) {
        probes_->consider(asked, counters_);
    }
    return (state == HealthTable::State::kClosed && kept.has(asked.endpoint)) ||
           is_well_after_all(asked);
}

// If the mark is in doubt. All servers whose marks are in doubt are probed side by side, because
// they may be wanted next.
bool ServerMarks::is_well_after_all(const Server& marked) {
    const TimePoint now = clock_.now();
    if (probes_ == nullptr || !health_.is_doubtful(marked, now)) {
        return false;
    }
    if (doubts_end_ == TimePoint()) {
        doubts_end_ = now + HealthTable::kDoubtPatience;
        for (const Server& server : servers_) {
            if (health_.is_doubtful(server, now)) {
                probes_->begin(server, counters_);
            }
        }
    }
    if (probes_->wait_for(marked, doubts_end_)) {
        return true;
    }
    if (now < doubts_end_) {
        health_.end_doubt(marked);
    }
    return false;
}

Failure ServerMarks::why_down(uint32_t server) const {
    const HealthTable::Snapshot health = health_.snapshot(servers_[server], clock_.now());
    return health.failure ? health.failure : Failure{FailureKind::kMarkedDown, 0};
}

void ServerMarks::begin_phase(TimePoint began) {
    phase_began_ = began;
    words_.clear();
}

void ServerMarks::note(const Request& request, const Outcome& outcome) {
    if (!request.said.empty() || request.failure) {
        note_trouble(request, outcome);
    }
    if (request.failure) {
        return;
    }
    if (outcome.purpose != Purpose::kRelease &&
        (request.said.empty() || !has_error_reply(request)) && !shows_no_cas(request)) {
        mark_up(request, outcome);
    }
    if (counters_ != nullptr) {
        counters_->count_phase(outcome.endpoint, outcome.time, outcome.now);
    }
}

// The server failed, or one of its replies is an error.
void ServerMarks::note_trouble(const Request& request, const Outcome& outcome) {
    if (!request.said.empty()) {
        words_.push_back({request.server, words_of(request)});
    }
    Failure failure = request.failure;
    if (failure) {
        mark_down(request.server, failure, reach_of(failure, outcome.on_new_connection),
                  outcome.now);
    } else if (is_full(request)) {
        failure.kind = FailureKind::kOutOfMemory;
    }
    if (failure && counters_ != nullptr) {
        counters_->count_failure(outcome.endpoint, failure, outcome.now);
    }
}

void ServerMarks::mark_down(uint32_t server, Failure failure) {
    const TimePoint now = clock_.now();
    mark_down(server, failure, Reach::kServer, now);
    if (counters_ != nullptr) {
        counters_->count_failure(servers_[server].endpoint.hash(), failure, now);
    }
}

void ServerMarks::mark_down(uint32_t server, Failure failure, Reach reach, TimePoint now) {
    const HealthTable::Mark mark{failure, reach, phase_began_, pool_hash()};
    const HealthTable::Onset onset = health_.mark_down(servers_[server], mark, now);
    if (onset.begins && counters_ != nullptr) {
        counters_->count_mark(servers_[server].endpoint.hash(), now);
    }
    if (onset.is_news) {
        events_.push_back({server, true, failure, Duration(0), words_of_phase(server)});
    }
}

void ServerMarks::mark_up(const Request& request, const Outcome& outcome) {
    const HealthTable::Recovery recovery = health_.mark_up(
        servers_[request.server], outcome.on_new_connection, phase_began_, outcome.now);
    if (recovery.is_end && counters_ != nullptr) {
        counters_->count_recovery(outcome.endpoint, outcome.now);
    }
    if (recovery.is_news) {
        events_.push_back({request.server, false, {}, recovery.outage});
    }
}

// Every process that uses these servers has the same number.
uint64_t ServerMarks::pool_hash() const {
    uint64_t hash = servers_.size();
    for (const Server& server : servers_) {
        hash = hash * 0x9e3779b97f4a7c15ULL + server.endpoint.hash();
    }
    return hash;
}

std::string ServerMarks::words_of_phase(uint32_t server) const {
    const auto found = std::find_if(words_.begin(), words_.end(),
                                    [&](const Words& words) { return words.server == server; });
    return found == words_.end() ? std::string() : found->text;
}

std::vector<HealthEvent> ServerMarks::take_events() {
    return std::exchange(events_, {});
}

}  // namespace memcache_session

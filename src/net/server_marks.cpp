#include "src/net/server_marks.h"

#include <algorithm>
#include <utility>

#include "src/net/server_words.h"

namespace memcache_session {

bool ServerMarks::is_usable(uint32_t server, ConnectionPool& kept) {
    const Server& asked = servers_[server];
    const HealthTable::State state = health_.state(asked);
    if (state == HealthTable::State::kUp) {
        return true;
    }
    if (probes_ != nullptr) {
        probes_->consider(asked);
    }
    return state == HealthTable::State::kClosed && kept.has(asked.endpoint);
}

Failure ServerMarks::why_down(uint32_t server) const {
    const HealthTable::Snapshot health = health_.snapshot(servers_[server], clock_.now());
    return health.failure ? health.failure : Failure{FailureKind::kMarkedDown, 0};
}

void ServerMarks::begin_phase(TimePoint began) {
    phase_began_ = began;
    words_.clear();
}

void ServerMarks::note_words(const Request& request) {
    words_.push_back({request.server, words_of(request)});
}

void ServerMarks::mark_down(uint32_t server, Failure failure, Reach reach) {
    const HealthTable::Mark mark{failure, reach, phase_began_, pool_hash()};
    if (health_.mark_down(servers_[server], mark, clock_.now())) {
        events_.push_back({server, true, failure, Duration(0), words_of_phase(server)});
    }
}

void ServerMarks::mark_up(uint32_t server, bool on_new_connection) {
    const HealthTable::Recovery recovery =
        health_.mark_up(servers_[server], on_new_connection, phase_began_, clock_.now());
    if (recovery.is_news) {
        events_.push_back({server, false, {}, recovery.outage});
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

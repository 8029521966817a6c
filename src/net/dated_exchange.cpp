#include "src/net/dated_exchange.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <cstdlib>
#include <limits>

#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

constexpr Duration kNotedFor = std::chrono::minutes(10);

// More servers than a pool has. If there are so many entries, all servers are asked anew.
constexpr size_t kEntriesMax = 2 * kServersMax;

// No session has a key that ends so.
constexpr const char* kProbeSuffix = ".lock";
constexpr const char* kProbePrefix = "memcache_session.";

constexpr int64_t seconds_of(Duration time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

int64_t unix_offset(const Clock& clock) {
    return clock.unix_time() - seconds_of(clock.now().time_since_epoch());
}

bool is_date(const Command& command) {
    return command.exptime > kRelativeExptimeMax;
}

bool has_date(const Request& request) {
    return std::any_of(request.commands.begin(), request.commands.begin() + request.command_count,
                       is_date);
}

void make_dates_relative(Request* request) {
    for (size_t i = 0; i < request->command_count; ++i) {
        if (is_date(request->commands[i])) {
            request->commands[i].exptime = static_cast<int32_t>(kRelativeExptimeMax);
        }
    }
}

// A phase without requests would be counted.
void run_if_any(Exchange* exchange, Purpose purpose, std::vector<Request>* requests) {
    if (!requests->empty()) {
        exchange->run(purpose, requests->data(), requests->size());
    }
}

}  // namespace

ServerClocks::State ServerClocks::state(const std::string& server, const Clock& clock) const {
    const auto found = entries_.find(server);
    if (found == entries_.end()) {
        return State::kUnknown;
    }
    const Entry& entry = found->second;
    const int64_t set_by = std::abs(unix_offset(clock) - entry.unix_offset);
    const bool is_recent = clock.now() - entry.noted < kNotedFor;
    return is_recent && set_by < seconds_of(kClockTolerance) ? entry.state : State::kUnknown;
}

bool ServerClocks::note(const std::string& server, State state, const Clock& clock) {
    if (entries_.size() >= kEntriesMax) {
        entries_.clear();
    }
    Entry& entry = entries_[server];
    const bool is_news = state == State::kAhead && entry.state != State::kAhead;
    entry = {state, clock.now(), unix_offset(clock)};
    return is_news;
}

void DatedExchange::run(Purpose purpose, Request* requests, size_t count) {
    if (std::none_of(requests, requests + count, has_date)) {
        exchange_.run(purpose, requests, count);
        return;
    }
    const std::vector<Probe> probes = look_at_clocks(requests, count);
    std::vector<Request> sent;
    std::vector<size_t> indexes;
    for (size_t i = 0; i < count; ++i) {
        const auto probe = std::find_if(probes.begin(), probes.end(), [&](const Probe& candidate) {
            return candidate.server == requests[i].server;
        });
        if (probe != probes.end() && probe->failure) {
            requests[i].answered = 0;
            requests[i].connection = 0;
            requests[i].failure = probe->failure;
            continue;
        }
        if (probe != probes.end() && probe->state != ServerClocks::State::kNotAhead) {
            make_dates_relative(&requests[i]);
        }
        sent.push_back(requests[i]);
        indexes.push_back(i);
    }
    run_if_any(&exchange_, purpose, &sent);
    for (size_t i = 0; i < sent.size(); ++i) {
        requests[indexes[i]] = sent[i];
        if (sent[i].failure) {
            clocks_.forget(servers_[sent[i].server].name());  // it may come back with another clock
        }
    }
}

// Makes one probe for each server that is sent a date.
std::vector<DatedExchange::Probe> DatedExchange::look_at_clocks(const Request* requests,
                                                                size_t count) {
    std::vector<Probe> probes;
    std::vector<Probe> unknown;
    for (size_t i = 0; i < count; ++i) {
        if (!has_date(requests[i])) {
            continue;
        }
        const uint32_t server = requests[i].server;
        assert(server < servers_.size());
        const Probe probe{server, clocks_.state(servers_[server].name(), clock_), {}, {}};
        (probe.state == ServerClocks::State::kUnknown ? unknown : probes).push_back(probe);
    }
    if (!unknown.empty()) {
        run_probes(&unknown);
        probes.insert(probes.end(), unknown.begin(), unknown.end());
    }
    return probes;
}

// A proxy is sent one command at a time.
void DatedExchange::run_probes(std::vector<Probe>* probes) {
    const int64_t date = clock_.unix_time() + seconds_of(kClockTolerance);
    if (date <= kRelativeExptimeMax || date > std::numeric_limits<int32_t>::max()) {
        return;  // our own clock is not set, or beyond memcached's: no date would be right
    }
    const std::string key = kProbePrefix + std::to_string(random_.next()) + kProbeSuffix;
    const std::array<Command, 3> commands = {Command::set(key, "0", 0, static_cast<int32_t>(date)),
                                             Command::read(key),
                                             Command::unconditional_delete(key)};
    const size_t step = servers_[probes->front().server].proxy ? 1 : commands.size();
    for (size_t first = 0; first < commands.size(); first += step) {
        run_commands(commands.data() + first, step, probes);
    }
    for (Probe& probe : *probes) {
        if (probe.failure || probe.replies[0] != ReplyKind::kDone ||
            (probe.replies[1] != ReplyKind::kHit && probe.replies[1] != ReplyKind::kMiss)) {
            continue;  // for example, a full server has not shown its clock
        }
        probe.state = probe.replies[1] == ReplyKind::kHit ? ServerClocks::State::kNotAhead
                                                          : ServerClocks::State::kAhead;
        if (clocks_.note(servers_[probe.server].name(), probe.state, clock_)) {
            ahead_.push_back(probe.server);
        }
    }
}

// A server that has failed is not asked again.
void DatedExchange::run_commands(const Command* commands, size_t count,
                                 std::vector<Probe>* probes) {
    std::vector<Probe*> asked;
    std::vector<Request> requests;
    for (Probe& probe : *probes) {
        if (probe.failure) {
            continue;
        }
        asked.push_back(&probe);
        Request& request = requests.emplace_back();
        request.server = probe.server;
        std::for_each(commands, commands + count,
                      [&request](const Command& command) { request.add(command); });
    }
    run_if_any(&exchange_, Purpose::kStatus, &requests);
    for (size_t i = 0; i < asked.size(); ++i) {
        asked[i]->failure = requests[i].failure;
        for (size_t c = 0; c < requests[i].answered; ++c) {
            asked[i]->replies.push_back(requests[i].replies[c].kind);
        }
    }
}

}  // namespace memcache_session

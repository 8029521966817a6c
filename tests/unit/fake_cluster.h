// Model servers behind an Exchange that answers at once, with a count of the phases: for tests of
// the session code that need no network and no faults but a server that is down.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/net/exchange.h"
#include "src/pool/preference_list.h"
#include "src/session/options.h"
#include "src/session/session.h"
#include "tests/sim/sim_server.h"

namespace memcache_session {

class FakeClock final : public Clock {
public:
    TimePoint now() const override { return TimePoint(Duration(now_)); }
    int64_t unix_time() const override { return sim::kUnixTimeAtBegin + now_ / sim::kSecond; }
    void sleep_until(TimePoint until) override {
        now_ = std::max(now_, until.time_since_epoch().count());
        ++sleeps;
    }
    void advance(Duration by) { now_ += by.count(); }

    int sleeps = 0;

private:
    sim::SimTime now_ = sim::kSecond;
};

// Server 0 first, then 1 and so on, for every key.
class InOrder final : public Placement {
public:
    explicit InOrder(size_t servers) : Placement(servers) {}
    void first_servers(std::string_view, size_t count, std::vector<uint32_t>* out) const override {
        out->clear();
        for (uint32_t i = 0; i < std::min(count, server_count()); ++i) {
            out->push_back(i);
        }
    }
};

// The same order for every key.
class FixedOrder final : public Placement {
public:
    explicit FixedOrder(std::vector<uint32_t> order)
        : Placement(order.size()), order_(std::move(order)) {}
    void first_servers(std::string_view, size_t count, std::vector<uint32_t>* out) const override {
        *out = order_;
        out->resize(std::min(count, order_.size()));
    }

private:
    std::vector<uint32_t> order_;
};

// The list lives as long as the program, as its placement does.
inline PreferenceList preference_in(std::vector<uint32_t> order) {
    static std::deque<FixedOrder> placements;
    return {placements.emplace_back(std::move(order)), ""};
}

class FakeProcesses final : public ProcessTable {
public:
    const std::string& host() const override { return host_; }
    bool is_gone(std::string_view host, int64_t pid) const override {
        return host == host_ && pid == gone;
    }
    Holding holding(std::string_view host, int64_t pid, LockToken token) const override {
        if (host != host_ || pid != lists_tokens) {
            return Holding::kUnknown;
        }
        return listed.count(token) != 0 ? Holding::kHolds : Holding::kDoesNotHold;
    }
    void list(int64_t /*pid*/, LockToken token) override { listed.insert(token); }
    void unlist(int64_t /*pid*/, LockToken token) override { listed.erase(token); }
    void note_foreign_lock(int64_t now_unix) override { foreign_lock_seen_ = now_unix; }
    int64_t foreign_lock_seen() const override { return foreign_lock_seen_; }

    int64_t gone = -1;
    int64_t lists_tokens = -1;  // a living process whose tokens are in `listed`
    std::set<LockToken> listed;

private:
    std::string host_ = "web1~1";
    int64_t foreign_lock_seen_ = 0;
};

class FakeExchange final : public Exchange {
public:
    FakeExchange(size_t servers, FakeClock& clock) : clock_(clock), connections_(servers, 1) {
        for (size_t i = 0; i < servers; ++i) {
            servers_.emplace_back(sim::SimServer::Options());
            servers_.back().start(0);
        }
        down.resize(servers, false);
        marked.resize(servers, false);
        hung.resize(servers, false);
        outages.resize(servers, false);
        too_large.resize(servers, false);
    }

    void run(Purpose purpose, Request* requests, size_t count) override {
        if (count == 0) {
            return;
        }
        ++phases;
        latest_purpose = purpose;
        values_.clear();
        phase_max_ =
            budget != nullptr ? std::min(kTimeout, budget->phase_max(clock_.now())) : kTimeout;
        Duration taken = std::min(reply_time, phase_max_);
        for (size_t i = 0; i < count; ++i) {
            if (before_server) {
                before_server(requests[i].server);
            }
            run_one(&requests[i]);
            taken = hung[requests[i].server] ? phase_max_ : taken;
        }
        clock_.advance(taken);
        if (after_phase) {
            after_phase(phases);
        }
    }
    bool usable(uint32_t server) override {
        const bool is_usable = !down[server] && !marked[server];
        outages[server] = outages[server] || !is_usable;
        return is_usable;
    }
    bool had_outage(uint32_t server) const override { return outages[server]; }
    void mark_down(uint32_t server, Failure) override { down[server] = true; }

    // Runs a command as another client would.
    Reply run(uint32_t server, const Command& command) {
        return servers_[server].run(command, clock_.now().time_since_epoch().count());
    }
    const sim::SimServer::Item* find(uint32_t server, std::string_view key) {
        return servers_[server].find(key, clock_.now().time_since_epoch().count());
    }
    void restart(uint32_t server) {
        servers_[server].start(clock_.now().time_since_epoch().count());
        ++connections_[server];
    }
    void drop_connection(uint32_t server) { ++connections_[server]; }
    ConnectionId connection(uint32_t server) const { return connections_[server]; }
    sim::SimServer& model(uint32_t server) { return servers_[server]; }
    // The server runs what it is sent next, and its answers are lost with the connection.
    void lose_next_answers(uint32_t server) { loses_answers_ = server; }

    int phases = 0;
    Purpose latest_purpose = Purpose::kOpen;  // of the latest phase
    std::vector<Command> sent;    // since it was last cleared; the views are not to be used
    std::vector<uint32_t> asked;  // servers, likewise
    std::vector<bool> down;       // refuses connections
    std::vector<bool> marked;     // marked down, though it answers
    std::vector<bool> hung;       // does not answer
    std::vector<bool> outages;    // was found down
    std::vector<bool> too_large;  // its reply is too large for this process
    Duration reply_time{0};       // of every server
    bool speaks_meta = false;     // every server, and has told so
    size_t bytes_received = 0;    // of values, since it was last cleared
    const TimeBudget* budget = nullptr;
    std::function<void(int)> after_phase;
    std::function<void(uint32_t)> before_server;  // is to run its commands of a phase

private:
    void run_one(Request* request) {
        asked.push_back(request->server);
        request->answered = 0;
        request->failure = {};
        request->connection = connections_[request->server];
        if (request->bound_to != 0 && request->bound_to != request->connection) {
            request->failure = {FailureKind::kConnectionLost, 0};
            return;
        }
        if (down[request->server]) {
            request->failure = {FailureKind::kConnect, 111};
            return;
        }
        if (too_large[request->server]) {
            request->failure = {FailureKind::kTooLarge, 0};
            drop_connection(request->server);
            return;
        }
        if (hung[request->server] || reply_time > phase_max_) {
            request->failure = after_waiting({FailureKind::kTimeout, 0}, phase_max_, kTimeout);
            marked[request->server] =
                hung[request->server] && reach_of(request->failure, false) != Reach::kNothing;
            return;
        }
        for (size_t i = 0; i < request->command_count; ++i) {
            sent.push_back(request->commands[i]);
            Reply reply = servers_[request->server].run(
                request->commands[i], clock_.now().time_since_epoch().count(),
                speaks_meta ? sim::Wire::kMeta : sim::Wire::kClassic);
            bytes_received += reply.value.size();
            values_.emplace_back(reply.value);
            reply.value = values_.back();
            request->replies[i] = reply;
            ++request->answered;
        }
        if (loses_answers_ == request->server) {
            loses_answers_.reset();
            drop_connection(request->server);
            request->answered = 0;
            request->failure = {FailureKind::kConnectionLost, 0};
        }
    }

    static constexpr Duration kTimeout = std::chrono::seconds(1);

    FakeClock& clock_;
    Duration phase_max_{0};
    std::vector<sim::SimServer> servers_;
    std::vector<ConnectionId> connections_;
    std::deque<std::string> values_;
    std::optional<uint32_t> loses_answers_;
};

// Several requests' sessions on one cluster.
struct FakeCluster {
    explicit FakeCluster(size_t count) : exchange(count, clock) {
        pool.servers.resize(count);
        pool.placement = std::make_shared<InOrder>(count);
        for (size_t i = 0; i < count; ++i) {
            pool.servers[i].endpoint.host = "server" + std::to_string(i);
            pool.servers[i].endpoint.port = 11211;
        }
        exchange.budget = &budget;
        options.redundancy = 2;
        options.lock.pid = 100;
        options.lock.request_path = "/index.php";
    }
    SessionParts parts() { return {pool, exchange, clock, random, processes, budget, &totals}; }

    // One request that reads and writes.
    void store(std::string_view sid, std::string_view value) {
        Session request(parts(), options);
        std::string_view old;
        if (request.read(sid, true, &old) == Answer::kOk) {
            (void)request.write(sid, value, 1440);
        }
        request.close();
    }

    FakeClock clock;
    Pool pool;
    FakeExchange exchange;
    Random random{1};
    FakeProcesses processes;
    TimeBudget budget{clock};
    EventTotals totals;
    SessionOptions options;
};

}  // namespace memcache_session

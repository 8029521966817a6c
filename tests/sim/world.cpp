#include "tests/sim/world.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <numeric>
#include <set>
#include <utility>

#include "tests/sim/client.h"
#include "tests/sim/cluster.h"
#include "tests/sim/failures.h"
#include "tests/sim/pool.h"
#include "tests/sim/text.h"
#include "tests/sim/timeline.h"
#include "tests/sim/trace.h"

namespace memcache_session::sim {

namespace {

constexpr SimTime kMinute = 60 * kSecond;

// A history of more steps is taken for endless.
constexpr uint64_t kStepsMax = 2000000;

// Knows the processes of its own machine only.
class SimProcessTable final : public ProcessTable {
public:
    explicit SimProcessTable(uint32_t machine) : host_(host_of_machine(machine)) {}

    void add(const Process* process) { processes_.push_back(process); }

    const std::string& host() const override { return host_; }
    bool is_gone(std::string_view host, int64_t pid) const override {
        return host == host_ && pid > 0 &&
               std::none_of(processes_.begin(), processes_.end(),
                            [pid](const Process* process) { return process->pid() == pid; });
    }
    Holding holding(std::string_view host, int64_t pid, LockToken token) const override {
        if (host != host_ || is_gone(host, pid)) {
            return Holding::kUnknown;
        }
        return listed_.count({pid, token}) != 0 ? Holding::kHolds : Holding::kDoesNotHold;
    }
    void list(int64_t pid, LockToken token) override { listed_.insert({pid, token}); }
    void unlist(int64_t pid, LockToken token) override { listed_.erase({pid, token}); }
    void note_foreign_lock(int64_t now_unix) override { foreign_lock_seen_ = now_unix; }
    int64_t foreign_lock_seen() const override { return foreign_lock_seen_; }

private:
    std::string host_;
    std::set<std::pair<int64_t, LockToken>> listed_;
    std::vector<const Process*> processes_;
    int64_t foreign_lock_seen_ = 0;
};

std::vector<Server> make_servers(const Settings& settings) {
    std::vector<Server> servers;
    for (uint32_t number = 0; number < settings.servers; ++number) {
        Server server;
        server.endpoint.host = server_name(number);
        server.endpoint.port = 11211;
        server.persistent = settings.persistent;
        server.timeout = Duration(settings.timeout);
        server.retry_interval = Duration(settings.retry_interval);
        servers.push_back(server);
    }
    return servers;
}

Pool first_pool(const Settings& settings, const std::vector<Server>& servers) {
    const uint32_t members = settings.pool & ((1U << settings.servers) - 1);
    if (!settings.changing) {
        return {servers, members, settings.placement_salt};
    }
    Places places(settings.servers);
    std::iota(places.begin(), places.end(), 0U);
    return {settings, servers, members, places};
}

class World {
public:
    World(const Scenario& scenario, std::FILE* trace)
        : scenario_(scenario),
          servers_(make_servers(scenario.settings)),
          pool_(first_pool(scenario.settings, servers_)),
          next_pool_(servers_, members(scenario.settings.next_pool),
                     scenario.settings.placement_salt),
          trace_(timeline_, trace),
          cluster_(scenario.settings, timeline_, trace_),
          checker_(scenario.settings, cluster_, timeline_, trace_, pool_),
          failures_(scenario.settings, cluster_, servers_),
          parts_{scenario_, servers_, cluster_, timeline_, trace_, checker_} {
        checker_.set_failures(&failures_);
        make_clients();
    }

    Outcome play() {
        if (scenario_.settings.stored_at_begin) {
            checker_.store_at_begin();
        }
        for (const Event& event : scenario_.events) {
            if (event.kind == EventKind::kFault) {
                timeline_.at(event.at, [this, &event] { begin_fault(event); });
            } else if (event.kind == EventKind::kPoolChange && scenario_.settings.changing) {
                timeline_.at(event.at, [this, &event] { follow_change(event); });
            } else if (event.kind == EventKind::kPoolChange) {
                timeline_.at(event.at, [this, &event] { change_pool(event); });
            } else if (event.kind == EventKind::kMove) {
                timeline_.at(event.at, [this, &event] { move_items(event); });
            }
        }
        for (const auto& client : clients_) {
            client->start();
        }
        while (!checker_.violation() && timeline_.step()) {
            note_agreement();
            if (++outcome_.steps > kStepsMax) {
                checker_.fail("end of a history", "it goes on and on");
            }
        }
        outcome_.violation = checker_.violation();
        outcome_.successes = checker_.successes();
        outcome_.ended_at = timeline_.now();
        for (const auto& client : clients_) {
            client->end();
        }
        return outcome_;
    }

private:
    void move_items(const Event& event) {
        if (!failures_.all_agree()) {
            return;  // protocol.md, "Pools with different views"
        }
        trace_.line(server_name(event.server), "*** moves its items");
        cluster_.move_items(event.server);
    }

    void make_clients() {
        const Settings& settings = scenario_.settings;
        Dice dice(settings.placement_salt + 1);
        for (uint32_t number = 0; number < settings.machines; ++number) {
            process_tables_.emplace_back(number);
            Machine& machine = machines_.emplace_back();
            machine.processes = &process_tables_.back();
            machine.pool = &pool_;
            machine.clock_offset = kSecond + dice.between(0, 1000 * kSecond);
            machine.clock_skew = dice.between(-2, 3);
        }
        for (uint32_t slot = 0; slot < settings.processes; ++slot) {
            const uint32_t machine = slot % settings.machines;
            clients_.push_back(std::make_unique<Client>(parts_, slot, machine, machines_[machine]));
            process_tables_[machine].add(&clients_.back()->process());
            failures_.watch(clients_.back().get());
            clients_.back()->exchange().set_on_missed(
                [this](uint32_t server) { failures_.missed(server); });
        }
    }

    uint32_t members(uint32_t servers) const {
        return servers & ((1U << scenario_.settings.servers) - 1);
    }

    void change_pool(const Event& change) {
        // A full server that some clients do not know keeps nothing for them.
        if (scenario_.settings.only_full ||
            !failures_.may_change_pool(change, machines_, next_pool_)) {
            return;
        }
        failures_.pool_changes(pool_.members() ^ next_pool_.members());
        cluster_.disturbed();
        if (trace_.on()) {
            trace_.line("***", describe(change));
        }
        for (uint32_t machine = 0; machine < machines_.size(); ++machine) {
            if ((change.machines >> machine & 1) != 0) {
                machines_[machine].pool = &next_pool_;
            }
        }
    }

    void note_agreement() {
        if (!machines_.front().all_agree && failures_.all_agree() &&
            std::all_of(machines_.begin(), machines_.end(),
                        [&](const Machine& machine) { return machine.pool == &view(); })) {
            failures_.change_ends();
            for (Machine& machine : machines_) {
                machine.all_agree = true;
            }
        }
    }

    const Pool& view() const { return views_.empty() ? pool_ : views_.back(); }

    // One machine, or several, follow a change of the pool. The first to do so begins the change.
    void follow_change(const Event& change) {
        const bool begins = change.step > latest_step_;
        if (begins) {
            latest_step_ = change.step;
            latest_begun_ = begin_change(change);
        }
        if (change.step != latest_step_ || !latest_begun_) {
            return;
        }
        cluster_.disturbed();
        if (trace_.on()) {
            trace_.line("***", describe(change) + ", to " + servers_text(view().members(), 32));
        }
        for (uint32_t machine = 0; machine < machines_.size(); ++machine) {
            if ((change.machines >> machine & 1) != 0) {
                machines_[machine].pool = &view();
            }
        }
    }

    bool begin_change(const Event& change) {
        const uint32_t members = view().members();
        const uint32_t others = this->members(~members);
        const bool leaves = change.change != ChangeKind::kJoin;
        const bool joins = change.change != ChangeKind::kLeave;
        const bool all_follow =
            std::all_of(machines_.begin(), machines_.end(),
                        [&](const Machine& machine) { return machine.pool == &view(); });
        if (!all_follow || (joins && others == 0) ||
            (!joins && count_servers(members) <= scenario_.settings.redundancy)) {
            return false;
        }
        const uint32_t leaving = leaves ? pick(members, change.leaving) : 0;
        const uint32_t joining = joins ? pick(others, change.joining) : 0;
        if (!failures_.may_begin_change(leaving, joining)) {
            return false;
        }
        failures_.change_begins(leaving, joining);
        for (Machine& machine : machines_) {
            machine.all_agree = false;
        }
        views_.emplace_back(scenario_.settings, servers_, (members & ~leaving) | joining,
                            next_places(change, leaving, joining));
        if (leaving != 0 && (change.variant || change.length > 0)) {
            Event& end = ends_.emplace_back();
            end.kind = EventKind::kFault;
            end.fault = FaultKind::kCrash;
            end.server = number_of(leaving);
            end.length = kMinute;
            timeline_.at(timeline_.now() + change.length, [this, &end] { begin_fault(end); });
        }
        return true;
    }

    // One of these servers.
    static uint32_t pick(uint32_t servers, uint32_t number) {
        for (uint32_t left = number % count_servers(servers); left > 0; --left) {
            servers &= servers - 1;
        }
        return servers & ~(servers - 1);
    }

    static uint32_t number_of(uint32_t server) { return count_servers(server - 1); }

    // A server that joins has its own name, or that of the one whose name it takes. If its own is
    // taken, it has one that is free.
    Places next_places(const Event& change, uint32_t leaving, uint32_t joining) const {
        Places places = view().places();
        if (joining == 0) {
            return places;
        }
        const uint32_t number = number_of(joining);
        if (change.change == ChangeKind::kRenumber) {
            places[number] = places[number_of(leaving)];
            return places;
        }
        std::vector<bool> taken(places.size());
        for (uint32_t server = 0; server < places.size(); ++server) {
            const bool remains = ((view().members() & ~leaving) >> server & 1) != 0;
            taken[places[server]] = taken[places[server]] || remains;
        }
        const auto is_free = [&](uint32_t place) { return !taken[place]; };
        places[number] = number;
        for (uint32_t place = 0; !is_free(places[number]); ++place) {
            places[number] = place;
        }
        return places;
    }

    void begin_fault(const Event& fault) {
        if (scenario_.settings.limited && !failures_.may_begin(fault)) {
            return;
        }
        ++outcome_.faults;
        failures_.begins(fault);
        cluster_.begin_fault(fault);
        timeline_.at(timeline_.now() + fault.length, [this, &fault] { cluster_.end_fault(fault); });
    }

    const Scenario& scenario_;
    Outcome outcome_;
    std::vector<Server> servers_;
    Pool pool_;
    Pool next_pool_;
    std::deque<Pool> views_;  // Settings::changing: the first one, and those that followed
    uint32_t latest_step_ = 0;
    bool latest_begun_ = false;
    std::deque<Event> ends_;  // of servers that left the pool
    Timeline timeline_;
    Trace trace_;
    Cluster cluster_;
    Checker checker_;
    Failures failures_;
    ClientParts parts_;
    std::deque<SimProcessTable> process_tables_;
    std::deque<Machine> machines_;
    std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace

Outcome play(const Scenario& scenario, std::FILE* trace) {
    return World(scenario, trace).play();
}

}  // namespace memcache_session::sim

// Makes scenarios from seeds.
#include <algorithm>
#include <utility>

#include "tests/sim/scenario.h"

namespace memcache_session::sim {

namespace {

// What is asked comes in waves, and faults come near them: most of what can go wrong does so within
// a few milliseconds.
class Generator {
public:
    explicit Generator(uint64_t seed) : dice_(seed * 0x9e3779b97f4a7c15ULL + 1) {
        scenario_.seed = seed;
    }

    Scenario make() {
        choose_settings();
        SimTime time = dice_.between(0, kSecond);
        if (dice_.chance(0.03)) {
            time = add_plot(time);
        }
        const uint32_t waves = 2 + dice_.below(8);
        const uint32_t change =
            scenario_.settings.pool == scenario_.settings.next_pool ? waves : dice_.below(waves);
        for (uint32_t i = 0; i < waves; ++i) {
            if (i == change) {
                add_pool_change(time);
            }
            add_wave(time);
            time += next_gap();
        }
        if (dice_.chance(0.5)) {
            add_last_look(time);
        }
        std::stable_sort(scenario_.events.begin(), scenario_.events.end(),
                         [](const Event& a, const Event& b) { return a.at < b.at; });
        return std::move(scenario_);
    }

private:
    void choose_settings() {
        Settings& s = scenario_.settings;
        s.servers = dice_.pick({1U, 2U, 2U, 2U, 3U, 3U, 3U, 4U, 5U});
        s.redundancy = dice_.pick({1U, 2U, 2U, 2U, 2U, 3U, 3U});
        s.allow_failover = dice_.chance(0.7);
        s.machines = 1 + dice_.below(3);
        s.processes = s.machines + dice_.below(4);
        s.sessions = dice_.chance(0.8) ? 1 : 2;
        s.persistent = dice_.chance(0.7);
        s.meta_servers = dice_.pick({0U, 0U, ~0U, 1U, 5U});
        s.read_only_on_lock_failure = dice_.chance(0.1);
        s.locking = !dice_.chance(0.05);
        s.lock_waiters = dice_.chance(0.1) ? 1 + dice_.below(2) : 0;
        s.timeout = dice_.pick({200, 500, 1000}) * kMillisecond;
        s.retry_interval = dice_.pick({0, 300, 1000, 3000}) * kMillisecond;
        s.lease = dice_.pick({2, 2, 3, 5}) * kSecond;
        s.lock_wait = dice_.chance(0.1) ? 0 : dice_.pick({1, 2, 2, 3}) * s.lease;
        s.lifetime = dice_.pick({1440, 1440, 1440, 1440, 1440, 1440, 1440, 40 * 24 * 3600, 12});
        s.placement_salt = dice_.next();
        if (dice_.chance(0.1)) {
            choose_pools();
        } else if (dice_.chance(0.03)) {
            mix_with_foreign();
        }
        s.limited = dice_.chance(0.85);
        s.stored_at_begin = dice_.chance(0.5);
        s.version_at_begin = dice_.pick<uint16_t>({1, 1, 7, 32767, 65534, 65535});
        if (dice_.chance(0.05)) {
            // What another program wrote orders with nothing: no server may fail then.
            s.version_at_begin = 0;
            fault_chance_ = 0;
        } else if (dice_.chance(0.1)) {
            fault_chance_ = 0;
        }
    }

    // What takes several things to happen in one order that seldom comes by chance. Which servers
    // it strikes is left to chance all the same.
    SimTime add_plot(SimTime time) {
        Settings& s = scenario_.settings;
        s.servers = s.redundancy = 2;
        s.pool = s.next_pool = ~0U;
        s.foreign_processes = 0;
        s.machines = 2;
        s.processes = 4;
        s.locking = true;
        s.lock_waiters = 0;
        s.read_only_on_lock_failure = false;
        s.lease = 2 * kSecond;
        s.lifetime = 1440;
        s.limited = true;
        s.version_at_begin = std::max<uint16_t>(s.version_at_begin, 1);
        const uint32_t plot = dice_.below(5);
        if (plot < 2) {
            s.servers = s.redundancy = 3;
        } else if (plot == 2) {
            s.lease = 5 * kSecond;
        }
        s.lock_wait = 3 * s.lease;
        switch (plot) {
            case 0:
                return add_two_gaps(time);
            case 1:
                return add_lock_lost_beside_gap(time);
            case 2:
                return add_same_cas_after_restart(time);
            case 3:
                return add_death_over_hung_server(time);
            default:
                return add_late_commit_and_silence(time);
        }
    }

    // One request misses a server and dies over its commit; the next one misses another.
    SimTime add_two_gaps(SimTime time) {
        const Settings& s = scenario_.settings;
        const uint32_t server = dice_.below(3);
        add_fault_at(time, FaultKind::kCutOff, server, s.timeout + kSecond, 1);
        const Event dying = add_use(time + kMillisecond, 0, Operation::kWrite, 0);
        add_death_at(dying, 2 + dice_.below(4), dice_.below(2));
        time += s.timeout + dice_.between(20 * kMillisecond, 200 * kMillisecond);
        add_fault_at(time, FaultKind::kHang, (server + 1 + dice_.below(2)) % 3,
                     s.lease + 2 * kSecond);
        add_use(time + kMillisecond, 1, dice_.pick({Operation::kWrite, Operation::kDestroy}), 0);
        time += s.lease + s.retry_interval + 4 * kSecond;
        add_use(time, 3, Operation::kWrite, 0);
        return time + kSecond;
    }

    // A request misses a server, and loses its lock on another to one that misses none.
    SimTime add_lock_lost_beside_gap(SimTime time) {
        Settings& s = scenario_.settings;
        s.servers = 4;
        s.lease = 5 * kSecond;
        s.lock_wait = 3 * s.lease;
        const uint32_t server = dice_.below(4);
        add_fault_at(time, FaultKind::kCutOff, server, s.timeout + 4 * kSecond, 1);
        add_use(time + kMillisecond, 0, Operation::kWrite, s.lease / 2);
        time += s.timeout + 100 * kMillisecond;
        Event event = make_event(EventKind::kFault, time);
        event.fault = FaultKind::kEvict;
        event.server = (server + 1 + dice_.below(3)) % 4;
        event.second_variant = true;
        add(event);
        add_use(time + kMillisecond, 1, Operation::kWrite, 0);
        time += s.lease;
        add_use(time, 1, Operation::kWrite, 0);
        return time + kSecond;
    }

    // A server is restarted under a request, and others bring the session there to the cas that the
    // first has read.
    SimTime add_same_cas_after_restart(SimTime time) {
        const Settings& s = scenario_.settings;
        for (uint32_t writes = dice_.below(4); writes > 0; --writes) {
            add_use(time, 0, Operation::kWrite, 0);
            time += 20 * kMillisecond;
        }
        add_use(time, 0, Operation::kWrite, s.lease / 2);
        add_fault_at(time + 10 * kMillisecond, FaultKind::kCrash, dice_.below(2), 5 * kMillisecond);
        for (uint32_t writes = 1 + dice_.below(4); writes > 0; --writes) {
            add_use(time + 100 * kMillisecond, 1, Operation::kWrite, 0);
        }
        time += s.lease;
        add_use(time, 3, Operation::kWrite, 0);
        return time + kSecond;
    }

    // A server stops, and a request dies that has sent its commit to that one alone.
    SimTime add_death_over_hung_server(SimTime time) {
        const Settings& s = scenario_.settings;
        const Event dying = add_use(time, 0, Operation::kWrite, 20 * kMillisecond);
        add_death_at(dying, 2, 1);
        add_fault_at(time + 10 * kMillisecond, FaultKind::kHang, dice_.below(2),
                     s.timeout + 3 * kSecond);
        add_use(time + 50 * kMillisecond, dice_.pick({1U, 2U}), Operation::kWrite, 0);
        time += s.timeout + s.lease + s.retry_interval + 3 * kSecond;
        add_use(time, 3, Operation::kWrite, 0);
        return time + kSecond;
    }

    // A request dies whose commit is on its way to one server only, and arrives there after another
    // one's, which the same server has not answered.
    SimTime add_late_commit_and_silence(SimTime time) {
        const Settings& s = scenario_.settings;
        const uint32_t server = dice_.below(2);
        const Event dying = add_use(time, 0, Operation::kWrite, 20 * kMillisecond);
        add_death_at(dying, 2, 1);
        add_fault_at(time + 10 * kMillisecond, FaultKind::kCutOff, server, s.lease + 3 * kSecond,
                     1);
        add_use(time + 50 * kMillisecond, 1, Operation::kWrite, 1500 * kMillisecond);
        time += s.lease + 300 * kMillisecond;
        add_fault_at(time, FaultKind::kCutOff, server, 4 * kSecond, 2);
        time += 6 * kSecond + s.retry_interval;
        add_use(time, 3, Operation::kWrite, 0);
        return time + kSecond;
    }

    // A farm that changes over from pecl/memcache.
    void mix_with_foreign() {
        Settings& s = scenario_.settings;
        s.redundancy = 1;
        s.processes = std::max(s.processes, 3U);
        s.foreign_processes = 1 + dice_.below((1U << s.processes) - 2);
        s.locking = true;
        s.lock_waiters = 0;
        s.read_only_on_lock_failure = false;
        s.lifetime = 1440;
        fault_chance_ = 0;
        death_chance_ = 0;
    }

    // A pool that loses or gains several servers.
    void choose_pools() {
        Settings& s = scenario_.settings;
        s.servers = 3 + dice_.below(4);
        const uint32_t all = (1U << s.servers) - 1;
        uint32_t smaller = 0;
        while (smaller == 0 || smaller == all) {
            smaller = 1 + dice_.below(all);
        }
        s.pool = all;
        s.next_pool = smaller;
        if (dice_.chance(0.6)) {
            std::swap(s.pool, s.next_pool);
        }
    }

    // On all machines at once and a while after all requests, or on one after the other.
    void add_pool_change(SimTime& time) {
        const Settings& s = scenario_.settings;
        if (dice_.chance(0.5)) {
            time += s.lock_wait + s.lease + dice_.between(0, 3 * kSecond);
            add(make_event(EventKind::kPoolChange, time));
            time += kMillisecond;
            return;
        }
        for (uint32_t machine = 0; machine < s.machines; ++machine) {
            Event event = make_event(EventKind::kPoolChange, time + dice_.between(0, 2 * kSecond));
            event.machines = 1U << machine;
            add(event);
        }
    }

    SimTime next_gap() {
        const Settings& s = scenario_.settings;
        if (s.lifetime < 60 && dice_.chance(0.1)) {
            return s.lifetime * kSecond + dice_.between(-3 * kSecond, 3 * kSecond);
        }
        switch (dice_.below(5)) {
            case 0:
                return dice_.between(0, 10 * kMillisecond);
            case 1:
                return dice_.between(0, kSecond);
            case 2:
                return s.retry_interval + dice_.between(0, 300 * kMillisecond);
            case 3:
                return s.lease - kSecond + dice_.between(0, 2 * kSecond);
            default:
                return s.timeout + dice_.between(0, 2 * kSecond);
        }
    }

    void add_wave(SimTime time) {
        const uint32_t requests = 1 + dice_.below(3);
        const SimTime spread =
            dice_.chance(0.6) ? 5 * kMillisecond : dice_.between(0, 300 * kMillisecond);
        SimTime interesting = time;
        for (uint32_t i = 0; i < requests; ++i) {
            const Event request = add_request(time + dice_.between(0, spread));
            interesting = request.at + (dice_.chance(0.5) ? 0 : request.think);
            if (dice_.chance(death_chance_)) {
                add_death(request);
            }
        }
        const uint32_t faults =
            dice_.chance(fault_chance_) ? dice_.pick({0U, 0U, 1U, 1U, 1U, 2U}) : 0;
        for (uint32_t i = 0; i < faults; ++i) {
            add_fault(interesting);
        }
    }

    Event add_request(SimTime time) {
        const Settings& s = scenario_.settings;
        Event event = make_event(EventKind::kRequest, time);
        event.process = dice_.below(s.processes);
        event.session = dice_.below(s.sessions);
        event.operation = choose_operation();
        event.strict = dice_.chance(0.15);
        switch (dice_.below(8)) {
            case 0:
                event.think = dice_.between(0, kSecond);
                break;
            case 1:
                event.think = dice_.between(0, 50 * kMillisecond);
                break;
            case 2:
                if (dice_.chance(0.6)) {
                    event.think =
                        s.lease - kSecond + dice_.between(-100 * kMillisecond, 3 * kSecond);
                }
                break;
            default:
                event.think = dice_.between(0, 3 * kMillisecond);
        }
        if (s.foreign_processes != 0) {
            event.think = std::min(event.think, kSecond / 2);  // a lease is all there is
        }
        return add(event);
    }

    Operation choose_operation() {
        const uint32_t choice = dice_.below(100);
        if (choice < 50) {
            return Operation::kWrite;
        }
        if (choice < 60) {
            return Operation::kTouch;
        }
        if (choice < 66) {
            return Operation::kAbort;
        }
        if (choice < 74) {
            return Operation::kPeek;
        }
        if (choice < 76) {
            return Operation::kLateLock;
        }
        if (choice < 90) {
            return Operation::kDestroy;
        }
        if (choice < 94) {
            return Operation::kReset;
        }
        // Without locks a store is a `set`, which drops the old value when it is refused.
        return choice < 98 || !scenario_.settings.locking ? Operation::kLookUp
                                                          : Operation::kTooLarge;
    }

    void add_death(const Event& request) {
        const uint32_t phase = dice_.below(5);
        add_death_at(request, phase, dice_.below(4));
    }

    void add_fault(SimTime near) {
        const Settings& s = scenario_.settings;
        SimTime begin = near + dice_.between(-2 * kMillisecond, 4 * kMillisecond);
        if (dice_.chance(0.2)) {
            begin = near + dice_.between(-kSecond, kSecond);
        }
        Event event = make_event(EventKind::kFault, std::max<SimTime>(0, begin));
        event.fault = dice_.pick({FaultKind::kCrash, FaultKind::kCrash, FaultKind::kHang,
                                  FaultKind::kHang, FaultKind::kHang, FaultKind::kCutOff,
                                  FaultKind::kCutOff, FaultKind::kCutOff, FaultKind::kReset,
                                  FaultKind::kSlow, FaultKind::kEvict, FaultKind::kMemoryShort});
        event.server = dice_.below(s.servers);
        event.session = dice_.below(s.sessions);
        if (dice_.chance(0.6)) {
            event.machines = 1 + dice_.below((1U << s.machines) - 1);
        }
        switch (dice_.below(4)) {
            case 0:
                event.length = dice_.between(0, 20 * kMillisecond);
                break;
            case 1:
                event.length = s.timeout + dice_.between(-50 * kMillisecond, 50 * kMillisecond);
                break;
            case 2:
                event.length = dice_.between(0, 3 * kSecond);
                break;
            default:
                event.length = dice_.between(0, 8 * kSecond);
        }
        const bool at_once = event.fault == FaultKind::kReset || event.fault == FaultKind::kEvict;
        event.length = at_once ? 0 : std::max<SimTime>(0, event.length);
        event.within_commands = dice_.chance(0.4) ? 1 + dice_.below(3) : 0;
        event.variant = dice_.chance(0.3);
        event.second_variant = dice_.chance(0.3);
        add(event);
    }

    // When all is over, every machine asks again, then as many servers are lost as may be, and all
    // must still be there.
    void add_last_look(SimTime time) {
        const Settings& s = scenario_.settings;
        time += 9 * kSecond + s.lease;
        for (int round = 0; round < 3; ++round) {
            for (uint32_t process = 0; process < s.processes; ++process) {
                for (uint32_t session = 0; session < s.sessions; ++session) {
                    Event event = make_event(EventKind::kRequest, time);
                    event.process = process;
                    event.session = session;
                    event.operation = round < 2 ? dice_.pick({Operation::kWrite, Operation::kTouch})
                                                : Operation::kPeek;
                    add(event);
                    time += 30 * kMillisecond;
                }
            }
            time += s.retry_interval + s.timeout;
            if (round == 1 && fault_chance_ > 0) {
                for (uint32_t server = 0; server + 1 < s.redundancy; ++server) {
                    Event event = make_event(EventKind::kFault, time);
                    event.fault = FaultKind::kCrash;
                    event.server = dice_.below(s.servers);
                    event.length = 60 * kSecond;
                    add(event);
                }
                time += kMillisecond;
            }
        }
    }

    Event add_use(SimTime at, uint32_t process, Operation operation, SimTime think) {
        Event event = make_event(EventKind::kRequest, at);
        event.process = process;
        event.operation = operation;
        event.think = think;
        return add(event);
    }

    void add_death_at(const Event& request, uint32_t phase, uint32_t sends) {
        Event event = make_event(EventKind::kDeath, request.at);
        event.request = request.number;
        event.phase = phase;
        event.sends = sends;
        add(event);
    }

    void add_fault_at(SimTime at, FaultKind kind, uint32_t server, SimTime length,
                      uint32_t machines = ~0U) {
        Event event = make_event(EventKind::kFault, at);
        event.fault = kind;
        event.server = server;
        event.length = length;
        event.machines = machines;
        add(event);
    }

    Event make_event(EventKind kind, SimTime at) {
        Event event;
        event.kind = kind;
        event.at = at;
        event.number = static_cast<uint32_t>(scenario_.events.size()) + 1;
        return event;
    }

    Event add(const Event& event) {
        scenario_.events.push_back(event);
        return event;
    }

    Dice dice_;
    double fault_chance_ = 1;
    double death_chance_ = 0.06;
    Scenario scenario_;
};

}  // namespace

Scenario make_scenario(uint64_t seed) {
    return Generator(seed).make();
}

}  // namespace memcache_session::sim

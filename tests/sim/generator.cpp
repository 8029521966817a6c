// Makes scenarios from seeds.
#include <algorithm>
#include <utility>
#include <vector>

#include "src/replica/version.h"
#include "tests/sim/plots.h"
#include "tests/sim/pool.h"
#include "tests/sim/scenario.h"
#include "tests/sim/scenario_builder.h"

namespace memcache_session::sim {

namespace {

// Requests come in waves, and faults come near them, because most defects need several events
// within a few milliseconds.
class Generator {
public:
    explicit Generator(uint64_t seed)
        : builder_(seed),
          dice_(builder_.dice()),
          merging_(seed * 0x94d049bb133111ebULL + 12),
          changing_(seed * 0xbf58476d1ce4e5b9ULL + 14) {}

    Scenario make() {
        choose_settings();
        SimTime time = dice_.between(0, kSecond);
        if (dice_.chance(0.03) && !builder_.settings().only_full && !builder_.settings().changing) {
            time = add_plot(&builder_, time);
        }
        const uint32_t waves = 2 + dice_.below(8);
        const uint32_t change =
            builder_.settings().pool == builder_.settings().next_pool ? waves : dice_.below(waves);
        for (uint32_t i = 0; i < waves; ++i) {
            if (i == change) {
                add_pool_change(time);
            }
            if (builder_.settings().changing && changing_.chance(0.4)) {
                add_step(time);
            }
            add_wave(time);
            time += next_gap();
        }
        if (dice_.chance(0.5)) {
            add_last_look(time);
        }
        add_moves();
        Scenario scenario = builder_.take();
        choose_variables(&scenario);
        if (scenario.settings.merging_processes != 0) {
            limit_destroys(&scenario);
        }
        return scenario;
    }

private:
    void choose_settings() {
        Settings& s = builder_.settings();
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
        choose_search();
        s.limited = dice_.chance(0.85);
        // Drawn apart, so that the other histories do not depend on it. Without locks a store is a
        // `set`: if it is refused, the old value is lost.
        s.only_full = s.locking && Dice(builder_.seed() * 0x9fb21c651e98df25ULL + 10).chance(0.02);
        s.stored_at_begin = dice_.chance(0.5);
        s.version_at_begin = dice_.pick<uint16_t>({1, 1, 7, 32767, 65534, 65535});
        if (s.lifetime < 60 && s.version_at_begin == 32767) {
            // A session that expires begins again at 1, and a request that had it open would be
            // 32,768 commits ahead.
            s.version_at_begin = 7;
        }
        if (dice_.chance(0.05)) {
            // Another program's item has no version to compare: no server may fail then.
            s.version_at_begin = 0;
            fault_chance_ = 0;
        } else if (dice_.chance(0.1)) {
            fault_chance_ = 0;
        }
        if (builder_.seed() >= kChangingSeedMin) {
            choose_changing();
        } else if (builder_.seed() >= kMergingSeedMin) {
            choose_merging();
        }
    }

    // Some or all processes merge. Most requests write a variable of their process, and some write
    // one that they share.
    void choose_merging() {
        Settings& s = builder_.settings();
        s.merging_processes = 1 + merging_.below((1U << s.processes) - 1);
        s.last_wins = merging_.chance(0.3);
        s.locking = true;
        s.foreign_processes = 0;
        // Drawn apart, so that the other histories do not depend on it.
        s.lifetime = Dice(builder_.seed() * 0xd6e8feb86659fd93ULL + 13).chance(0.1) ? 12 : 1440;
        s.version_at_begin = std::max<uint16_t>(s.version_at_begin, 1);
        if (s.lifetime < 60 && s.version_at_begin == 32767) {
            s.version_at_begin = 7;
        }
    }

    // A pool that changes by itself: of fewer servers than there are, and more than copies.
    void choose_changing() {
        Settings& s = builder_.settings();
        s.changing = true;
        s.redundancy = changing_.pick({2U, 2U, 2U, 3U});
        s.servers = s.redundancy + 2 + changing_.below(4);
        const uint32_t members = s.redundancy + changing_.below(s.servers - s.redundancy);
        s.pool = (1U << s.servers) - 1;
        while (count_servers(s.pool) > members) {
            s.pool &= ~(1U << changing_.below(s.servers));
        }
        s.next_pool = s.pool;
        s.search = 14;
        s.machines = 2 + changing_.below(2);
        s.processes = s.machines + changing_.below(4);
        s.foreign_processes = 0;
        s.locking = true;
        s.only_full = false;
        s.lifetime = 1440;
        s.version_at_begin = std::max<uint16_t>(s.version_at_begin, 1);
        fault_chance_ = changing_.pick({0.0, 0.3, 1.0});
        if (changing_.chance(0.2)) {
            choose_merging();
            s.lifetime = 1440;
        }
    }

    // The pool changes, and each machine follows at its own time.
    void add_step(SimTime time) {
        const Settings& s = builder_.settings();
        ++steps_;
        Event event = builder_.make_event(EventKind::kPoolChange, time);
        event.step = steps_;
        event.change = changing_.pick(
            {ChangeKind::kJoin, ChangeKind::kLeave, ChangeKind::kReplace, ChangeKind::kRenumber});
        event.leaving = changing_.below(1000);
        event.joining = changing_.below(1000);
        const SimTime window = changing_.pick({10, 300, 2000, 2000, 6000, 12000}) * kMillisecond;
        event.variant = changing_.chance(0.4);
        event.length = !event.variant && changing_.chance(0.4) ? changing_.between(0, window) : 0;
        for (uint32_t machine = 0; machine < s.machines; ++machine) {
            event.at = time + changing_.between(0, window);
            event.machines = 1U << machine;
            builder_.add(event);
            ++event.number;
        }
    }

    void choose_variables(Scenario* scenario) {
        for (Event& event : scenario->events) {
            const bool is_own = scenario->settings.merging_processes != 0 && merging_.chance(0.7);
            event.variable = is_own ? 1 + event.process : 0;
        }
    }

    // Incarnations are counted modulo 4, so the promises do not cover a request that merges after
    // four destroys.
    static void limit_destroys(Scenario* scenario) {
        std::vector<uint32_t> destroys(scenario->settings.sessions);
        for (Event& event : scenario->events) {
            const bool is_destroy =
                event.kind == EventKind::kRequest && event.operation == Operation::kDestroy;
            if (is_destroy && ++destroys.at(event.session) >= ItemFlags::kIncarnations) {
                event.operation = Operation::kWrite;
            }
        }
    }

    // Drawn apart, so that the other histories do not depend on it. A pool that gains more servers
    // than are searched loses sessions: the promises do not cover that.
    void choose_search() {
        Settings& s = builder_.settings();
        Dice search(builder_.seed() * 0xa24baed4963ee407ULL + 11);
        if (search.chance(0.25)) {
            const uint32_t gained =
                s.pool == s.next_pool ? 0 : count_servers(s.next_pool & ~s.pool);
            s.search = gained + search.below(3);
        }
    }

    // A farm that changes over from pecl/memcache.
    void mix_with_foreign() {
        Settings& s = builder_.settings();
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
        Settings& s = builder_.settings();
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

    // The pool changes on all machines at once, a while after all requests, or on one after
    // another.
    void add_pool_change(SimTime& time) {
        const Settings& s = builder_.settings();
        if (dice_.chance(0.5)) {
            time += s.lock_wait + s.lease + dice_.between(0, 3 * kSecond);
            builder_.add(builder_.make_event(EventKind::kPoolChange, time));
            time += kMillisecond;
            return;
        }
        for (uint32_t machine = 0; machine < s.machines; ++machine) {
            Event event =
                builder_.make_event(EventKind::kPoolChange, time + dice_.between(0, 2 * kSecond));
            event.machines = 1U << machine;
            builder_.add(event);
        }
    }

    SimTime next_gap() {
        const Settings& s = builder_.settings();
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
        const Settings& s = builder_.settings();
        Event event = builder_.make_event(EventKind::kRequest, time);
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
            event.think =
                std::min(event.think, kSecond / 2);  // pecl/memcache has nothing but its lease
        }
        return builder_.add(event);
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
        // Without locks a store is a `set`: if it is refused, the old value is lost.
        return choice < 98 || !builder_.settings().locking ? Operation::kLookUp
                                                           : Operation::kTooLarge;
    }

    void add_death(const Event& request) {
        const uint32_t phase = dice_.below(5);
        builder_.add_death_at(request, phase, dice_.below(4));
    }

    void add_fault(SimTime near) {
        const Settings& s = builder_.settings();
        SimTime begin = near + dice_.between(-2 * kMillisecond, 4 * kMillisecond);
        if (dice_.chance(0.2)) {
            begin = near + dice_.between(-kSecond, kSecond);
        }
        Event event = builder_.make_event(EventKind::kFault, std::max<SimTime>(0, begin));
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
        make_full(&event);
        make_limit(&event);
        builder_.add(event);
    }

    // Servers that are full stay so for a while, and often for locks alone.
    void make_full(Event* event) const {
        if (builder_.settings().only_full) {
            event->fault = FaultKind::kMemoryShort;
            event->length = std::max(event->length, kSecond);
            event->within_commands = 0;
        } else if (event->fault == FaultKind::kMemoryShort) {
            event->variant = false;
        }
    }

    // Some servers that were to be cut off have as many connections as they may have. Drawn apart,
    // so that the other histories do not depend on it.
    void make_limit(Event* event) const {
        if (event->fault == FaultKind::kCutOff &&
            Dice(builder_.seed() * 0xd6e8feb86659fd93ULL + event->number).chance(0.2)) {
            event->fault = FaultKind::kConnectionLimit;
        }
    }

    // While some requests hold their session. Drawn apart, so that the rest of a history does not
    // depend on it.
    void add_moves() {
        Dice moves(builder_.seed() * 0xd1342543de82ef95ULL + 7);
        if (!moves.chance(0.15)) {
            return;
        }
        const std::vector<Event> requests = builder_.events_of(EventKind::kRequest);
        for (uint32_t left = 1 + moves.below(4); left > 0 && !requests.empty(); --left) {
            const Event& held = requests[moves.below(static_cast<uint32_t>(requests.size()))];
            Event event = builder_.make_event(
                EventKind::kMove, held.at + moves.between(0, held.think + 2 * kMillisecond));
            event.server = moves.below(builder_.settings().servers);
            builder_.add(event);
        }
    }

    // At the end every machine uses every session. Then as many servers are lost as the promises
    // allow, and every session must still be readable.
    void add_last_look(SimTime time) {
        const Settings& s = builder_.settings();
        time += 9 * kSecond + s.lease;
        for (int round = 0; round < 3; ++round) {
            for (uint32_t process = 0; process < s.processes; ++process) {
                for (uint32_t session = 0; session < s.sessions; ++session) {
                    Event event = builder_.make_event(EventKind::kRequest, time);
                    event.process = process;
                    event.session = session;
                    event.operation = round < 2 ? dice_.pick({Operation::kWrite, Operation::kTouch})
                                                : Operation::kPeek;
                    builder_.add(event);
                    time += 30 * kMillisecond;
                }
            }
            time += s.retry_interval + s.timeout;
            if (round == 1 && fault_chance_ > 0 && !s.only_full) {
                for (uint32_t server = 0; server + 1 < s.redundancy; ++server) {
                    Event event = builder_.make_event(EventKind::kFault, time);
                    event.fault = FaultKind::kCrash;
                    event.server = dice_.below(s.servers);
                    event.length = 60 * kSecond;
                    builder_.add(event);
                }
                time += kMillisecond;
            }
        }
    }

    ScenarioBuilder builder_;
    Dice& dice_;
    Dice merging_;
    Dice changing_;
    uint32_t steps_ = 0;
    double fault_chance_ = 1;
    double death_chance_ = 0.06;
};

}  // namespace

Scenario make_scenario(uint64_t seed) {
    return Generator(seed).make();
}

}  // namespace memcache_session::sim

#include "tests/sim/scenario.h"

#include <algorithm>
#include <cstdio>

#include "tests/sim/text.h"

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
        const uint32_t waves = 2 + dice_.below(8);
        for (uint32_t i = 0; i < waves; ++i) {
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
            if (dice_.chance(0.06)) {
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
        Event event = make_event(EventKind::kDeath, request.at);
        event.request = request.number;
        event.phase = dice_.below(5);
        event.sends = dice_.below(4);
        add(event);
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
    Scenario scenario_;
};

std::string machines_text(uint32_t machines) {
    if (machines == ~0U) {
        return "all";
    }
    std::string text;
    for (uint32_t machine = 0; machine < 32; ++machine) {
        if ((machines >> machine & 1) != 0) {
            text += (text.empty() ? "web" : ",web") + std::to_string(machine);
        }
    }
    return text;
}

std::string describe_fault(const Event& event) {
    std::string text = std::string(kFaultNames[static_cast<int>(event.fault)]) + " of " +
                       server_name(event.server);
    switch (event.fault) {
        case FaultKind::kCrash:
            text += event.variant ? ", silent" : "";
            break;
        case FaultKind::kCutOff:
            text += " from " + machines_text(event.machines);
            text += event.second_variant ? ", answers only" : "";
            text += event.variant ? ", connecting refused" : "";
            break;
        case FaultKind::kReset:
        case FaultKind::kSlow:
            text += " for " + machines_text(event.machines);
            break;
        case FaultKind::kEvict:
            text += ", " + session_name(event.session) + (event.second_variant ? ".lock" : "");
            break;
        case FaultKind::kHang:
        case FaultKind::kMemoryShort:
            break;
    }
    if (event.within_commands > 0 &&
        (event.fault == FaultKind::kCrash || event.fault == FaultKind::kHang)) {
        text += ", after " + std::to_string(event.within_commands - 1) + " of the next commands";
    }
    return text + (event.length > 0 ? ", for " + time_text(event.length) + " s" : "");
}

}  // namespace

Scenario make_scenario(uint64_t seed) {
    return Generator(seed).make();
}

std::string time_text(SimTime time) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6f", static_cast<double>(time) / kSecond);
    return text;
}

std::string describe(const Settings& s) {
    std::string text = std::to_string(s.servers) + " servers, " + std::to_string(s.redundancy) +
                       " copies, failover " + (s.allow_failover ? "on" : "off") + ", " +
                       std::to_string(s.processes) + " processes on " + std::to_string(s.machines) +
                       " machines, timeout " + time_text(s.timeout) + ", retry_interval " +
                       time_text(s.retry_interval) + ", lease " + time_text(s.lease) +
                       ", lock wait " + time_text(s.lock_wait);
    text += s.persistent ? ", persistent" : "";
    text += s.locking ? "" : ", no locks";
    text += s.lock_waiters > 0 ? ", waiters at most " + std::to_string(s.lock_waiters) : "";
    text += s.lifetime < 60 ? ", lifetime " + std::to_string(s.lifetime) + " s" : "";
    text += s.read_only_on_lock_failure ? ", read-only on lock failure" : "";
    text += s.stored_at_begin ? ", stored at begin v" + std::to_string(s.version_at_begin) : "";
    text += s.limited ? ", fewer than R failed" : ", any number failed";
    return text;
}

std::string describe(const Event& event) {
    const std::string head = time_text(event.at) + " #" + std::to_string(event.number) + " ";
    switch (event.kind) {
        case EventKind::kRequest:
            return head + "p" + std::to_string(event.process) + " " +
                   kOperationNames[static_cast<int>(event.operation)] + " " +
                   session_name(event.session) + (event.strict ? ", strict" : "") + ", thinks " +
                   time_text(event.think) + " s";
        case EventKind::kDeath:
            return head + "kill in request #" + std::to_string(event.request) + ", phase " +
                   std::to_string(event.phase) + " after " + std::to_string(event.sends) + " sends";
        case EventKind::kFault:
            return head + describe_fault(event);
    }
    return head;
}

}  // namespace memcache_session::sim

#include "tests/sim/scenario.h"

#include <cstdio>

#include "tests/sim/text.h"

namespace memcache_session::sim {

namespace {

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
        case FaultKind::kMemoryShort:
            text += event.variant ? ", for locks" : "";
            break;
        case FaultKind::kConnectionLimit:
            text += event.variant ? ", closing" : "";
            break;
        case FaultKind::kHang:
            break;
    }
    if (event.within_commands > 0 &&
        (event.fault == FaultKind::kCrash || event.fault == FaultKind::kHang)) {
        text += ", after " + std::to_string(event.within_commands - 1) + " of the next commands";
    }
    return text + (event.length > 0 ? ", for " + time_text(event.length) + " s" : "");
}

std::string describe_change(const Event& event) {
    return ", step " + std::to_string(event.step) + ": " +
           kChangeNames[static_cast<int>(event.change)] +
           (event.variant ? " of one that has ended" : "") +
           (event.length > 0 ? " of one that ends " + time_text(event.length) + " s later" : "");
}

}  // namespace

std::string servers_text(uint32_t servers, uint32_t count) {
    std::string text;
    for (uint32_t server = 0; server < count; ++server) {
        if ((servers >> server & 1) != 0) {
            text += server_name(server);
        }
    }
    return text;
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
    if (s.pool != s.next_pool) {
        text += ", pool " + servers_text(s.pool, s.servers) + ", then " +
                servers_text(s.next_pool, s.servers);
    }
    if (s.changing) {
        text += ", pool " + servers_text(s.pool, s.servers) + " at first";
    }
    for (uint32_t process = 0; process < s.processes; ++process) {
        text += (s.merging_processes >> process & 1) != 0
                    ? ", p" + std::to_string(process) + " merges"
                    : "";
        text += (s.foreign_processes >> process & 1) != 0
                    ? ", p" + std::to_string(process) + " foreign"
                    : "";
    }
    text += s.search < s.servers ? ", searches " + std::to_string(s.search) : "";
    text += s.last_wins ? ", the last change wins" : "";
    text += s.persistent ? ", persistent" : "";
    text += s.locking ? "" : ", no locks";
    text += s.lock_waiters > 0 ? ", waiters at most " + std::to_string(s.lock_waiters) : "";
    text += s.lifetime < 60 ? ", lifetime " + std::to_string(s.lifetime) + " s" : "";
    text += s.read_only_on_lock_failure ? ", read-only on lock failure" : "";
    text += s.stored_at_begin ? ", stored at first v" + std::to_string(s.version_at_begin) : "";
    text += s.only_full ? ", no faults but full servers" : "";
    text += s.limited ? ", fewer than R failed" : ", any number failed";
    return text;
}

std::string describe(const Event& event) {
    const std::string head = time_text(event.at) + " #" + std::to_string(event.number) + " ";
    switch (event.kind) {
        case EventKind::kRequest:
            return head + "p" + std::to_string(event.process) + " " +
                   kOperationNames[static_cast<int>(event.operation)] + " " +
                   session_name(event.session) + "." + std::to_string(event.variable) +
                   (event.strict ? ", strict" : "") + ", thinks " + time_text(event.think) + " s";
        case EventKind::kDeath:
            return head + "kill in request #" + std::to_string(event.request) + ", phase " +
                   std::to_string(event.phase) + " after " + std::to_string(event.sends) + " sends";
        case EventKind::kFault:
            return head + describe_fault(event);
        case EventKind::kPoolChange:
            return head + "the pool changes on " + machines_text(event.machines) +
                   (event.step > 0 ? describe_change(event) : "");
        case EventKind::kMove:
            return head + server_name(event.server) + " moves its items";
    }
    return head;
}

}  // namespace memcache_session::sim

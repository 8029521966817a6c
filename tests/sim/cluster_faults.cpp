// The part of Cluster that breaks and repairs servers and network.
#include <algorithm>
#include <utility>

#include "tests/sim/cluster.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

void Cluster::begin_fault(const Event& fault) {
    Node& node = nodes_[fault.server];
    node.last_change = timeline_.now();
    disturbed();
    if (trace_.on()) {
        trace_.line(server_name(fault.server), "*** " + describe(fault));
    }
    switch (fault.fault) {
        case FaultKind::kCrash:
        case FaultKind::kHang:
            node.faults.push_back(&fault);
            if (fault.within_commands > 0 && node.armed == nullptr && node.deaths == 0 &&
                node.stops == 0) {
                node.armed = &fault;
            } else if (fault.fault == FaultKind::kHang) {
                stop(fault.server);
            } else {
                node.vanished = fault.variant;
                crash(fault.server);
            }
            return;
        case FaultKind::kReset:
            reset_links(fault);
            return;
        case FaultKind::kEvict:
            evict(fault);
            return;
        case FaultKind::kMemoryShort:
            node.server.set_memory_short(true, fault.variant);
            was_full_ = true;
            break;
        case FaultKind::kCutOff:
        case FaultKind::kSlow:
        case FaultKind::kConnectionLimit:
            break;
    }
    node.faults.push_back(&fault);
}

void Cluster::end_fault(const Event& fault) {
    Node& node = nodes_[fault.server];
    const auto at = std::find(node.faults.begin(), node.faults.end(), &fault);
    if (at == node.faults.end()) {
        return;
    }
    node.faults.erase(at);
    node.last_change = timeline_.now();
    disturbed();
    if (trace_.on()) {
        trace_.line(server_name(fault.server),
                    std::string("*** end of ") + kFaultNames[static_cast<int>(fault.fault)]);
    }
    switch (fault.fault) {
        case FaultKind::kCrash:
            if (node.armed == &fault) {
                node.armed = nullptr;
            } else if (--node.deaths == 0) {
                node.server.start(timeline_.now());
            }
            break;
        case FaultKind::kHang:
            if (node.armed == &fault) {
                node.armed = nullptr;
            } else if (node.stops > 0 && --node.stops == 0) {
                go_on(fault.server);
            }
            break;
        case FaultKind::kMemoryShort:
            node.server.set_memory_short(false);
            break;
        case FaultKind::kCutOff:
            reconnect_network(fault.server);
            break;
        case FaultKind::kReset:
        case FaultKind::kSlow:
        case FaultKind::kEvict:
        case FaultKind::kConnectionLimit:
            break;
    }
}

// The server dies or stops while it runs the message.
void Cluster::strike(Node& node, uint32_t server, Message* message) {
    const Event& fault = *node.armed;
    node.armed = nullptr;
    disturbed();
    if (message->trip != nullptr && message->executed > 0 && message->dice.chance(0.5)) {
        const size_t answered = 1 + message->dice.below(static_cast<uint32_t>(message->executed));
        Trip* trip = message->trip;
        if (answered == message->count) {
            connections_[message->connection - 1].trip = nullptr;
            trip->message = nullptr;
            message->trip = nullptr;
        }
        trip->owner->on_answers(trip, *message, answered);
    }
    if (fault.fault == FaultKind::kCrash) {
        drop(message);
        node.vanished = fault.variant;
        crash(server);
    } else {
        node.backlog.push_back(message);
        stop(server);
    }
}

void Cluster::crash(uint32_t server) {
    Node& node = nodes_[server];
    ++node.deaths;
    ++node.life;
    std::fill(lock_losses_.begin(), lock_losses_.end(), timeline_.now());
    node.stops = 0;
    for (Message* message : std::exchange(node.backlog, {})) {
        drop(message);
    }
    for (Link& link : connections_) {
        if (link.server == server && !link.reset) {
            if (node.vanished) {
                link.reset = true;
            } else {
                close_link(link, latency(dice_, link.machine, server));
            }
        }
    }
}

void Cluster::stop(uint32_t server) {
    Node& node = nodes_[server];
    if (node.deaths == 0 && node.stops++ == 0) {
        node.server.freeze_clock(timeline_.now());
    }
}

// The commands that arrived meanwhile run now, in any order and among new ones, also before the
// server's clock is right again.
void Cluster::go_on(uint32_t server) {
    Node& node = nodes_[server];
    const uint64_t life = node.life;
    const SimTime thaw = dice_.chance(0.5) ? 0 : dice_.between(0, 4 * kMillisecond);
    timeline_.at(timeline_.now() + thaw, [this, server, life] {
        if (nodes_[server].life == life && nodes_[server].stops == 0) {
            nodes_[server].server.thaw_clock();
            nodes_[server].last_change = timeline_.now();
            disturbed();
        }
    });
    for (Message* message : std::exchange(node.backlog, {})) {
        const SimTime after = dice_.between(0, 3 * kMillisecond);
        timeline_.at(timeline_.now() + after, [this, message] { deliver(message); });
    }
}

// TCP sends lost packets again, also those of clients that gave up meanwhile.
void Cluster::reconnect_network(uint32_t server) {
    Node& node = nodes_[server];
    for (Message* message : std::exchange(node.held, {})) {
        const bool waiting = message->trip != nullptr;
        if (!waiting && dice_.chance(0.3)) {
            drop(message);
            continue;
        }
        const SimTime after = dice_.between(0, waiting ? 100 * kMillisecond : kSecond);
        timeline_.at(timeline_.now() + after, [this, message] { deliver(message); });
    }
    for (Message* message : std::exchange(node.held_replies, {})) {
        const SimTime after = dice_.between(0, 100 * kMillisecond);
        timeline_.at(timeline_.now() + after, [this, message] { arrive(message); });
    }
}

void Cluster::reset_links(const Event& fault) {
    for (Link& link : connections_) {
        if (link.server == fault.server && (fault.machines >> link.machine & 1) != 0 &&
            !link.reset) {
            close_link(link, latency(dice_, link.machine, link.server));
        }
    }
}

void Cluster::evict(const Event& fault) {
    std::string key = session_name(fault.session);
    if (fault.second_variant) {
        key += ".lock";
    }
    if (nodes_[fault.server].deaths == 0 && nodes_[fault.server].server.evict(key) &&
        fault.second_variant) {
        lock_losses_[fault.session] = timeline_.now();
    }
}

void Cluster::move_items(uint32_t server) {
    last_move_ = timeline_.now();
    if (is_running(server)) {
        nodes_[server].server.move_items();
    }
}

bool Cluster::is_unreliable(uint32_t server) const {
    return std::any_of(
        nodes_[server].faults.begin(), nodes_[server].faults.end(), [](const Event* fault) {
            return fault->fault == FaultKind::kSlow || fault->fault == FaultKind::kMemoryShort;
        });
}

}  // namespace memcache_session::sim

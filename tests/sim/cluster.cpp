#include "tests/sim/cluster.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tests/sim/text.h"

namespace memcache_session::sim {

Cluster::Cluster(const Settings& settings, Timeline& timeline, Trace& trace)
    : settings_(settings),
      timeline_(timeline),
      trace_(trace),
      dice_(settings.placement_salt),
      lock_losses_(settings.sessions, -1) {
    for (uint32_t server = 0; server < settings.servers; ++server) {
        SimServer::Options options;
        options.meta = (settings.meta_servers >> server & 1) != 0;
        nodes_.emplace_back(options);
        // Their clocks tick at different moments.
        nodes_.back().server.start(-static_cast<SimTime>(dice_.below(kSecond)));
    }
}

SimTime Cluster::latency(Dice& dice, uint32_t machine, uint32_t server) {
    const bool usual = !dice.chance(0.03);
    SimTime time = usual ? dice.between(100, 500) : dice.between(500, 5 * kMillisecond);
    for (const Event* fault : nodes_[server].faults) {
        if (fault->fault == FaultKind::kSlow && (fault->machines >> machine & 1) != 0 &&
            dice.chance(0.5)) {
            time += dice.between(0, settings_.timeout * 5 / 2);
        }
    }
    return time;
}

// The fault that keeps packets from going there, or `answers` from coming back; or null.
const Event* Cluster::cut_off(uint32_t machine, uint32_t server, bool answers) const {
    for (const Event* fault : nodes_[server].faults) {
        if (fault->fault == FaultKind::kCutOff && (fault->machines >> machine & 1) != 0 &&
            (answers || !fault->second_variant)) {
            return fault;
        }
    }
    return nullptr;
}

bool Cluster::is_unreliable(uint32_t server) const {
    return std::any_of(
        nodes_[server].faults.begin(), nodes_[server].faults.end(), [](const Event* fault) {
            return fault->fault == FaultKind::kSlow || fault->fault == FaultKind::kMemoryShort;
        });
}

void Cluster::connect(Trip* trip) {
    const SimTime there = latency(trip->dice, trip->machine, trip->server);
    timeline_.at(timeline_.now() + there, [this, trip, serial = trip->serial] {
        if (trip->serial != serial) {
            return;
        }
        const uint32_t server = trip->server;
        const SimTime back = timeline_.now() + latency(trip->dice, trip->machine, server);
        const Event* fault = cut_off(trip->machine, server, true);
        const Node& node = nodes_[server];
        const bool refused = node.deaths > 0 && !node.vanished;
        if (fault != nullptr && !fault->variant) {
            return;
        }
        if (fault != nullptr || refused) {
            const int error = fault != nullptr ? EHOSTUNREACH : ECONNREFUSED;
            timeline_.at(back, [trip, serial, error] {
                if (trip->serial == serial) {
                    trip->owner->on_connect_failed(trip, {FailureKind::kConnect, error});
                }
            });
            return;
        }
        if (node.deaths > 0) {
            return;
        }
        Link link;
        link.machine = trip->machine;
        link.server = server;
        link.life = node.life;
        connections_.push_back(link);
        timeline_.at(back, [trip, serial, id = connections_.size()] {
            if (trip->serial == serial) {
                trip->owner->on_connected(trip, id);
            }
        });
    });
}

void Cluster::send(Trip* trip) {
    Message* message = take_message();
    const Request& request = *trip->request;
    message->trip = trip;
    message->connection = trip->connection;
    message->dice = Dice(trip->dice.next());
    message->count = request.command_count;
    message->executed = 0;
    for (size_t i = 0; i < request.command_count; ++i) {
        message->keys[i] = request.commands[i].key;
        message->values[i] = request.commands[i].value;
        message->commands[i] = request.commands[i];
        message->commands[i].key = message->keys[i];
        message->commands[i].value = message->values[i];
    }
    trip->message = message;
    connections_[trip->connection - 1].trip = trip;
    const SimTime there = latency(message->dice, trip->machine, request.server);
    timeline_.at(timeline_.now() + there, [this, message] { deliver(message); });
}

void Cluster::abandon(Trip* trip) {
    if (trip->connection != 0) {
        connections_[trip->connection - 1].trip = nullptr;
    }
    if (trip->message != nullptr) {
        forget(trip->message);
    }
}

// Nobody waits for the message any longer; what of it has not run may still run.
void Cluster::forget(Message* message) {
    message->trip->message = nullptr;
    message->trip = nullptr;
    if (message->executed < message->count) {
        ++nodes_[connections_[message->connection - 1].server].late_messages;
    }
}

Message* Cluster::take_message() {
    if (free_messages_.empty()) {
        return &messages_.emplace_back();
    }
    Message* message = free_messages_.back();
    free_messages_.pop_back();
    return message;
}

// The message will not run any further.
void Cluster::drop(Message* message) {
    if (message->trip != nullptr) {
        message->trip->message = nullptr;
        message->trip = nullptr;
    } else if (message->executed < message->count) {
        --nodes_[connections_[message->connection - 1].server].late_messages;
        disturbed();
    }
    free_messages_.push_back(message);
}

void Cluster::deliver(Message* message) {
    Link& link = connections_[message->connection - 1];
    Node& node = nodes_[link.server];
    if (cut_off(link.machine, link.server, false) != nullptr) {
        node.held.push_back(message);
        return;
    }
    if (link.reset || link.life != node.life || node.deaths > 0) {
        drop(message);
        if (node.deaths == 0 || !node.vanished) {
            close_link(link, latency(dice_, link.machine, link.server));
        }
        return;
    }
    if (node.stops > 0) {
        if (trace_.on()) {
            trace_.line(server_name(link.server), "keeps for later: " + text_of(*message));
        }
        node.backlog.push_back(message);
        return;
    }
    execute(message);
}

void Cluster::execute(Message* message) {
    Link& link = connections_[message->connection - 1];
    Node& node = nodes_[link.server];
    const Event* strikes = node.armed;
    size_t count = message->count;
    if (strikes != nullptr) {
        count = std::min<size_t>(count, strikes->within_commands - 1);
    }
    const bool late = message->trip == nullptr && message->executed < message->count;
    for (size_t& i = message->executed; i < count; ++i) {
        Reply reply = node.server.run(message->commands[i], timeline_.now());
        message->reply_values[i] = reply.value;
        reply.value = message->reply_values[i];
        message->replies[i] = reply;
        if (trace_.on()) {
            trace_.line(server_name(link.server), std::string(late ? "runs late: " : "") +
                                                      text_of(message->commands[i]) + " -> " +
                                                      text_of(reply));
        }
    }
    if (strikes != nullptr) {
        strike(node, link.server, message);
        return;
    }
    if (late) {
        --node.late_messages;
        disturbed();
    }
    if (message->trip == nullptr) {
        free_messages_.push_back(message);
        return;
    }
    const SimTime back = latency(message->dice, link.machine, link.server);
    timeline_.at(timeline_.now() + back, [this, message] { arrive(message); });
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

void Cluster::arrive(Message* message) {
    Link& link = connections_[message->connection - 1];
    if (message->trip == nullptr) {
        free_messages_.push_back(message);
        return;
    }
    if (cut_off(link.machine, link.server, true) != nullptr) {
        nodes_[link.server].held_replies.push_back(message);
        return;
    }
    Trip* trip = message->trip;
    link.trip = nullptr;
    trip->message = nullptr;
    message->trip = nullptr;
    trip->owner->on_answers(trip, *message, message->count);
    free_messages_.push_back(message);
}

// The client learns of it after a while, unless it is cut off.
void Cluster::close_link(Link& link, SimTime after) {
    link.reset = true;
    ++nodes_[link.server].unnoticed_closes;
    const size_t index = static_cast<size_t>(&link - connections_.data());
    timeline_.at(timeline_.now() + after, [this, index] {
        Link& closed = connections_[index];
        --nodes_[closed.server].unnoticed_closes;
        if (closed.closed_by_server || cut_off(closed.machine, closed.server, true) != nullptr) {
            return;
        }
        closed.closed_by_server = true;
        if (Trip* trip = closed.trip) {
            closed.trip = nullptr;
            if (trip->message != nullptr) {
                forget(trip->message);
            }
            trip->owner->on_closed(trip);
        }
    });
}

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
            node.server.set_memory_short(true);
            break;
        case FaultKind::kCutOff:
        case FaultKind::kSlow:
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
            break;
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

// What was sent meanwhile runs now, in any order and among new commands, even before the server's
// clock is right again.
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

// Lost packets are sent again, at growing intervals, also those of clients that gave up meanwhile.
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

}  // namespace memcache_session::sim

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
        options.item_size_max = kItemSizeMax;
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

const Event* Cluster::fault_of(uint32_t server, FaultKind kind) const {
    for (const Event* fault : nodes_[server].faults) {
        if (fault->fault == kind) {
            return fault;
        }
    }
    return nullptr;
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
        const Event* limit = fault_of(server, FaultKind::kConnectionLimit);
        if ((fault != nullptr && !fault->variant) || (limit != nullptr && !limit->variant)) {
            return;
        }
        if (limit != nullptr) {
            timeline_.at(back, [trip, serial] {
                if (trip->serial == serial) {
                    trip->owner->on_connect_failed(trip, {FailureKind::kTooManyConnections, 0});
                }
            });
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
    // The server has told in an earlier phase of the connection what it speaks.
    const bool speaks_meta = (settings_.meta_servers >> request.server & 1) != 0;
    message->wire = trip->kept && speaks_meta ? Wire::kMeta : Wire::kClassic;
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

// Nobody waits for the message any longer. Those of its commands that have not run may still run.
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

// No further command of the message will run.
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
        Reply reply = node.server.run(message->commands[i], timeline_.now(), message->wire);
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

// The client learns that the link is closed after a while, unless it is cut off.
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

}  // namespace memcache_session::sim

// The simulated servers, the network in front of them, and the faults of both.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "src/net/exchange.h"
#include "tests/sim/scenario.h"
#include "tests/sim/sim_server.h"
#include "tests/sim/timeline.h"
#include "tests/sim/trace.h"

namespace memcache_session::sim {

struct Message;
struct Trip;

// The client side of a trip.
class TripOwner {
public:
    virtual ~TripOwner() = default;
    virtual void on_connected(Trip* trip, ConnectionId connection) = 0;
    virtual void on_connect_failed(Trip* trip, Failure failure) = 0;
    // The first `count` replies of the message have arrived.
    virtual void on_answers(Trip* trip, const Message& message, size_t count) = 0;
    virtual void on_closed(Trip* trip) = 0;
};

// The share of one server in a phase, as its client sees it.
struct Trip {
    TripOwner* owner = nullptr;
    uint64_t serial = 0;         // changes when the trip begins and ends, to recognise late events
    Request* request = nullptr;  // not valid when the trip is done
    uint32_t machine = 0;
    uint32_t server = 0;
    Dice dice{0};
    bool done = true;
    bool kept = false;  // the connection is older than the phase
    ConnectionId connection = 0;
    Message* message = nullptr;  // on its way to the server, or back
};

// Commands on their way to a server, and the replies on their way back. The message owns its bytes,
// because they may arrive long after their sender has given up or died.
struct Message {
    Trip* trip = nullptr;  // null: nobody waits for it any longer
    ConnectionId connection = 0;
    Dice dice{0};
    Wire wire = Wire::kClassic;
    size_t count = 0;
    size_t executed = 0;
    std::array<std::string, kCommandsMax> keys;
    std::array<std::string, kCommandsMax> values;
    std::array<Command, kCommandsMax> commands;
    std::array<std::string, kCommandsMax> reply_values;
    std::array<Reply, kCommandsMax> replies;
};

class Cluster {
public:
    Cluster(const Settings& settings, Timeline& timeline, Trace& trace);

    // Each leads to one call of the trip's owner later, or to none if nothing comes back.
    void connect(Trip* trip);
    void send(Trip* trip);
    // The client closes the connection of the trip and does not wait for it any longer.
    void abandon(Trip* trip);

    // Whether the client has learnt that the server closed the connection.
    bool is_closed(ConnectionId connection) const {
        return connections_[connection - 1].closed_by_server;
    }

    void begin_fault(const Event& fault);
    void end_fault(const Event& fault);

    // Whether one of these is true: a fault of the server lasts, or its clock has not advanced
    // since. It has yet to run commands of clients that gave up. Clients have yet to learn that it
    // closed their connections.
    bool is_disturbed(uint32_t server) const {
        const Node& node = nodes_[server];
        return !node.faults.empty() || node.server.clock_stands() || node.late_messages > 0 ||
               node.unnoticed_closes > 0;
    }
    // Whether a fault lasts that hits commands at random.
    bool is_unreliable(uint32_t server) const;
    // When a fault of the server last began or ended; -1: never.
    SimTime last_change(uint32_t server) const { return nodes_[server].last_change; }
    // When a fault last began, ended or struck, a late command ran, or a pool changed.
    SimTime last_disturbance() const { return last_disturbance_; }
    void disturbed() { last_disturbance_ = timeline_.now(); }

    // Whether a server was full at some time. Requests may then hold a session without its lock.
    bool was_full() const { return was_full_; }

    // See EventKind::kMove. No disturbance, but it may cost phases.
    void move_items(uint32_t server);
    SimTime last_move() const { return last_move_; }

    // When a lock of the session was last evicted, or lost with a server; -1: never.
    SimTime last_lock_loss(uint32_t session) const { return lock_losses_[session]; }

    SimTime now() const { return timeline_.now(); }
    bool is_running(uint32_t server) const { return nodes_[server].deaths == 0; }
    SimServer& server(uint32_t server) { return nodes_[server].server; }
    uint32_t server_count() const { return static_cast<uint32_t>(nodes_.size()); }

private:
    struct Node {
        explicit Node(SimServer::Options options) : server(options) {}
        SimServer server;
        std::vector<const Event*> faults;  // those that last
        uint64_t life = 1;                 // grows with each death
        int deaths = 0;                    // crashes that last
        int stops = 0;                     // hangs that last
        bool vanished = false;             // dead, and nothing refuses connections
        const Event* armed = nullptr;      // strikes when the next commands arrive
        std::vector<Message*> backlog;     // arrived while stopped
        std::vector<Message*> held;        // lost packets, sent again when the network is back
        std::vector<Message*> held_replies;
        SimTime last_change = -1;
        int unnoticed_closes = 0;
        int late_messages = 0;  // not run yet, and nobody waits for them
    };
    struct Link {
        uint32_t machine;
        uint32_t server;
        uint64_t life;
        Trip* trip = nullptr;           // it waits for a reply on this link
        bool reset = false;             // closed by the server, whether the client knows or not
        bool closed_by_server = false;  // and the client knows
    };

    SimTime latency(Dice& dice, uint32_t machine, uint32_t server);
    const Event* fault_of(uint32_t server, FaultKind kind) const;
    const Event* cut_off(uint32_t machine, uint32_t server, bool answers) const;
    void deliver(Message* message);
    void execute(Message* message);
    void strike(Node& node, uint32_t server, Message* message);
    void arrive(Message* message);
    void close_link(Link& link, SimTime after);
    void crash(uint32_t server);
    void stop(uint32_t server);
    void go_on(uint32_t server);
    void reconnect_network(uint32_t server);
    void reset_links(const Event& fault);
    void evict(const Event& fault);

    Message* take_message();
    void drop(Message* message);
    void forget(Message* message);

    const Settings& settings_;
    Timeline& timeline_;
    Trace& trace_;
    std::vector<Node> nodes_;
    std::vector<Link> connections_;  // by ConnectionId, from 1
    std::deque<Message> messages_;
    std::vector<Message*> free_messages_;
    Dice dice_;
    SimTime last_disturbance_ = -1;
    SimTime last_move_ = -1;
    bool was_full_ = false;
    std::vector<SimTime> lock_losses_;
};

}  // namespace memcache_session::sim

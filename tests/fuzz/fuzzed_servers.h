// Servers that reply with what the fuzz input chooses: honest replies of a model of memcached,
// replies of the right form with wrong contents, bytes as they come, and silence. All of it passes
// through the parser and the budget for receiving that production uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "src/net/exchange.h"
#include "src/net/incoming.h"
#include "src/net/receive_budget.h"
#include "tests/fuzz/input.h"
#include "tests/sim/sim_server.h"
#include "tests/unit/fake_cluster.h"

namespace memcache_session::fuzz {

// What it refers to outlives it.
class FuzzedServers final : public Exchange {
public:
    FuzzedServers(size_t count, FakeClock& clock, Input* input);

    void run(Purpose purpose, Request* requests, size_t count) override;
    bool usable(uint32_t server) override { return !servers_[server].down || input_->one_in(4); }
    void mark_down(uint32_t server, Failure) override { servers_[server].down = true; }

private:
    struct FuzzedServer {
        sim::SimServer model{sim::SimServer::Options()};
        ConnectionId connection = 1;
        bool speaks_meta = false;
        bool down = false;
    };

    void answer(Request* request, Incoming* incoming);
    Failure receive(Request* request, Incoming* incoming, std::string_view bytes);
    std::string reply_to(FuzzedServer* server, const Command& command);
    std::string honest_reply(FuzzedServer* server, const Command& command);
    static bool is_meta(const FuzzedServer& server, const Command& command) {
        return server.speaks_meta &&
               (command.verb == Verb::kReadMetadata || command.verb == Verb::kDeleteIf);
    }
    std::string shown_item(const FuzzedServer& server, const Command& command);
    std::string shown_value();

    FakeClock& clock_;
    Input* input_;
    std::vector<FuzzedServer> servers_;
    ReceiveBudget budget_;
    std::deque<Incoming> incoming_;
    std::string lock_;  // the latest that was sent
};

}  // namespace memcache_session::fuzz

// Sends expiry dates only to servers whose clock is not ahead of ours.
//
// memcached reads an exptime of more than 30 days as a date. Its clock can be ahead of ours by the
// lifetime or more, for example if a virtual machine started it before the machine's clock was set.
// Such a server answers STORED, but the item has expired. So a server is sent dates only after it
// has shown that its clock is not ahead. Any other server is sent 30 days from now, which needs no
// clock, and each use of the session begins these 30 days anew. protocol.md, "Dates and clocks".
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/base/random.h"
#include "src/net/exchange.h"
#include "src/net/server.h"

namespace memcache_session {

// A server's clock counts as ahead beyond this difference.
constexpr Duration kClockTolerance = std::chrono::minutes(5);

// The states of the servers' clocks. One thread uses it, for the life of its process.
class ServerClocks {
public:
    enum class State {
        kUnknown,
        kAhead,
        kNotAhead,
    };

    // The state that was noted in the last ten minutes. It is kUnknown if our own clock was set
    // since then.
    State state(const std::string& server, const Clock& clock) const;

    // Whether the server was not known as ahead before, and is now.
    bool note(const std::string& server, State state, const Clock& clock);
    void forget(const std::string& server) { entries_.erase(server); }

private:
    struct Entry {
        State state = State::kUnknown;
        TimePoint noted;
        int64_t unix_offset = 0;  // our clock's, from its monotonic time. Seconds
    };

    std::unordered_map<std::string, Entry> entries_;
};

// Runs the requests on another exchange. Before the first date for a server whose clock is unknown,
// one more phase (kStatus) stores an item that expires soon, and reads and deletes it. A server
// that fails then is not sent its request, so that it costs its timeout once.
class DatedExchange final : public Exchange {
public:
    // All of these outlive the object.
    DatedExchange(Exchange& exchange, const std::vector<Server>& servers, const Clock& clock,
                  Random& random, ServerClocks& clocks)
        : exchange_(exchange), servers_(servers), clock_(clock), random_(random), clocks_(clocks) {}

    // Replaces each date for a server that is not known to have the right clock by 30 days.
    void run(Purpose purpose, Request* requests, size_t count) override;

    bool usable(uint32_t server) override { return exchange_.usable(server); }
    Failure why_down(uint32_t server) const override { return exchange_.why_down(server); }
    bool had_outage(uint32_t server) const override { return exchange_.had_outage(server); }
    void mark_down(uint32_t server, Failure failure) override {
        exchange_.mark_down(server, failure);
    }

    // The servers whose clock was found ahead since the last call, and was not known as ahead.
    std::vector<uint32_t> take_ahead() { return std::exchange(ahead_, {}); }

private:
    struct Probe {
        uint32_t server = 0;
        ServerClocks::State state = ServerClocks::State::kUnknown;
        Failure failure;
        std::vector<ReplyKind> replies;
    };

    std::vector<Probe> look_at_clocks(const Request* requests, size_t count);
    void run_probes(std::vector<Probe>* probes);
    void run_commands(const Command* commands, size_t count, std::vector<Probe>* probes);

    Exchange& exchange_;
    const std::vector<Server>& servers_;
    const Clock& clock_;
    Random& random_;
    ServerClocks& clocks_;
    std::vector<uint32_t> ahead_;
};

}  // namespace memcache_session

// The part of SimExchange that notes for the checker what a process asks and is shown.
#include <algorithm>

#include "src/replica/version.h"
#include "tests/sim/sim_exchange.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

SimTime SimExchange::waits_since(uint32_t server) const {
    const bool waits = std::any_of(trips_.begin(), trips_.end(), [server](const Trip& trip) {
        return !trip.done && trip.server == server;
    });
    return waits ? last_phase_begin_ : kNever;
}

uint32_t SimExchange::answered(const std::string& key) const {
    uint32_t servers = 0;
    for (const Seen& seen : seen_) {
        servers |= seen.key == key ? 1U << seen.server : 0;
    }
    return servers;
}

bool SimExchange::saw_tombstone(const std::string& key) const {
    return std::any_of(seen_.begin(), seen_.end(),
                       [&](const Seen& seen) { return seen.key == key && seen.tombstone; });
}

// Whether the caller keeps the REQUIRES of Exchange.
bool SimExchange::check(const Request* requests, size_t count) {
    uint32_t asked = 0;
    for (size_t i = 0; i < count; ++i) {
        const Request& request = requests[i];
        if (request.server >= servers_.size() || (asked >> request.server & 1) != 0) {
            misuse_ = "a phase asks a server twice, or one that there is not";
        } else if (request.command_count == 0 || request.command_count > kCommandsMax) {
            misuse_ = "a request has no command, or too many";
        }
        if (!misuse_.empty()) {
            return false;
        }
        asked |= 1U << request.server;
        const Command& first = request.commands[0];
        if (first.verb == Verb::kAdd && first.flags == kLockFlags) {
            token_ = parse_lock(first.value).token;
        }
    }
    return true;
}

// A server showed an item, or that there is none.
void SimExchange::note(uint32_t server, const std::string& key, const Reply& reply) {
    const bool hit = reply.kind == ReplyKind::kHit;
    seen_.push_back({key, server, hit && ItemFlags::is_tombstone(reply.flags)});
    if (hit && reply.flags == kLockFlags) {
        const Holder holder = parse_lock(reply.value);
        saw_lone_lock_ |= !same_token(holder.token, token_) && holder.set.size() < 2 &&
                          holder.host != host_of_machine(process_.machine());
    }
}

}  // namespace memcache_session::sim

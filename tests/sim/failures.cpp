#include "tests/sim/failures.h"

#include <algorithm>

#include "src/replica/version.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

bool Failures::is_in_pool(uint32_t server) const {
    return std::any_of(clients_.begin(), clients_.end(), [&](const Client* client) {
        const Pool* of_request = client->pool();
        return (client->machine().pool->members() >> server & 1) != 0 ||
               (of_request != nullptr && (of_request->members() >> server & 1) != 0);
    });
}

bool Failures::is_in_every_pool(uint32_t server) const {
    return std::all_of(clients_.begin(), clients_.end(), [&](const Client* client) {
        const Pool* of_request = client->pool();
        return (client->machine().pool->members() >> server & 1) != 0 &&
               (of_request == nullptr || (of_request->members() >> server & 1) != 0);
    });
}

// An item of another program has no version, so a server that was failed may serve an old one: the
// promises allow no failed server then. A server that only some clients use counts as failed.
uint32_t Failures::failed_max() const {
    if (settings_.stored_at_begin && settings_.version_at_begin == kForeignVersion) {
        return 0;
    }
    const uint32_t smaller =
        std::min(count_servers(settings_.pool), count_servers(settings_.next_pool));
    return std::min({settings_.redundancy, settings_.servers, smaller}) - 1;
}

bool Failures::may_change_pool(const Event& change, const std::deque<Machine>& machines,
                               const Pool& next) const {
    uint32_t concerned = 0;
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        const bool is_next = (next.members() >> server & 1) != 0;
        concerned |=
            is_in_every_pool(server) != is_next || is_in_pool(server) != is_next ? 1U << server : 0;
    }
    const bool is_idle = std::all_of(clients_.begin(), clients_.end(), [](const Client* client) {
        return client->pool() == nullptr;
    });
    const bool at_once = is_idle && (~change.machines & ((1U << machines.size()) - 1)) == 0;
    if (at_once) {
        concerned &= ~next.members();
    } else if (settings_.limited && (may_leave_half_a_commit(concerned & ~next.members()) ||
                                     items_moved_in_a_request())) {
        return false;
    }
    // A server that joins while clients cannot use it is failed from the start.
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        const bool joins = (next.members() >> server & 1) != 0 && !is_in_pool(server);
        concerned |= joins && cluster_.is_disturbed(server) ? 1U << server : 0;
    }
    for (uint32_t session = 0; session < settings_.sessions; ++session) {
        if (settings_.limited && count_servers(failed(session) | concerned) > failed_max()) {
            return false;
        }
    }
    return true;
}

// Whether a request that was killed, or will be, leaves its commit on servers that not every client
// knows. A commit of a client that does not know such a server is not raised above it. So of two
// commits of one version a client with the old pool may take the one that was not acknowledged.
bool Failures::may_leave_half_a_commit(uint32_t leaving) const {
    const bool somebody_dies =
        std::any_of(clients_.begin(), clients_.end(),
                    [](const Client* client) { return client->may_die_later(); });
    return somebody_dies || leaves_half_a_commit(leaving);
}

bool Failures::leaves_half_a_commit(uint32_t leaving) const {
    for (uint32_t session = 0; session < settings_.sessions; ++session) {
        Version left = kForeignVersion;
        Version kept = kForeignVersion;
        for (uint32_t server = 0; server < settings_.servers; ++server) {
            const SimServer::Item* item =
                cluster_.server(server).find(session_name(session), cluster_.now());
            Version& newest = (leaving >> server & 1) != 0 ? left : kept;
            const Version shown =
                item != nullptr ? ItemFlags::version(item->flags) : kForeignVersion;
            newest = newest == kForeignVersion || is_newer(shown, newest) ? shown : newest;
        }
        if (left != kForeignVersion && (kept == kForeignVersion || is_newer(left, kept))) {
            return true;
        }
    }
    return false;
}

// Whether a request runs that a moved cas may have kept from a part of its commit.
bool Failures::items_moved_in_a_request() const {
    return std::any_of(clients_.begin(), clients_.end(), [&](const Client* client) {
        return client->pool() != nullptr &&
               client->exchange().request_since() <= cluster_.last_move();
    });
}

uint32_t Failures::count(uint32_t session, uint32_t failed) const {
    const bool is_pair =
        (failed & leaving_) != 0 && (failed & joining_) != 0 && !was_failed_[session];
    return count_servers(failed) - (is_pair ? 1 : 0);
}

bool Failures::all_agree() const {
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        if (is_in_pool(server) != is_in_every_pool(server)) {
            return false;
        }
    }
    return true;
}

bool Failures::may_begin_change(uint32_t leaving, uint32_t joining) const {
    if (!all_agree()) {
        return false;
    }
    if (!settings_.limited) {
        return true;
    }
    const bool somebody_dies =
        std::any_of(clients_.begin(), clients_.end(),
                    [](const Client* client) { return client->may_die_now(); });
    if (somebody_dies || leaves_half_a_commit(leaving) || items_moved_in_a_request()) {
        return false;
    }
    const uint32_t changed = leaving != 0 ? leaving : joining;
    for (uint32_t session = 0; session < settings_.sessions; ++session) {
        if (count_servers(failed(session) | changed) > failed_max()) {
            return false;
        }
    }
    return true;
}

// Those of these servers that have an item of the session. One that joins has an old one.
uint32_t Failures::has_copy(uint32_t session, uint32_t servers) const {
    uint32_t found = 0;
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        const bool has = cluster_.server(server).find(session_name(session), cluster_.now());
        found |= has ? servers & 1U << server : 0;
    }
    return found;
}

// While some machines did not know the server that joined, it may have missed a commit, or a
// destroy. The latter counts for requests that read the session before.
void Failures::change_ends() {
    for (uint32_t session = 0; session < settings_.sessions; ++session) {
        stale_[session] |= has_copy(session, joining_);
        for (uint32_t server = 0; server < settings_.servers; ++server) {
            if ((joining_ & 1U << server) != 0) {
                healed_[session][server] = cluster_.now();
            }
        }
    }
}

void Failures::change_begins(uint32_t leaving, uint32_t joining) {
    leaving_ = leaving;
    joining_ = joining;
    for (uint32_t session = 0; session < settings_.sessions; ++session) {
        was_failed_[session] = (stale_[session] & joining) != 0;
        stale_[session] |= leaving | has_copy(session, joining);
    }
}

void Failures::pool_changes(uint32_t servers) {
    for (uint32_t& stale : stale_) {
        stale |= servers;
    }
}

bool Failures::is_well(uint32_t server) const {
    if (is_in_pool(server) != is_in_every_pool(server)) {
        return false;
    }
    if (cluster_.is_disturbed(server)) {
        return false;
    }
    return std::none_of(clients_.begin(), clients_.end(), [&](const Client* client) {
        return (client->exchange().troubled() >> server & 1) != 0 ||
               client->exchange().waits_since(server) <= cluster_.last_change(server) ||
               client->believes_mark(servers_[server]);
    });
}

uint32_t Failures::failed(uint32_t session) const {
    uint32_t failed = existing_[session] ? stale_[session] : 0;
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        // This holds for a server that has left, too. The one in its place may have missed the
        // session until then.
        const bool asked_before =
            std::any_of(clients_.begin(), clients_.end(), [&](const Client* client) {
                return client->exchange().request_since() <= healed_[session][server];
            });
        if (asked_before || (is_in_pool(server) && !is_well(server))) {
            failed |= 1U << server;
        }
    }
    return failed;
}

bool Failures::may_begin(const Event& fault) const {
    if (settings_.only_full) {
        return true;
    }
    // protocol.md, "Pools with different views".
    if (fault.fault == FaultKind::kReset && !all_agree()) {
        return false;
    }
    for (uint32_t session = 0; session < settings_.sessions; ++session) {
        const bool concerned = fault.fault != FaultKind::kEvict || fault.session == session;
        if (concerned && count(session, failed(session) | 1U << fault.server) > failed_max()) {
            return false;
        }
    }
    return true;
}

void Failures::begins(const Event& fault) {
    if (fault.fault == FaultKind::kReset) {
        return;  // a client that connects again can use the server; missed() notes the others
    }
    for (uint32_t session = 0; session < settings_.sessions; ++session) {
        if (fault.fault != FaultKind::kEvict || fault.session == session) {
            stale_[session] |= 1U << fault.server;
        }
    }
}

void Failures::missed(uint32_t server) {
    for (uint32_t& stale : stale_) {
        stale |= 1U << server;
    }
}

void Failures::store_begins(uint32_t session) {
    if (existing_[session]) {
        return;
    }
    existing_[session] = true;
    stale_[session] = 0;
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        if (!is_well(server)) {
            stale_[session] |= 1U << server;
        }
    }
}

void Failures::committed(uint32_t session, uint32_t servers, bool everywhere) {
    for (uint32_t server = 0; server < settings_.servers; ++server) {
        const bool is_reached =
            is_in_pool(server) ? ((servers >> server & 1) != 0 || everywhere) && is_well(server)
                               : everywhere;
        if (is_reached && (stale_[session] >> server & 1) != 0) {
            stale_[session] &= ~(1U << server);
            healed_[session][server] = cluster_.now();
        }
    }
}

}  // namespace memcache_session::sim

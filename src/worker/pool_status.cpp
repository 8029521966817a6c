#include "src/worker/pool_status.h"

#include "src/base/text.h"

namespace memcache_session {
namespace {

ServerStatus server_status(const Server& server, const HealthTable::Snapshot& health) {
    ServerStatus status;
    status.name = printable(server.name());
    if (health.state != HealthTable::State::kUp) {
        status.state =
            health.state == HealthTable::State::kClosed ? ServerState::kClosed : ServerState::kDown;
        status.reason = health.failure;
        status.timeout = server.timeout;
        status.down_for = health.down_for;
    }
    return status;
}

void add_files(const Server& server, std::vector<std::string>* files) {
    if (server.login) {
        files->push_back(server.login->password_file);
    }
    if (server.tls) {
        for (const std::string& file :
             {server.tls->cafile, server.tls->capath, server.tls->local_cert, server.tls->local_pk,
              server.tls->passphrase_file}) {
            if (!file.empty()) {
                files->push_back(file);
            }
        }
    }
}

std::string whole_seconds_text(Duration time) {
    return seconds_text(std::chrono::duration_cast<std::chrono::seconds>(time));
}

}  // namespace

PoolStatus pool_status(const Pool& pool, const HealthTable& health, const MetaServers& meta_servers,
                       TimePoint now) {
    PoolStatus status;
    status.servers.reserve(pool.servers.size());
    for (const Server& server : pool.servers) {
        status.servers.push_back(server_status(server, health.snapshot(server, now)));
        status.servers.back().speaks = meta_servers.spoken(server);
        add_files(server, &status.files);
    }
    return status;
}

const char* protocol_text(const ServerStatus& server) {
    switch (server.speaks) {
        case MetaServers::Speaks::kUnknown:
            return "";
        case MetaServers::Speaks::kClassic:
            return "classic";
        case MetaServers::Speaks::kMeta:
            return "meta";
        case MetaServers::Speaks::kClassicOnly:
            return "classic; it closes a connection in which it is asked for meta";
    }
    return "";
}

std::string state_text(const SourceState& source) {
    std::string text =
        source.changed_ago ? std::to_string(source.nodes) + " servers" : "no list yet";
    if (source.version != 0) {
        text += " (version " + std::to_string(source.version) + ")";
    }
    if (source.asked_ago) {
        text += ", asked " + whole_seconds_text(*source.asked_ago) + " ago";
    }
    if (source.changed_ago) {
        text += ", unchanged for " + whole_seconds_text(*source.changed_ago);
    }
    if (!source.failure.empty()) {
        text += "; it has given no list for " + whole_seconds_text(source.failing_for) + ": " +
                source.failure;
    }
    return printable(text);
}

std::string state_text(const ServerStatus& server) {
    if (server.state == ServerState::kUp) {
        return "up";
    }
    const bool is_closed = server.state == ServerState::kClosed;
    return printable("down for " + seconds_text(server.down_for) + ": " +
                     describe(server.reason, server.timeout) +
                     (is_closed ? "; no new connections" : "; left alone") +
                     " until it is well again");
}

}  // namespace memcache_session

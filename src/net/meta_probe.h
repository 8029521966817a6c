// Finding out whether a server speaks the meta protocol. protocol.md, "The meta protocol".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "src/net/server.h"
#include "src/wire/protocol.h"

namespace memcache_session {

// Sent before the first commands of a connection, in the same write.
constexpr std::string_view kMetaProbe = "mn\r\nversion\r\n";

struct ProbeReply {
    // kMalformed: no server that speaks a protocol of memcached sends these bytes.
    ParsedReply::State state = ParsedReply::State::kIncomplete;
    size_t consumed = 0;       // kComplete only: the bytes of the input that are the reply
    bool speaks_meta = false;  // kComplete only: and in a version in which all that we use is right
    bool has_text = false;     // kComplete only: the first line is an error that gives a reason
};

// Reads the reply to kMetaProbe at the front of `input`.
ProbeReply parse_probe_reply(std::string_view input);

// What the servers of a process speak, by their endpoints. One thread. Survives fork().
class MetaServers {
public:
    enum class Speaks : uint8_t {
        kUnknown,
        kClassic,
        kMeta,
        kClassicOnly,  // it closes a connection in which it is asked for meta
    };

    Speaks spoken(const Server& server) const;
    void note(const Server& server, Speaks speaks);
    void forget(const Endpoint& endpoint) { entries_.erase(endpoint.hash()); }

    // Whether new connections to the server begin with the probe. A proxy is never asked.
    bool is_probed(const Server& server) const {
        return !server.proxy && spoken(server) != Speaks::kClassicOnly;
    }

private:
    std::unordered_map<uint64_t, Speaks> entries_;  // by Endpoint::hash()
};

}  // namespace memcache_session

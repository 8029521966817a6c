// What memcached servers say of themselves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/net/exchange.h"
#include "src/pool/pool.h"

namespace memcache_session {

struct AskedServer {
    std::string error;  // printable: why there is no answer, and nothing below counts. Empty: none
    std::string version;
    uint64_t uptime = 0;  // seconds
    uint64_t items = 0;
    uint64_t evictions = 0;
    uint64_t bytes = 0;
    uint64_t bytes_max = 0;
    uint64_t connections = 0;
    uint64_t hits = 0;
    uint64_t misses = 0;
};

// Asks all servers in one phase, one answer for each. A server that is marked down is not asked. A
// proxy is not asked either, because nutcracker closes the connection, and others tell of
// themselves.
std::vector<AskedServer> ask_servers(const Pool& pool, Exchange& exchange);

// Reads the value of a reply to Command::statistics(). A figure that is missing or no number is 0.
AskedServer parse_statistics(std::string_view lines);

}  // namespace memcache_session

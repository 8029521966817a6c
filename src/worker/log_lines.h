// Lines for PHP's error log: servers that failed or are back, sources of servers, large sessions,
// sessions that cannot be merged, and changes that were lost to a change of the id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/net/socket_exchange.h"
#include "src/pool/pool.h"

namespace memcache_session {

// One thread only.
class LogLines {
public:
    // Adds a line for each event. REQUIRES: the servers of the events are in the pool.
    void add(const std::vector<HealthEvent>& events, const Pool& pool);

    // Adds a line as it is. REQUIRES: it is printable.
    void add_line(const std::string& line) { lines_.push_back(line); }

    // Adds a line for each server that is back.
    void add_recovered(const std::vector<Probes::Recovered>& recovered);

    // Adds a line for each server whose clock is ahead. REQUIRES: they are in the pool.
    void add_clocks(const std::vector<uint32_t>& ahead, const Pool& pool);

    // Adds a line that sessions cannot be merged, once for each object: once for each process.
    void add_unmergeable(std::string_view serialize_handler);

    // Adds a line about a session of `size` bytes, more than `warn_size`, that a request to `path`
    // has stored.
    void add_size(size_t size, size_t warn_size, std::string_view path);

    // Adds a line about changes that a request to `path` could not keep, although it succeeded.
    void add_lost(std::string_view note, std::string_view path);

    // The next line, printable, or null. The text lives until the next call.
    const char* next() noexcept;

private:
    std::vector<std::string> lines_;
    size_t taken_ = 0;
    bool told_unmergeable_ = false;
};

}  // namespace memcache_session

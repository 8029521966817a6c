// What memcache_session_inspect() shows, as values, and the calls behind it and
// memcache_session_kill(). docs/status.md has the meaning of each.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/pool/pool.h"
#include "src/session/options.h"
#include "src/worker/opened_session.h"

namespace memcache_session {

// All texts are printable.
struct CopyReport {
    std::string name;
    bool in_set = false;
    const char* state = "";
    std::string reason;  // empty: none
    bool has_item = false;
    uint16_t version = 0;  // with an item only, as those below
    size_t size = 0;
    bool compressed = false;
    std::optional<int64_t> expires;  // Unix time, 0 for never; nothing: unknown
    bool locked = false;
};

struct LockReport {
    int64_t pid = 0;
    std::string host;
    std::string path;
    int64_t since = 0;  // Unix time; 0: unknown
    int64_t age = 0;    // seconds
    const char* holder = "";
};

struct SessionReport {
    std::string problem;  // why there is no report. Empty: there is one
    const char* state = "";
    std::optional<size_t> newest;  // index of the copy that counts
    size_t copies = 0;
    std::optional<LockReport> lock;
    std::vector<CopyReport> servers;
};

// Asks the servers.
SessionReport session_report(const std::shared_ptr<const Pool>& pool, const SessionOptions& options,
                             const WorkerParts& parts, std::string_view sid);

}  // namespace memcache_session

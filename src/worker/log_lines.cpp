#include "src/worker/log_lines.h"

#include <cassert>

#include "src/base/text.h"
#include "src/net/dated_exchange.h"

namespace memcache_session {
namespace {

std::string line_about_recovery(const std::string& server, Duration outage) {
    return "memcache_session: server " + server + " is back; it was down for " +
           seconds_text(outage);
}

std::string line_about(const HealthEvent& event, const Pool& pool) {
    assert(event.server < pool.servers.size());
    const Server& server = pool.servers[event.server];
    if (!event.down) {
        return line_about_recovery(server.name(), event.outage);
    }
    std::string line = "memcache_session: server " + server.name() +
                       " is down: " + describe(event.failure, server.timeout, event.words);
    if (pool.servers.size() == 1) {
        return line + "; no session can be opened until it is back";
    }
    if (server.retry_interval > Duration::zero()) {
        line += "; it is left alone until it is well again";
    }
    return line + "; sessions use the other servers";
}

std::string shown_path(std::string_view path) {
    return path.empty() ? "an unknown path" : std::string(path);
}

}  // namespace

void LogLines::add(const std::vector<HealthEvent>& events, const Pool& pool) {
    for (const HealthEvent& event : events) {
        lines_.push_back(printable(line_about(event, pool)));
    }
}

void LogLines::add_recovered(const std::vector<Probes::Recovered>& recovered) {
    for (const Probes::Recovered& one : recovered) {
        lines_.push_back(printable(line_about_recovery(one.server, one.outage)));
    }
}

void LogLines::add_clocks(const std::vector<uint32_t>& ahead, const Pool& pool) {
    for (const uint32_t server : ahead) {
        assert(server < pool.servers.size());
        lines_.push_back(printable(
            "memcache_session: the clock of server " + pool.servers[server].name() +
            " is more than " + seconds_text(kClockTolerance) +
            " ahead of this machine's: sessions that are to live longer than 30 days live there "
            "for 30 days from their last use. Set both clocks, and restart memcached if its clock "
            "was wrong when it started"));
    }
}

void LogLines::add_unmergeable(std::string_view serialize_handler) {
    if (!told_unmergeable_) {
        told_unmergeable_ = true;
        lines_.push_back(printable("memcache_session: memcache.session_merge does not work with "
                                   "session.serialize_handler = " +
                                   std::string(serialize_handler) +
                                   "; requests of one session wait for each other"));
    }
}

void LogLines::add_size(size_t size, size_t warn_size, std::string_view path) {
    lines_.push_back(printable("memcache_session: a session of " + std::to_string(size) +
                               " bytes was stored by a request to " + shown_path(path) +
                               ": that is more than memcache.session_warn_size, which is " +
                               std::to_string(warn_size)));
}

void LogLines::add_lost(std::string_view note, std::string_view path) {
    lines_.push_back(
        printable("memcache_session: a request to " + shown_path(path) + " " + std::string(note)));
}

const char* LogLines::next() noexcept {
    if (taken_ == lines_.size()) {
        lines_.clear();
        taken_ = 0;
        return nullptr;
    }
    return lines_[taken_++].c_str();
}

}  // namespace memcache_session

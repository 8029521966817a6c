// An Exchange that passes everything on, and keeps account of what the servers said to one session:
// which values they showed, which locks they granted. The fuzz targets check the session by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>

#include "src/lock/lock_item.h"
#include "src/net/exchange.h"

namespace memcache_session::fuzz {

// What it refers to outlives it.
class CheckedExchange final : public Exchange {
public:
    // More phases than this in one call of a session are a loop without end. Opening takes at most
    // 100 rounds (src/session/direct_opening.cpp), and each may wait for a lock.
    static constexpr size_t kPhasesMax = 1000;

    // A session tries at least so often in a call to release a lock, when the connection is lost.
    static constexpr size_t kLostReleases = 3;

    // `proxied`: every server leads to the same memcached servers.
    CheckedExchange(Exchange& inner, bool proxied) : inner_(inner), proxied_(proxied) {}

    void run(Purpose purpose, Request* requests, size_t count) override;
    bool usable(uint32_t server) override { return inner_.usable(server); }
    Failure why_down(uint32_t server) const override { return inner_.why_down(server); }
    bool had_outage(uint32_t server) const override { return inner_.had_outage(server); }
    void mark_down(uint32_t server, Failure failure) override { inner_.mark_down(server, failure); }

    // A call of the session begins: its phases are counted anew.
    void begin_call() {
        phases_ = 0;
        lost_releases_ = 0;
    }
    size_t phases() const { return phases_; }

    // Whether a server showed this value of a session, or was sent it and said that it stored it.
    bool has_shown(std::string_view value) const { return shown_.count(std::string(value)) > 0; }
    const std::set<std::string>& shown() const { return shown_; }
    bool has_stored(std::string_view value) const { return stored_.count(std::string(value)) > 0; }
    const std::set<std::string>& stored() const { return stored_; }

    // The servers that showed a lock of this session, within reach, which it has not released.
    size_t locks_left() const { return granted_.size(); }

private:
    void keep_values(Request* request);
    void trace(Purpose purpose, const Request* requests, size_t count) const;
    void note(const Request& request);
    bool is_out_of_reach(const Request& request);
    void note_lock(uint32_t server, const Command& command, const Reply& reply);
    void lock_is_over(uint32_t server);

    Exchange& inner_;
    bool proxied_;
    size_t phases_ = 0;
    size_t lost_releases_ = 0;
    std::deque<std::string> values_;
    std::set<std::string> shown_;
    std::set<std::string> stored_;
    LockToken token_ = 0;  // of the lock that this session stored last
    std::set<uint32_t> granted_;
};

}  // namespace memcache_session::fuzz

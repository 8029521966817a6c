// libFuzzer entry: whatever servers reply, one or two sessions keep their promises. The input
// chooses the settings, the calls and the replies.
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "tests/fuzz/checked_session.h"
#include "tests/fuzz/fuzzed_servers.h"
#include "tests/fuzz/input.h"

using memcache_session::FakeClock;
using memcache_session::FakeProcesses;
using memcache_session::InOrder;
using memcache_session::LockFailure;
using memcache_session::Merging;
using memcache_session::Pool;
using memcache_session::Random;
using memcache_session::SessionOptions;
using memcache_session::SessionParts;
using memcache_session::fuzz::CheckedSession;
using memcache_session::fuzz::FuzzedServers;
using memcache_session::fuzz::Input;

namespace {

constexpr size_t kCallsMax = 40;

Pool pool_of(size_t servers, bool proxied) {
    Pool pool;
    pool.servers.resize(servers);
    pool.placement = std::make_shared<InOrder>(servers);
    for (size_t i = 0; i < servers; ++i) {
        pool.servers[i].endpoint.host = "server" + std::to_string(i);
        pool.servers[i].endpoint.port = 11211;
        pool.servers[i].proxy = proxied;
    }
    return pool;
}

SessionOptions options_from(Input* input) {
    SessionOptions options;
    options.redundancy = static_cast<uint32_t>(1 + input->below(3));
    options.allow_failover = !input->one_in(4);
    // One byte, so that inputs on record mean what they did.
    const uint8_t locking = input->byte();
    options.locking = locking % 8 != 7;
    constexpr Merging kMergings[] = {Merging::kOff, Merging::kOff, Merging::kFail, Merging::kLast};
    options.merging = options.locking ? kMergings[locking / 64] : Merging::kOff;
    options.lock_failure = input->one_in(4) ? LockFailure::kReadOnly : LockFailure::kFail;
    options.lock.wait = std::chrono::milliseconds(100) * input->below(30);
    options.lock.waiters_max = static_cast<uint32_t>(input->below(8));
    options.lock.pid = 100;
    options.lock.request_path = "/index.php";
    options.compress_threshold = input->one_in(2) ? 100 : 20000;
    return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Input input(data, size);
    const size_t servers = 1 + input.below(5);
    const Pool pool = pool_of(servers, input.one_in(4));
    const SessionOptions options = options_from(&input);
    FakeClock clock;
    FakeProcesses processes;
    memcache_session::TimeBudget budget(clock);
    processes.gone = 101;
    FuzzedServers exchange(servers, clock, &input);
    std::array<Random, 2> randoms = {Random(1), Random(2)};
    std::deque<CheckedSession> sessions;
    for (size_t i = 0; i < randoms.size(); ++i) {
        sessions.emplace_back(SessionParts{pool, exchange, clock, randoms[i], processes, budget},
                              options, i);
    }
    for (size_t calls = 0; calls < kCallsMax && !input.is_used_up(); ++calls) {
        sessions[input.one_in(4) ? 1 : 0].call(&input);
    }
    for (CheckedSession& session : sessions) {
        session.close();
    }
    return 0;
}

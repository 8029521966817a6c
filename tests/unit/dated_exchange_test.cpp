// Lifetimes of more than 30 days on servers whose clock is not ours.
#include "src/net/dated_exchange.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "src/net/connection_pool.h"
#include "src/net/socket_exchange.h"
#include "src/wire/exptime.h"
#include "tests/unit/local_servers.h"
#include "tests/unit/session_fixture.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kDay = 24 * 60 * 60;
constexpr int64_t kYear = 365 * kDay;

// A clock that is off by some seconds.
class SkewedClock final : public Clock {
public:
    explicit SkewedClock(Clock& clock) : clock_(clock) {}
    TimePoint now() const override { return clock_.now(); }
    int64_t unix_time() const override { return clock_.unix_time() + offset; }
    void sleep_until(TimePoint until) override { clock_.sleep_until(until); }

    int64_t offset = 0;

private:
    Clock& clock_;
};

class DatedExchangeTest : public SessionTest {
protected:
    DatedExchangeTest() : SessionTest(2) {}

    SessionParts parts() {
        return {cluster.pool, exchange, clock, cluster.random, cluster.processes, cluster.budget};
    }

    // One request that reads the session and stores something new, with a lifetime of a year.
    void store(int64_t lifetime = kYear) {
        Session request(parts(), cluster.options);
        std::string_view old;
        ASSERT_EQ(request.read(kSid, true, &old), Answer::kOk) << request.warning();
        ASSERT_EQ(request.write(kSid, "n" + std::to_string(++stores_), lifetime), Answer::kOk);
    }

    // In how many days the session expires there, rounded.
    int64_t days_left(uint32_t server) {
        const auto* item = find(server, kSid);
        const int64_t now = cluster.clock.now().time_since_epoch() / 1s;
        return item == nullptr ? 0 : (item->expires - now + kDay / 2) / kDay;
    }

    SkewedClock clock{cluster.clock};
    ServerClocks clocks;
    DatedExchange exchange{cluster.exchange, cluster.pool.servers, clock, cluster.random, clocks};

private:
    int stores_ = 0;
};

TEST_F(DatedExchangeTest, YearIsAYearWhereTheClocksAgree) {
    for (const int64_t offset : {0, 299, -290}) {
        clock.offset = offset;
        store();
        EXPECT_EQ(days_left(0), 365) << offset;
        EXPECT_EQ(days_left(1), 365) << offset;
    }
}

TEST_F(DatedExchangeTest, ClockOfOursThatIsBehindMeansThirtyDaysFromEachUse) {
    for (const int64_t days : {1, 29, 31, 364, 366, 3000}) {
        clock.offset = -days * kDay;
        store();
        // Told once.
        EXPECT_EQ(exchange.take_ahead().size(), days == 1 ? 2u : 0u) << days;
        EXPECT_EQ(days_left(0), 30) << days;
        EXPECT_EQ(days_left(1), 30) << days;
        cluster.clock.advance(29 * kDay * 1s);
        Session session(parts(), cluster.options);
        ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
        EXPECT_NE(value, "") << days;
        const std::string read(value);
        EXPECT_EQ(session.update_timestamp(kSid, read, kYear), Answer::kOk);
        EXPECT_EQ(days_left(0), 30) << days;
    }
}

TEST_F(DatedExchangeTest, ClockOfOursThatIsAheadShortensNothing) {
    clock.offset = 40 * kDay;
    store();
    EXPECT_EQ(days_left(0), 365 + 40);
    EXPECT_TRUE(exchange.take_ahead().empty());
}

TEST_F(DatedExchangeTest, ClockThatWasNeverSetMeansThirtyDays) {
    clock.offset = -cluster.clock.unix_time() + 1000;  // 1970
    store(30 * kDay + 1);
    EXPECT_EQ(days_left(0), 30);
}

TEST_F(DatedExchangeTest, ServersAreAskedOnceInTenMinutesAndOnlyForDates) {
    const auto phases_of_store = [this](int64_t lifetime) {
        const int before = cluster.exchange.phases;
        store(lifetime);
        return cluster.exchange.phases - before;
    };
    phases_of_store(30 * kDay);  // the first store searches
    EXPECT_EQ(phases_of_store(30 * kDay), 2);
    EXPECT_EQ(phases_of_store(kYear), 3);
    EXPECT_EQ(phases_of_store(kYear), 2);
    cluster.clock.advance(9min);
    EXPECT_EQ(phases_of_store(kYear), 2);
    cluster.clock.advance(2min);
    EXPECT_EQ(phases_of_store(kYear), 3);
    // Our clock was set.
    clock.offset = -kDay;
    EXPECT_EQ(phases_of_store(kYear), 3);
    EXPECT_EQ(days_left(0), 30);
    clock.offset = 0;
    EXPECT_EQ(phases_of_store(kYear), 3);
    EXPECT_EQ(days_left(0), 365);
}

TEST_F(DatedExchangeTest, ProbeLeavesNothingBehind) {
    store();
    cluster.exchange.sent.clear();
    clock.offset = -kDay;
    store();
    int probes = 0;
    for (const Command& command : cluster.exchange.sent) {
        probes += command.verb == Verb::kSet || command.verb == Verb::kDelete;
    }
    EXPECT_EQ(probes, 4);
    EXPECT_EQ(cluster.exchange.latest_purpose, Purpose::kStore);
}

TEST_F(DatedExchangeTest, ServerThatFailsWhenItIsAskedIsNotSentItsRequest) {
    store();
    clock.offset = -kDay;
    Session session(parts(), cluster.options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    cluster.exchange.down[1] = true;
    cluster.exchange.asked.clear();
    EXPECT_EQ(session.write(kSid, "more", kYear), Answer::kOk);
    EXPECT_EQ(std::count(cluster.exchange.asked.begin(), cluster.exchange.asked.end(), 1u), 1);
    EXPECT_EQ(value_on(0), "more");
}

TEST_F(DatedExchangeTest, LeaseOfMoreThanThirtyDaysIsHeldOnAServerWhoseClockIsAhead) {
    clock.offset = -100 * kDay;
    cluster.options.lock.timeout = kDay * 60s;
    Session session(parts(), cluster.options);
    ASSERT_EQ(session.read(kSid, true, &value), Answer::kOk);
    EXPECT_NE(find(0, kLock), nullptr);
    EXPECT_EQ(session.write(kSid, "stored", 1440), Answer::kOk);
    EXPECT_EQ(value_on(0), "stored");
}

// A date in the past of a real memcached: stored, and expired.
TEST(DatedExchangeOnMemcached, IsStoredAndStaysWhereADateIsNot) {
    memcache_session::testing::Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    const std::vector<Server> servers = {memcached.server()};
    ConnectionPool connections;
    HealthTable health(HealthTable::Memory::kPrivate);
    SystemClock system;
    SkewedClock clock(system);
    clock.offset = -60 * kDay;
    SocketExchange sockets(servers, connections, health, system);
    Random random(3);
    ServerClocks clocks;
    DatedExchange dated(sockets, servers, clock, random, clocks);
    const int32_t date = exptime_of(40 * kDay, clock.unix_time());
    const auto is_kept = [&](Exchange& exchange) {
        Request request;
        request.add(Command::set("abc", "value", 0, date));
        request.add(Command::read("abc"));
        exchange.run(Purpose::kStore, &request, 1);
        EXPECT_EQ(request.answered, 2u);
        EXPECT_EQ(request.replies[0].kind, ReplyKind::kDone);
        return request.replies[1].kind == ReplyKind::kHit;
    };
    EXPECT_FALSE(is_kept(sockets));
    EXPECT_TRUE(is_kept(dated));
    EXPECT_EQ(clocks.state(servers[0].name(), clock), ServerClocks::State::kAhead);
    clock.offset = 0;
    EXPECT_EQ(clocks.state(servers[0].name(), clock), ServerClocks::State::kUnknown);
}

}  // namespace
}  // namespace memcache_session

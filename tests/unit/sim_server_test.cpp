// The model of memcached that the simulation and the tests of the session rely on.
#include "tests/sim/sim_server.h"

#include <gtest/gtest.h>

#include <string>

namespace memcache_session::sim {
namespace {

constexpr SimTime kNow = 100 * kSecond;

SimServer started(SimServer::Options options = {}) {
    SimServer server(options);
    server.start(0);
    return server;
}

uint64_t cas_of(SimServer& server, std::string_view key) {
    return server.find(key, kNow)->cas;
}

TEST(SimServer, AddStoresOnlyWhatIsNotThere) {
    SimServer server = started();
    EXPECT_EQ(server.run(Command::add("k", "1", 5, 0), kNow).kind, ReplyKind::kDone);
    EXPECT_EQ(server.run(Command::add("k", "2", 6, 0), kNow).kind, ReplyKind::kExists);
    const Reply reply = server.run(Command::read_for_update("k"), kNow);
    EXPECT_EQ(reply.kind, ReplyKind::kHit);
    EXPECT_EQ(reply.value, "1");
    EXPECT_EQ(reply.flags, 5U);
}

TEST(SimServer, CasStoresOnlyOverTheItemItNames) {
    SimServer server = started();
    EXPECT_EQ(server.run(Command::replace_if("k", "1", 0, 0, 1), kNow).kind, ReplyKind::kGone);
    server.run(Command::set("k", "0", 0, 0), kNow);
    const uint64_t cas = cas_of(server, "k");
    EXPECT_EQ(server.run(Command::replace_if("k", "1", 0, 0, cas + 1), kNow).kind,
              ReplyKind::kExists);
    EXPECT_EQ(server.run(Command::replace_if("k", "1", 0, 0, cas), kNow).kind, ReplyKind::kDone);
    EXPECT_NE(cas_of(server, "k"), cas);
}

TEST(SimServer, OnlyMetaLeavesTheValueOfALookOut) {
    SimServer server = started();
    server.run(Command::set("k", "value", 7, 0), kNow);
    const Reply classic = server.run(Command::read_metadata("k"), kNow);
    EXPECT_EQ(classic.value, "value");
    EXPECT_EQ(classic.unread_size, 0U);
    const Reply meta = server.run(Command::read_metadata("k"), kNow, Wire::kMeta);
    EXPECT_EQ(meta.kind, ReplyKind::kHit);
    EXPECT_EQ(meta.value, "");
    EXPECT_EQ(meta.unread_size, 5U);
    EXPECT_EQ(meta.flags, 7U);
    EXPECT_EQ(meta.cas, cas_of(server, "k"));
}

TEST(SimServer, RemoveTakesTheItemItNamesAway) {
    SimServer server = started();
    server.run(Command::set("k", "1", 0, 0), kNow);
    const uint64_t cas = cas_of(server, "k");
    EXPECT_EQ(server.run(Command::delete_if("k", cas + 1), kNow).kind, ReplyKind::kExists);
    EXPECT_EQ(server.run(Command::delete_if("k", cas), kNow).kind, ReplyKind::kDone);
    EXPECT_EQ(server.run(Command::delete_if("k", cas), kNow).kind, ReplyKind::kGone);
}

TEST(SimServer, ARelativeExpiryEndsByTheServersWholeSeconds) {
    SimServer server = started();
    const SimTime late_in_a_second = kNow + 900 * kMillisecond;
    server.run(Command::set("k", "1", 0, 2), late_in_a_second);
    EXPECT_NE(server.find("k", kNow + 1999 * kMillisecond), nullptr);
    EXPECT_EQ(server.find("k", kNow + 2000 * kMillisecond), nullptr);
}

TEST(SimServer, AnExpiryBeyondThirtyDaysIsADate) {
    SimServer server = started();
    const auto date = static_cast<int32_t>(kUnixTimeAtBegin + kNow / kSecond + 10);
    server.run(Command::set("k", "1", 0, date), kNow);
    EXPECT_NE(server.find("k", kNow + 9 * kSecond), nullptr);
    EXPECT_EQ(server.find("k", kNow + 11 * kSecond), nullptr);
    server.run(Command::set("k", "1", 0, 2592001), kNow);  // in 1970
    EXPECT_EQ(server.find("k", kNow), nullptr);
}

TEST(SimServer, TouchSetsTheExpiryAndKeepsTheCas) {
    SimServer server = started();
    EXPECT_EQ(server.run(Command::touch("k", 5), kNow).kind, ReplyKind::kGone);
    server.run(Command::set("k", "1", 0, 2), kNow);
    const uint64_t cas = cas_of(server, "k");
    EXPECT_EQ(server.run(Command::touch("k", 50), kNow).kind, ReplyKind::kDone);
    ASSERT_NE(server.find("k", kNow + 40 * kSecond), nullptr);
    EXPECT_EQ(server.find("k", kNow + 40 * kSecond)->cas, cas);
}

TEST(SimServer, ARefusedSetDropsTheOldValueAndCasKeepsIt) {
    SimServer::Options options;
    options.item_size_max = 10;
    SimServer server = started(options);
    const std::string large(11, 'x');
    server.run(Command::set("k", "1", 0, 0), kNow);
    EXPECT_EQ(server.run(Command::replace_if("k", large, 0, 0, cas_of(server, "k")), kNow).kind,
              ReplyKind::kRefused);
    EXPECT_NE(server.find("k", kNow), nullptr);
    EXPECT_EQ(server.run(Command::set("k", large, 0, 0), kNow).kind, ReplyKind::kRefused);
    EXPECT_EQ(server.find("k", kNow), nullptr);
}

TEST(SimServer, WithoutMemoryAnExpiredCasIsRefusedTooButNotMetaRemove) {
    SimServer classic = started();
    classic.run(Command::set("k", "1", 0, 0), kNow);
    classic.set_memory_short(true);
    EXPECT_EQ(classic.run(Command::delete_if("k", cas_of(classic, "k")), kNow).kind,
              ReplyKind::kRefused);
    EXPECT_EQ(classic.run(Command::unconditional_delete("k"), kNow).kind, ReplyKind::kDone);
    SimServer meta = started();
    meta.run(Command::set("k", "1", 0, 0), kNow);
    meta.set_memory_short(true);
    EXPECT_EQ(meta.run(Command::delete_if("k", cas_of(meta, "k")), kNow, Wire::kMeta).kind,
              ReplyKind::kDone);
}

TEST(SimServer, MemoryMayBeShortForLocksAlone) {
    SimServer server = started();
    server.set_memory_short(true, true);
    EXPECT_EQ(server.run(Command::set("k", "1", 0, 0), kNow).kind, ReplyKind::kDone);
    EXPECT_EQ(server.run(Command::add("k.lock", "1", 0, 0), kNow).kind, ReplyKind::kRefused);
    EXPECT_EQ(server.run(Command::add("k.lock.1", "1", 0, 0), kNow).kind, ReplyKind::kRefused);
    server.set_memory_short(false);
    EXPECT_EQ(server.run(Command::add("k.lock", "1", 0, 0), kNow).kind, ReplyKind::kDone);
}

TEST(SimServer, ARestartForgetsItemsAndCountsCasAnew) {
    SimServer server = started();
    server.run(Command::set("k", "1", 0, 0), kNow);
    const uint64_t first = cas_of(server, "k");
    server.run(Command::set("other", "1", 0, 0), kNow);
    server.start(kNow);
    EXPECT_EQ(server.run(Command::read_for_update("k"), kNow).kind, ReplyKind::kMiss);
    server.run(Command::set("k", "2", 0, 0), kNow);
    EXPECT_EQ(cas_of(server, "k"), first);
}

TEST(SimServer, TheClockOfAStoppedServerStands) {
    SimServer server = started();
    server.run(Command::set("k", "1", 0, 5), kNow);
    server.freeze_clock(kNow);
    EXPECT_TRUE(server.clock_stands());
    EXPECT_NE(server.find("k", kNow + 60 * kSecond), nullptr);
    server.thaw_clock();
    EXPECT_EQ(server.find("k", kNow + 60 * kSecond), nullptr);
}

TEST(SimServer, IncrementCountsTheLeadingNumberAndBlanksTheRest) {
    SimServer server = started();
    EXPECT_FALSE(server.increment("k", kNow));
    server.run(Command::set("k", "65536 0,1 web", 0, 0), kNow);
    const uint64_t cas = cas_of(server, "k");
    EXPECT_EQ(server.increment("k", kNow), 65537U);
    EXPECT_EQ(server.find("k", kNow)->value, "65537        ");
    EXPECT_NE(cas_of(server, "k"), cas);
}

TEST(SimServer, EvictionTakesAnItemAway) {
    SimServer server = started();
    server.run(Command::set("k", "1", 0, 0), kNow);
    EXPECT_TRUE(server.evict("k"));
    EXPECT_FALSE(server.evict("k"));
    EXPECT_EQ(server.run(Command::read_for_update("k"), kNow).kind, ReplyKind::kMiss);
}

}  // namespace
}  // namespace memcache_session::sim

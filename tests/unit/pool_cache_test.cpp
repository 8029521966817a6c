#include "src/pool/pool_cache.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace memcache_session {
namespace {

PoolSettings settings_for(std::string_view save_path) {
    PoolSettings settings;
    settings.save_path = save_path;
    settings.default_port = 11211;
    return settings;
}

TEST(PoolCache, SameSettingsGiveTheSamePool) {
    PoolCache cache;
    const auto first = cache.get(settings_for("a,b"));
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(first.value()->servers.size(), 2U);
    EXPECT_EQ(cache.get(settings_for(std::string("a,b"))).value(), first.value());
    EXPECT_EQ(cache.size(), 1U);
}

TEST(PoolCache, EachSettingMakesAnotherPool) {
    const PoolSettings same = settings_for("a,b");
    std::vector<PoolSettings> others(4, same);
    others[0].save_path = "a";
    others[1].default_port = 11212;
    others[2].placement.strategy = Strategy::kStandard;
    others[3].placement.hash_function = HashFunction::kFnv;
    for (const PoolSettings& other : others) {
        PoolCache cache;
        const auto pool = cache.get(same).value();
        EXPECT_NE(cache.get(other).value(), pool);
        EXPECT_EQ(cache.size(), 2U);
    }
}

TEST(PoolCache, KnownIdTakesThePlaceOfTheText) {
    PoolCache cache;
    PoolSettings settings = settings_for("a,b");
    const auto pool = cache.get(settings).value();
    settings.save_path_id = 7;
    EXPECT_EQ(cache.get(settings).value(), pool) << "the text is compared once";
    settings.save_path = "a,c";
    EXPECT_EQ(cache.get(settings).value(), pool) << "and then no more";
    settings.default_port = 11212;
    EXPECT_NE(cache.get(settings).value(), pool);
    settings = settings_for("a,c");
    settings.save_path_id = 8;
    EXPECT_NE(cache.get(settings).value(), pool);
    settings.save_path_id = 0;
    EXPECT_NE(cache.get(settings).value(), pool);
}

TEST(PoolCache, PoolNotUsedForLongestIsDroppedAndLivesOn) {
    PoolCache cache;
    const auto first = cache.get(settings_for("first")).value();
    const auto second = cache.get(settings_for("second")).value();
    for (size_t i = 2; i < PoolCache::kPoolsMax; ++i) {
        ASSERT_TRUE(cache.get(settings_for("host" + std::to_string(i))).ok());
    }
    EXPECT_EQ(cache.get(settings_for("first")).value(), first);
    ASSERT_TRUE(cache.get(settings_for("one-more")).ok());
    EXPECT_EQ(cache.size(), PoolCache::kPoolsMax);
    EXPECT_EQ(cache.get(settings_for("first")).value(), first);
    EXPECT_NE(cache.get(settings_for("second")).value(), second);
    EXPECT_EQ(second->servers.front().name(), "second:11211");
}

TEST(PoolCache, FailureIsReportedAndNotCached) {
    PoolCache cache;
    const auto pool = cache.get(settings_for("tcp://"));
    ASSERT_FALSE(pool.ok());
    EXPECT_EQ(pool.status().code(), Code::kInvalidArgument);
    EXPECT_EQ(cache.size(), 0U);
}

TEST(MakePool, EmptyListIsRefused) {
    const auto pool = make_pool(ServerList(), PlacementSettings());
    ASSERT_FALSE(pool.ok());
    EXPECT_EQ(pool.status().code(), Code::kInvalidArgument);
}

TEST(ServerList, ServerThatBreaksARuleIsRefusedAndTheListUnchanged) {
    ServerList list;
    Server server;
    server.endpoint.host = "a";
    server.endpoint.port = 1;
    ASSERT_TRUE(list.add(server).ok());
    EXPECT_EQ(list.add(server).message(), "this server is given twice");
    server.endpoint.host = "A";
    EXPECT_FALSE(list.add(server).ok());
    server.endpoint.host = "b";
    server.proxy = true;
    EXPECT_EQ(list.add(server).message(), "proxy=1 is given for all servers or for none");
    server.proxy = false;
    for (const uint32_t weight : {0U, kWeightMax + 1}) {
        server.weight = weight;
        EXPECT_FALSE(list.add(server).ok()) << weight;
    }
    EXPECT_EQ(list.size(), 1U);
}

}  // namespace
}  // namespace memcache_session

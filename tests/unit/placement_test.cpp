// Checks the rules of all preference lists, and the rules of pecl/memcache that its recorded table
// (recorded_placement_test.cpp) does not show.
#include "src/pool/placement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace memcache_session {
namespace {

std::vector<Server> pool(size_t count, uint32_t weight = 1) {
    std::vector<Server> servers(count);
    for (size_t i = 0; i < count; ++i) {
        servers[i].endpoint.host =
            "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
        servers[i].endpoint.port = 11211;
        servers[i].weight = weight;
    }
    return servers;
}

std::unique_ptr<Placement> make(Strategy strategy, HashFunction function,
                                const std::vector<Server>& servers) {
    PlacementSettings settings;
    settings.strategy = strategy;
    settings.hash_function = function;
    return Placement::create(settings, servers);
}

std::vector<uint32_t> list(const Placement& placement, std::string_view key) {
    std::vector<uint32_t> servers;
    placement.preference_list(key, &servers);
    return servers;
}

std::string key_number(int number) {
    return "session" + std::to_string(number * 7919);
}

bool is_permutation_of_all(std::vector<uint32_t> servers, size_t count) {
    std::vector<uint32_t> all(count);
    std::iota(all.begin(), all.end(), 0u);
    std::sort(servers.begin(), servers.end());
    return servers == all;
}

struct Case {
    Strategy strategy;
    HashFunction function;
};

class EveryPlacement : public testing::TestWithParam<Case> {
protected:
    std::unique_ptr<Placement> placement(const std::vector<Server>& servers) const {
        return make(GetParam().strategy, GetParam().function, servers);
    }
};

TEST_P(EveryPlacement, ListsEveryServerOnce) {
    for (const size_t count : {1, 2, 3, 7, 40, 100, 1000, 1024}) {
        const auto subject = placement(pool(count));
        EXPECT_EQ(subject->server_count(), count);
        for (int i = 0; i < 50; ++i) {
            ASSERT_TRUE(is_permutation_of_all(list(*subject, key_number(i)), count)) << count;
        }
    }
}

TEST_P(EveryPlacement, ListsEveryServerOnceWithWeightsThousandfoldApart) {
    auto servers = pool(40);
    for (size_t i = 0; i < servers.size(); i += 2) {
        servers[i].weight = 1000;
    }
    const auto subject = placement(servers);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(is_permutation_of_all(list(*subject, key_number(i)), servers.size()));
    }
}

TEST_P(EveryPlacement, ShorterListIsTheBeginningOfTheWhole) {
    const auto subject = placement(pool(40));
    std::vector<uint32_t> first;
    for (int i = 0; i < 20; ++i) {
        const auto whole = list(*subject, key_number(i));
        for (size_t count = 0; count <= 41; ++count) {
            subject->first_servers(key_number(i), count, &first);
            ASSERT_EQ(first.size(), std::min<size_t>(count, 40));
            ASSERT_TRUE(std::equal(first.begin(), first.end(), whole.begin())) << count;
        }
    }
}

TEST_P(EveryPlacement, SearchListBeginsLikeTheWholeAndNamesNoServerTwice) {
    const auto [strategy, function] = GetParam();
    const auto placement = make(strategy, function, pool(40));
    std::vector<uint32_t> servers;
    for (const size_t copies : {1, 2, 3, 40, 100}) {
        for (const size_t count : {1, 5, 16, 40, 2000}) {
            placement->search_list("abc", copies, count, &servers);
            const auto whole = list(*placement, "abc");
            ASSERT_EQ(servers.size(), std::min<size_t>(count, 40));
            const auto same = std::min(servers.size(), 2 * copies - 1);
            EXPECT_TRUE(std::equal(servers.begin(), servers.begin() + static_cast<int>(same),
                                   whole.begin()));
            std::sort(servers.begin(), servers.end());
            EXPECT_EQ(std::unique(servers.begin(), servers.end()), servers.end());
        }
    }
}

TEST_P(EveryPlacement, EmptyAndLongKeysHaveAPlace) {
    const auto subject = placement(pool(7));
    for (const size_t length : {0, 1, 250, 100000}) {
        EXPECT_TRUE(is_permutation_of_all(list(*subject, std::string(length, 'x')), 7)) << length;
    }
}

TEST_P(EveryPlacement, SpreadsKeysOverAllServers) {
    const auto subject = placement(pool(4));
    std::vector<int> keys(4);
    for (int i = 0; i < 4000; ++i) {
        ++keys[list(*subject, key_number(i))[0]];
    }
    for (const int count : keys) {
        EXPECT_GT(count, 400);
        EXPECT_LT(count, 1800);
    }
}

TEST_P(EveryPlacement, ServesManyThreads) {
    const auto subject = placement(pool(40));
    std::vector<std::vector<uint32_t>> expected;
    expected.reserve(200);
    for (int i = 0; i < 200; ++i) {
        expected.push_back(list(*subject, key_number(i)));
    }
    std::atomic<int> differences{0};
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            std::vector<uint32_t> servers;
            for (int i = 0; i < 200; ++i) {
                subject->preference_list(key_number(i), &servers);
                differences += servers != expected[static_cast<size_t>(i)] ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(differences, 0);
}

const Case kCases[] = {
    {Strategy::kConsistent, HashFunction::kCrc32},
    {Strategy::kConsistent, HashFunction::kFnv},
    {Strategy::kStandard, HashFunction::kCrc32},
    {Strategy::kStandard, HashFunction::kFnv},
    {Strategy::kKetama, HashFunction::kCrc32},
    {Strategy::kKetamaUnweighted, HashFunction::kCrc32},
    {Strategy::kModula, HashFunction::kCrc32},
};

std::string case_name(const testing::TestParamInfo<Case>& parameter) {
    const std::string function = parameter.param.function == HashFunction::kFnv ? "Fnv" : "Crc32";
    switch (parameter.param.strategy) {
        case Strategy::kConsistent:
            return "Consistent" + function;
        case Strategy::kStandard:
            return "Standard" + function;
        case Strategy::kKetama:
            return "Ketama";
        case Strategy::kKetamaUnweighted:
            return "KetamaUnweighted";
        case Strategy::kModula:
            break;
    }
    return "Modula";
}

INSTANTIATE_TEST_SUITE_P(Placement, EveryPlacement, testing::ValuesIn(kCases), case_name);

// Servers of one name have the same points, and the earlier server owns them all.
TEST(ConsistentPlacement, EqualPointsBelongToTheEarlierServer) {
    auto servers = pool(3);
    servers[2] = servers[1];
    const auto subject = make(Strategy::kConsistent, HashFunction::kCrc32, servers);
    bool second_was_first_choice = false;
    for (int i = 0; i < 200; ++i) {
        const auto order = list(*subject, key_number(i));
        ASSERT_EQ(order[2], 2u);
        second_was_first_choice = second_was_first_choice || order[0] == 1;
    }
    EXPECT_TRUE(second_was_first_choice);
}

// Finds the owner of a bucket the slow way, in one sorted list of all points.
TEST(ConsistentPlacement, FirstServerOwnsTheNextPointOfTheRing) {
    auto servers = pool(7);
    servers[3].weight = 10;
    for (const HashFunction function : {HashFunction::kCrc32, HashFunction::kFnv}) {
        std::vector<std::pair<uint32_t, uint32_t>> ring;
        for (uint32_t server = 0; server < servers.size(); ++server) {
            for (uint32_t i = 0; i < 160 * servers[server].weight; ++i) {
                const std::string text =
                    servers[server].endpoint.host + ":11211-" + std::to_string(i);
                ring.emplace_back(hash(function, text), server);
            }
        }
        std::sort(ring.begin(), ring.end());
        const auto subject = make(Strategy::kConsistent, function, servers);
        for (int i = 0; i < 5000; ++i) {
            const uint32_t bucket = hash(function, key_number(i) + "-0") % 1024;
            auto point = std::lower_bound(ring.begin(), ring.end(),
                                          std::make_pair(bucket * (0xffffffffu / 1024), 0u));
            if (point == ring.end()) {
                point = ring.begin();
            }
            ASSERT_EQ(list(*subject, key_number(i))[0], point->second) << bucket;
        }
    }
}

// 15 bits of the hash choose among at most 32,768 buckets.
std::vector<uint32_t> first(const Placement& placement, const std::string& key, size_t count) {
    std::vector<uint32_t> servers;
    placement.first_servers(key, count, &servers);
    return servers;
}

std::vector<uint32_t> searched(const Placement& placement, const std::string& key,
                               size_t redundancy, size_t count) {
    std::vector<uint32_t> servers;
    placement.search_list(key, redundancy, count, &servers);
    return servers;
}

bool has_any_of(const std::vector<uint32_t>& servers, const std::vector<uint32_t>& wanted) {
    return std::find_first_of(servers.begin(), servers.end(), wanted.begin(), wanted.end()) !=
           servers.end();
}

constexpr size_t kSearch = 14;  // memcache.session_search

// A first choice that the walk meets only in the smaller pool is not known, but that is rare.
TEST(ConsistentPlacement, PoolThatGrowsFrom40To44FindsEverySessionAndAlmostEveryCopy) {
    for (const HashFunction function : {HashFunction::kCrc32, HashFunction::kFnv}) {
        const auto old = make(Strategy::kConsistent, function, pool(40));
        const auto grown = make(Strategy::kConsistent, function, pool(44));
        for (const size_t copies : {1, 2, 3}) {
            int missed = 0;
            for (int i = 0; i < 5000; ++i) {
                const std::string key = key_number(i);
                const auto asked = searched(*grown, key, copies, copies + kSearch);
                ASSERT_EQ(asked.size(), copies + kSearch);
                const auto places = first(*old, key, copies);
                EXPECT_TRUE(has_any_of(asked, {places.front()})) << key;
                for (const uint32_t place : places) {
                    missed += has_any_of(asked, {place}) ? 0 : 1;
                }
            }
            EXPECT_LT(missed, 50) << copies << " copies";
        }
    }
}

TEST(ConsistentPlacement, PoolThatGrowsByTheWholeSearchFindsTheFirstChoice) {
    const auto old = make(Strategy::kConsistent, HashFunction::kCrc32, pool(40));
    const auto grown = make(Strategy::kConsistent, HashFunction::kCrc32, pool(40 + kSearch));
    for (int i = 0; i < 5000; ++i) {
        const std::string key = key_number(i);
        EXPECT_TRUE(has_any_of(searched(*grown, key, 1, 1 + kSearch), first(*old, key, 1))) << key;
    }
}

// A session is lost only if all of its copies were on the removed servers.
TEST(ConsistentPlacement, PoolThatShrinksFrom44To40FindsEveryCopyThatIsLeft) {
    const auto old = make(Strategy::kConsistent, HashFunction::kCrc32, pool(44));
    const auto shrunk = make(Strategy::kConsistent, HashFunction::kCrc32, pool(40));
    for (int i = 0; i < 5000; ++i) {
        const std::string key = key_number(i);
        for (const uint32_t place : first(*old, key, 2)) {
            if (place < 40) {
                EXPECT_TRUE(has_any_of(searched(*shrunk, key, 2, 2 + kSearch), {place})) << key;
            }
        }
    }
}

constexpr Strategy kRings[] = {Strategy::kKetama, Strategy::kKetamaUnweighted};

TEST(KetamaPlacement, PoolThatGrowsFrom40To44FindsEverySession) {
    for (const Strategy strategy : kRings) {
        const auto old = make(strategy, HashFunction::kCrc32, pool(40));
        const auto grown = make(strategy, HashFunction::kCrc32, pool(44));
        for (const size_t copies : {1, 2, 3}) {
            for (int i = 0; i < 5000; ++i) {
                const std::string key = key_number(i);
                const auto asked = searched(*grown, key, copies, copies + kSearch);
                ASSERT_EQ(asked.size(), copies + kSearch);
                EXPECT_TRUE(has_any_of(asked, first(*old, key, 1))) << key;
            }
        }
    }
}

TEST(KetamaPlacement, PoolThatGrowsAsFarAsTheSearchReachesFindsEverySession) {
    for (const Strategy strategy : kRings) {
        for (const size_t copies : {1, 2, 3}) {
            const auto old = make(strategy, HashFunction::kCrc32, pool(10));
            const auto grown =
                make(strategy, HashFunction::kCrc32, pool(10 + kSearch - 3 * copies));
            for (int i = 0; i < 5000; ++i) {
                const std::string key = key_number(i);
                EXPECT_TRUE(has_any_of(searched(*grown, key, copies, copies + kSearch),
                                       first(*old, key, 1)))
                    << key;
            }
        }
    }
}

TEST(KetamaPlacement, PoolThatGrowsByOneServerFindsEveryCopy) {
    for (const Strategy strategy : kRings) {
        const auto old = make(strategy, HashFunction::kCrc32, pool(43));
        const auto grown = make(strategy, HashFunction::kCrc32, pool(44));
        for (int i = 0; i < 5000; ++i) {
            const std::string key = key_number(i);
            for (const uint32_t place : first(*old, key, 2)) {
                EXPECT_TRUE(has_any_of(searched(*grown, key, 2, 2 + kSearch), {place})) << key;
            }
        }
    }
}

// The last server is removed, then the one before, and so on.
TEST(KetamaPlacement, PoolThatShrinksFrom44To40StepByStepFindsEverySession) {
    for (const Strategy strategy : kRings) {
        for (uint32_t size = 44; size > 40; --size) {
            const auto before = make(strategy, HashFunction::kCrc32, pool(size));
            const auto after = make(strategy, HashFunction::kCrc32, pool(size - 1));
            for (int i = 0; i < 5000; ++i) {
                const std::string key = key_number(i);
                EXPECT_TRUE(
                    has_any_of(searched(*after, key, 2, 2 + kSearch), first(*before, key, 2)))
                    << key;
            }
        }
    }
}

// The first servers that libmemcached 1.1.4 named, for machines that cannot be compared with it.
TEST(LibmemcachedRules, FirstServersAreThoseOnRecord) {
    auto servers = pool(5);
    const uint32_t weights[] = {1, 2, 3, 10, 1};
    for (uint32_t i = 0; i < 5; ++i) {
        servers[i].weight = weights[i];
        servers[i].endpoint.port = static_cast<uint16_t>(i % 2 == 0 ? 11211 : 11300 + i);
    }
    const std::pair<Strategy, std::string> records[] = {
        {Strategy::kKetama, "332332301233142312212233332323003433323113333243330331232332"},
        {Strategy::kKetamaUnweighted,
         "030122302414423442434411120341422312140403323111111413113014"},
        {Strategy::kModula, "102344041403303444242201124321002131420332413224310234031110"},
    };
    for (const auto& [strategy, record] : records) {
        const auto subject = make(strategy, HashFunction::kCrc32, servers);
        std::string found;
        for (int i = 0; i < 60; ++i) {
            found += std::to_string(first(*subject, key_number(i), 1).front());
        }
        EXPECT_EQ(found, record);
    }
}

TEST(StandardPlacement, ServersBeyondTheLastBucketComeLastInSavePathOrder) {
    const auto subject = make(Strategy::kStandard, HashFunction::kCrc32, pool(40, 1000));
    for (int i = 0; i < 100; ++i) {
        const auto order = list(*subject, key_number(i));
        for (uint32_t position = 33; position < 40; ++position) {
            ASSERT_EQ(order[position], position);
        }
    }
}

}  // namespace
}  // namespace memcache_session

// The placement of pools that change by themselves: protocol.md, "Pools with different views".
#include "src/pool/changing_placement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace memcache_session {
namespace {

constexpr int kKeys = 500;

std::vector<Server> servers(size_t count) {
    std::vector<Server> result(count);
    for (size_t i = 0; i < count; ++i) {
        result[i].endpoint.host = "10.0.0." + std::to_string(i + 1);
        result[i].endpoint.port = 11211;
    }
    return result;
}

std::unique_ptr<Placement> place(const std::vector<Server>& pool, bool changing = true) {
    return Placement::create({Strategy::kConsistent, HashFunction::kCrc32, changing}, pool);
}

std::string key_number(int number) {
    return "session" + std::to_string(number * 7919);
}

std::set<std::string> first_names(const Placement& placement, const std::vector<Server>& pool,
                                  const std::string& key, size_t count) {
    std::vector<uint32_t> first;
    placement.first_servers(key, count, &first);
    std::set<std::string> names;
    for (const uint32_t server : first) {
        names.insert(pool[server].name());
    }
    return names;
}

// The fewest servers that the first `redundancy` ones of both pools have in common, over all keys.
size_t fewest_shared(const std::vector<Server>& pool, const std::vector<Server>& other,
                     size_t redundancy, bool changing = true) {
    const auto before = place(pool, changing);
    const auto after = place(other, changing);
    size_t fewest = redundancy;
    for (int key = 0; key < kKeys; ++key) {
        const auto old_names = first_names(*before, pool, key_number(key), redundancy);
        const auto new_names = first_names(*after, other, key_number(key), redundancy);
        fewest = std::min<size_t>(
            fewest, std::count_if(old_names.begin(), old_names.end(),
                                  [&](const auto& name) { return new_names.count(name) != 0; }));
    }
    return fewest;
}

TEST(ChangingPlacement, AServerThatJoinsOrLeavesChangesOneOfTheFirstServersOfAKey) {
    for (const size_t count : {3, 4, 5, 8, 12}) {
        const std::vector<Server> all = servers(count);
        for (size_t absent = 0; absent < count; ++absent) {
            std::vector<Server> smaller = all;
            smaller.erase(smaller.begin() + static_cast<std::ptrdiff_t>(absent));
            for (const size_t redundancy : {2, 3}) {
                EXPECT_GE(fewest_shared(smaller, all, redundancy), redundancy - 1)
                    << count << " without " << absent;
            }
        }
    }
}

TEST(ChangingPlacement, AServerInPlaceOfAnotherChangesOneOfTheFirstServersOfAKey) {
    const std::vector<Server> all = servers(7);
    const std::vector<Server> before(all.begin(), all.end() - 1);
    for (size_t replaced = 0; replaced < before.size(); ++replaced) {
        std::vector<Server> after = all;
        after.erase(after.begin() + static_cast<std::ptrdiff_t>(replaced));
        EXPECT_GE(fewest_shared(before, after, 2), 1u) << replaced;
        EXPECT_GE(fewest_shared(before, after, 3), 2u) << replaced;
    }
}

// So another placement is needed.
TEST(ChangingPlacement, ThePlacementOfAFixedListMayChangeAllOfThem) {
    const std::vector<Server> all = servers(5);
    const std::vector<Server> smaller(all.begin(), all.end() - 1);
    EXPECT_EQ(fewest_shared(smaller, all, 2, false), 0u);
}

TEST(ChangingPlacement, TheFirstServerIsThatOfAFixedList) {
    const std::vector<Server> pool = servers(6);
    const auto changing = place(pool);
    const auto fixed = place(pool, false);
    for (int key = 0; key < kKeys; ++key) {
        EXPECT_EQ(first_names(*changing, pool, key_number(key), 1),
                  first_names(*fixed, pool, key_number(key), 1));
    }
}

TEST(ChangingPlacement, ListsEveryServerOnceInAnOrderThatDoesNotDependOnTheCount) {
    for (const size_t count : {1, 2, 16, 17, 40}) {
        const auto placement = place(servers(count));
        std::vector<uint32_t> all;
        placement->preference_list("abc", &all);
        EXPECT_EQ(all.size(), count);
        EXPECT_EQ(std::set<uint32_t>(all.begin(), all.end()).size(), count);
        for (size_t wanted = 0; wanted <= count; ++wanted) {
            std::vector<uint32_t> some;
            placement->first_servers("abc", wanted, &some);
            EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
            EXPECT_EQ(some.size(), wanted);
        }
    }
}

TEST(ChangingPlacement, MarksServersAlikeInEveryPoolAndOtherwiseThanPositions) {
    const std::vector<Server> all = servers(40);
    const std::vector<Server> some(all.begin() + 7, all.end());
    const auto placement = place(all);
    const auto smaller = place(some);
    std::set<uint32_t> marks;
    for (uint32_t server = 0; server < 40; ++server) {
        marks.insert(placement->lock_mark(server));
        EXPECT_GE(placement->lock_mark(server), kLockMarkMin);
        if (server >= 7) {
            EXPECT_EQ(smaller->lock_mark(server - 7), placement->lock_mark(server));
        }
    }
    EXPECT_EQ(marks.size(), 40u);
    EXPECT_EQ(place(all, false)->lock_mark(0), 0u);
}

// A pod that is scheduled anew is another server for a while: one view has the old one, and
// another view the new one.
TEST(ChangingPlacement, MarksAServerByItsPresentAddressAndPlacesItByName) {
    std::vector<Server> pool = servers(3);
    pool[1].endpoint.host = "cache-1.example.com";
    pool[1].address = "10.1.0.7";
    const auto before = place(pool);
    pool[1].address = "10.1.0.8";
    const auto after = place(pool);
    EXPECT_NE(before->lock_mark(1), after->lock_mark(1));
    EXPECT_EQ(before->lock_mark(2), after->lock_mark(2));
    for (int key = 0; key < kKeys; ++key) {
        EXPECT_EQ(first_names(*before, pool, key_number(key), 1),
                  first_names(*after, pool, key_number(key), 1));
    }
}

}  // namespace
}  // namespace memcache_session

// Which copy is the session, and when it is proven that there is none.
#include "src/replica/stored_session.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

constexpr uint64_t kKey = 42;

Item copy_of(Version version, std::string_view value) {
    Item item;
    item.present = true;
    item.flags = ItemFlags::encode(version, false, false);
    item.value = value;
    return item;
}

Item tombstone_of(Version version) {
    Item item;
    item.present = true;
    item.flags = ItemFlags::encode(version, true, false);
    return item;
}

Members members_with(const std::vector<Item>& items) {
    FakeClock clock;
    FakeExchange exchange(items.size(), clock);
    std::vector<uint32_t> preference;
    for (uint32_t server = 0; server < items.size(); ++server) {
        preference.push_back(server);
    }
    Members members(preference_in(preference), static_cast<uint32_t>(items.size()), true);
    EXPECT_TRUE(members.fill(exchange));
    for (size_t i = 0; i < items.size(); ++i) {
        members.list()[i].item = items[i];
    }
    return members;
}

std::vector<bool> current_of(const Members& members) {
    std::vector<bool> current;
    for (const Member& member : members.list()) {
        current.push_back(member.opened.current);
    }
    return current;
}

struct Row {
    const char* what;
    std::vector<Item> items;
    const char* value;  // null: the session is missing
    Version newest_version;
    std::vector<bool> current;
};

TEST(ChooseNewest, TakesTheCopyThatCounts) {
    const Row rows[] = {
        {"no copy", {Item(), Item()}, nullptr, 0, {false, false}},
        {"one copy of two", {Item(), copy_of(3, "a")}, "a", 3, {false, true}},
        {"equal copies", {copy_of(3, "a"), copy_of(3, "a")}, "a", 3, {true, true}},
        {"newer copy", {copy_of(3, "a"), copy_of(4, "b")}, "b", 4, {false, true}},
        {"older copy", {copy_of(4, "b"), copy_of(3, "a")}, "b", 4, {true, false}},
        {"newer copy across the wrap",
         {copy_of(65535, "a"), copy_of(1, "b")},
         "b",
         1,
         {false, true}},
        {"same version, other bytes", {copy_of(3, "a"), copy_of(3, "b")}, "a", 3, {true, false}},
        {"tombstone in a tie", {copy_of(3, "a"), tombstone_of(3)}, nullptr, 3, {false, false}},
        {"newer tombstone", {copy_of(3, "a"), tombstone_of(4)}, nullptr, 4, {false, false}},
        {"older tombstone", {copy_of(4, "a"), tombstone_of(3)}, "a", 4, {true, false}},
        {"foreign copies", {copy_of(0, "a"), copy_of(0, "b")}, "a", 0, {true, false}},
        {"foreign copy first", {copy_of(0, "a"), copy_of(9, "b")}, "a", 9, {true, false}},
        {"foreign copy last", {copy_of(9, "b"), copy_of(0, "a")}, "b", 9, {true, false}},
        {"foreign and tombstone", {copy_of(0, "a"), tombstone_of(9)}, nullptr, 9, {false, false}},
        {"three copies",
         {copy_of(3, "a"), copy_of(5, "c"), copy_of(4, "b")},
         "c",
         5,
         {false, true, false}},
        {"two of three", {copy_of(5, "c"), Item(), copy_of(5, "c")}, "c", 5, {true, false, true}},
    };
    for (const Row& row : rows) {
        Members members = members_with(row.items);
        const StoredSession session = choose_newest(&members, nullptr, kKey);
        EXPECT_EQ(session.missing, row.value == nullptr) << row.what;
        EXPECT_EQ(session.value, row.value == nullptr ? "" : row.value) << row.what;
        EXPECT_EQ(session.newest_version, row.newest_version) << row.what;
        EXPECT_EQ(current_of(members), row.current) << row.what;
        EXPECT_TRUE(session.content.is_of(session.value)) << row.what;
        EXPECT_EQ(session.content.key, kKey) << row.what;
        for (const Member& member : members.list()) {
            EXPECT_EQ(member.opened.content, fingerprint_of(member.item.value, kKey)) << row.what;
        }
    }
}

TEST(ChooseNewest, TakesACopyFromElsewhereOnlyIfItTakesPrecedence) {
    const struct {
        const char* what;
        Item member;
        Item elsewhere;
        const char* value;
        Version newest_version;
        bool member_is_current;
    } rows[] = {
        {"newer", copy_of(3, "a"), copy_of(4, "b"), "b", 4, false},
        {"same version", copy_of(3, "a"), copy_of(3, "b"), "a", 3, true},
        {"older", copy_of(3, "a"), copy_of(2, "b"), "a", 3, true},
        {"only there", Item(), copy_of(2, "b"), "b", 2, false},
        {"newer with equal bytes", copy_of(3, "a"), copy_of(4, "a"), "a", 4, false},
        {"tombstone there", copy_of(3, "a"), tombstone_of(4), nullptr, 4, false},
        {"foreign there", copy_of(3, "a"), copy_of(0, "b"), "a", 3, true},
        {"nothing there", copy_of(3, "a"), Item(), "a", 3, true},
    };
    for (const auto& row : rows) {
        Members members = members_with({row.member});
        const StoredSession session = choose_newest(&members, &row.elsewhere, kKey);
        EXPECT_EQ(session.missing, row.value == nullptr) << row.what;
        EXPECT_EQ(session.value, row.value == nullptr ? "" : row.value) << row.what;
        EXPECT_EQ(session.newest_version, row.newest_version) << row.what;
        EXPECT_EQ(members.list()[0].opened.current, row.member_is_current) << row.what;
    }
}

TEST(ChooseNewest, TellsCopiesApartByAllOfTheirFlags) {
    Item plain = copy_of(3, "a");
    Item compressed = plain;
    compressed.flags |= ItemFlags::kZlib;
    Members members = members_with({plain, compressed});
    const StoredSession session = choose_newest(&members, nullptr, kKey);
    EXPECT_EQ(session.flags, plain.flags);
    EXPECT_EQ(current_of(members), std::vector<bool>({true, false}));
}

TEST(StoredSession, NotesTheNewestVersionThatAnyServerShowed) {
    StoredSession session;
    session.saw(kForeignVersion);
    EXPECT_EQ(session.newest_version, kForeignVersion);
    session.saw(5);
    EXPECT_EQ(session.newest_version, 5);
    session.saw(4);
    EXPECT_EQ(session.newest_version, 5);
    session.saw(kForeignVersion);
    EXPECT_EQ(session.newest_version, 5);
    session.saw(6);
    EXPECT_EQ(session.newest_version, 6);
    session.newest_version = 65535;
    session.saw(1);
    EXPECT_EQ(session.newest_version, 1);
}

TEST(StoredSession, HasAValueOnlyAsItWasStored) {
    Members members = members_with({copy_of(3, "value")});
    const StoredSession session = choose_newest(&members, nullptr, kKey);
    EXPECT_TRUE(session.has_value({"value", false}));
    EXPECT_FALSE(session.has_value({"value", true}));
    EXPECT_FALSE(session.has_value({"VALUE", false}));
    EXPECT_FALSE(session.has_value({"", false}));
}

TEST(StoredSession, HasNoValueIfItIsMissing) {
    Members members = members_with({Item()});
    EXPECT_FALSE(choose_newest(&members, nullptr, kKey).has_value({"", false}));
    members = members_with({tombstone_of(3)});
    EXPECT_FALSE(choose_newest(&members, nullptr, kKey).has_value({"", false}));
}

TEST(StoredSession, EqualsAnotherOfTheSameFlagsAndBytes) {
    const auto read = [](const Item& item) {
        Members members = members_with({item});
        return choose_newest(&members, nullptr, kKey);
    };
    const StoredSession session = read(copy_of(3, "value"));
    EXPECT_TRUE(session.equals(read(copy_of(3, "value"))));
    EXPECT_FALSE(session.equals(read(copy_of(4, "value"))));
    EXPECT_FALSE(session.equals(read(copy_of(3, "VALUE"))));
    EXPECT_FALSE(session.equals(read(Item())));
    EXPECT_FALSE(session.equals(read(tombstone_of(3))));
    EXPECT_TRUE(read(Item()).equals(read(Item())));
}

TEST(StoredSessionDeathTest, NeedsMembersAndOneKey) {
    Members none(preference_in({0, 1}), 1, true);
    EXPECT_DEATH((void)choose_newest(&none, nullptr, kKey), "empty");
    Members members = members_with({copy_of(3, "value")});
    const StoredSession session = choose_newest(&members, nullptr, kKey);
    const StoredSession other = choose_newest(&members, nullptr, kKey + 1);
    EXPECT_DEATH((void)session.equals(other), "key");
}

// protocol.md, "When missing is proven".
TEST(MissingSession, IsProvenAsTheProtocolSays) {
    using Positions = std::vector<uint32_t>;
    const struct {
        uint32_t servers;
        uint32_t redundancy;
        bool failover;
        Positions silent;
        bool proven;
    } rows[] = {
        // R = 1 with failover: always.
        {3, 1, true, {}, true},
        {3, 1, true, {0}, true},
        {3, 1, true, {0, 1, 2}, true},
        {1, 2, true, {0}, true},  // one server: R is 1
        // R = 1 without failover: the first server answered.
        {3, 1, false, {}, true},
        {3, 1, false, {0}, false},
        {3, 1, false, {1, 2}, true},
        // R = 2 with failover: fewer than 2 silent of the first 3.
        {5, 2, true, {}, true},
        {5, 2, true, {0}, true},
        {5, 2, true, {2}, true},
        {5, 2, true, {0, 1}, false},
        {5, 2, true, {0, 2}, false},
        {5, 2, true, {1, 2}, false},
        {5, 2, true, {2, 3}, true},
        {5, 2, true, {0, 3, 4}, true},
        {5, 2, true, {3, 4}, true},
        {5, 2, true, {0, 1, 2, 3, 4}, false},
        // As many servers as copies: the list is shorter than 2R-1.
        {2, 2, true, {0}, true},
        {2, 2, true, {0, 1}, false},
        // R = 3 with failover: fewer than 3 silent of the first 5.
        {6, 3, true, {0, 1}, true},
        {6, 3, true, {0, 1, 4}, false},
        {6, 3, true, {0, 1, 5}, true},
        // Without failover: fewer than R silent of the first R.
        {5, 2, false, {0}, true},
        {5, 2, false, {0, 2}, true},
        {5, 2, false, {0, 1}, false},
        {6, 3, false, {0, 1, 3, 4, 5}, true},
        {6, 3, false, {0, 1, 2}, false},
    };
    for (const auto& row : rows) {
        // In the reverse order of the pool, so that servers and positions differ.
        std::vector<uint32_t> preference;
        for (uint32_t position = 0; position < row.servers; ++position) {
            preference.push_back(row.servers - 1 - position);
        }
        const Members members(preference_in(preference), row.redundancy, row.failover);
        Failures silent;
        std::string text;
        for (const uint32_t position : row.silent) {
            silent.push_back({preference[position], {FailureKind::kTimeout, 0}, true});
            text += std::to_string(position) + " ";
        }
        EXPECT_EQ(is_missing_proven(members, silent), row.proven)
            << row.servers << " servers, R " << row.redundancy << ", failover " << row.failover
            << ", silent " << text;
        for (ServerFailure& entry : silent) {
            entry.asked = false;
        }
        EXPECT_EQ(is_missing_proven(members, silent), row.proven)
            << "a server that is marked down counts as silent: " << text;
    }
}

TEST(MissingSession, CountsAServerOnceHoweverOftenItWasSilent) {
    const Members members(preference_in({0, 1, 2}), 2, true);
    const ServerFailure silent = {0, {FailureKind::kTimeout, 0}, true};
    EXPECT_TRUE(is_missing_proven(members, {silent, silent, silent}));
}

}  // namespace
}  // namespace memcache_session

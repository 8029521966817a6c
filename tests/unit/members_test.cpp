// The members of a replica set: protocol.md, "Preference list and replica set".
#include "src/replica/members.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/fake_cluster.h"

namespace memcache_session {
namespace {

// The preference list is not in the order of the pool, so that servers and positions differ.
class MembersTest : public testing::Test {
protected:
    using Servers = std::vector<uint32_t>;

    static Members make(uint32_t redundancy, bool allow_failover = true) {
        return {preference_in({3, 1, 0, 2}), redundancy, allow_failover};
    }
    static Servers servers_of(const Members& members) {
        Servers servers;
        for (const Member& member : members.list()) {
            servers.push_back(member.server);
        }
        return servers;
    }

    FakeClock clock_;
    FakeExchange exchange_{4, clock_};
};

TEST_F(MembersTest, AreTheFirstServersOfThePreferenceList) {
    Members members = make(2);
    EXPECT_TRUE(members.empty());
    EXPECT_TRUE(members.fill(exchange_));
    EXPECT_EQ(servers_of(members), Servers({3, 1}));
    EXPECT_EQ(members.lock_names(), (LockNames{0, 1}));
    EXPECT_EQ(members.absent_first_choices(), 0u);
    EXPECT_TRUE(members.passed_over().empty());
    EXPECT_FALSE(members.fill(exchange_)) << "the set is full";
    EXPECT_EQ(servers_of(members), Servers({3, 1}));
}

TEST_F(MembersTest, AreAllServersIfRedundancyIsHigher) {
    Members members = make(9);
    EXPECT_EQ(members.redundancy(), 4u);
    EXPECT_TRUE(members.fill(exchange_));
    EXPECT_EQ(servers_of(members), Servers({3, 1, 0, 2}));
    EXPECT_EQ(members.lock_names(), (LockNames{0, 1, 2, 3}));
}

TEST_F(MembersTest, HaveAStandInForAServerThatIsMarkedDown) {
    exchange_.down[3] = true;
    Members members = make(2);
    EXPECT_TRUE(members.fill(exchange_));
    EXPECT_EQ(servers_of(members), Servers({1, 0}));
    EXPECT_EQ(members.lock_names(), (LockNames{1, 2}));
    EXPECT_EQ(members.absent_first_choices(), 1u);
    ASSERT_EQ(members.passed_over().size(), 1u);
    EXPECT_EQ(members.passed_over()[0].server, 3u);
    EXPECT_EQ(members.passed_over()[0].failure.kind, FailureKind::kMarkedDown);
    EXPECT_FALSE(members.passed_over()[0].asked);
    EXPECT_FALSE(members.has_failed(3)) << "it was not asked";
}

TEST_F(MembersTest, HaveNoStandInWithoutFailover) {
    exchange_.down[3] = true;
    Members members = make(2, false);
    EXPECT_FALSE(members.allows_failover());
    EXPECT_TRUE(members.fill(exchange_));
    EXPECT_EQ(servers_of(members), Servers({1}));
    EXPECT_EQ(members.absent_first_choices(), 1u);
    members.drop(1, {FailureKind::kTimeout, 0});
    EXPECT_FALSE(members.fill(exchange_));
    EXPECT_TRUE(members.empty());
    EXPECT_EQ(members.absent_first_choices(), 2u);
}

TEST_F(MembersTest, OnceDroppedAreNotTriedAgain) {
    Members members = make(2);
    EXPECT_TRUE(members.fill(exchange_));
    members.drop(3, {FailureKind::kTimeout, 0});
    EXPECT_EQ(servers_of(members), Servers({1}));
    EXPECT_FALSE(members.contains(3));
    EXPECT_TRUE(members.has_failed(3));
    EXPECT_FALSE(members.has_failed(1));
    EXPECT_TRUE(exchange_.usable(3));
    EXPECT_TRUE(members.fill(exchange_));
    EXPECT_EQ(servers_of(members), Servers({1, 0}));
    ASSERT_EQ(members.passed_over().size(), 1u);
    EXPECT_EQ(members.passed_over()[0].failure.kind, FailureKind::kTimeout);
    EXPECT_TRUE(members.passed_over()[0].asked);
}

TEST_F(MembersTest, OnceMarkedDownAreNotTriedAgain) {
    exchange_.down[3] = true;
    Members members = make(2);
    EXPECT_TRUE(members.fill(exchange_));
    exchange_.down[3] = false;
    members.drop(0, {FailureKind::kTimeout, 0});
    EXPECT_TRUE(members.fill(exchange_));
    EXPECT_EQ(servers_of(members), Servers({1, 2}));
    EXPECT_EQ(members.passed_over().size(), 2u) << "no server is noted twice";
}

TEST_F(MembersTest, StayInTheOrderOfThePreferenceListWhenFilledAgain) {
    Members members(preference_in({3, 1, 0, 2}), 3, true);
    EXPECT_TRUE(members.fill(exchange_));
    members.drop(1, {FailureKind::kClosed, 0});
    EXPECT_TRUE(members.fill(exchange_));
    EXPECT_EQ(servers_of(members), Servers({3, 0, 2}));
    EXPECT_EQ(members.lock_names(), (LockNames{0, 2, 3}));
    EXPECT_EQ(members.absent_first_choices(), 1u);
    members.drop(3, {FailureKind::kClosed, 0});
    EXPECT_FALSE(members.fill(exchange_)) << "no server is left";
    EXPECT_EQ(members.lock_names(), (LockNames{2, 3}));
    EXPECT_EQ(members.absent_first_choices(), 2u);
}

TEST_F(MembersTest, KeepTheirItemsAndLocksWhenOthersAreDropped) {
    Members members = make(2);
    EXPECT_TRUE(members.fill(exchange_));
    members.at(1).item.cas = 17;
    members.at(1).lock.held = true;
    members.drop(3, {FailureKind::kClosed, 0});
    EXPECT_TRUE(members.fill(exchange_));
    EXPECT_EQ(members.at(1).item.cas, 17u);
    EXPECT_TRUE(members.at(1).lock.held);
    EXPECT_FALSE(members.at(0).lock.held);
}

TEST_F(MembersTest, AreEmptyIfNoServerIsUsable) {
    exchange_.down.assign(4, true);
    Members members = make(2);
    EXPECT_FALSE(members.fill(exchange_));
    EXPECT_TRUE(members.empty());
    EXPECT_EQ(members.lock_names(), (LockNames{}));
    EXPECT_EQ(members.passed_over().size(), 4u);
}

TEST_F(MembersTest, ThatAnswerWithAnErrorAreDroppedAndMarkedDown) {
    for (const ReplyKind reply :
         {ReplyKind::kRefused, ReplyKind::kRejected, ReplyKind::kUnknownCommand}) {
        exchange_.down.assign(4, false);
        Members members = make(2);
        EXPECT_TRUE(members.fill(exchange_));
        Request request;
        request.server = 1;
        request.add(Command::read_for_update("abc"));
        request.replies[0].kind = reply;
        request.answered = 1;
        drop_failed(&members, exchange_, request);
        EXPECT_FALSE(members.contains(1));
        EXPECT_TRUE(members.has_failed(1));
        EXPECT_TRUE(exchange_.down[1]);
        EXPECT_EQ(members.passed_over()[0].failure.kind, reply == ReplyKind::kUnknownCommand
                                                             ? FailureKind::kUnknownCommand
                                                             : FailureKind::kServerError);
    }
}

TEST_F(MembersTest, ThatFailedAreDroppedAndNotMarkedASecondTime) {
    Members members = make(2);
    EXPECT_TRUE(members.fill(exchange_));
    Request request;
    request.server = 1;
    request.failure = {FailureKind::kTimeout, 5};
    drop_failed(&members, exchange_, request);
    EXPECT_FALSE(members.contains(1));
    EXPECT_FALSE(exchange_.down[1]) << "the exchange itself marks servers that fail";
    EXPECT_EQ(members.passed_over()[0].failure.kind, FailureKind::kTimeout);
    EXPECT_EQ(members.passed_over()[0].failure.system_error, 5);
}

TEST_F(MembersTest, FailAsUnknownCommandByRepliesThatCameOnly) {
    Request request;
    request.add(Command::read_for_update("abc"));
    request.add(Command::read_for_update("abc.lock"));
    request.replies[0].kind = ReplyKind::kRefused;
    request.replies[1].kind = ReplyKind::kUnknownCommand;
    request.answered = 1;
    EXPECT_EQ(failure_of(request).kind, FailureKind::kServerError);
    request.answered = 2;
    EXPECT_EQ(failure_of(request).kind, FailureKind::kUnknownCommand);
}

TEST_F(MembersTest, NewestIsTheFirstOfThoseThatCount) {
    Members members = make(3);
    EXPECT_TRUE(members.fill(exchange_));
    EXPECT_EQ(newest_of(members).server, 3u) << "all are absent";
    for (Member& member : members.list()) {
        member.item.present = true;
        member.item.flags = ItemFlags::encode(4, false, false);
    }
    EXPECT_EQ(newest_of(members).server, 3u);
    members.at(1).item.flags = ItemFlags::encode(5, false, false);
    EXPECT_EQ(newest_of(members).server, 1u);
    members.at(0).item.flags = ItemFlags::encode(5, true, false);
    EXPECT_EQ(newest_of(members).server, 0u) << "the tombstone wins the tie";
}

TEST(UnchangedItem, IsToldByItsCasOnOneConnectionAndByItsBytesElse) {
    constexpr uint64_t key = 42;
    Member member;
    member.item.present = true;
    member.item.flags = 6;
    member.item.cas = 10;
    member.item.connection = 1;
    member.opened = {true, 6, fingerprint_of("value", key), true};
    Item same = member.item;
    same.value = "value";
    EXPECT_TRUE(is_unchanged(member, same));

    Item now = same;
    now.cas = 11;
    EXPECT_FALSE(is_unchanged(member, now)) << "another cas";
    now.connection = 2;
    EXPECT_TRUE(is_unchanged(member, now)) << "a cas of another connection says nothing";
    now.cas = 10;
    now.value = "VALUE";
    EXPECT_FALSE(is_unchanged(member, now)) << "equal size and other bytes";
    now = same;
    now.flags = 7;
    EXPECT_FALSE(is_unchanged(member, now)) << "other flags";
    now = same;
    now.present = false;
    EXPECT_FALSE(is_unchanged(member, now)) << "absent now";
}

TEST(UnchangedItem, MayBeAbsentBothTimes) {
    Member member;
    member.item.connection = 1;
    member.opened.content = fingerprint_of("", 42);
    Item now;
    now.connection = 1;
    EXPECT_TRUE(is_unchanged(member, now));
    now.connection = 2;
    EXPECT_TRUE(is_unchanged(member, now));
    now.present = true;
    EXPECT_FALSE(is_unchanged(member, now)) << "an empty item of another program";
}

TEST(MembersDeathTest, NeedRedundancyMembersAndServersThatAreMembers) {
    EXPECT_DEATH(Members(preference_in({3, 1, 0, 2}), 0, true), "redundancy > 0");
    Members members(preference_in({3, 1, 0, 2}), 1, true);
    EXPECT_DEATH((void)members.at(1), "found");
    EXPECT_DEATH((void)newest_of(members), "empty");
}

// protocol.md, "Copies whose value is not read".
TEST(UnchangedItem, IsToldByVersionAndSizeWhereItsValueWasNotRead) {
    Member member;
    const uint32_t flags = ItemFlags::encode(7, false, false);
    member.opened = {true, flags, {42, 5, 0}, false, true};
    member.item.connection = 1;
    Item now;
    now.present = true;
    now.flags = flags;
    now.value = "value";
    now.connection = 2;
    EXPECT_TRUE(is_unchanged(member, now));
    now.forget_value();
    EXPECT_TRUE(is_unchanged(member, now));
    now.unread_size = 6;
    EXPECT_FALSE(is_unchanged(member, now));
    now.unread_size = 5;
    now.flags = ItemFlags::encode(8, false, false);
    EXPECT_FALSE(is_unchanged(member, now));
    now.present = false;
    EXPECT_FALSE(is_unchanged(member, now));
}

TEST(UnchangedItem, IsNotToldByTheSizeOfAForeignValue) {
    Member member;
    member.opened = {true, 0, {42, 5, 0}, false, true};
    member.item.connection = 1;
    Item now;
    now.present = true;
    now.value = "value";
    now.connection = 2;
    EXPECT_FALSE(is_unchanged(member, now));
}

}  // namespace
}  // namespace memcache_session

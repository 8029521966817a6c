// Which of two copies counts: protocol.md, "Which copy counts".
#include "src/replica/item.h"

#include <gtest/gtest.h>

namespace memcache_session {
namespace {

Item absent() {
    return {};
}

Item copy_of(Version version, bool tombstone = false) {
    Item item;
    item.present = true;
    item.flags = ItemFlags::encode(version, tombstone, false);
    return item;
}

Item tombstone_of(Version version) {
    return copy_of(version, true);
}

TEST(Item, TakesPrecedenceOverAnEarlierOneAsTheProtocolSays) {
    const struct {
        const char* what;
        Item later;
        Item earlier;
        bool later_counts;
    } rows[] = {
        {"present before absent", copy_of(1), absent(), true},
        {"foreign before absent", copy_of(kForeignVersion), absent(), true},
        {"tombstone before absent", tombstone_of(1), absent(), true},
        {"absent never", absent(), copy_of(1), false},
        {"absent beside absent", absent(), absent(), false},
        {"newer", copy_of(6), copy_of(5), true},
        {"older", copy_of(5), copy_of(6), false},
        {"newer across the wrap", copy_of(2), copy_of(65534), true},
        {"older across the wrap", copy_of(65534), copy_of(2), false},
        {"newer than a tombstone", copy_of(6), tombstone_of(5), true},
        {"older than a tombstone", copy_of(5), tombstone_of(6), false},
        {"newer tombstone", tombstone_of(6), copy_of(5), true},
        {"older tombstone", tombstone_of(5), copy_of(6), false},
        {"tombstone of the same version", tombstone_of(5), copy_of(5), true},
        {"value beside a tombstone of its version", copy_of(5), tombstone_of(5), false},
        {"two tombstones", tombstone_of(5), tombstone_of(5), false},
        {"newer of two tombstones", tombstone_of(6), tombstone_of(5), true},
        {"same version: the earlier server", copy_of(5), copy_of(5), false},
        {"foreign and ours: the earlier server", copy_of(kForeignVersion), copy_of(5), false},
        {"ours and foreign: the earlier server", copy_of(5), copy_of(kForeignVersion), false},
        {"tombstone beside a foreign value", tombstone_of(5), copy_of(kForeignVersion), true},
        {"foreign value beside a tombstone", copy_of(kForeignVersion), tombstone_of(5), false},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(takes_precedence(row.later, row.earlier), row.later_counts) << row.what;
    }
}

TEST(Item, NeverTakesPrecedenceBothWays) {
    const Item items[] = {absent(),        copy_of(kForeignVersion), copy_of(1),
                          copy_of(65535),  copy_of(32768),           copy_of(32769),
                          tombstone_of(1), tombstone_of(65535),      tombstone_of(32768)};
    for (const Item& a : items) {
        for (const Item& b : items) {
            EXPECT_FALSE(takes_precedence(a, b) && takes_precedence(b, a))
                << a.flags << " and " << b.flags;
        }
    }
}

TEST(Item, OfAHitHasAllThatTheServerShowed) {
    Reply reply;
    reply.kind = ReplyKind::kHit;
    reply.flags = ItemFlags::encode(7, false, true);
    reply.cas = 99;
    reply.value = "value";
    const Item item = Item::from(reply, 3);
    EXPECT_TRUE(item.present);
    EXPECT_EQ(item.version(), 7);
    EXPECT_EQ(item.cas, 99u);
    EXPECT_EQ(item.value, "value");
    EXPECT_EQ(item.connection, 3u);
    EXPECT_FALSE(item.tombstone());
}

TEST(Item, OfAMissHasItsConnectionOnly) {
    Reply reply;
    reply.kind = ReplyKind::kMiss;
    reply.flags = ItemFlags::encode(7, true, false);
    reply.cas = 99;
    reply.value = "rest of another reply";
    const Item item = Item::from(reply, 3);
    EXPECT_FALSE(item.present);
    EXPECT_EQ(item.flags, 0u);
    EXPECT_EQ(item.cas, 0u);
    EXPECT_EQ(item.value, "");
    EXPECT_EQ(item.connection, 3u);
    EXPECT_FALSE(item.tombstone());
}

TEST(ItemDeathTest, IsNotMadeFromAnError) {
    Reply reply;
    reply.kind = ReplyKind::kRefused;
    EXPECT_DEATH((void)Item::from(reply, 1), "kHit");
}

}  // namespace
}  // namespace memcache_session

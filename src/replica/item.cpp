#include "src/replica/item.h"

#include <cassert>

#include "src/replica/rules.h"

namespace memcache_session {

Item Item::from(const Reply& reply, ConnectionId connection) {
    assert(reply.kind == ReplyKind::kHit || reply.kind == ReplyKind::kMiss);
    Item item;
    item.present = reply.kind == ReplyKind::kHit;
    item.connection = connection;
    if (item.present) {
        item.flags = reply.flags;
        item.cas = reply.cas;
        item.value = reply.value;
        item.unread_size = reply.unread_size;
    }
    return item;
}

bool takes_precedence(const Item& a, const Item& b) {
    if (a.present != b.present) {
        return a.present;
    }
    if (is_newer(a.version(), b.version())) {
        return true;
    }
    return rules.tombstone_wins_ties && !is_newer(b.version(), a.version()) && a.tombstone() &&
           !b.tombstone();
}

}  // namespace memcache_session

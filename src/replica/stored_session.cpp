#include "src/replica/stored_session.h"

#include <algorithm>
#include <cassert>

#include "src/replica/rules.h"

namespace memcache_session {

bool is_before_destroy(const Item& item, uint32_t tombstone_flags) {
    return item.present && item.version() != kForeignVersion &&
           ItemFlags::next_incarnation(item.flags) != ItemFlags::next_incarnation(tombstone_flags);
}

const Member& counting_member(const Members& members) {
    return rules.versions_order_copies ? newest_of(members) : members.list().front();
}

StoredSession choose_newest(Members* members, const Item* elsewhere, uint64_t key) {
    assert(!members->empty());
    const Item* newest = &counting_member(*members).item;
    if (elsewhere != nullptr && takes_precedence(*elsewhere, *newest)) {
        newest = elsewhere;
    }
    StoredSession session;
    assert(newest->is_read());
    session.missing = !newest->present || newest->tombstone();
    session.flags = newest->flags;
    session.value = session.missing ? std::string_view() : newest->value;
    session.content = fingerprint_of(session.value, key);
    session.newest_version = newest->version();
    session.saw(members->newest_dropped());
    const bool is_destroyed_here = newest != elsewhere && session.destroyed();
    for (Member& member : members->list()) {
        session.saw(member.item.version());
        const Item& item = member.item;
        // Equal versions do not make equal items: two commits that were never acknowledged may have
        // one version, and all items of other programs have none.
        const auto is_same = [&] {
            return item.is_read() ? item.flags == session.flags && item.value == session.value
                                  : is_same_by_metadata(session.flags, session.value.size(), item);
        };
        const bool current = !session.missing && (&item == newest || (item.present && is_same()));
        session.is_whole = session.is_whole && current;
        if (is_destroyed_here && is_before_destroy(item, session.flags)) {
            session.is_partly_destroyed = true;
        }
        member.opened = {item.present, item.flags, session.content, current, false};
        if (!current && item.is_read()) {
            member.opened.content = fingerprint_of(item.value, key);
        } else if (!current) {
            member.opened.content = {key, item.size(), 0};
            member.opened.is_unread = true;
        }
    }
    return session;
}

bool first_choice_shows_destroyed(const Members& members) {
    const Member& newest = newest_of(members);
    return newest.item.tombstone() && members.is_first_choice(newest);
}

bool is_missing_proven(const Members& members, const Failures& silent) {
    const size_t redundancy = members.redundancy();
    if (!rules.missing_needs_quorum || (redundancy == 1 && members.allows_failover())) {
        return true;
    }
    const auto is_silent = [&](uint32_t server) {
        return std::any_of(silent.begin(), silent.end(),
                           [&](const ServerFailure& entry) { return entry.server == server; });
    };
    size_t silent_count = 0;
    for (size_t position = 0; position < members.stand_in_reach() && !silent.empty(); ++position) {
        silent_count += is_silent(members.preference()[position]) ? 1 : 0;
    }
    return silent_count < redundancy;
}

}  // namespace memcache_session

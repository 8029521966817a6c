#include "src/replica/stored_session.h"

#include <algorithm>

#include "src/replica/rules.h"

namespace memcache_session {

StoredSession choose_newest(Members* members, const Item* elsewhere, uint64_t key) {
    const Item* newest =
        rules.versions_order_copies ? &newest_of(*members).item : &members->list().front().item;
    if (elsewhere != nullptr && takes_precedence(*elsewhere, *newest)) {
        newest = elsewhere;
    }
    StoredSession session;
    session.missing = !newest->present || newest->tombstone();
    session.flags = newest->flags;
    session.value = session.missing ? std::string_view() : newest->value;
    session.content = fingerprint_of(session.value, key);
    session.newest_version = newest->version();
    session.saw(members->newest_dropped());
    for (Member& member : members->list()) {
        session.saw(member.item.version());
        // protocol.md, "Which copy counts": equal versions do not make equal items.
        member.current = !session.missing && member.item.present &&
                         member.item.flags == session.flags && member.item.value == session.value;
        member.content = member.current ? session.content : fingerprint_of(member.item.value, key);
    }
    return session;
}

bool is_missing_proven(const Members& members, const Failures& silent) {
    const size_t redundancy = members.redundancy();
    if (!rules.missing_needs_quorum || (redundancy == 1 && members.allows_failover())) {
        return true;
    }
    const std::vector<uint32_t>& preference = members.preference();
    const size_t reach =
        std::min(preference.size(), members.allows_failover() ? 2 * redundancy - 1 : redundancy);
    const auto is_silent = [&](uint32_t server) {
        return std::any_of(silent.begin(), silent.end(),
                           [&](const ServerFailure& entry) { return entry.server == server; });
    };
    const auto silent_count = std::count_if(
        preference.begin(), preference.begin() + static_cast<std::ptrdiff_t>(reach), is_silent);
    return static_cast<size_t>(silent_count) < redundancy;
}

}  // namespace memcache_session

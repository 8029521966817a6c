#include "tests/sim/rule_table.h"

#include <algorithm>
#include <iterator>

namespace memcache_session {

Rules rules;

namespace sim {

// recheck_new_connection: a cas can fit by chance only on a server that was restarted, and then
// another copy refuses; without the rule some stores are refused needlessly, and none is lost.
const NamedRule kRules[] = {
    {"release_by_cas", &Rules::release_by_cas, 208},
    {"versions_order_copies", &Rules::versions_order_copies, 9},
    {"version_counts_absent", &Rules::version_counts_absent, 55377},
    {"refill_is_fenced", &Rules::refill_is_fenced, 220},
    {"recheck_overdue_lease", &Rules::recheck_overdue_lease, 2155},
    {"recheck_new_connection", &Rules::recheck_new_connection, 0},
    {"first_choice_commits_first", &Rules::first_choice_commits_first, 58327},
    {"raise_after_silence", &Rules::raise_after_silence, 54542},
    {"store_twice_with_gaps", &Rules::store_twice_with_gaps, 2496},
    {"reread_after_wait", &Rules::reread_after_wait, 1},
    {"keep_earlier_locks_only", &Rules::keep_earlier_locks_only, 32},
    {"take_over_orphans", &Rules::take_over_orphans, 1392},
    {"take_over_dead_holders", &Rules::take_over_dead_holders, 33},
    {"sweep_before_missing", &Rules::sweep_before_missing, 363},
    {"missing_needs_quorum", &Rules::missing_needs_quorum, 363},
    {"tombstones", &Rules::tombstones, 2},
    {"tombstone_wins_ties", &Rules::tombstone_wins_ties, 47293},
    {"destroy_unlocks_last", &Rules::destroy_unlocks_last, 10},
};
const size_t kRuleCount = std::size(kRules);

// A rule without an entry would never be tried.
static_assert(std::size(kRules) * sizeof(bool) == sizeof(Rules), "a rule is missing in kRules");

const NamedRule* find_rule(std::string_view name) {
    const NamedRule* end = kRules + kRuleCount;
    const NamedRule* found =
        std::find_if(kRules, end, [name](const NamedRule& rule) { return rule.name == name; });
    return found == end ? nullptr : found;
}

}  // namespace sim
}  // namespace memcache_session

#include "tests/sim/rule_table.h"

#include <algorithm>
#include <iterator>

namespace memcache_session {

Rules rules;

namespace sim {

const NamedRule kRules[] = {
    {"release_by_cas", &Rules::release_by_cas, "P2", 609},
    {"versions_order_copies", &Rules::versions_order_copies, "P2 lost update", 66},
    {"version_counts_absent", &Rules::version_counts_absent, "P2 lost update", 72},
    {"refill_is_fenced", &Rules::refill_is_fenced, "P5", 12},
    {"recheck_overdue_lease", &Rules::recheck_overdue_lease, "P2", 29834,
     &Rules::first_commit_wins},
    {"recheck_new_connection", &Rules::recheck_new_connection, "P2", 9756,
     &Rules::first_commit_wins},
    {"first_choice_commits_first", &Rules::first_choice_commits_first, "P2", 1480,
     &Rules::first_commit_wins},
    {"raise_after_silence", &Rules::raise_after_silence, "P2", 6002110},
    {"store_twice_with_gaps", &Rules::store_twice_with_gaps, "P2", 20019534},
    {"reread_after_wait", &Rules::reread_after_wait, "P2 lost update", 2},
    {"keep_earlier_locks_only", &Rules::keep_earlier_locks_only, "P6", 68},
    {"take_over_orphans", &Rules::take_over_orphans, "P6", 504},
    {"take_over_dead_holders", &Rules::take_over_dead_holders, "P6", 318},
    {"take_over_unheld", &Rules::take_over_unheld, "P6", 628},
    {"sweep_before_missing", &Rules::sweep_before_missing, "P3", 2},
    {"missing_needs_quorum", &Rules::missing_needs_quorum, "P3", 291},
    {"tombstones", &Rules::tombstones, "P5 resurrection", 12},
    {"tombstone_wins_ties", &Rules::tombstone_wins_ties, "P5", 138151593469},
    {"destroy_unlocks_last", &Rules::destroy_unlocks_last, "P5", 3748},
    {"first_commit_wins", &Rules::first_commit_wins, "P5", 294446568523},
    {"restore_expired", &Rules::restore_expired, "P4", 14864},
    {"look_at_moved_cas", &Rules::look_at_moved_cas, "P4", 444},
    {"views_overlap", &Rules::views_overlap, "P2", 2000000000056},
};
const size_t kRuleCount = std::size(kRules);

// A rule without an entry would never be switched off.
static_assert(std::size(kRules) * sizeof(bool) == sizeof(Rules), "a rule is missing in kRules");

void switch_rule(const NamedRule& rule, bool on) {
    rules.*rule.rule = on;
    if (rule.mended_by != nullptr) {
        rules.*rule.mended_by = on;
    }
}

const NamedRule* find_rule(std::string_view name) {
    const NamedRule* end = kRules + kRuleCount;
    const NamedRule* found =
        std::find_if(kRules, end, [name](const NamedRule& rule) { return rule.name == name; });
    return found == end ? nullptr : found;
}

}  // namespace sim
}  // namespace memcache_session

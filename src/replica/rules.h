// The rules of the protocol whose need is not obvious: protocol.md, "Rules". The simulation can
// switch each off, and then finds a history that breaks a promise. In the extension they are
// constants.
#pragma once

namespace memcache_session {

struct Rules {
    bool release_by_cas = true;          // a lock is released only if it is still ours
    bool versions_order_copies = true;   // the newest copy is the session, not the first
    bool version_counts_absent = true;   // raised by 2R for each first choice left out
    bool refill_is_fenced = true;        // a cas that misses is repaired only beside a stored copy
    bool recheck_overdue_lease = true;   // look again before a store when the lease has run out
    bool recheck_new_connection = true;  // a cas counts on its connection only
    bool first_choice_commits_first = true;  // with a stand-in in the set, its store comes last
    bool raise_after_silence = true;         // a copy outranks what a silent server may still run
    bool store_twice_with_gaps = true;       // with three copies, an unseen commit ranks lower
    bool reread_after_wait = true;           // data counts when it was read under all the locks
    bool keep_earlier_locks_only = true;     // a waiter holds no lock behind its own
    bool take_over_orphans = true;           // a lock that no request holds is replaced
    bool take_over_dead_holders = true;      // so is one whose process has ended
    bool take_over_unheld = true;            // so is one that its living process does not hold
    bool sweep_before_missing = true;        // a miss is looked for on the other servers
    bool missing_needs_quorum = true;        // too many silent servers: unknown, not missing
    bool tombstones = true;                  // a destroyed session leaves a mark
    bool tombstone_wins_ties = true;
    bool destroy_unlocks_last = true;
    bool first_commit_wins = true;  // a commit beside another that it had not seen is undone
    bool restore_expired = true;    // a session that expired under its lock is stored anew
    bool look_at_moved_cas = true;  // a cas that changed alone is no conflict
    bool views_overlap = true;      // pools that differ by a server share all other first choices
};

#ifdef MEMCACHE_SESSION_RULE_SWITCHES
extern Rules rules;
#else
inline constexpr Rules rules;  // NOLINT(readability-identifier-naming): read like the variable
#endif

}  // namespace memcache_session

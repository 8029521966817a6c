// The three-way merge of a session that two requests have changed side by side: pure, on PHP's
// serialized text.
//
// A variable that one side changed gets that side's value; a removal is a change like any other. A
// change that both sides made alike is taken once. An array that both sides changed is merged by
// key in the same way, and so are the arrays in it, at any depth. An array that both sides have
// added is merged as if the base had it empty, because `$_SESSION['cart']['n'] = 1` makes the array
// as it goes. Everything else that both sides changed differently is a conflict.
//
// - Values are compared as bytes. Objects, enums and `C:` are atoms. A case of an enum that PHP
//   wrote as a reference, because the text has it already, is written out.
// - Keys are in the order of theirs, then those that only ours has. A change of the order alone is
//   kept only if the other side left the array as it was.
// - A list is an array whose keys in the base are 0, 1, 2 and so on, in this order. An empty array
//   is none. A list that both sides changed is in conflict as a whole if a side has changed its
//   length or the order of its keys: then a key may mean another element on each side.
// - A difference between texts of which one has another reference, or cannot be read, is a conflict
//   of the whole session. Even kLast has no result then, because ours would overwrite variables
//   that only theirs has changed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/merge/serialized_session.h"

namespace memcache_session {

enum class OnConflict {
    kFail,  // there is no result
    kLast,  // ours is taken for each path in conflict, but not for the session as a whole
};

// The three states of the session, as serialized. An empty text is a session without variables.
struct SessionTexts {
    std::string_view base;    // as this request read it
    std::string_view ours;    // as this request leaves it
    std::string_view theirs;  // as it is stored now
};

constexpr size_t kConflictPathsMax = 4;

struct SessionMerge {
    // Why the session was not taken apart, although all three texts differ.
    enum class Obstacle {
        kNone,
        kReference,   // one of the texts has a reference
        kUnreadable,  // one is not understood, has a key twice, or exceeds a limit of its size
    };

    bool is_merged = false;  // false: an obstacle, or a conflict with kFail
    std::string text;        // the result, if is_merged
    Obstacle obstacle = Obstacle::kNone;

    // How many paths are in conflict. If is_merged, ours has won each of them. An obstacle counts
    // as one.
    size_t conflicts = 0;

    // The first of them, kConflictPathsMax at most, in the form $_SESSION['cart']['n']: printable,
    // at most kConflictPathLengthMax bytes each, without any value. An obstacle: $_SESSION.
    std::vector<std::string> conflict_paths;
};

// Merges. Memory is taken for the result and for the indexes (kSerializedMembersMax).
SessionMerge merge_sessions(const SessionTexts& texts, SerializeHandler handler,
                            OnConflict on_conflict);

}  // namespace memcache_session

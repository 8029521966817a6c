// The names of variables in messages.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/merge/array_key.h"

namespace memcache_session {

// Bytes of a path as it is shown, and of one key in it before its quotes are escaped.
constexpr size_t kConflictPathLengthMax = 240;
constexpr size_t kConflictKeyLengthMax = 64;

// $_SESSION['cart'][5] for the keys "cart" and 5, $_SESSION for none. The path is printable. A key
// that is too long ends with "...", and keys for which there is no room are one [...].
std::string conflict_path(const std::vector<ArrayKey>& keys);

}  // namespace memcache_session

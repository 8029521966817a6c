// memcache.session_readonly_paths: which scripts read their session without lock.
#pragma once

#include <cstddef>
#include <string_view>

namespace memcache_session {

constexpr size_t kPathPatternMax = 1024;  // bytes of one pattern, and of a path that can match

// Patterns are those of fnmatch(3) without flags, so that `*` matches slashes too. Blanks or commas
// separate them. False for a path that is empty or longer than kPathPatternMax, and for an empty
// list.
bool matches_any_pattern(std::string_view patterns, std::string_view path);

// Whether the list can be used: no pattern is longer than kPathPatternMax.
bool are_path_patterns(std::string_view patterns);

}  // namespace memcache_session

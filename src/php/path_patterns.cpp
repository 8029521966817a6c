#include "src/php/path_patterns.h"

#include <algorithm>

#include "src/php/php_api.h"

namespace memcache_session {
namespace {

constexpr std::string_view kSeparators = " ,\t\r\n";

std::string_view next_pattern(std::string_view* rest) {
    rest->remove_prefix(std::min(rest->find_first_not_of(kSeparators), rest->size()));
    const std::string_view pattern = rest->substr(0, rest->find_first_of(kSeparators));
    rest->remove_prefix(pattern.size());
    return pattern;
}

// The first kPathPatternMax bytes of the text as a C string in `buffer`, which has room for them
// and the NUL.
const char* terminated(std::string_view text, char* buffer) {
    buffer[text.copy(buffer, kPathPatternMax)] = '\0';
    return buffer;
}

}  // namespace

bool matches_any_pattern(std::string_view patterns, std::string_view path) {
    if (path.empty() || path.size() > kPathPatternMax) {
        return false;
    }
    char path_text[kPathPatternMax + 1];
    char pattern_text[kPathPatternMax + 1];
    terminated(path, path_text);
#ifdef PHP_WIN32
    // Patterns are written with slashes, because a backslash escapes the next byte.
    std::replace(path_text, path_text + path.size(), '\\', '/');
#endif
    for (std::string_view pattern = next_pattern(&patterns); !pattern.empty();
         pattern = next_pattern(&patterns)) {
        if (fnmatch(terminated(pattern, pattern_text), path_text, 0) == 0) {
            return true;
        }
    }
    return false;
}

bool are_path_patterns(std::string_view patterns) {
    for (std::string_view pattern = next_pattern(&patterns); !pattern.empty();
         pattern = next_pattern(&patterns)) {
        if (pattern.size() > kPathPatternMax) {
            return false;
        }
    }
    return true;
}

}  // namespace memcache_session

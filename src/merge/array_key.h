// The key of an array's member as PHP sees it, whatever the text has written.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/text.h"

namespace memcache_session {

// An integer or a string. Cheap to copy; `name` is a view into the text that it was read from.
struct ArrayKey {
    bool is_integer = false;
    int64_t integer = 0;    // meaningful if is_integer
    std::string_view name;  // meaningful otherwise: any bytes, perhaps none

    static ArrayKey of(int64_t integer) { return {true, integer, {}}; }

    // A string key. In an array, PHP takes "5" for the integer 5.
    static ArrayKey of_array(std::string_view name) {
        const std::optional<int64_t> integer = parse_canonical_integer(name);
        return integer ? of(*integer) : ArrayKey{false, 0, name};
    }

    // The name of a session variable in the handler `php`: always a string, "5" too.
    static ArrayKey of_variable(std::string_view name) { return {false, 0, name}; }
};

inline bool operator==(const ArrayKey& a, const ArrayKey& b) {
    return a.is_integer == b.is_integer && a.integer == b.integer && a.name == b.name;
}

// A total order that is quick to decide, not one to show: integers come first, then short strings.
inline bool operator<(const ArrayKey& a, const ArrayKey& b) {
    if (a.is_integer != b.is_integer) {
        return a.is_integer;
    }
    if (a.is_integer) {
        return a.integer < b.integer;
    }
    return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
}

}  // namespace memcache_session

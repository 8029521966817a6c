#include "src/merge/conflict_path.h"

#include <string_view>

#include "src/base/text.h"

namespace memcache_session {
namespace {

constexpr std::string_view kLeftOut = "[...]";

// A string key without its quotes, as PHP would have it between single ones.
std::string shown_name(std::string_view name) {
    std::string shown;
    size_t taken = 0;
    while (!name.empty()) {
        const std::string_view piece = next_printable(&name);
        const std::string_view fitting = whole_characters(piece, kConflictKeyLengthMax - taken);
        taken += fitting.size();
        for (const char byte : fitting) {
            if (byte == '\'' || byte == '\\') {
                shown += '\\';
            }
            shown += byte;
        }
        if (fitting.size() < piece.size()) {
            return shown + "...";
        }
    }
    return shown;
}

std::string shown_key(const ArrayKey& key) {
    if (key.is_integer) {
        return '[' + std::to_string(key.integer) + ']';
    }
    return "['" + shown_name(key.name) + "']";
}

}  // namespace

std::string conflict_path(const std::vector<ArrayKey>& keys) {
    std::string path = "$_SESSION";
    for (const ArrayKey& key : keys) {
        const std::string shown = shown_key(key);
        if (path.size() + shown.size() + kLeftOut.size() > kConflictPathLengthMax) {
            path += kLeftOut;
            break;
        }
        path += shown;
    }
    return path;
}

}  // namespace memcache_session

#include "src/base/text.h"

#include <algorithm>
#include <cstdint>

namespace memcache_session {
namespace {

constexpr char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string seconds_text(Duration time) {
    const int64_t milliseconds = (time.count() + (time.count() < 0 ? -500 : 500)) / 1000;
    const int64_t magnitude = milliseconds < 0 ? -milliseconds : milliseconds;
    std::string text = (milliseconds < 0 ? "-" : "") + std::to_string(magnitude / 1000);
    if (magnitude % 1000 != 0) {
        text += '.' + std::to_string(1000 + magnitude % 1000).substr(1);
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text + " s";
}

}  // namespace memcache_session

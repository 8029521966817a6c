#include "src/base/text.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace memcache_session {
namespace {

constexpr int64_t kMicrosecondsPerSecond = Duration(std::chrono::seconds(1)).count();

constexpr Word<bool> kSwitchWords[] = {{"on", true},   {"yes", true}, {"true", true},
                                       {"off", false}, {"no", false}, {"false", false}};

// The digits behind a decimal point, as microseconds.
std::optional<int64_t> parse_fraction(std::string_view digits) {
    int64_t microseconds = 0;
    int64_t unit = kMicrosecondsPerSecond / 10;
    for (const char digit : digits) {
        if (!is_digit(digit)) {
            return std::nullopt;
        }
        microseconds += unit * (digit - '0');
        unit /= 10;
    }
    return microseconds;
}

}  // namespace

std::string to_lower(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char byte) { return to_lower(byte); });
    return lower;
}

std::string printable(std::string text) {
    std::replace_if(text.begin(), text.end(), is_control, '?');
    return text;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::optional<uint64_t> parse_whole_number(std::string_view text, uint64_t max) {
    if (text.empty()) {
        return std::nullopt;
    }
    uint64_t number = 0;
    for (const char byte : text) {
        if (!is_digit(byte)) {
            return std::nullopt;
        }
        const auto digit = static_cast<uint64_t>(byte - '0');
        if (digit > max || number > (max - digit) / 10) {
            return std::nullopt;
        }
        number = number * 10 + digit;
    }
    return number;
}

std::optional<Duration> parse_seconds(std::string_view text, Duration max) {
    assert(max >= Duration::zero());
    const size_t point = std::min(text.find('.'), text.size());
    const std::string_view whole = text.substr(0, point);
    const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
    if (whole.empty() && fraction.empty()) {
        return std::nullopt;
    }
    const auto seconds_max = static_cast<uint64_t>(max.count() / kMicrosecondsPerSecond);
    const std::optional<uint64_t> seconds =
        whole.empty() ? uint64_t{0} : parse_whole_number(whole, seconds_max);
    const std::optional<int64_t> microseconds = parse_fraction(fraction);
    if (!seconds || !microseconds) {
        return std::nullopt;
    }
    const Duration time(static_cast<int64_t>(*seconds) * kMicrosecondsPerSecond + *microseconds);
    return time <= max ? std::optional<Duration>(time) : std::nullopt;
}

std::optional<bool> parse_switch_word(std::string_view text) {
    return parse_word(text, kSwitchWords);
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

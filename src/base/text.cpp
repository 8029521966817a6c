#include "src/base/text.h"

#include <algorithm>
#include <cassert>
#include <charconv>
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

constexpr bool is_between(char byte, unsigned first, unsigned last) {
    return static_cast<unsigned char>(byte) >= first && static_cast<unsigned char>(byte) <= last;
}

constexpr bool is_continuation(char byte) {
    return is_between(byte, 0x80, 0xbf);
}

// The bytes of the character at the front of the text; 0 if they are no well-formed UTF-8. The
// second byte has the limits of the Unicode standard, table 3-7: they exclude overlong forms,
// surrogates and numbers above U+10FFFF. REQUIRES: text is not empty.
size_t character_size(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) {
        return 1;
    }
    const size_t size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (size == 0 || text.size() < size) {
        return 0;
    }
    const unsigned first = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned last = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    const std::string_view others = text.substr(2, size - 2);
    const bool is_whole = is_between(text[1], first, last) &&
                          std::all_of(others.begin(), others.end(), is_continuation);
    return is_whole ? size : 0;
}

// REQUIRES: `character` is one character.
constexpr bool is_shown(std::string_view character) {
    const bool is_c1 = character[0] == '\xc2' && is_between(character[1], 0x80, 0x9f);
    return !is_control(character[0]) && !is_c1;
}

}  // namespace

std::string_view next_printable(std::string_view* rest, std::string_view substitute) {
    if (rest->empty()) {
        return {};
    }
    size_t shown = 0;
    size_t size = 0;
    while (shown < rest->size()) {
        size = character_size(rest->substr(shown));
        if (size == 0 || !is_shown(rest->substr(shown, size))) {
            break;
        }
        shown += size;
    }
    const std::string_view piece = shown > 0 ? rest->substr(0, shown) : substitute;
    rest->remove_prefix(shown > 0 ? shown : std::max<size_t>(size, 1));
    return piece;
}

std::string printable(std::string_view text, std::string_view substitute) {
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) {
        shown.append(next_printable(&text, substitute));
    }
    return shown;
}

void copy_printable(std::string_view text, char* out, size_t size) {
    assert(size > 0);
    size_t used = 0;
    bool fits = true;
    while (!text.empty() && fits) {
        const std::string_view piece = next_printable(&text);
        const std::string_view taken = whole_characters(piece, size - 1 - used);
        used += taken.copy(out + used, taken.size());
        fits = taken.size() == piece.size();
    }
    out[used] = '\0';
}

std::string_view whole_characters(std::string_view text, size_t size_max) {
    if (text.size() <= size_max) {
        return text;
    }
    while (size_max > 0 && is_continuation(text[size_max])) {
        --size_max;
    }
    return text.substr(0, size_max);
}

std::string hexadecimal(uint64_t number) {
    std::string text(16, '0');
    for (size_t i = text.size(); i > 0; --i, number >>= 4) {
        text[i - 1] = "0123456789abcdef"[number & 0xf];
    }
    return text;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::optional<uint64_t> parse_whole_number(std::string_view text, uint64_t max) {
    uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (text.empty() || error != std::errc() || rest != end || number > max) {
        return std::nullopt;
    }
    return number;
}

std::optional<int64_t> parse_canonical_integer(std::string_view text) {
    const bool is_negative = !text.empty() && text[0] == '-';
    const std::string_view digits = text.substr(is_negative ? 1 : 0);
    if (digits.empty() || (digits[0] == '0' && text.size() > 1)) {
        return std::nullopt;
    }
    int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || rest != end) {
        return std::nullopt;
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

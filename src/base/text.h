// Reads and writes text in the same way on every machine: no function here uses the locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/clock.h"

namespace memcache_session {

constexpr bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

// The small letter of an ASCII capital. Every other byte stays as it is.
constexpr char to_lower(char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

// Whether the byte is an ASCII control character, DEL included.
constexpr bool is_control(char byte) {
    return static_cast<unsigned char>(byte) < ' ' || byte == 0x7f;
}

// Text that may be shown is well-formed UTF-8 without control characters: neither C0 (below a
// blank), DEL nor C1 (U+0080 to U+009F, which terminals obey as they obey escape sequences).

// Cuts the next piece off the front of `rest` for showing: as many whole characters as may be
// shown, or `substitute` for one character or byte that may not. Empty if `rest` is. It allocates
// nothing, so that text can be shown piece by piece between calls of Zend.
std::string_view next_printable(std::string_view* rest, std::string_view substitute = "?");

// All pieces of the text together.
std::string printable(std::string_view text, std::string_view substitute = "?");

// The same in `out`, ended by a NUL and cut between characters if `size` bytes do not hold it.
// REQUIRES: size > 0.
void copy_printable(std::string_view text, char* out, size_t size);

// The front of the text, of at most `size_max` bytes, that does not end within a character.
// REQUIRES: text is well-formed UTF-8.
std::string_view whole_characters(std::string_view text, size_t size_max);

// The 16 digits of the number, in small letters.
std::string hexadecimal(uint64_t number);

constexpr bool ends_with(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

constexpr bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

// Whether the texts are equal but for the case of ASCII letters.
bool equals_ignoring_case(std::string_view a, std::string_view b);

// Reads one or more digits, with leading zeros if any, as a number up to `max`. No sign and no
// blank is allowed.
std::optional<uint64_t> parse_whole_number(std::string_view text, uint64_t max);

// Reads a decimal integer of 64 bits in the one form in which PHP writes it: no plus, no blank, no
// leading zero and no "-0".
std::optional<int64_t> parse_canonical_integer(std::string_view text);

// Reads decimal seconds up to `max`: "2", "0.25", ".5" or "2.", where digits on one side of the
// point suffice. Digits beyond the microsecond are dropped. REQUIRES: max is not negative.
std::optional<Duration> parse_seconds(std::string_view text, Duration max);

// Reads the words that php.ini has for a switch, in any case of letters: on, yes, true, off, no,
// false.
std::optional<bool> parse_switch_word(std::string_view text);

// A word and its meaning.
template <class Value>
struct Word {
    std::string_view word;
    Value value;
};

// The meaning of `text` among `words`, in any case of letters.
template <class Value, size_t count>
std::optional<Value> parse_word(std::string_view text, const Word<Value> (&words)[count]) {
    for (const Word<Value>& candidate : words) {
        if (equals_ignoring_case(text, candidate.word)) {
            return candidate.value;
        }
    }
    return std::nullopt;
}

// Writes "1 s", "0.25 s" or "1234 s": the time to the millisecond, with as few decimals as
// possible.
std::string seconds_text(Duration time);

}  // namespace memcache_session

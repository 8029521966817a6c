// Lines of the text protocols: writing a command's, and taking apart a reply's.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "src/wire/protocol.h"

namespace memcache_session {

constexpr std::string_view kLineEnd = "\r\n";

// Appends to memory that the caller knows to be large enough.
class LineWriter {
public:
    explicit LineWriter(char* out) : begin_(out), end_(out) {}

    void text(std::string_view text) {
        std::memcpy(end_, text.data(), text.size());
        end_ += text.size();
    }

    // A decimal number behind a blank.
    template <class Number>
    void field(Number number) {
        text(" ");
        digits(number);
    }

    template <class Number>
    void digits(Number number) {
        constexpr size_t digits_max = 20;  // of a number of 64 bits, its sign included
        end_ = std::to_chars(end_, end_ + digits_max, number).ptr;
    }

    size_t length() const { return static_cast<size_t>(end_ - begin_); }

private:
    char* begin_;
    char* end_;
};

// The line at the front of the bytes that a server sent.
struct FrontLine {
    // kIncomplete: its end has not come, and it may yet be a line. kMalformed: it can be none.
    ParsedReply::State state = ParsedReply::State::kIncomplete;
    std::string_view text;  // kComplete only: without CR LF; it may have control characters
    size_t total = 0;       // kComplete only: the length with CR LF
};

FrontLine front_line(std::string_view input);

// Whether the shorter text is the beginning of the longer one.
bool agree(std::string_view a, std::string_view b);

bool has_control(std::string_view line);

// A decimal number up to `max`. memcached writes no zero in front of one.
std::optional<uint64_t> parse_number(std::string_view text, uint64_t max);

// A number of 32 bits, which old servers print as a signed one.
std::optional<uint32_t> parse_flags(std::string_view text);

// Removes the text up to the next blank, and the blank, from the front of `line`.
std::string_view take_field(std::string_view* line);

// The same for a number of parse_number() or parse_flags(). Nothing, and `line` is undefined, if
// the text is not such a number.
std::optional<uint64_t> take_number(std::string_view* line, uint64_t max);
std::optional<uint32_t> take_flags(std::string_view* line);

}  // namespace memcache_session

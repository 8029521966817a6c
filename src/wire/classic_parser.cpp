#include <algorithm>
#include <limits>
#include <optional>

#include "src/base/text.h"
#include "src/wire/classic.h"

namespace memcache_session {

namespace {

using State = ParsedReply::State;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kValue = "VALUE ";
constexpr std::string_view kValueEnd = "\r\nEND\r\n";

struct ErrorWord {
    std::string_view word;
    ReplyKind alone;
    ReplyKind with_text;
};

constexpr ErrorWord kErrorWords[] = {
    {"ERROR", ReplyKind::kUnknownCommand, ReplyKind::kRefused},
    {"CLIENT_ERROR", ReplyKind::kRejected, ReplyKind::kRejected},
    {"SERVER_ERROR", ReplyKind::kRefused, ReplyKind::kRefused},
};

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

// Whether the shorter text is the beginning of the longer one.
bool agree(std::string_view a, std::string_view b) {
    const size_t common = std::min(a.size(), b.size());
    return a.substr(0, common) == b.substr(0, common);
}

bool has_control(std::string_view line) {
    return std::any_of(line.begin(), line.end(), is_control);
}

ParsedReply malformed() {
    ParsedReply parsed;
    parsed.state = State::kMalformed;
    return parsed;
}

ParsedReply complete(const Reply& reply, size_t length) {
    return {State::kComplete, reply, length, length};
}

// memcached writes no zero in front of a number.
std::optional<uint64_t> parse_number(std::string_view text, uint64_t max) {
    if (text.size() > 1 && text[0] == '0') {
        return std::nullopt;
    }
    return parse_whole_number(text, max);
}

std::optional<uint32_t> parse_flags(std::string_view text) {
    if (!text.empty() && text[0] == '-') {
        const auto magnitude = parse_number(text.substr(1), uint64_t{1} << 31);
        if (!magnitude || *magnitude == 0) {
            return std::nullopt;
        }
        return static_cast<uint32_t>((uint64_t{1} << 32) - *magnitude);
    }
    const auto number = parse_number(text, std::numeric_limits<uint32_t>::max());
    if (!number) {
        return std::nullopt;
    }
    return static_cast<uint32_t>(*number);
}

// Removes the text up to the next blank, and the blank, from the front of `line`.
std::string_view take_field(std::string_view* line) {
    const size_t blank = line->find(' ');
    const std::string_view field = line->substr(0, blank);
    line->remove_prefix(blank == std::string_view::npos ? line->size() : blank + 1);
    return field;
}

struct ValueLine {
    uint32_t flags = 0;
    size_t length = 0;
    uint64_t cas = 0;
};

bool reads(Verb verb) {
    return verb == Verb::kReadForUpdate || verb == Verb::kRead;
}

// `line` is the rest of the line behind "VALUE ".
std::optional<ValueLine> parse_value_line(std::string_view line, const Command& expected) {
    if (!starts_with(line, expected.key)) {
        return std::nullopt;
    }
    line.remove_prefix(expected.key.size());
    if (!starts_with(line, " ")) {
        return std::nullopt;
    }
    line.remove_prefix(1);
    const auto flags = parse_flags(take_field(&line));
    // The rest of the line is the last field: a blank in it is no digit, so it is refused.
    const bool has_cas = expected.verb == Verb::kReadForUpdate;
    const auto length = parse_number(has_cas ? take_field(&line) : line, kValueLengthMax);
    const auto cas =
        has_cas ? parse_number(line, std::numeric_limits<uint64_t>::max()) : uint64_t{0};
    if (!flags || !length || !cas) {
        return std::nullopt;
    }
    return ValueLine{*flags, static_cast<size_t>(*length), *cas};
}

// Reads the data block, which starts at `begin`, and the END that follows it.
ParsedReply parse_value(const ValueLine& line, std::string_view input, size_t begin) {
    const size_t end = begin + line.length;
    const size_t total = end + kValueEnd.size();
    if (input.size() > end && !agree(input.substr(end), kValueEnd)) {
        return malformed();
    }
    if (input.size() < total) {
        return {State::kIncomplete, {}, 0, total};
    }
    return complete({ReplyKind::kHit, line.flags, line.cas, input.substr(begin, line.length)},
                    total);
}

// Reads ERROR, CLIENT_ERROR or SERVER_ERROR, alone or followed by a blank and a text.
std::optional<Reply> parse_error(std::string_view line) {
    if (has_control(line)) {
        return std::nullopt;
    }
    for (const ErrorWord& error : kErrorWords) {
        if (!starts_with(line, error.word)) {
            continue;
        }
        const std::string_view rest = line.substr(error.word.size());
        if (rest.empty()) {
            return Reply{error.alone, 0, 0, rest};
        }
        if (rest[0] == ' ') {
            return Reply{error.with_text, 0, 0, rest.substr(1)};
        }
    }
    return std::nullopt;
}

struct StatusWord {
    Verb verb;
    std::string_view word;
    ReplyKind kind;
};

constexpr StatusWord kStatusWords[] = {
    {Verb::kReadForUpdate, "END", ReplyKind::kMiss},
    {Verb::kRead, "END", ReplyKind::kMiss},
    {Verb::kAdd, "STORED", ReplyKind::kDone},
    {Verb::kAdd, "NOT_STORED", ReplyKind::kExists},
    {Verb::kSet, "STORED", ReplyKind::kDone},
    {Verb::kReplaceIf, "STORED", ReplyKind::kDone},
    {Verb::kReplaceIf, "EXISTS", ReplyKind::kExists},
    {Verb::kReplaceIf, "NOT_FOUND", ReplyKind::kGone},
    {Verb::kDeleteIf, "STORED", ReplyKind::kDone},
    {Verb::kDeleteIf, "EXISTS", ReplyKind::kExists},
    {Verb::kDeleteIf, "NOT_FOUND", ReplyKind::kGone},
    {Verb::kTouch, "TOUCHED", ReplyKind::kDone},
    {Verb::kTouch, "NOT_FOUND", ReplyKind::kGone},
    {Verb::kDelete, "DELETED", ReplyKind::kDone},
    {Verb::kDelete, "NOT_FOUND", ReplyKind::kGone},
};

// Reads a reply of one word to `verb`.
std::optional<ReplyKind> parse_status(Verb verb, std::string_view line) {
    for (const StatusWord& status : kStatusWords) {
        if (status.verb == verb && status.word == line) {
            return status.kind;
        }
    }
    return std::nullopt;
}

}  // namespace

ParsedReply ClassicProtocol::parse(const Command& expected, std::string_view input) const {
    const std::string_view front = input.substr(0, kLineLengthMax);
    const std::string_view line = front.substr(0, front.find(kLineEnd[0]));
    const std::string_view ending = front.substr(line.size());
    if (!agree(ending, kLineEnd)) {
        return malformed();
    }
    if (ending.size() < kLineEnd.size()) {
        const bool goes_on = front.size() < kLineLengthMax && !has_control(line);
        return goes_on ? ParsedReply{} : malformed();
    }
    // parse_error() looks for control characters. Every byte of other lines is compared or a digit.
    const size_t line_total = line.size() + kLineEnd.size();

    if (reads(expected.verb) && starts_with(line, kValue)) {
        const auto value_line = parse_value_line(line.substr(kValue.size()), expected);
        return value_line ? parse_value(*value_line, input, line_total) : malformed();
    }
    if (const auto kind = parse_status(expected.verb, line)) {
        return complete({*kind, 0, 0, {}}, line_total);
    }
    const auto error = parse_error(line);
    return error ? complete(*error, line_total) : malformed();
}

}  // namespace memcache_session

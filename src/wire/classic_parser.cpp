#include <limits>
#include <optional>

#include "src/base/text.h"
#include "src/wire/classic.h"
#include "src/wire/line.h"

namespace memcache_session {

namespace {

using State = ParsedReply::State;

constexpr std::string_view kValue = "VALUE ";
constexpr std::string_view kStat = "STAT ";
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

ParsedReply malformed() {
    ParsedReply parsed;
    parsed.state = State::kMalformed;
    return parsed;
}

ParsedReply complete(const Reply& reply, size_t length) {
    return {State::kComplete, reply, length, length};
}

struct ValueLine {
    uint32_t flags = 0;
    size_t length = 0;
    uint64_t cas = 0;
};

bool reads(Verb verb) {
    return verb <= Verb::kRead;
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
    const auto flags = take_flags(&line);
    // The rest of the line is the last field: a blank in it is no digit, so it is refused.
    const bool has_cas = expected.verb != Verb::kRead;
    const auto length =
        has_cas ? take_number(&line, kValueLengthMax) : parse_number(line, kValueLengthMax);
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

// Reads lines up to END. The first line is not read if it is neither.
std::optional<ParsedReply> parse_statistics(std::string_view input) {
    size_t length = 0;
    while (length <= kStatisticsMax) {
        const FrontLine front = front_line(input.substr(length));
        if (front.state != State::kComplete) {
            return ParsedReply{front.state, {}, 0, 0};
        }
        if (front.text == "END") {
            return complete({ReplyKind::kHit, 0, 0, input.substr(0, length)}, length + front.total);
        }
        if (!starts_with(front.text, kStat) || has_control(front.text)) {
            return length == 0 ? std::nullopt : std::optional(malformed());
        }
        length += front.total;
    }
    return malformed();
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
    {Verb::kReadMetadata, "END", ReplyKind::kMiss},
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
    {Verb::kInspect, "END", ReplyKind::kMiss},
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
    const FrontLine front = front_line(input);
    if (front.state != State::kComplete) {
        return {front.state, {}, 0, 0};
    }
    // parse_error() looks for control characters. Every byte of other lines is compared or a digit.
    const std::string_view line = front.text;
    const size_t line_total = front.total;

    if (reads(expected.verb) && starts_with(line, kValue)) {
        const auto value_line = parse_value_line(line.substr(kValue.size()), expected);
        return value_line ? parse_value(*value_line, input, line_total) : malformed();
    }
    if (const auto kind = parse_status(expected.verb, line)) {
        return complete({*kind, 0, 0, {}}, line_total);
    }
    if (expected.verb == Verb::kStatistics) {
        if (const auto statistics = parse_statistics(input)) {
            return *statistics;
        }
    }
    const auto error = parse_error(line);
    return error ? complete(*error, line_total) : malformed();
}

}  // namespace memcache_session

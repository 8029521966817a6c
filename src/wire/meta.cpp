#include "src/wire/meta.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <optional>

#include "src/base/text.h"
#include "src/wire/classic.h"
#include "src/wire/line.h"

namespace memcache_session {

namespace {

using State = ParsedReply::State;

constexpr std::string_view kHit = "HD ";
constexpr std::string_view kMiss = "EN";

bool is_meta(Verb verb) {
    return verb == Verb::kReadMetadata || verb == Verb::kInspect || verb == Verb::kDeleteIf;
}

ParsedReply complete(const Reply& reply, size_t length) {
    return {State::kComplete, reply, length, length};
}

ParsedReply malformed() {
    return {State::kMalformed, {}, 0, 0};
}

// Removes a letter, and the number behind it, from the front of `line`. Nothing if they are not
// there.
std::optional<uint64_t> take_lettered(std::string_view* line, char letter, uint64_t max) {
    if (line->empty() || line->front() != letter) {
        return std::nullopt;
    }
    line->remove_prefix(1);
    return take_number(line, max);
}

// The letters behind the last field that was asked for.
bool are_marks(std::string_view rest) {
    while (!rest.empty()) {
        const std::string_view mark = take_field(&rest);
        if (mark != "W" && mark != "X" && mark != "Z") {
            return false;
        }
    }
    return true;
}

// Seconds behind the letter t, or -1 for never.
std::optional<int32_t> take_seconds_left(std::string_view* line) {
    const std::string_view text = take_field(line);
    if (text == "t-1") {
        return kNeverExpires;
    }
    const auto seconds = starts_with(text, "t")
                             ? parse_number(text.substr(1), std::numeric_limits<int32_t>::max())
                             : std::nullopt;
    return seconds ? std::optional(std::max(1, static_cast<int32_t>(*seconds))) : std::nullopt;
}

// `line`: behind "HD ".
std::optional<Reply> parse_hit(std::string_view line, const Command& expected) {
    if (line.empty() || line.back() == ' ') {
        return std::nullopt;
    }
    if (!starts_with(line, "k") || !starts_with(line.substr(1), expected.key)) {
        return std::nullopt;
    }
    line.remove_prefix(1 + expected.key.size());
    if (!starts_with(line, " ")) {
        return std::nullopt;
    }
    line.remove_prefix(1);
    const auto size = take_lettered(&line, 's', kValueLengthMax);
    const auto flags = take_lettered(&line, 'f', std::numeric_limits<uint32_t>::max());
    const auto cas = take_lettered(&line, 'c', std::numeric_limits<uint64_t>::max());
    const auto left =
        expected.verb == Verb::kInspect ? take_seconds_left(&line) : std::optional(kExpiryUnknown);
    if (!size || !flags || !cas || !left || !are_marks(line)) {
        return std::nullopt;
    }
    return Reply{ReplyKind::kHit,
                 static_cast<uint32_t>(*flags),
                 *cas,
                 {},
                 static_cast<uint32_t>(*size),
                 *left};
}

bool is_miss(std::string_view line, std::string_view key) {
    if (line == kMiss) {
        return true;
    }
    const std::string_view prefix = "EN k";
    return starts_with(line, prefix) && line.substr(prefix.size()) == key;
}

std::optional<Reply> parse_delete(std::string_view line) {
    if (line == "HD") {
        return Reply{ReplyKind::kDone, 0, 0, {}};
    }
    if (line == "EX") {
        return Reply{ReplyKind::kExists, 0, 0, {}};
    }
    if (line == "NF") {
        return Reply{ReplyKind::kGone, 0, 0, {}};
    }
    return std::nullopt;
}

std::optional<Reply> parse_line(const Command& expected, std::string_view line) {
    if (expected.verb == Verb::kDeleteIf) {
        return parse_delete(line);
    }
    if (is_miss(line, expected.key)) {
        return Reply{ReplyKind::kMiss, 0, 0, {}};
    }
    return starts_with(line, kHit) ? parse_hit(line.substr(kHit.size()), expected) : std::nullopt;
}

}  // namespace

size_t MetaProtocol::encode(const Command& command, char* space, std::string_view* pieces) const {
    if (!is_meta(command.verb)) {
        return kClassicProtocol.encode(command, space, pieces);
    }
    assert(!command.key.empty() && command.key.size() <= kKeyLengthMax);
    LineWriter line(space);
    const bool reads = command.verb != Verb::kDeleteIf;
    line.text(reads ? "mg " : "md ");
    line.text(command.key);
    if (reads) {
        line.text(command.verb == Verb::kInspect ? " k s f c t" : " k s f c");
    } else {
        line.text(" C");
        line.digits(command.cas);
    }
    line.text(kLineEnd);
    assert(line.length() <= kCommandSpaceMax);
    pieces[0] = {space, line.length()};
    return 1;
}

ParsedReply MetaProtocol::parse(const Command& expected, std::string_view input) const {
    if (!is_meta(expected.verb)) {
        return kClassicProtocol.parse(expected, input);
    }
    const FrontLine front = front_line(input);
    if (front.state != State::kComplete) {
        return {front.state, {}, 0, 0};
    }
    if (const auto reply = parse_line(expected, front.text)) {
        return complete(*reply, front.total);
    }
    // Errors are those of the classic protocol, in which no verb has fewer other replies than kSet.
    const ParsedReply error = kClassicProtocol.parse(Command::set(expected.key, {}, 0, 0), input);
    return error.state == State::kComplete && is_error(error.reply) ? error : malformed();
}

bool MetaProtocol::loses_step(const Command& command, const Reply& reply) const {
    return !is_meta(command.verb) && kClassicProtocol.loses_step(command, reply);
}

}  // namespace memcache_session

#include "src/wire/line.h"

#include <algorithm>
#include <limits>

#include "src/base/text.h"

namespace memcache_session {

using State = ParsedReply::State;

FrontLine front_line(std::string_view input) {
    const std::string_view front = input.substr(0, kLineLengthMax);
    const std::string_view line = front.substr(0, front.find(kLineEnd[0]));
    if (front.size() < line.size() + kLineEnd.size()) {
        const bool goes_on = front.size() < kLineLengthMax && !has_control(line);
        return {goes_on ? State::kIncomplete : State::kMalformed, {}, 0};
    }
    if (front[line.size() + 1] != kLineEnd[1]) {
        return {State::kMalformed, {}, 0};
    }
    return {State::kComplete, line, line.size() + kLineEnd.size()};
}

bool agree(std::string_view a, std::string_view b) {
    const size_t common = std::min(a.size(), b.size());
    return a.substr(0, common) == b.substr(0, common);
}

bool has_control(std::string_view line) {
    return std::any_of(line.begin(), line.end(), is_control);
}

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

// In one pass, because each reply has some numbers.
std::optional<uint64_t> take_number(std::string_view* line, uint64_t max) {
    constexpr size_t fitting_digits = 19;  // no number of so many digits overflows
    uint64_t number = 0;
    size_t length = 0;
    while (length < line->size() && is_digit((*line)[length])) {
        const auto digit = static_cast<uint64_t>((*line)[length] - '0');
        if (++length > fitting_digits && number > (UINT64_MAX - digit) / 10) {
            return std::nullopt;
        }
        number = 10 * number + digit;
    }
    const bool has_end = length == line->size() || (*line)[length] == ' ';
    if (length == 0 || !has_end || number > max || (length > 1 && line->front() == '0')) {
        return std::nullopt;
    }
    line->remove_prefix(std::min(length + 1, line->size()));
    return number;
}

std::optional<uint32_t> take_flags(std::string_view* line) {
    if (starts_with(*line, "-")) {
        return parse_flags(take_field(line));
    }
    const auto number = take_number(line, std::numeric_limits<uint32_t>::max());
    return number ? std::optional<uint32_t>(static_cast<uint32_t>(*number)) : std::nullopt;
}

std::string_view take_field(std::string_view* line) {
    const size_t blank = line->find(' ');
    const std::string_view field = line->substr(0, blank);
    line->remove_prefix(blank == std::string_view::npos ? line->size() : blank + 1);
    return field;
}

}  // namespace memcache_session

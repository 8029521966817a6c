#include "src/merge/serialized_reader.h"

#include <algorithm>

#include "src/base/text.h"

namespace memcache_session {
namespace {

using Kind = ValueHead::Kind;

// serialize_precision can ask for some hundred digits.
constexpr size_t kNumberLengthMax = 1024;

ValueHead scalar_if(bool readable) {
    return {readable ? Kind::kScalar : Kind::kUnreadable, 0};
}

bool is_name_byte(char byte) {
    const char small = to_lower(byte);
    return is_digit(byte) || (small >= 'a' && small <= 'z') || byte == '_' || byte == '\\' ||
           static_cast<unsigned char>(byte) >= 0x7f;
}

// Whether PHP can take it for the name of a class: the bytes are the ones that it looks at.
bool is_class_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), is_name_byte);
}

std::string_view take_digits(std::string_view* text) {
    const size_t count =
        static_cast<size_t>(std::find_if_not(text->begin(), text->end(), is_digit) - text->begin());
    const std::string_view digits = text->substr(0, count);
    text->remove_prefix(count);
    return digits;
}

bool is_exponent(std::string_view text) {
    if (text.empty() || to_lower(text[0]) != 'e') {
        return false;
    }
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
        text.remove_prefix(1);
    }
    return !take_digits(&text).empty() && text.empty();
}

bool is_float(std::string_view text) {
    if (text == "NAN" || text == "INF" || text == "-INF") {
        return true;
    }
    if (!text.empty() && text[0] == '-') {
        text.remove_prefix(1);
    }
    const std::string_view whole = take_digits(&text);
    std::string_view fraction;
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        fraction = take_digits(&text);
    }
    return (!whole.empty() || !fraction.empty()) && (text.empty() || is_exponent(text));
}

// Whether the data of a `C:` may have a reference in it. Nobody but its class can read them, so
// that every `r:5` and `R:5` counts, even within a string.
bool may_refer(std::string_view data) {
    for (size_t i = 0; i + 2 < data.size(); ++i) {
        if (to_lower(data[i]) == 'r' && data[i + 1] == ':' && is_digit(data[i + 2])) {
            return true;
        }
    }
    return false;
}

}  // namespace

ValueHead SerializedReader::read_value() {
    switch (at_end() ? '\0' : text_[position_]) {
        case 'N':
            return scalar_if(take("N;"));
        case 'b':
            return scalar_if(take("b:0;") || take("b:1;"));
        case 'i':
            return scalar_if(take_integer());
        case 'd':
            return scalar_if(take_float());
        case 's':
            return scalar_if(take("s:") && take_quoted() && take(";"));
        case 'E':
            return scalar_if(take_enum());
        case 'r':
        case 'R':
            return take_reference();
        case 'a':
            return take_array();
        case 'O':
            return take_object();
        case 'C':
            return take_custom_object();
        default:
            return {};
    }
}

bool SerializedReader::read_key() {
    return starts_with(rest(), "i:") ? take_integer() : take("s:") && take_quoted() && take(";");
}

bool SerializedReader::read_variable_name() {
    const size_t length = rest().find('|');
    if (length == std::string_view::npos) {
        return false;
    }
    position_ += length + 1;
    return true;
}

bool SerializedReader::take(std::string_view expected) {
    if (!starts_with(rest(), expected)) {
        return false;
    }
    position_ += expected.size();
    return true;
}

// What precedes `end`, which is taken too.
std::optional<std::string_view> SerializedReader::take_number(char end) {
    const std::string_view front = text_.substr(position_, kNumberLengthMax);
    const size_t length = front.find(end);
    if (length == std::string_view::npos) {
        return std::nullopt;
    }
    position_ += length + 1;
    return front.substr(0, length);
}

// A length or a count. No text has as many bytes or members as twice its own bytes, and so
// arithmetic on it does not overflow.
std::optional<size_t> SerializedReader::take_length(char end) {
    const std::optional<std::string_view> digits = take_number(end);
    if (!digits) {
        return std::nullopt;
    }
    const std::optional<uint64_t> length = parse_whole_number(*digits, text_.size());
    return length ? std::optional<size_t>(static_cast<size_t>(*length)) : std::nullopt;
}

// `5:"bytes"`
std::optional<std::string_view> SerializedReader::take_quoted() {
    const std::optional<size_t> length = take_length(':');
    if (!length || !take("\"") || rest().size() < *length) {
        return std::nullopt;
    }
    const std::string_view bytes = rest().substr(0, *length);
    position_ += *length;
    return take("\"") ? std::optional<std::string_view>(bytes) : std::nullopt;
}

bool SerializedReader::take_integer() {
    if (!take("i:")) {
        return false;
    }
    const std::optional<std::string_view> number = take_number(';');
    return number && parse_canonical_integer(*number);
}

bool SerializedReader::take_float() {
    if (!take("d:")) {
        return false;
    }
    const std::optional<std::string_view> number = take_number(';');
    return number && is_float(*number);
}

// `E:11:"Suit:Hearts";`
bool SerializedReader::take_enum() {
    if (!take("E:")) {
        return false;
    }
    const std::optional<std::string_view> name = take_quoted();
    if (!name || !take(";")) {
        return false;
    }
    const size_t colon = name->find(':');
    return colon != std::string_view::npos && is_class_name(name->substr(0, colon)) &&
           is_class_name(name->substr(colon + 1));
}

ValueHead SerializedReader::take_reference() {
    ++position_;
    if (!take(":") || !take_length(';')) {
        return {};
    }
    return {Kind::kReference, 0};
}

ValueHead SerializedReader::take_array() {
    if (!take("a:")) {
        return {};
    }
    const std::optional<size_t> members = take_length(':');
    if (!members || !take("{")) {
        return {};
    }
    return {Kind::kArray, *members};
}

ValueHead SerializedReader::take_object() {
    if (!take("O:")) {
        return {};
    }
    const std::optional<std::string_view> name = take_quoted();
    if (!name || !is_class_name(*name) || !take(":")) {
        return {};
    }
    const std::optional<size_t> members = take_length(':');
    if (!members || !take("{")) {
        return {};
    }
    return {Kind::kObject, *members};
}

// `C:4:"Name":5:{bytes}`
ValueHead SerializedReader::take_custom_object() {
    if (!take("C:")) {
        return {};
    }
    const std::optional<std::string_view> name = take_quoted();
    if (!name || !is_class_name(*name) || !take(":")) {
        return {};
    }
    const std::optional<size_t> length = take_length(':');
    if (!length || !take("{") || rest().size() < *length) {
        return {};
    }
    const std::string_view data = rest().substr(0, *length);
    position_ += *length;
    if (!take("}")) {
        return {};
    }
    return {may_refer(data) ? Kind::kReference : Kind::kScalar, 0};
}

}  // namespace memcache_session

#include "src/merge/enum_references.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "src/base/text.h"
#include "src/merge/serialized_reader.h"

namespace memcache_session {
namespace {

using Kind = ValueHead::Kind;

// Copies one text value by value. PHP numbers the values from 1 in the order of the text: keys do
// not count, arrays and objects count before what is in them, and so does an `r:`.
class EnumWriter {
public:
    explicit EnumWriter(std::string_view text) : text_(text), reader_(text) {}

    // False where there is no result.
    bool run(SerializeHandler handler) {
        while (!members_left_.empty() || !reader_.at_end()) {
            const bool is_end = !members_left_.empty() && members_left_.back() == 0;
            if (!(is_end ? close() : read_key(handler) && read_value())) {
                return false;
            }
        }
        result_ += text_.substr(copied_);
        return result_.size() <= kSerializedLengthMax;
    }

    std::string& result() { return result_; }

private:
    struct Enum {
        size_t number;
        std::string_view text;
    };

    bool close() {
        members_left_.pop_back();
        return reader_.read_end();
    }

    bool read_key(SerializeHandler handler) {
        if (members_left_.empty()) {
            return handler == SerializeHandler::kPhpSerialize || reader_.read_variable_name();
        }
        --members_left_.back();
        return reader_.read_key();
    }

    bool read_value() {
        const size_t begin = reader_.position();
        const ValueHead head = reader_.read_value();
        const std::string_view value = text_.substr(begin, reader_.position() - begin);
        ++number_;
        switch (head.kind) {
            case Kind::kUnreadable:
                return false;
            case Kind::kReference:
                return replace(begin, value);
            case Kind::kScalar:
                if (value[0] == 'E') {
                    enums_.push_back({number_, value});
                }
                return value[0] != 'C';
            case Kind::kArray:
            case Kind::kObject:
                members_left_.push_back(head.members);
                break;
        }
        return true;
    }

    // `r:5;`, which begins there.
    bool replace(size_t begin, std::string_view reference) {
        if (reference[0] != 'r') {
            return false;
        }
        const auto number = parse_whole_number(reference.substr(2, reference.size() - 3), number_);
        const auto found =
            std::lower_bound(enums_.begin(), enums_.end(), number.value_or(0),
                             [](const Enum& a, uint64_t wanted) { return a.number < wanted; });
        if (found == enums_.end() || found->number != number.value_or(0)) {
            return false;
        }
        result_ += text_.substr(copied_, begin - copied_);
        result_ += found->text;
        copied_ = begin + reference.size();
        return result_.size() <= kSerializedLengthMax;
    }

    std::string_view text_;
    SerializedReader reader_;
    std::vector<size_t> members_left_;  // of the arrays and objects around
    std::vector<Enum> enums_;           // in the order of their numbers
    size_t number_ = 0;                 // of the value that was read last
    size_t copied_ = 0;                 // the text before it is in result_
    std::string result_;
};

}  // namespace

std::optional<std::string> with_enums_written_out(std::string_view text, SerializeHandler handler) {
    assert(SerializedSession::read(text, handler));
    EnumWriter writer(text);
    return writer.run(handler) ? std::optional(std::move(writer.result())) : std::nullopt;
}

}  // namespace memcache_session

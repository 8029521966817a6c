#include "src/wire/encoder.h"

#include <cassert>
#include <charconv>
#include <cstring>

namespace memcache_session {

namespace {

// Free for pecl/memcache and for us, should a server ever keep it: the value of a lock let go.
constexpr std::string_view kRemovedValue = "0";

constexpr size_t kDigitsMax = 20;  // of 64 bits

// Appends to memory that is known to be large enough.
class LineWriter {
public:
    explicit LineWriter(char* out) : begin_(out), end_(out) {}

    void text(std::string_view text) {
        std::memcpy(end_, text.data(), text.size());
        end_ += text.size();
    }

    template <class Unsigned>
    void field(Unsigned number) {
        *end_++ = ' ';
        end_ = std::to_chars(end_, end_ + kDigitsMax, number).ptr;
    }

    size_t length() const { return static_cast<size_t>(end_ - begin_); }

private:
    char* begin_;
    char* end_;
};

uint32_t wire_exptime(int32_t exptime) {
    return static_cast<uint32_t>(exptime < 0 ? kExptimePast : exptime);
}

std::string_view name_of(Verb verb) {
    switch (verb) {
        case Verb::kReadForUpdate:
            return "gets ";
        case Verb::kRead:
            return "get ";
        case Verb::kAdd:
            return "add ";
        case Verb::kSet:
            return "set ";
        case Verb::kReplaceIf:
        case Verb::kDeleteIf:
            return "cas ";
        case Verb::kTouch:
            return "touch ";
        case Verb::kDelete:
            return "delete ";
    }
    return {};
}

}  // namespace

size_t encode_line(const Command& command, char* out) {
    assert(!command.key.empty() && command.key.size() <= kKeyLengthMax);
    LineWriter line(out);
    line.text(name_of(command.verb));
    line.text(command.key);
    switch (command.verb) {
        case Verb::kReadForUpdate:
        case Verb::kRead:
        case Verb::kDelete:
            break;
        case Verb::kTouch:
            line.field(wire_exptime(command.exptime));
            break;
        case Verb::kAdd:
        case Verb::kSet:
        case Verb::kReplaceIf:
            line.field(command.flags);
            line.field(wire_exptime(command.exptime));
            line.field(command.value.size());
            if (command.verb == Verb::kReplaceIf) {
                line.field(command.cas);
            }
            break;
        case Verb::kDeleteIf:
            line.field(0U);
            line.field(wire_exptime(kExptimePast));
            line.field(kRemovedValue.size());
            line.field(command.cas);
            break;
    }
    line.text(kLineEnd);
    assert(line.length() <= kCommandLineMax);
    return line.length();
}

std::optional<std::string_view> data_block(const Command& command) {
    switch (command.verb) {
        case Verb::kAdd:
        case Verb::kSet:
        case Verb::kReplaceIf:
            return command.value;
        case Verb::kDeleteIf:
            return kRemovedValue;
        case Verb::kReadForUpdate:
        case Verb::kRead:
        case Verb::kTouch:
        case Verb::kDelete:
            break;
    }
    return std::nullopt;
}

}  // namespace memcache_session

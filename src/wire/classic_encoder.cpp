#include <cassert>
#include <optional>

#include "src/wire/classic.h"
#include "src/wire/line.h"

namespace memcache_session {

namespace {

// The value of a released lock, to pecl/memcache and to us, in case a server ever keeps the item.
constexpr std::string_view kRemovedValue = "0";

uint32_t wire_exptime(int32_t exptime) {
    return static_cast<uint32_t>(exptime < 0 ? kExptimePast : exptime);
}

std::string_view name_of(Verb verb) {
    switch (verb) {
        case Verb::kReadForUpdate:
        case Verb::kReadMetadata:
        case Verb::kInspect:
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
        case Verb::kStatistics:
            return "stats";
    }
    return {};
}

// Writes the line of `command`, CR LF included, and returns its length.
size_t encode_line(const Command& command, char* out) {
    LineWriter line(out);
    line.text(name_of(command.verb));
    line.text(command.key);
    switch (command.verb) {
        case Verb::kReadForUpdate:
        case Verb::kReadMetadata:
        case Verb::kInspect:
        case Verb::kRead:
        case Verb::kDelete:
        case Verb::kStatistics:
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
    assert(line.length() <= kClassicLineMax);
    return line.length();
}

// The data block of a command that stores. It may be empty.
std::optional<std::string_view> data_block(const Command& command) {
    switch (command.verb) {
        case Verb::kAdd:
        case Verb::kSet:
        case Verb::kReplaceIf:
            return command.value;
        case Verb::kDeleteIf:
            return kRemovedValue;
        case Verb::kReadForUpdate:
        case Verb::kReadMetadata:
        case Verb::kInspect:
        case Verb::kRead:
        case Verb::kTouch:
        case Verb::kDelete:
        case Verb::kStatistics:
            break;
    }
    return std::nullopt;
}

}  // namespace

size_t ClassicProtocol::encode(const Command& command, char* space,
                               std::string_view* pieces) const {
    assert(command.key.empty() == (command.verb == Verb::kStatistics));
    assert(command.key.size() <= kKeyLengthMax);
    pieces[0] = {space, encode_line(command, space)};
    const std::optional<std::string_view> block = data_block(command);
    if (!block) {
        return 1;
    }
    pieces[1] = *block;
    pieces[2] = kLineEnd;
    return 3;
}

bool ClassicProtocol::loses_step(const Command& command, const Reply& reply) const {
    return (reply.kind == ReplyKind::kUnknownCommand || reply.kind == ReplyKind::kRejected) &&
           data_block(command).has_value();
}

}  // namespace memcache_session

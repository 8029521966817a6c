#include "tests/sim/text.h"

#include "src/replica/version.h"
#include "tests/sim/cluster.h"

namespace memcache_session::sim {

namespace {

constexpr size_t kValueShown = 40;  // bytes

std::string content(uint32_t flags, std::string_view value) {
    std::string text = "v" + std::to_string(ItemFlags::version(flags));
    if (ItemFlags::incarnation(flags) != 0) {
        text += "#" + std::to_string(ItemFlags::incarnation(flags));
    }
    if (ItemFlags::is_tombstone(flags)) {
        text += " tombstone";
    }
    return text + " \"" + std::string(value.substr(0, kValueShown)) + "\"";
}

const char* name_of(Verb verb) {
    switch (verb) {
        case Verb::kReadForUpdate:
            return "gets";
        case Verb::kReadMetadata:
            return "look";
        case Verb::kInspect:
            return "inspect";
        case Verb::kStatistics:
            return "stats";
        case Verb::kRead:
            return "get";
        case Verb::kAdd:
            return "add";
        case Verb::kSet:
            return "set";
        case Verb::kReplaceIf:
            return "cas";
        case Verb::kTouch:
            return "touch";
        case Verb::kDeleteIf:
            return "delete if";
        case Verb::kDelete:
            return "delete";
    }
    return "?";
}

const char* name_of(ReplyKind kind) {
    switch (kind) {
        case ReplyKind::kDone:
            return "done";
        case ReplyKind::kExists:
            return "EXISTS";
        case ReplyKind::kGone:
            return "NOT_FOUND";
        case ReplyKind::kHit:
            return "hit";
        case ReplyKind::kMiss:
            return "miss";
        case ReplyKind::kUnknownCommand:
            return "ERROR";
        case ReplyKind::kRejected:
            return "CLIENT_ERROR";
        case ReplyKind::kRefused:
            return "SERVER_ERROR";
    }
    return "?";
}

}  // namespace

std::string text_of(const Command& command) {
    std::string text = name_of(command.verb);
    text += ' ';
    text += command.key;
    if (command.verb == Verb::kAdd || command.verb == Verb::kSet ||
        command.verb == Verb::kReplaceIf) {
        text += ' ' + content(command.flags, command.value);
    }
    if (command.verb == Verb::kReplaceIf || command.verb == Verb::kDeleteIf) {
        text += " if cas " + std::to_string(command.cas);
    }
    return text;
}

std::string text_of(const Reply& reply) {
    std::string text = name_of(reply.kind);
    if (reply.kind == ReplyKind::kHit) {
        text += ' ' + content(reply.flags, reply.value);
        text += reply.unread_size > 0 ? " unread" : "";
    }
    if (reply.cas != 0) {
        text += " cas " + std::to_string(reply.cas);
    }
    return text;
}

std::string text_of(const Message& message) {
    std::string text;
    for (size_t i = 0; i < message.count; ++i) {
        text += i == 0 ? "" : "; ";
        text += text_of(message.commands[i]);
    }
    return text;
}

}  // namespace memcache_session::sim

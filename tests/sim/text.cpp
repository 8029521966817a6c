#include "tests/sim/text.h"

#include "src/replica/version.h"
#include "tests/sim/cluster.h"

namespace memcache_session::sim {

namespace {

constexpr size_t kValueShown = 40;  // bytes

std::string content(uint32_t flags, std::string_view value) {
    std::string text = "v" + std::to_string(ItemFlags::version(flags));
    if (ItemFlags::is_tombstone(flags)) {
        text += " tombstone";
    }
    return text + " \"" + std::string(value.substr(0, kValueShown)) + "\"";
}

}  // namespace

std::string text_of(const Command& command) {
    static constexpr const char* kNames[] = {"gets",  "add",    "set",   "cas",
                                             "touch", "remove", "delete"};
    std::string text = kNames[static_cast<int>(command.verb)];
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
    static constexpr const char* kNames[] = {"STORED",  "NOT_STORED",   "EXISTS",      "NOT_FOUND",
                                             "TOUCHED", "DELETED",      "HIT",         "MISS",
                                             "ERROR",   "CLIENT_ERROR", "SERVER_ERROR"};
    std::string text = kNames[static_cast<int>(reply.kind)];
    if (reply.kind == ReplyKind::kHit) {
        text += ' ' + content(reply.flags, reply.value);
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

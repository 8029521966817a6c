// libFuzzer entry: whatever a server sends, Protocol::parse() keeps its contract in both protocols,
// and the reader of the reply to a probe keeps its own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/net/meta_probe.h"
#include "src/wire/classic.h"
#include "src/wire/meta.h"

using memcache_session::Command;
using memcache_session::parse_probe_reply;
using memcache_session::ParsedReply;
using memcache_session::ProbeReply;
using memcache_session::Protocol;
using memcache_session::Verb;
using State = memcache_session::ParsedReply::State;

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

bool lies_within(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

void check_reply(const Protocol& protocol, const Command& command, std::string_view input) {
    const ParsedReply whole = protocol.parse(command, input);
    require(whole.total <= memcache_session::kReplyLengthMax);
    switch (whole.state) {
        case State::kComplete: {
            require(whole.consumed > 0 && whole.consumed <= input.size());
            require(whole.total == whole.consumed);
            require(lies_within(whole.reply.value, input.substr(0, whole.consumed)));
            // The reply depends on its own bytes alone.
            const auto again = protocol.parse(command, input.substr(0, whole.consumed));
            require(again.state == State::kComplete && again.consumed == whole.consumed);
            require(again.reply.kind == whole.reply.kind && again.reply.cas == whole.reply.cas &&
                    again.reply.flags == whole.reply.flags &&
                    again.reply.value == whole.reply.value);
            break;
        }
        case State::kIncomplete:
            require(whole.consumed == 0 && (whole.total == 0 || whole.total > input.size()));
            break;
        case State::kMalformed:
            require(whole.consumed == 0 && whole.total == 0);
            break;
    }

    // Bytes arrive piece by piece: before a whole reply there are incomplete ones only, and what is
    // malformed stays so.
    bool was_malformed = false;
    for (size_t cut = 0; cut < input.size(); ++cut) {
        const auto part = protocol.parse(command, input.substr(0, cut));
        was_malformed |= part.state == State::kMalformed;
        require(part.state == State::kMalformed || !was_malformed);
        if (whole.state == State::kIncomplete) {
            require(part.state == State::kIncomplete);
        }
        if (whole.state == State::kComplete) {
            require(part.state == (cut < whole.consumed ? State::kIncomplete : State::kComplete));
        }
    }
    require(!was_malformed || whole.state == State::kMalformed);
}

void check_probe_reply(std::string_view input) {
    const ProbeReply whole = parse_probe_reply(input);
    require(whole.state == State::kComplete ? whole.consumed <= input.size()
                                            : whole.consumed == 0 && !whole.speaks_meta);
    for (size_t cut = 0; cut < input.size(); ++cut) {
        const ProbeReply part = parse_probe_reply(input.substr(0, cut));
        require(part.state == State::kIncomplete || part.state == whole.state);
        if (whole.state == State::kComplete) {
            require((part.state == State::kComplete) == (cut >= whole.consumed));
            require(part.state != State::kComplete || part.speaks_meta == whole.speaks_meta);
        }
    }
}

}  // namespace

// The first byte chooses the protocol and the verb, the rest is what the server sends.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) {
        return 0;
    }
    constexpr unsigned verbs = static_cast<unsigned>(Verb::kDelete) + 1;
    Command command = Command::read_for_update("sess");
    command.verb = static_cast<Verb>(data[0] % verbs);
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] / verbs % 3) {
        case 0:
            check_reply(memcache_session::kClassicProtocol, command, input);
            break;
        case 1:
            check_reply(memcache_session::kMetaProtocol, command, input);
            break;
        default:
            check_probe_reply(input);
            break;
    }
    return 0;
}

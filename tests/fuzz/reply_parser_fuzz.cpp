// libFuzzer entry: whatever a server sends, ClassicProtocol::parse() keeps its contract.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/wire/classic.h"

using memcache_session::Command;
using memcache_session::ParsedReply;
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

}  // namespace

// The first byte chooses the verb, the rest is what the server sends.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) {
        return 0;
    }
    Command command = Command::read_for_update("sess");
    command.verb = static_cast<Verb>(data[0] % (static_cast<unsigned>(Verb::kDelete) + 1));
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);

    const ParsedReply whole = memcache_session::kClassicProtocol.parse(command, input);
    require(whole.total <= memcache_session::kReplyLengthMax);
    switch (whole.state) {
        case State::kComplete: {
            require(whole.consumed > 0 && whole.consumed <= input.size());
            require(whole.total == whole.consumed);
            require(lies_within(whole.reply.value, input.substr(0, whole.consumed)));
            // The reply depends on its own bytes alone.
            const auto again =
                memcache_session::kClassicProtocol.parse(command, input.substr(0, whole.consumed));
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
        const auto part = memcache_session::kClassicProtocol.parse(command, input.substr(0, cut));
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
    return 0;
}

#include "tests/fuzz/fuzzed_servers.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "src/lock/lock_item.h"
#include "src/session/compression.h"
#include "src/wire/classic.h"
#include "src/wire/meta.h"
#include "tests/fuzz/require.h"

namespace memcache_session::fuzz {
namespace {

constexpr size_t kReceiveMaxHere = size_t{1} << 20;  // bytes

constexpr std::string_view kLines[] = {"STORED",
                                       "NOT_STORED",
                                       "EXISTS",
                                       "NOT_FOUND",
                                       "END",
                                       "TOUCHED",
                                       "DELETED",
                                       "HD",
                                       "EN",
                                       "EX",
                                       "NF",
                                       "ERROR",
                                       "ERROR Too many open connections",
                                       "CLIENT_ERROR bad data chunk",
                                       "SERVER_ERROR out of memory storing object",
                                       "SERVER_ERROR object too large for cache"};

// What a request that lacks replies may fail with. Replies that are too large come from receive().
constexpr FailureKind kFailures[] = {FailureKind::kTimeout,        FailureKind::kConnect,
                                     FailureKind::kConnectTimeout, FailureKind::kClosed,
                                     FailureKind::kBroken,         FailureKind::kMalformed,
                                     FailureKind::kStuck};

std::string line(std::string_view text) {
    return std::string(text) + "\r\n";
}

bool reads(Verb verb) {
    return verb == Verb::kReadForUpdate || verb == Verb::kReadMetadata || verb == Verb::kRead;
}

std::string value_reply(const Command& command, uint32_t flags, size_t length, uint64_t cas,
                        std::string_view value) {
    std::string text = "VALUE " + std::string(command.key) + " " + std::to_string(flags) + " " +
                       std::to_string(length);
    if (command.verb != Verb::kRead) {
        text += " " + std::to_string(cas);
    }
    return text + "\r\n" + std::string(value) + "\r\nEND\r\n";
}

std::string metadata_reply(const Command& command, uint32_t flags, size_t length, uint64_t cas) {
    return line("HD k" + std::string(command.key) + " s" + std::to_string(length) + " f" +
                std::to_string(flags) + " c" + std::to_string(cas));
}

std::string meta_reply(const Command& command, const Reply& reply) {
    switch (reply.kind) {
        case ReplyKind::kDone:
            return line("HD");
        case ReplyKind::kExists:
            return line("EX");
        case ReplyKind::kGone:
            return line("NF");
        case ReplyKind::kHit:
            return metadata_reply(command, reply.flags, reply.unread_size, reply.cas);
        case ReplyKind::kMiss:
            return line("EN");
        default:
            return line("SERVER_ERROR " + std::string(reply.value));
    }
}

// Inflates to more than a session may have if `size` is 3. Made once, because that takes long.
const std::string& deflated_value(size_t size) {
    static const auto values = [] {
        std::array<std::string, 4> made;
        for (size_t i = 0; i < made.size(); ++i) {
            compress_value(std::string(size_t{100} << 5 * i, 'x'), &made[i]);
        }
        return made;
    }();
    return values[size];
}

std::string_view done_word(Verb verb) {
    return verb == Verb::kTouch ? "TOUCHED" : verb == Verb::kDelete ? "DELETED" : "STORED";
}

}  // namespace

FuzzedServers::FuzzedServers(size_t count, FakeClock& clock, Input* input)
    : clock_(clock), input_(input), servers_(count) {
    budget_.set_max(kReceiveMaxHere);
    for (size_t i = 0; i < servers_.size(); ++i) {
        servers_[i].model.start(0);
        servers_[i].speaks_meta = i % 2 == 1;
    }
}

void FuzzedServers::run(Purpose /*purpose*/, Request* requests, size_t count) {
    clock_.advance(std::chrono::milliseconds(1));
    if (input_->one_in(16)) {
        clock_.advance(std::chrono::milliseconds(100) * input_->byte());
    }
    while (incoming_.size() < count) {
        incoming_.emplace_back(budget_);
    }
    for (size_t i = 0; i < count; ++i) {
        answer(&requests[i], &incoming_[i]);
    }
}

void FuzzedServers::answer(Request* request, Incoming* incoming) {
    FuzzedServer& server = servers_[request->server];
    if (server.speaks_meta) {
        incoming->begin(kMetaProtocol, request);
    } else {
        incoming->begin(kClassicProtocol, request);
    }
    request->failure = {};
    if (input_->one_in(32)) {
        ++server.connection;
    }
    request->connection = server.connection;
    if (request->bound_to != 0 && request->bound_to != server.connection) {
        request->failure = {FailureKind::kConnectionLost, 0};
        return;
    }
    const bool fails = input_->one_in(32);
    const bool is_run = !fails || !input_->one_in(2);
    std::string bytes;
    for (size_t i = 0; is_run && i < request->command_count; ++i) {
        bytes += reply_to(&server, request->commands[i]);
    }
    if (fails) {
        bytes.resize(std::min<size_t>(bytes.size(), input_->byte()));
    }
    request->failure = receive(request, incoming, bytes);
    if (fails && request->failure.kind == FailureKind::kTimeout) {
        if (request->bound_to != 0 && input_->one_in(2)) {
            request->failure = {FailureKind::kConnectionLost, 0};
            request->answered = 0;
        } else {
            request->failure = {kFailures[input_->below(std::size(kFailures))], 0};
        }
    }
    server.down = false;
    if (request->failure) {
        ++server.connection;
        server.down = request->failure.kind != FailureKind::kConnectionLost &&
                      !is_too_large(request->failure);
    }
}

// In two pieces. kTimeout: replies are missing.
Failure FuzzedServers::receive(Request* request, Incoming* incoming, std::string_view bytes) {
    size_t piece = std::min<size_t>(bytes.size(), input_->byte());
    while (!bytes.empty()) {
        if (!incoming->make_room()) {
            return incoming->failure();
        }
        require(incoming->free_size() <= kReceiveMaxHere + kReceiveSize,
                "an announced length takes no more memory than the budget has");
        piece = std::min({piece == 0 ? bytes.size() : piece, bytes.size(), incoming->free_size()});
        std::copy_n(bytes.data(), piece, incoming->free_space());
        bytes.remove_prefix(piece);
        const Incoming::Progress progress = incoming->parse(piece);
        piece = 0;
        if (progress == Incoming::Progress::kUnusable) {
            return incoming->failure();
        }
        if (progress == Incoming::Progress::kLostStep) {
            ++servers_[request->server].connection;
            return incoming->has_all_replies() ? Failure{} : Failure{FailureKind::kMalformed, 0};
        }
        if (progress == Incoming::Progress::kAll && bytes.empty()) {
            return {};
        }
    }
    return {FailureKind::kTimeout, 0};
}

std::string FuzzedServers::reply_to(FuzzedServer* server, const Command& command) {
    if (command.verb == Verb::kAdd || command.verb == Verb::kReplaceIf) {
        const std::string_view key = command.key;
        if (key.size() > 5 && key.substr(key.size() - 5) == ".lock") {
            lock_ = command.value;
        }
    }
    switch (input_->below(32)) {
        case 23:
        case 24:
        case 25:
        case 26:
            if (reads(command.verb)) {
                return shown_item(*server, command);
            }
            return line(kLines[input_->below(4)]);
        case 27:  // run, and another reply
            honest_reply(server, command);
            return line(kLines[input_->below(std::size(kLines))]);
        case 28:  // not run
            return line(reads(command.verb) ? "END" : done_word(command.verb));
        case 29:
            return line(kLines[input_->below(std::size(kLines))]);
        case 30:
            return std::string(input_->bytes());
        case 31:
            return honest_reply(server, command) + std::string(input_->bytes());
        default:
            return honest_reply(server, command);
    }
}

std::string FuzzedServers::honest_reply(FuzzedServer* server, const Command& command) {
    const sim::Wire wire = server->speaks_meta ? sim::Wire::kMeta : sim::Wire::kClassic;
    const Reply reply = server->model.run(command, clock_.now().time_since_epoch().count(), wire);
    if (is_meta(*server, command)) {
        return meta_reply(command, reply);
    }
    switch (reply.kind) {
        case ReplyKind::kDone:
            return line(done_word(command.verb));
        case ReplyKind::kExists:
            return line(command.verb == Verb::kAdd ? "NOT_STORED" : "EXISTS");
        case ReplyKind::kGone:
            return line("NOT_FOUND");
        case ReplyKind::kHit:
            return value_reply(command, reply.flags, reply.value.size(), reply.cas, reply.value);
        case ReplyKind::kMiss:
            return line("END");
        default:
            return line("SERVER_ERROR " + std::string(reply.value));
    }
}

// An item that the server never had: any flags, a length that may be wrong, any cas.
std::string FuzzedServers::shown_item(const FuzzedServer& server, const Command& command) {
    const std::string value = shown_value();
    constexpr uint32_t kFlags[] = {0, 0x10000, 0x8000, 0x18000, 2, 0x10002, 768, 0xffff0000};
    const uint32_t flags = input_->one_in(4) ? static_cast<uint32_t>(input_->number())
                                             : kFlags[input_->below(std::size(kFlags))];
    const size_t length = input_->one_in(16) ? input_->number() : value.size();
    const uint64_t cas = input_->one_in(4) ? input_->number() : 1 + input_->below(8);
    return is_meta(server, command) ? metadata_reply(command, flags, length, cas)
                                    : value_reply(command, flags, length, cas, value);
}

// Values of sessions and of locks. The choices are made one by one, because compilers differ in the
// order of evaluation.
std::string FuzzedServers::shown_value() {
    const size_t form = input_->below(10);
    const uint8_t number = input_->byte();
    switch (form) {
        case 0:
            return lock_;
        case 1:
            return "n|i:" + std::to_string(number) + ";";
        case 2:
            return std::to_string(number % 3);  // a lock of pecl/memcache
        case 3:
            return encode_lock(make_token(uint64_t{number} << 20), {0, 1}, "web1~1",
                               100 + number % 3, 0, "/other.php");
        case 4:
            return lock_.substr(0, number) + std::string(input_->bytes());
        case 5:
            return std::string(size_t{number} * 80, '1');
        case 6:
            return deflated_value(number % 4);
        case 7:
            return {};
        default:
            return std::string(input_->bytes());
    }
}

}  // namespace memcache_session::fuzz

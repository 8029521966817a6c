#include "tests/fuzz/checked_exchange.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "src/lock/session_key.h"
#include "src/replica/members.h"
#include "tests/fuzz/require.h"

namespace memcache_session::fuzz {
namespace {

bool is_lock(std::string_view key) {
    return key.size() > kLockSuffix.size() &&
           key.substr(key.size() - kLockSuffix.size()) == kLockSuffix;
}

bool is_store(Verb verb) {
    return verb == Verb::kAdd || verb == Verb::kSet || verb == Verb::kReplaceIf;
}

}  // namespace

void CheckedExchange::run(Purpose purpose, Request* requests, size_t count) {
    require(++phases_ <= kPhasesMax, "a call has a bounded number of phases");
    inner_.run(purpose, requests, count);
    values_.clear();
    for (size_t i = 0; i < count; ++i) {
        keep_values(&requests[i]);
        note(requests[i]);
    }
    if (std::getenv("FUZZ_TRACE") != nullptr) {
        trace(purpose, requests, count);
    }
}

// The views of the replies live until the next run() of this session, whatever the others do.
void CheckedExchange::keep_values(Request* request) {
    for (size_t i = 0; i < request->answered; ++i) {
        values_.emplace_back(request->replies[i].value);
        request->replies[i].value = values_.back();
    }
}

// Shows the phase to people who study a failed input.
void CheckedExchange::trace(Purpose purpose, const Request* requests, size_t count) const {
    std::fprintf(stderr, "session %p, purpose %d, locks left:", static_cast<const void*>(this),
                 static_cast<int>(purpose));
    for (const uint32_t server : granted_) {
        std::fprintf(stderr, " %u", server);
    }
    std::fprintf(stderr, "\n");
    for (size_t i = 0; i < count; ++i) {
        const Request& request = requests[i];
        std::fprintf(stderr, "  server %u, failure %d\n", request.server,
                     static_cast<int>(request.failure.kind));
        for (size_t c = 0; c < request.command_count; ++c) {
            const Command& command = request.commands[c];
            const bool answered = c < request.answered;
            const Reply reply = answered ? request.replies[c] : Reply();
            std::fprintf(stderr, "    verb %d %.*s cas %llu [%.*s] -> %s %d cas %llu [%.*s]\n",
                         static_cast<int>(command.verb), static_cast<int>(command.key.size()),
                         command.key.data(), static_cast<unsigned long long>(command.cas),
                         static_cast<int>(std::min<size_t>(40, command.value.size())),
                         command.value.data(), answered ? "reply" : "none",
                         static_cast<int>(reply.kind), static_cast<unsigned long long>(reply.cas),
                         static_cast<int>(std::min<size_t>(40, reply.value.size())),
                         reply.value.data());
        }
    }
}

void CheckedExchange::note(const Request& request) {
    bool has_error = lacks_cas(request) || is_out_of_reach(request);
    for (size_t i = 0; i < request.answered; ++i) {
        const Command& command = request.commands[i];
        const Reply& reply = request.replies[i];
        has_error = has_error || is_error(reply);
        if (is_lock(command.key)) {
            note_lock(request.server, command, reply);
        } else if (reply.kind == ReplyKind::kHit) {
            shown_.insert(std::string(reply.value));
        } else if (is_store(command.verb) && reply.kind == ReplyKind::kDone) {
            stored_.insert(std::string(command.value));
        }
    }
    // A lock on a server that fails, reports an error or gives no cas is left to its
    // lease. What is too long is not our lock.
    if (has_error || (request.failure && request.failure.kind != FailureKind::kConnectionLost &&
                      request.failure.kind != FailureKind::kTooLarge)) {
        lock_is_over(request.server);
    }
}

// Whether releases were lost with their connections so often that a session may give up.
bool CheckedExchange::is_out_of_reach(const Request& request) {
    const Verb verb = request.commands[0].verb;
    return request.failure.kind == FailureKind::kConnectionLost &&
           (verb == Verb::kDelete || verb == Verb::kDeleteIf) && ++lost_releases_ >= kLostReleases;
}

void CheckedExchange::note_lock(uint32_t server, const Command& command, const Reply& reply) {
    if (is_store(command.verb)) {
        token_ = parse_lock_token(command.value);
    } else if (command.verb == Verb::kDelete || command.verb == Verb::kDeleteIf) {
        lock_is_over(server);
    } else if (reply.kind == ReplyKind::kHit && token_ != 0 &&
               same_token(parse_lock_token(reply.value), token_)) {
        granted_.insert(server);
    } else {
        lock_is_over(server);
    }
}

void CheckedExchange::lock_is_over(uint32_t server) {
    if (proxied_) {
        granted_.clear();
    } else {
        granted_.erase(server);
    }
}

}  // namespace memcache_session::fuzz

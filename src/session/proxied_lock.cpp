#include "src/session/proxied_lock.h"

namespace memcache_session {
namespace {

// A connection that is closed between look and delete makes both be done again.
constexpr int kTriesMax = 3;

// One command is a phase of its own behind a proxy.
Purpose purpose_of(const Command& command) {
    switch (command.verb) {
        case Verb::kAdd:
        case Verb::kRead:
            return Purpose::kOpen;
        case Verb::kDelete:
            return Purpose::kRelease;
        default:
            return Purpose::kStore;
    }
}

}  // namespace

Request ask_proxy(const SessionParts& parts, uint32_t server, const Command& command,
                  ConnectionId bound_to) {
    Request request;
    request.server = server;
    request.bound_to = bound_to;
    request.add(command);
    parts.exchange.run(purpose_of(command), &request, 1);
    return request;
}

Copy* proxy_of(OpenSession& session) {
    return session.set.copies().empty() ? nullptr : &session.set.copies().front();
}

void next_proxy(const SessionParts& parts, OpenSession* session, Failure failure) {
    session->set.drop(proxy_of(*session)->server, failure);
    session->set.fill(parts.exchange);
}

ProxiedLock::State ProxiedLock::take(uint32_t proxy, std::string_view value, int32_t exptime) {
    request_ = ask_proxy(parts_, proxy, Command::add(key_, value, kLockFlags, exptime));
    if (request_.failure || is_error(request_.replies[0])) {
        return State::kUnknown;
    }
    return request_.replies[0].kind == ReplyKind::kDone ? State::kOurs : look(proxy);
}

ProxiedLock::State ProxiedLock::look(uint32_t proxy) {
    request_ = ask_proxy(parts_, proxy, Command::read(key_));
    const Reply& shown = request_.replies[0];
    if (request_.failure || is_error(shown)) {
        return State::kUnknown;
    }
    holder_ = {};
    is_left_free_ = false;
    if (shown.kind == ReplyKind::kMiss) {
        return State::kNone;
    }
    holder_ = parse_lock(shown.value);
    is_left_free_ = is_free(shown.value);
    return same_token(holder_.token, token_) ? State::kOurs : State::kAnothers;
}

ProxiedLock::State ProxiedLock::remove(uint32_t proxy) {
    request_ = ask_proxy(parts_, proxy, Command::unconditional_delete(key_), request_.connection);
    if (request_.failure.kind == FailureKind::kConnectionLost) {
        return State::kAnothers;
    }
    return request_.failure || is_error(request_.replies[0]) ? State::kUnknown : State::kNone;
}

bool ProxiedLock::give_back(uint32_t proxy) {
    for (int tries = 0; tries < kTriesMax; ++tries) {
        State state = look(proxy);
        if (state == State::kOurs) {
            state = remove(proxy);
            if (state == State::kAnothers) {
                continue;
            }
        }
        return state != State::kUnknown || !request_.failure;
    }
    return true;
}

void release_proxied_lock(const SessionParts& parts, OpenSession* session) {
    Copy* proxy = proxy_of(*session);
    if (proxy == nullptr || !proxy->locked) {
        return;
    }
    ProxiedLock lock(parts, session->key.lock, session->token);
    while (proxy != nullptr && !lock.give_back(proxy->server)) {
        next_proxy(parts, session, lock.answer().failure);
        proxy = proxy_of(*session);
    }
    if (proxy != nullptr) {
        proxy->locked = false;
    }
}

}  // namespace memcache_session

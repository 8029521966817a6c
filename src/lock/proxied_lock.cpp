#include "src/lock/proxied_lock.h"

#include <cassert>

#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// If a connection is closed between look and delete, both are repeated.
constexpr int kTriesMax = 3;

}  // namespace

Request ask_proxy(const SessionParts& parts, Purpose purpose, uint32_t proxy,
                  const Command& command, ConnectionId bound_to) {
    Request request;
    request.server = proxy;
    request.bound_to = bound_to;
    request.add(command);
    parts.exchange.run(purpose, &request, 1);
    return request;
}

ProxiedItem::State ProxiedItem::take(uint32_t proxy, std::string_view value, int32_t exptime) {
    request_ = ask_proxy(parts_, purpose_, proxy, Command::add(key_, value, kLockFlags, exptime));
    if (request_.failure || is_error(request_.replies[0])) {
        return State::kUnknown;
    }
    return request_.replies[0].kind == ReplyKind::kDone ? State::kOurs : look(proxy);
}

ProxiedItem::State ProxiedItem::look(uint32_t proxy) {
    request_ = ask_proxy(parts_, purpose_, proxy, read_lock(key_));
    if (request_.failure || is_error(request_.replies[0])) {
        return State::kUnknown;
    }
    seen_ = lock_seen(request_.replies[0], request_.connection, token_);
    switch (seen_.state) {
        case LockSeen::State::kNone:
            return State::kNone;
        case LockSeen::State::kOurs:
            return State::kOurs;
        case LockSeen::State::kFree:
        case LockSeen::State::kAnothers:
            break;
    }
    return State::kAnothers;
}

ProxiedItem::State ProxiedItem::remove(uint32_t proxy) {
    request_ = ask_proxy(parts_, purpose_, proxy, Command::unconditional_delete(key_),
                         request_.connection);
    if (request_.failure.kind == FailureKind::kConnectionLost) {
        return State::kAnothers;
    }
    return request_.failure || is_error(request_.replies[0]) ? State::kUnknown : State::kNone;
}

bool ProxiedItem::give_back(uint32_t proxy) {
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

ContendedLock::Try ProxiedLock::result(ProxiedItem::State state) {
    switch (state) {
        case ProxiedItem::State::kOurs:
            return Try::kGranted;
        case ProxiedItem::State::kUnknown:
            return Try::kServerFailed;
        case ProxiedItem::State::kAnothers:
            add_began_.reset();
            break;
        case ProxiedItem::State::kNone:
            break;
    }
    return Try::kRefused;
}

ContendedLock::Try ProxiedLock::take() {
    if (!add_began_) {
        add_began_ = parts_.clock.now();
    }
    return result(item_.take(proxy_, lock_.value({position_}), lock_.exptime()));
}

ContendedLock::Try ProxiedLock::confirm() {
    return result(item_.look(proxy_));
}

bool ProxiedLock::may_take_over(Duration /*hold_age*/) {
    return is_replaceable(parts_.processes, seen());
}

// A look costs the server less than an `add` with its look.
ContendedLock::Try ProxiedLock::ask(bool take_over) {
    if (seen().state != LockSeen::State::kNone) {
        // If the lock is ours after all, a reply to our `add` was wrong, and take() shows it.
        if (take_over && !clear_abandoned() && seen().state != LockSeen::State::kOurs) {
            return Try::kRefused;
        }
        const bool is_cleared = take_over;
        if (!is_cleared) {
            const ProxiedItem::State state = item_.look(proxy_);
            if (state != ProxiedItem::State::kNone && state != ProxiedItem::State::kOurs) {
                return result(state);
            }
        }
    }
    return take();
}

// Deletes a lock that nobody holds. An item gives one request at a time the right to do so.
// protocol.md, "Behind a proxy".
bool ProxiedLock::clear_abandoned() {
    const std::string key = lock_.key().beside_lock(kClearingName);
    ProxiedItem right(parts_, Purpose::kWait, key, lock_.token());
    const int32_t exptime = exptime_of(kLeaseMin, parts_.clock.unix_time());
    if (right.take(proxy_, std::to_string(lock_.token()), exptime) != ProxiedItem::State::kOurs) {
        return false;
    }
    const bool was_taken = seen().is_taken();
    const bool cleared = item_.look(proxy_) == ProxiedItem::State::kAnothers &&
                         is_replaceable(parts_.processes, seen()) &&
                         item_.remove(proxy_) == ProxiedItem::State::kNone;
    right.give_back(proxy_);
    if (cleared && was_taken) {
        parts_.count(Event::kReplacedDeadHolder);
    }
    return cleared;
}

WaitingPlaces::Found ProxiedPlaces::take_one_of(uint32_t proxy, uint32_t first, uint32_t end,
                                                int32_t exptime) {
    assert(end - first <= kCommandsMax);
    for (uint32_t number = first; number < end; ++number) {
        const std::string key = waiting_place_key(lock_.key(), number);
        ProxiedItem place(parts_, Purpose::kWait, key, lock_.token());
        switch (place.take(proxy, std::to_string(lock_.token()), exptime)) {
            case ProxiedItem::State::kOurs:
                proxy_ = proxy;
                key_ = key;
                return Found::kTaken;
            case ProxiedItem::State::kUnknown:
                return Found::kNoAnswer;
            case ProxiedItem::State::kAnothers:
            case ProxiedItem::State::kNone:
                break;
        }
    }
    return Found::kAllTaken;
}

void ProxiedPlaces::give_back() {
    ProxiedItem(parts_, Purpose::kWait, key_, lock_.token()).give_back(proxy_);
}

}  // namespace memcache_session

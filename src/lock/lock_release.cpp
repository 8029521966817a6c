#include "src/lock/lock_release.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace memcache_session {
namespace {

// pecl/memcache changes the cas of a lock each time it tries it.
constexpr int kTriesMax = 16;

}  // namespace

LockRelease::LockRelease(const SessionLock& lock, Exchange& exchange, std::vector<Member*> members)
    : lock_(lock), exchange_(exchange), unsettled_(std::move(members)) {}

Failures LockRelease::run() {
    for (int tries = 0; !unsettled_.empty() && tries < kTriesMax; ++tries) {
        release();
        keep_ours();
        delete_where_out_of_memory();
    }
    return std::move(silent_);
}

// Releases each lock by its cas. The unsettled locks have changed, were lost with their connection,
// or are on a server without memory.
void LockRelease::release() {
    requests_.clear();
    for (const Member* member : unsettled_) {
        Request& request = add_request(*member);
        request.bound_to = member->lock.connection;
        request.add(lock_.release_command(member->lock));
    }
    send();
    out_of_memory_.clear();
    keep([this](const Request& request, Member* member) {
        if (request.failure.kind == FailureKind::kConnectionLost) {
            return true;
        }
        const ReplyKind reply = request.replies[0].kind;
        if (!request.failure && reply == ReplyKind::kRefused) {
            out_of_memory_.push_back(member);
        }
        return !request.failure && (reply == ReplyKind::kExists || reply == ReplyKind::kRefused);
    });
}

// Looks which locks are still ours, and under which cas.
void LockRelease::keep_ours() {
    requests_.clear();
    for (const Member* member : unsettled_) {
        add_request(*member).add(read_lock_for_update(lock_.key().lock()));
    }
    send();
    keep([this](const Request& request, Member* member) {
        if (request.failure || is_error(request.replies[0])) {
            return false;
        }
        const LockSeen seen = lock_.read_shown(request.replies[0], request.connection);
        member->lock.cas = seen.cas;
        member->lock.connection = seen.connection;
        return seen.state == LockSeen::State::kOurs;
    });
}

// A server that is full and never evicts (-M) cannot even store an item that expires at once. Where
// that was refused, and the lock has just been seen to be ours, it is deleted.
void LockRelease::delete_where_out_of_memory() {
    requests_.clear();
    for (const Member* member : unsettled_) {
        if (is_out_of_memory(member)) {
            Request& request = add_request(*member);
            request.bound_to = member->lock.connection;
            request.add(Command::unconditional_delete(lock_.key().lock()));
        }
    }
    send();
    size_t sent = 0;
    const auto is_settled = [this, &sent](const Member* member) {
        return is_out_of_memory(member) &&
               requests_[sent++].failure.kind != FailureKind::kConnectionLost;
    };
    unsettled_.erase(std::remove_if(unsettled_.begin(), unsettled_.end(), is_settled),
                     unsettled_.end());
}

bool LockRelease::is_out_of_memory(const Member* member) const {
    return std::find(out_of_memory_.begin(), out_of_memory_.end(), member) != out_of_memory_.end();
}

Request& LockRelease::add_request(const Member& member) {
    Request& request = requests_.emplace_back();
    request.server = member.server;
    return request;
}

void LockRelease::send() {
    if (requests_.empty()) {
        return;
    }
    exchange_.run(Purpose::kRelease, requests_.data(), requests_.size());
    for (const Request& request : requests_) {
        if (request.failure && request.failure.kind != FailureKind::kConnectionLost) {
            silent_.push_back({request.server, request.failure});
        }
    }
}

template <class IsUnsettled>
void LockRelease::keep(IsUnsettled is_unsettled) {
    assert(requests_.size() == unsettled_.size());
    size_t kept = 0;
    for (size_t i = 0; i < requests_.size(); ++i) {
        if (is_unsettled(requests_[i], unsettled_[i])) {
            unsettled_[kept++] = unsettled_[i];
        }
    }
    unsettled_.resize(kept);
}

}  // namespace memcache_session

#include "src/session/locks.h"

#include <algorithm>
#include <utility>

#include "src/replica/rules.h"
#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// pecl/memcache changes the cas of a lock each time it tries it.
constexpr int kTriesMax = 16;

constexpr Duration kLeaseMargin{1000000};

// The releases of one session's locks. Every function works on the copies whose lock is not
// settled, and leaves those that are not settled by it.
class Release {
public:
    Release(const SessionParts& parts, const OpenSession& session, std::vector<Copy*> copies)
        : parts_(parts), session_(session), unsettled_(std::move(copies)) {}

    // Returns the servers that did not answer.
    Failures run() {
        for (int tries = 0; !unsettled_.empty() && tries < kTriesMax; ++tries) {
            release();
            keep_ours();
            delete_where_out_of_memory();
        }
        return std::move(silent_);
    }

private:
    // By cas. What is left has changed, was lost with its connection, or met a full server.
    void release() {
        requests_.clear();
        for (const Copy* copy : unsettled_) {
            Request& request = add_request(*copy);
            request.bound_to = copy->lock_connection;
            request.add(release_command(session_, *copy));
        }
        send();
        out_of_memory_.clear();
        keep([this](const Request& request, Copy* copy) {
            if (request.failure.kind == FailureKind::kConnectionLost) {
                return true;
            }
            const ReplyKind reply = request.replies[0].kind;
            if (!request.failure && reply == ReplyKind::kRefused) {
                out_of_memory_.push_back(copy);
            }
            return !request.failure &&
                   (reply == ReplyKind::kExists || reply == ReplyKind::kRefused);
        });
    }

    // Looks where our token still stands, and under which cas.
    void keep_ours() {
        requests_.clear();
        for (const Copy* copy : unsettled_) {
            add_request(*copy).add(Command::read_for_update(session_.key.lock));
        }
        send();
        keep([this](const Request& request, Copy* copy) {
            const Reply& shown = request.replies[0];
            copy->lock_cas = shown.cas;
            copy->lock_connection = request.connection;
            return !request.failure && shows_our_lock(shown, session_);
        });
    }

    // A server that is full and never evicts (-M) cannot even store an item that expires at once.
    // Where that was refused, and the lock has just been seen to be ours, it is deleted.
    void delete_where_out_of_memory() {
        const auto is_out_of_memory = [this](Copy* copy) {
            return std::find(out_of_memory_.begin(), out_of_memory_.end(), copy) !=
                   out_of_memory_.end();
        };
        requests_.clear();
        for (Copy* copy : unsettled_) {
            if (is_out_of_memory(copy)) {
                Request& request = add_request(*copy);
                request.bound_to = copy->lock_connection;
                request.add(Command::unconditional_delete(session_.key.lock));
            }
        }
        send();
        unsettled_.erase(std::remove_if(unsettled_.begin(), unsettled_.end(), is_out_of_memory),
                         unsettled_.end());
    }

    Request& add_request(const Copy& copy) {
        Request& request = requests_.emplace_back();
        request.server = copy.server;
        return request;
    }

    void send() {
        if (requests_.empty()) {
            return;
        }
        parts_.exchange.run(Purpose::kRelease, requests_.data(), requests_.size());
        for (const Request& request : requests_) {
            if (request.failure && request.failure.kind != FailureKind::kConnectionLost) {
                silent_.push_back({request.server, request.failure});
            }
        }
    }

    // REQUIRES: requests_ has one entry for each unsettled copy.
    template <class IsUnsettled>
    void keep(IsUnsettled is_unsettled) {
        size_t kept = 0;
        for (size_t i = 0; i < requests_.size(); ++i) {
            if (is_unsettled(requests_[i], unsettled_[i])) {
                unsettled_[kept++] = unsettled_[i];
            }
        }
        unsettled_.resize(kept);
    }

    const SessionParts& parts_;
    const OpenSession& session_;
    std::vector<Copy*> unsettled_;
    std::vector<Copy*> out_of_memory_;
    std::vector<Request> requests_;
    Failures silent_;
};

void look(Request* request, const OpenSession& session) {
    request->add(Command::read_for_update(session.key.session));
    request->add(Command::read_for_update(session.key.lock));
}

}  // namespace

std::string lock_value(const SessionParts& parts, const SessionOptions& options,
                       const OpenSession& session) {
    return encode_lock(session.token, session.set.positions(), parts.processes.host(), options.pid,
                       parts.clock.unix_time(), options.request_path);
}

int32_t lease_exptime(const SessionParts& parts, const SessionOptions& options) {
    return exptime_of(lease(options), parts.clock.unix_time());
}

bool lease_is_overdue(const SessionParts& parts, const SessionOptions& options,
                      const OpenSession& session) {
    return session.locked &&
           parts.clock.now() - session.lease_began >= lease(options) - kLeaseMargin;
}

void add_lock_and_look(Request* request, const OpenSession& session, const std::string& lock_value,
                       int32_t exptime) {
    request->add(Command::add(session.key.lock, lock_value, kLockFlags, exptime));
    look(request, session);
}

void renew_lock_and_look(Request* request, const OpenSession& session,
                         const std::string& lock_value, int32_t exptime, uint64_t lock_cas) {
    request->add(Command::replace_if(session.key.lock, lock_value, kLockFlags, exptime, lock_cas));
    look(request, session);
}

Command release_command(const OpenSession& session, const Copy& copy) {
    return rules.release_by_cas ? Command::delete_if(session.key.lock, copy.lock_cas)
                                : Command::unconditional_delete(session.key.lock);
}

bool shows_our_lock(const Reply& lock, const OpenSession& session) {
    return lock.kind == ReplyKind::kHit && same_token(parse_lock(lock.value).token, session.token);
}

Failures release_locks(const SessionParts& parts, OpenSession* session, std::vector<Copy*> copies) {
    for (Copy* copy : copies) {
        copy->locked = false;
    }
    return Release(parts, *session, std::move(copies)).run();
}

void release_locks(const SessionParts& parts, OpenSession* session) {
    std::vector<Copy*> locked;
    for (Copy& copy : session->set.copies()) {
        if (copy.locked) {
            locked.push_back(&copy);
        }
    }
    release_locks(parts, session, std::move(locked));
}

}  // namespace memcache_session

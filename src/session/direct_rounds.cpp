#include "src/session/direct_rounds.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/replica/rules.h"

namespace memcache_session {
namespace {

// Whether a lock that was to be renewed had another cas.
bool is_not_renewed(const Request& request) {
    return request.commands[SessionLock::kStoreReply].verb == Verb::kReplaceIf &&
           request.replies[SessionLock::kStoreReply].kind == ReplyKind::kExists;
}

// A server without cas cannot release a lock in any other way. Our `add` has just been granted
// there, or has met the lock of a request that cannot use the server either.
void delete_locks_without_cas(DirectSession* session, const std::vector<uint32_t>& servers) {
    Requests requests;
    for (const uint32_t server : servers) {
        Request& request = requests.emplace_back();
        request.server = server;
        request.add(Command::unconditional_delete(session->lock.key().lock()));
    }
    session->parts.exchange.run(Purpose::kRelease, requests.data(), requests.size());
}

// `value`: of the locks.
Requests lock_requests(const DirectSession& session, std::string_view value) {
    Requests requests;
    for (const Member& member : session.members.list()) {
        if (member.lock.held && !rules.reread_after_wait) {
            continue;
        }
        Request& request = requests.emplace_back();
        request.server = member.server;
        if (member.lock.held && member.lock.connection != kLostConnection) {
            request.bound_to = member.lock.connection;
            session.lock.add_renewal(&request, value, member.lock.cas, session.reading_of(member));
        } else {
            session.lock.add_take(&request, value, session.reading_of(member));
        }
    }
    return requests;
}

// Accepts the replies of a server, and notes in `round` what is to be repeated. False if a full
// server refused to renew our lock, so that the lease of the session must not count anew.
bool accept_replies(const Request& request, DirectSession* session, LockRound* round) {
    Member& member = session->members.at(request.server);
    const Reply& stored = request.replies[SessionLock::kStoreReply];
    if (request.failure.kind == FailureKind::kConnectionLost) {
        member.lock.connection = kLostConnection;  // a new one shows whether it is still ours
        round->all_answered = false;
    } else if (is_too_large(request.failure)) {
        member.lock.held = true;  // it may be
        lose_connection(&member.lock);
        round->too_large = {request.server, request.failure};
        round->all_answered = false;
    } else if (!session->lock.accept(&member, request)) {
        drop_failed(&session->members, session->parts.exchange, request);
        round->all_answered = false;
    } else if (!member.lock.is_granted()) {
        if (!round->refused_by) {
            round->refused_by = request.server;
            round->refusal = session->lock.read_shown(request.replies[SessionLock::kLockReply],
                                                      request.connection);
        }
    } else if (is_not_renewed(request)) {
        round->all_answered = false;  // it is ours under another cas, with the lease that it had
    } else if (member.lock.held && is_error(stored)) {
        return false;  // a full server keeps the lock as it was
    }
    return true;
}

}  // namespace

LockRound run_lock_round(DirectSession* session) {
    const LockNames names = session->members.lock_names();
    const std::string value = session->lock.value(names);
    const TimePoint began = session->parts.clock.now();
    Requests requests = lock_requests(*session, value);
    session->parts.exchange.run(Purpose::kOpen, requests.data(), requests.size());

    LockRound round;
    bool all_renewed = true;
    std::vector<uint32_t> without_cas;
    for (const Request& request : requests) {
        if (!request.failure && lacks_cas(request)) {
            without_cas.push_back(request.server);
        }
        all_renewed = accept_replies(request, session, &round) && all_renewed;
    }
    if (all_renewed) {
        session->lease_began = began;
    }
    round.names_final_set = names == session->members.lock_names();
    if (!without_cas.empty()) {
        delete_locks_without_cas(session, without_cas);
    }
    return round;
}

ReadRound run_read_round(DirectSession* session) {
    Requests requests;
    for (const Member& member : session->members.list()) {
        Request& request = requests.emplace_back();
        request.server = member.server;
        request.add(read_session(session->lock.key().session(), session->reading_of(member)));
    }
    session->parts.exchange.run(Purpose::kOpen, requests.data(), requests.size());
    ReadRound round;
    for (const Request& request : requests) {
        if (is_too_large(request.failure)) {
            // session_reset() can read a session without the lock that it holds.
            lose_connection(&session->members.at(request.server).lock);
            round.too_large = {request.server, request.failure};
        } else if (request.failure || is_error(request.replies[0]) || lacks_cas(request)) {
            drop_failed(&session->members, session->parts.exchange, request);
            round.all_answered = false;
        } else {
            session->members.at(request.server).item =
                Item::from(request.replies[0], request.connection);
        }
    }
    return round;
}

bool give_up_excess(DirectSession* session) {
    Members& members = session->members;
    if (members.list().size() <= members.redundancy()) {
        return false;
    }
    std::vector<Member*> held;
    for (size_t i = members.redundancy(); i < members.list().size(); ++i) {
        if (members.list()[i].lock.held) {
            held.push_back(&members.list()[i]);
        }
    }
    for (const ServerFailure& silent : session->lock.release(std::move(held))) {
        members.drop(silent.server, silent.failure);
    }
    members.drop_excess();
    return true;
}

}  // namespace memcache_session

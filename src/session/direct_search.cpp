#include "src/session/direct_search.h"

#include <algorithm>
#include <vector>

#include "src/net/server_words.h"
#include "src/replica/stored_session.h"

namespace memcache_session {
namespace {

// Whom to ask, and who is left alone: servers that failed in this opening, and those marked down,
// unless a miss could not be believed without them.
struct Plan {
    std::vector<uint32_t> servers;
    Failures unasked;
};

Plan plan_search(const SessionParts& parts, const Members& members, size_t search) {
    Plan plan;
    const Item& newest = newest_of(members).item;
    if (newest.present) {
        for (const Member& member : members.list()) {
            plan.servers.push_back(member.server);
        }
    }
    for (const uint32_t server : searched_servers(members, search)) {
        if (members.contains(server)) {
            continue;
        }
        if (const ServerFailure* failed = members.failure_in_session(server)) {
            plan.unasked.push_back(*failed);
        } else if (parts.exchange.usable(server)) {
            plan.servers.push_back(server);
        } else {
            plan.unasked.push_back({server, parts.exchange.why_down(server), false});
        }
    }
    const bool is_missing = !newest.present || newest.tombstone();
    if (is_missing && !first_choice_shows_destroyed(members) &&
        (members.redundancy() == 1 || !is_missing_proven(members, plan.unasked))) {
        const auto marked =
            std::stable_partition(plan.unasked.begin(), plan.unasked.end(),
                                  [](const ServerFailure& entry) { return entry.asked; });
        for (auto entry = marked; entry != plan.unasked.end(); ++entry) {
            plan.servers.push_back(entry->server);
        }
        plan.unasked.erase(marked, plan.unasked.end());
    }
    return plan;
}

// Whether it is among the first servers of the list: members and stand-ins.
bool is_in_reach(const Members& members, uint32_t server) {
    size_t position = 0;
    while (position < members.stand_in_reach() && members.preference()[position] != server) {
        ++position;
    }
    return position < members.stand_in_reach();
}

void take_over_outside(uint32_t server, const Item& item, const Members& members,
                       SearchResult* result) {
    if (takes_precedence(item, result->newest)) {
        result->newest = item;
    }
    if (item.present && !item.tombstone() && item.version() != kForeignVersion &&
        is_in_reach(members, server)) {
        OutsideCopy& copy = result->on_stand_ins.emplace_back(OutsideCopy{server, item});
        copy.item.forget_value();
    }
}

bool has_stand_in_to_ask(const DirectSession& session) {
    for (size_t position = 0; position < session.members.stand_in_reach(); ++position) {
        if (may_be_asked(session.parts, session.members, session.members.preference()[position])) {
            return true;
        }
    }
    return false;
}

// A copy that is too large for this process.
void take_over_too_large(const Request& request, SearchScope scope, Members* members,
                         SearchResult* result) {
    if (members->contains(request.server)) {
        lose_connection(&members->at(request.server).lock);
    } else if (scope == SearchScope::kStandIns) {
        return;  // the members have the session, and an outage may have left any copy there
    }
    result->too_large = {request.server, request.failure};
}

}  // namespace

bool may_be_asked(const SessionParts& parts, const Members& members, uint32_t server) {
    return !members.contains(server) && !members.has_failed(server) &&
           parts.exchange.usable(server);
}

SearchScope search_scope(const DirectSession& session) {
    const MemberList& list = session.members.list();
    const Item& newest = counting_member(session.members).item;
    bool is_outdated = false;  // a member
    for (const Member& member : list) {
        if (!member.item.present) {
            return SearchScope::kAll;
        }
        is_outdated = is_outdated || is_newer(newest.version(), member.item.version());
    }
    if (newest.tombstone()) {
        return first_choice_shows_destroyed(session.members) ? SearchScope::kNothing
                                                             : SearchScope::kAll;
    }
    return is_outdated && session.fenced && has_stand_in_to_ask(session) ? SearchScope::kStandIns
                                                                         : SearchScope::kNothing;
}

std::vector<uint32_t> searched_servers(const Members& members, size_t search) {
    const size_t redundancy = members.redundancy();
    if (members.allows_failover()) {
        search = std::max(search, redundancy - 1);
    }
    return members.preference().search_list(redundancy, redundancy + search);
}

SearchResult search_other_servers(const SessionParts& parts, std::string_view session_key,
                                  SearchScope scope, size_t search, Members* members) {
    search = scope == SearchScope::kAll ? search : 0;
    const uint32_t newest_server = newest_of(*members).server;
    Plan plan = plan_search(parts, *members, search);
    std::vector<Request> requests;
    requests.reserve(plan.servers.size());
    for (const uint32_t server : plan.servers) {
        Request& request = requests.emplace_back();
        request.server = server;
        request.add(Command::read_for_update(session_key));
    }
    parts.exchange.run(Purpose::kSearch, requests.data(), requests.size());

    SearchResult result;
    result.silent = std::move(plan.unasked);
    for (const Request& request : requests) {
        if (is_too_large(request.failure)) {
            take_over_too_large(request, scope, members, &result);
            continue;
        }
        if (request.failure || is_error(request.replies[0])) {
            result.silent.push_back({request.server, failure_of(request), true, words_of(request)});
            drop_failed(members, parts.exchange, request);
            result.newest_is_lost = result.newest_is_lost || request.server == newest_server;
            continue;
        }
        const Item item = Item::from(request.replies[0], request.connection);
        if (members->contains(request.server)) {
            members->at(request.server).item = item;
        } else {
            take_over_outside(request.server, item, *members, &result);
            result.has_taken_back = members->take_back(request.server) || result.has_taken_back;
        }
    }
    return result;
}

void remove_from_stand_ins(DirectSession* session) {
    Requests requests;
    for (const OutsideCopy& copy : session->left_on_stand_ins) {
        if (!session->members.contains(copy.server)) {
            Request& request = requests.emplace_back();
            request.server = copy.server;
            request.bound_to = copy.item.connection;
            request.add(Command::delete_if(session->lock.key().session(), copy.item.cas));
        }
    }
    session->left_on_stand_ins.clear();
    if (!requests.empty()) {
        session->parts.exchange.run(Purpose::kStore, requests.data(), requests.size());
    }
}

}  // namespace memcache_session

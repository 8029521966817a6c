#include "src/session/direct_values.h"

#include <algorithm>

#include "src/replica/stored_session.h"

namespace memcache_session {
namespace {

bool is_foreign(const Member& member) {
    return member.item.present && member.item.version() == kForeignVersion;
}

// Takes over the reply of a member; `is_newest`: it showed the newest copy.
void take_over(const SessionParts& parts, const Request& request, bool is_newest, Members* members,
               ValuesRead* read) {
    if (is_too_large(request.failure)) {
        read->too_large = {request.server, request.failure};
        lose_connection(&members->at(request.server).lock);
    } else if (request.failure || is_error(request.replies[0])) {
        read->newest_is_lost = read->newest_is_lost || is_newest;
        drop_failed(members, parts.exchange, request);
    } else {
        members->at(request.server).item = Item::from(request.replies[0], request.connection);
    }
}

// One phase.
void ask(const SessionParts& parts, std::string_view session_key, bool all, Members* members,
         ValuesRead* read) {
    const uint32_t newest = counting_member(*members).server;
    Requests requests;
    for (Member& member : members->list()) {
        if (all || member.server == newest || is_foreign(member)) {
            Request& request = requests.emplace_back();
            request.server = member.server;
            request.add(Command::read_for_update(session_key));
        }
        member.item.forget_value();
    }
    parts.exchange.run(Purpose::kOpen, requests.data(), requests.size());
    for (const Request& request : requests) {
        take_over(parts, request, request.server == newest, members, read);
    }
}

}  // namespace

bool needs_values(const Members& members) {
    return !counting_member(members).item.is_read() ||
           std::any_of(members.list().begin(), members.list().end(), [](const Member& member) {
               return is_foreign(member) && !member.item.is_read();
           });
}

ValuesRead read_values(const SessionParts& parts, std::string_view session_key, Members* members) {
    ValuesRead read;
    read.newest_seen = counting_member(*members).item.version();
    for (const bool all : {false, true}) {
        if (!read.newest_is_lost && !read.too_large && needs_values(*members)) {
            ask(parts, session_key, all, members, &read);
        }
    }
    return read;
}

}  // namespace memcache_session

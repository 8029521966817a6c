#include "src/session/inspection.h"

#include <algorithm>
#include <utility>

#include "src/lock/proxied_lock.h"
#include "src/lock/session_key.h"
#include "src/net/server_words.h"
#include "src/replica/members.h"
#include "src/replica/stored_session.h"
#include "src/session/direct_search.h"

namespace memcache_session {
namespace {

using State = InspectedCopy::State;

// The replies to the two commands.
constexpr size_t kSessionReply = 0;
constexpr size_t kLockReply = 1;

bool has_item(const InspectedCopy& copy) {
    return copy.state == State::kStored || copy.state == State::kDestroyed;
}

// The servers to show, those of the set first.
std::vector<InspectedCopy> choose_servers(const SessionParts& parts, const Members& members,
                                          size_t search) {
    std::vector<InspectedCopy> list;
    for (const Member& member : members.list()) {
        list.push_back({member.server, true, State::kMissing, {}, {}});
    }
    const std::vector<uint32_t> others =
        parts.pool.is_proxied() ? std::vector<uint32_t>() : searched_servers(members, search);
    for (const uint32_t server : others) {
        if (!members.contains(server)) {
            list.push_back({server, false, State::kMissing, {}, {}});
        }
    }
    return list;
}

void note_down(const SessionParts& parts, InspectedCopy* copy) {
    copy->state = State::kDown;
    copy->failure = parts.exchange.why_down(copy->server);
}

void note_failure(const Request& request, InspectedCopy* copy) {
    copy->state = State::kFailed;
    copy->failure = failure_of(request);
    copy->words = words_of(request);
}

void note_session(const Reply& reply, InspectedCopy* copy) {
    if (reply.kind == ReplyKind::kHit) {
        copy->state = ItemFlags::is_tombstone(reply.flags) ? State::kDestroyed : State::kStored;
        copy->flags = reply.flags;
        copy->size = reply.value.size() + reply.unread_size;
        copy->seconds_left = reply.seconds_left;
    }
}

void note_lock(const Reply& reply, InspectedCopy* copy) {
    if (reply.kind == ReplyKind::kHit && !is_free(reply.value)) {
        copy->holder = parse_lock(reply.value);
    }
}

void note_replies(const Request& request, InspectedCopy* copy) {
    if (request.failure || is_error(request.replies[kSessionReply]) ||
        is_error(request.replies[kLockReply])) {
        note_failure(request, copy);
        return;
    }
    note_session(request.replies[kSessionReply], copy);
    note_lock(request.replies[kLockReply], copy);
}

void ask_directly(const SessionParts& parts, const SessionKey& key,
                  std::vector<InspectedCopy>* list) {
    std::vector<Request> requests;
    for (InspectedCopy& copy : *list) {
        if (!parts.exchange.usable(copy.server)) {
            note_down(parts, &copy);
            continue;
        }
        Request& request = requests.emplace_back();
        request.server = copy.server;
        request.add(Command::inspect(key.session()));
        request.add(read_lock(key.lock()));
    }
    if (!requests.empty()) {
        parts.exchange.run(Purpose::kStatus, requests.data(), requests.size());
    }
    for (const Request& request : requests) {
        note_replies(request, &*std::find_if(list->begin(), list->end(), [&](const auto& copy) {
                         return copy.server == request.server;
                     }));
    }
}

// A new connection speaks the classic protocol in its first phase, which does not tell when an item
// expires.
void ask_for_expiry(const SessionParts& parts, const SessionKey& key,
                    std::vector<InspectedCopy>* list) {
    std::vector<Request> requests;
    std::vector<InspectedCopy*> asked;
    for (InspectedCopy& copy : *list) {
        if (has_item(copy) && copy.seconds_left == kExpiryUnknown) {
            Request& request = requests.emplace_back();
            request.server = copy.server;
            request.add(Command::inspect(key.session()));
            asked.push_back(&copy);
        }
    }
    if (!requests.empty()) {
        parts.exchange.run(Purpose::kStatus, requests.data(), requests.size());
    }
    for (size_t i = 0; i < requests.size(); ++i) {
        const Reply& reply = requests[i].replies[0];
        if (!requests[i].failure && reply.kind == ReplyKind::kHit &&
            reply.flags == asked[i]->flags) {
            asked[i]->seconds_left = reply.seconds_left;
        }
    }
}

// A proxy may understand one command at a time.
void ask_proxy_for(const SessionParts& parts, const SessionKey& key, InspectedCopy* copy) {
    const std::pair<Command, void (*)(const Reply&, InspectedCopy*)> questions[] = {
        {Command::read(key.session()), note_session}, {read_lock(key.lock()), note_lock}};
    for (const auto& [command, note] : questions) {
        const Request request = ask_proxy(parts, Purpose::kStatus, copy->server, command);
        if (request.failure || is_error(request.replies[0])) {
            note_failure(request, copy);
            return;
        }
        note(request.replies[0], copy);
    }
}

Item item_of(const InspectedCopy& copy) {
    Item item;
    item.present = has_item(copy);
    item.flags = copy.flags;
    item.unread_size = copy.size;
    return item;
}

// Whether the server that should have the only copy is silent. Requests that go on without it
// believe a miss (memcache.allow_failover with one copy), but an operator wants to know.
bool only_copy_may_be_away(const Members& members, const Failures& silent) {
    return members.redundancy() == 1 &&
           std::any_of(silent.begin(), silent.end(), [&](const ServerFailure& entry) {
               return entry.server == members.preference()[0];
           });
}

// Chooses the copy that counts, and counts those that are equal to it.
void judge(const Members& members, Inspection* inspection) {
    Failures silent;
    for (size_t i = 0; i < inspection->list.size(); ++i) {
        const InspectedCopy& copy = inspection->list[i];
        if (copy.state == State::kDown || copy.state == State::kFailed) {
            silent.push_back({copy.server, copy.failure});
        } else if (has_item(copy) &&
                   (!inspection->newest ||
                    takes_precedence(item_of(copy),
                                     item_of(inspection->list[*inspection->newest])))) {
            inspection->newest = i;
        }
    }
    const bool is_proven =
        is_missing_proven(members, silent) && !only_copy_may_be_away(members, silent);
    if (!inspection->newest) {
        inspection->state = is_proven ? Inspection::State::kMissing : Inspection::State::kUnknown;
        return;
    }
    const InspectedCopy& newest = inspection->list[*inspection->newest];
    const Member* const member = members.find(newest.server);
    const bool is_on_first_choice = member != nullptr && members.is_first_choice(*member);
    if (newest.state == State::kStored) {
        inspection->state = Inspection::State::kStored;
    } else if (is_on_first_choice || is_proven) {
        inspection->state = Inspection::State::kDestroyed;
    } else {
        inspection->state = Inspection::State::kUnknown;
    }
    inspection->copies = static_cast<size_t>(
        std::count_if(inspection->list.begin(), inspection->list.end(), [&](const auto& copy) {
            return copy.state == newest.state && copy.flags == newest.flags;
        }));
}

}  // namespace

Result<Inspection> inspect_session(const SessionParts& parts, const SessionOptions& options,
                                   std::string_view sid) {
    Result<SessionKey> key = SessionKey::make(options.key_prefix, sid, options.ids);
    if (!key.ok()) {
        return key.status();
    }
    const bool is_proxied = parts.pool.is_proxied();
    Members members(parts.pool.preference_list(sid, key.value().session()),
                    is_proxied ? 1 : options.redundancy, options.allow_failover);
    members.fill(parts.exchange);
    if (members.empty()) {
        members.fill_with_marked(members.redundancy());
    }
    Inspection inspection;
    inspection.list = choose_servers(parts, members, options.search);
    if (is_proxied) {
        for (InspectedCopy& copy : inspection.list) {
            ask_proxy_for(parts, key.value(), &copy);
        }
    } else {
        ask_directly(parts, key.value(), &inspection.list);
        ask_for_expiry(parts, key.value(), &inspection.list);
    }
    judge(members, &inspection);
    return inspection;
}

}  // namespace memcache_session

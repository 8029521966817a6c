#include "src/session/waiting_room.h"

#include <algorithm>
#include <array>

#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

constexpr Duration kMargin{2000000};

}  // namespace

std::string waiting_place_key(const OpenSession& session, uint32_t place) {
    return session.key.lock + '.' + std::to_string(place);
}

int32_t waiting_place_exptime(const SessionParts& parts, Duration stay) {
    return exptime_of(stay + kMargin, parts.clock.unix_time());
}

WaitingRoom::WaitingRoom(const SessionParts& parts, const OpenSession& session)
    : parts_(parts), session_(session) {}

bool WaitingRoom::enter(uint32_t server, uint32_t places, Duration stay) {
    silent_.reset();
    if (!key_.empty() || waiting_place_key(session_, places).size() > kKeyLengthMax) {
        return true;
    }
    server_ = server;
    exptime_ = waiting_place_exptime(parts_, stay);
    for (uint32_t first = 1; first <= places; first += kCommandsMax) {
        const uint32_t end = std::min(places + 1, first + static_cast<uint32_t>(kCommandsMax));
        if (take_one_of(first, end) != Found::kAllTaken) {
            return true;
        }
    }
    return false;
}

// Looks at the places [first, end) in one phase, then takes a free one.
WaitingRoom::Found WaitingRoom::take_one_of(uint32_t first, uint32_t end) {
    std::array<std::string, kCommandsMax> keys;
    Request looks;
    looks.server = server_;
    for (uint32_t place = first; place < end; ++place) {
        keys[place - first] = waiting_place_key(session_, place);
        looks.add(Command::read_for_update(keys[place - first]));
    }
    if (!run(&looks)) {
        return Found::kNoAnswer;
    }
    for (uint32_t place = first; place < end; ++place) {
        const Reply& look = looks.replies[place - first];
        if (look.kind == ReplyKind::kHit) {
            continue;
        }
        const Found found = is_error(look) ? Found::kNoAnswer : take(place);
        if (found != Found::kAllTaken) {
            return found;
        }
    }
    return Found::kAllTaken;
}

// Another waiter may be faster; a server that is full and never evicts (-M) refuses.
WaitingRoom::Found WaitingRoom::take(uint32_t place) {
    const std::string key = waiting_place_key(session_, place);
    const std::string token = std::to_string(session_.token);
    Request request;
    request.server = server_;
    request.add(Command::add(key, token, 0, exptime_));
    request.add(Command::read_for_update(key));
    const Reply& shown = request.replies[1];
    if (!run(&request) || is_error(request.replies[0]) || is_error(shown)) {
        return Found::kNoAnswer;
    }
    if (shown.kind != ReplyKind::kHit || shown.value != token) {
        return Found::kAllTaken;
    }
    key_ = key;
    cas_ = shown.cas;
    connection_ = request.connection;
    return Found::kTaken;
}

void WaitingRoom::leave() {
    silent_.reset();
    if (key_.empty()) {
        return;
    }
    Request request;
    request.server = server_;
    request.bound_to = connection_;
    request.add(Command::delete_if(key_, cas_));
    static_cast<void>(run(&request));
    key_.clear();
}

// False if the server was silent.
bool WaitingRoom::run(Request* request) {
    parts_.exchange.run(Purpose::kWait, request, 1);
    if (request->failure && request->failure.kind != FailureKind::kConnectionLost) {
        silent_ = {request->server, request->failure};
    }
    return !request->failure;
}

}  // namespace memcache_session

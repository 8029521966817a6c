#include "src/lock/waiting_room.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>

#include "src/wire/exptime.h"

namespace memcache_session {
namespace {

// A place outlives its wait by so long.
constexpr Duration kPlaceMargin = std::chrono::seconds(2);

// Each further try means that the cas of the place has changed meanwhile.
constexpr int kTriesMax = 3;

}  // namespace

std::string waiting_place_key(const SessionKey& key, uint32_t number) {
    return key.beside_lock(std::to_string(number));
}

bool WaitingRoom::enter(uint32_t server, uint32_t count, Duration stay) {
    if (has_place_) {
        return true;
    }
    const int32_t exptime = exptime_of(stay + kPlaceMargin, parts_.clock.unix_time());
    for (uint32_t first = 1; first <= count; first += kCommandsMax) {
        const uint32_t end = std::min(count + 1, first + static_cast<uint32_t>(kCommandsMax));
        const WaitingPlaces::Found found = places_.take_one_of(server, first, end, exptime);
        if (found != WaitingPlaces::Found::kAllTaken) {
            has_place_ = found == WaitingPlaces::Found::kTaken;
            return true;
        }
    }
    return false;
}

void WaitingRoom::leave() {
    if (has_place_) {
        has_place_ = false;
        places_.give_back();
    }
}

MemberPlaces::Found MemberPlaces::take_one_of(uint32_t server, uint32_t first, uint32_t end,
                                              int32_t exptime) {
    assert(end - first <= kCommandsMax);
    std::array<std::string, kCommandsMax> keys;
    Request looks;
    looks.server = server;
    for (uint32_t number = first; number < end; ++number) {
        keys[number - first] = waiting_place_key(lock_.key(), number);
        looks.add(read_lock_for_update(keys[number - first]));
    }
    if (!run(&looks)) {
        return Found::kNoAnswer;
    }
    for (uint32_t number = first; number < end; ++number) {
        const Reply& look = looks.replies[number - first];
        if (look.kind == ReplyKind::kHit) {
            continue;
        }
        const Found found = is_error(look) ? Found::kNoAnswer : take(server, number, exptime);
        if (found != Found::kAllTaken) {
            return found;
        }
    }
    return Found::kAllTaken;
}

// Another waiter may be faster; a server that is full and never evicts (-M) refuses.
MemberPlaces::Found MemberPlaces::take(uint32_t server, uint32_t number, int32_t exptime) {
    const std::string key = waiting_place_key(lock_.key(), number);
    const std::string token = std::to_string(lock_.token());
    Request request;
    request.server = server;
    request.add(Command::add(key, token, 0, exptime));
    request.add(read_lock_for_update(key));
    const Reply& shown = request.replies[1];
    if (!run(&request) || is_error(request.replies[0]) || is_error(shown)) {
        return Found::kNoAnswer;
    }
    if (shown.kind != ReplyKind::kHit || shown.value != token) {
        return Found::kAllTaken;
    }
    server_ = server;
    key_ = key;
    cas_ = shown.cas;
    connection_ = request.connection;
    return Found::kTaken;
}

// A place that has another cas and is still ours (the slab mover) is looked at, and given back with
// that cas.
void MemberPlaces::give_back() {
    for (int tries = 0; tries < kTriesMax; ++tries) {
        Request request;
        request.server = server_;
        request.bound_to = connection_;
        request.add(Command::delete_if(key_, cas_));
        if (!run(&request) || request.replies[0].kind != ReplyKind::kExists) {
            return;
        }
        Request look;
        look.server = server_;
        look.add(read_lock_for_update(key_));
        if (!run(&look) || look.replies[0].kind != ReplyKind::kHit ||
            look.replies[0].value != std::to_string(lock_.token())) {
            return;
        }
        cas_ = look.replies[0].cas;
        connection_ = look.connection;
    }
}

// False if the server was silent.
bool MemberPlaces::run(Request* request) {
    silent_.reset();
    parts_.exchange.run(Purpose::kWait, request, 1);
    if (request->failure && request->failure.kind != FailureKind::kConnectionLost) {
        silent_ = {request->server, request->failure};
    }
    return !request->failure;
}

}  // namespace memcache_session

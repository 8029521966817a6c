#include "src/lock/session_key.h"

#include <algorithm>

namespace memcache_session {
namespace {

bool is_key_byte(unsigned char byte) {
    return byte > ' ' && byte != 127;
}

// The item of a lock, or of a place among those who wait for it (`.lock.3`).
bool names_a_lock(std::string_view sid) {
    const size_t last = sid.find_last_not_of("0123456789");
    if (last != std::string_view::npos && last + 1 < sid.size() && sid[last] == '.') {
        sid = sid.substr(0, last);
    }
    return sid.size() >= kLockSuffix.size() &&
           sid.substr(sid.size() - kLockSuffix.size()) == kLockSuffix;
}

}  // namespace

Result<SessionKey> SessionKey::make(std::string_view prefix, std::string_view sid) {
    const auto refuse = [](const std::string& why) {
        return Status(Code::kInvalidArgument, "the session id " + why + "; nothing was sent");
    };
    if (sid.empty()) {
        return refuse("is empty");
    }
    const size_t length = prefix.size() + sid.size() + kLockSuffix.size();
    if (length > kKeyLengthMax) {
        return refuse("is too long: with its prefix and \".lock\" it has " +
                      std::to_string(length) + " bytes, but memcached's keys have at most " +
                      std::to_string(kKeyLengthMax));
    }
    if (!std::all_of(sid.begin(), sid.end(), is_key_byte)) {
        return refuse("has a blank or control character, which memcached's keys cannot have");
    }
    if (!std::all_of(prefix.begin(), prefix.end(), is_key_byte)) {
        return Status(Code::kInvalidArgument,
                      "the session key prefix has a blank or control character, which memcached's "
                      "keys cannot have; nothing was sent");
    }
    if (names_a_lock(sid)) {
        return refuse("ends like the key of another session's lock (\".lock\")");
    }
    SessionKey key;
    key.session.reserve(length);
    key.session.append(prefix).append(sid);
    key.lock.reserve(length);
    key.lock.append(key.session).append(kLockSuffix);
    return key;
}

}  // namespace memcache_session

#include "src/lock/session_key.h"

#include <algorithm>
#include <cassert>
#include <cstdint>

#include "src/base/fingerprint.h"
#include "src/base/text.h"

namespace memcache_session {
namespace {

// It precedes the name in a shortened key.
constexpr char kShortenedMark = '~';

// Every process must have the same keys, so the hash has a constant key.
constexpr uint64_t kHashKey = 0;

bool has_key_bytes_only(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char byte) { return byte != ' ' && !is_control(byte); });
}

bool is_name_beside_lock(std::string_view name) {
    return name == kClearingName ||
           (!name.empty() && std::all_of(name.begin(), name.end(), is_digit));
}

// Whether it is the key of a lock, or of an item beside one, as in `x.lock`, `x.lock.3`,
// `x.lock.clear` and `x.lock.~3`.
bool is_internal(std::string_view key) {
    if (ends_with(key, kLockSuffix)) {
        return true;
    }
    const size_t dot = key.rfind('.');
    if (dot == std::string_view::npos) {
        return false;
    }
    std::string_view name = key.substr(dot + 1);
    if (!name.empty() && name.front() == kShortenedMark) {
        name.remove_prefix(1);
    }
    return is_name_beside_lock(name) && ends_with(key.substr(0, dot), kLockSuffix);
}

}  // namespace

SessionKey::SessionKey(std::string_view prefix, std::string_view sid)
    : prefix_size_(prefix.size()) {
    lock_.reserve(prefix.size() + sid.size() + kLockSuffix.size());
    lock_.append(prefix).append(sid).append(kLockSuffix);
}

Result<SessionKey> SessionKey::make(std::string_view prefix, std::string_view sid, SessionIds ids) {
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
    if (!has_key_bytes_only(sid)) {
        return refuse("has a blank or control character, which memcached's keys cannot have");
    }
    if (!has_key_bytes_only(prefix)) {
        return Status(Code::kInvalidArgument,
                      "the session key prefix has a blank or control character, which memcached's "
                      "keys cannot have; nothing was sent");
    }
    if (ids == SessionIds::kPhp && !std::all_of(sid.begin(), sid.end(), is_php_id_byte)) {
        return refuse(
            "has a character that PHP's own ids do not have: memcache.session_ids = php allows "
            "A-Z, a-z, 0-9, comma and hyphen");
    }
    SessionKey key(prefix, sid);
    if (is_internal(key.session())) {
        return refuse(
            "ends like the key of another session's lock (\".lock\") or of an item beside that "
            "lock (\".lock.1\", \".lock.clear\")");
    }
    return key;
}

std::string SessionKey::beside_lock(std::string_view name) const {
    assert(is_name_beside_lock(name) && name.size() <= kClearingName.size());
    std::string key = lock_ + '.';
    key.append(name);
    if (key.size() <= kKeyLengthMax) {
        return key;
    }
    std::string end = hexadecimal(fingerprint_of(lock_, kHashKey).hash);
    end.append(kLockSuffix).append(1, '.').append(1, kShortenedMark).append(name);
    return std::string(session().substr(0, kKeyLengthMax - end.size())) + end;
}

}  // namespace memcache_session

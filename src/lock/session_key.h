// The keys of a session, of its lock and of the items beside the lock.
#pragma once

#include <string>
#include <string_view>

#include "src/base/status.h"
#include "src/wire/command.h"

namespace memcache_session {

constexpr std::string_view kLockSuffix = ".lock";

// The name of the item that gives one request the right to delete a lock behind a proxy.
constexpr std::string_view kClearingName = "clear";

// memcache.session_ids: the ids that are accepted.
enum class SessionIds {
    kAny,  // each that makes a key
    kPhp,  // those of PHP's own alphabet alone
};

// Whether PHP makes ids of this character: A-Z, a-z, 0-9, comma and hyphen.
constexpr bool is_php_id_byte(char byte) {
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == ',' || byte == '-';
}

class SessionKey {
public:
    // These views live as long as the object, and do not move with it.
    std::string_view session() const { return lock().substr(0, lock_.size() - kLockSuffix.size()); }
    std::string_view lock() const { return lock_; }
    std::string_view sid() const { return session().substr(prefix_size_); }

    // kInvalidArgument if `ids` does not allow `sid`, if memcached does not accept both keys, or if
    // they are keys of another session's lock or of an item beside it. Nothing is replaced or cut,
    // because that would make two ids one session.
    static Result<SessionKey> make(std::string_view prefix, std::string_view sid,
                                   SessionIds ids = SessionIds::kAny);

    // The key of an item beside the lock: `<lock>.<name>`. If that is longer than kKeyLengthMax,
    // the key has three parts: the front of the session's key, a hash of the lock's key in 16
    // hexadecimal digits, and `.lock.~<name>`. It is the same in every process. No session has such
    // a key.
    // REQUIRES: name is a decimal number below 10,000 or kClearingName.
    std::string beside_lock(std::string_view name) const;

private:
    SessionKey(std::string_view prefix, std::string_view sid);

    std::string lock_;
    size_t prefix_size_;
};

}  // namespace memcache_session

// The lock item of a session: who holds the session. protocol.md, "The lock's value".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/replica/members.h"
#include "src/wire/command.h"

namespace memcache_session {

// pecl/memcache gives its lock items these flags ("integer"), and refuses others.
constexpr uint32_t kLockFlags = 768;

// pecl/memcache stores this value when it releases a lock.
constexpr std::string_view kFreeLock = "0";

constexpr size_t kHolderPathMax = 100;  // bytes

// Only so many bytes of a value are read. One of ours is longer only if its set has more than 80
// servers: then its end is not known.
constexpr size_t kLockValueMax = 1024;

// The longest reply to the read of a lock that is received, in bytes. Another program may have
// stored anything under the key, and a lock is no reason to receive megabytes.
constexpr uint32_t kLockReplyMax = 16 << 10;

// The commands that read a lock, or another item beside it.
inline Command read_lock_for_update(std::string_view key) {
    Command command = Command::read_for_update(key);
    command.reply_max = kLockReplyMax;
    return command;
}
inline Command read_lock(std::string_view key) {
    Command command = Command::read(key);
    command.reply_max = kLockReplyMax;
    return command;
}

// A decimal number whose low 16 bits are zero, because pecl/memcache tries a lock with `incr`.
// protocol.md, "The lock's value".
using LockToken = uint64_t;

// Makes a token of 64 random bits. It is never zero.
constexpr LockToken make_token(uint64_t random) {
    return ((random >> 17) | 1) << 16;
}

constexpr bool same_token(LockToken a, LockToken b) {
    return a >> 16 == b >> 16;
}

// Who holds a lock.
struct Holder {
    LockToken token = 0;        // less than 65,536: not a token of ours but pecl/memcache's count
    std::vector<uint32_t> set;  // the holder's replica set, see Members::lock_name_of()
    std::string host;           // see ProcessTable; empty if unknown
    int64_t pid = 0;            // 0 if unknown
    int64_t since_unix = 0;     // when the holder opened the session; 0 if unknown
    std::string path;           // of the script or URL, without the query

    bool is_foreign() const { return token >> 16 == 0; }
};

// The lock's value. `path` is cut and cleaned here.
std::string encode_lock(LockToken token, const LockNames& set, std::string_view host, int64_t pid,
                        int64_t since_unix, std::string_view path);

// Reads the value of any lock item. Fields that cannot be understood stay unset, because another
// program may have written it.
Holder parse_lock(std::string_view value);

// The token alone: Holder::token.
LockToken parse_lock_token(std::string_view value);

// Whether pecl/memcache has released the lock.
bool is_free(std::string_view lock_value);

// Whether another program has written the lock, or has counted it up because it waits.
bool shows_other_program(std::string_view lock_value);

}  // namespace memcache_session

// What is asked of a memcached server, and what it answers: values only, no bytes of a protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memcache_session {

// Bytes; memcached's own limit. It answers a longer key with CLIENT_ERROR, and runs the data block
// that follows as commands.
constexpr size_t kKeyLengthMax = 250;

enum class Verb : uint8_t {
    kGets,    // value, flags and cas of one key
    kGet,     // the same without its cas: all that some proxies know
    kAdd,     // store if there is none
    kSet,     // store whatever there is
    kCas,     // store if the item still has this cas
    kTouch,   // set the expiry
    kRemove,  // delete if the item still has this cas
    kDelete,  // delete whatever there is
};

// One command. Views are the caller's and outlive the exchange that sends it. REQUIRES: `key` is a
// key that memcached accepts: 1 to kKeyLengthMax bytes, each above a space and not DEL.
struct Command {
    Verb verb = Verb::kGets;
    std::string_view key;
    std::string_view value;  // kAdd, kSet, kCas
    uint32_t flags = 0;      // kAdd, kSet, kCas
    // kAdd, kSet, kCas, kTouch. As memcached reads it: 0 never, up to 30 days in seconds from now,
    // beyond as seconds since 1970.
    int32_t exptime = 0;
    uint64_t cas = 0;  // kCas, kRemove

    static Command gets(std::string_view key) { return {Verb::kGets, key, {}, 0, 0, 0}; }
    static Command get(std::string_view key) { return {Verb::kGet, key, {}, 0, 0, 0}; }
    static Command add(std::string_view key, std::string_view value, uint32_t flags,
                       int32_t exptime) {
        return {Verb::kAdd, key, value, flags, exptime, 0};
    }
    static Command set(std::string_view key, std::string_view value, uint32_t flags,
                       int32_t exptime) {
        return {Verb::kSet, key, value, flags, exptime, 0};
    }
    static Command compare_and_swap(std::string_view key, std::string_view value, uint32_t flags,
                                    int32_t exptime, uint64_t cas) {
        return {Verb::kCas, key, value, flags, exptime, cas};
    }
    static Command touch(std::string_view key, int32_t exptime) {
        return {Verb::kTouch, key, {}, 0, exptime, 0};
    }
    static Command remove(std::string_view key, uint64_t cas) {
        return {Verb::kRemove, key, {}, 0, 0, cas};
    }
    static Command unconditional_delete(std::string_view key) {
        return {Verb::kDelete, key, {}, 0, 0, 0};
    }
};

enum class ReplyKind : uint8_t {
    kStored,       // to kAdd, kSet, kCas; to kRemove it means removed
    kNotStored,    // to kAdd: there is one already
    kExists,       // to kCas, kRemove: the item has changed
    kNotFound,     // to kCas, kRemove, kTouch, kDelete
    kTouched,      // to kTouch
    kDeleted,      // to kDelete
    kHit,          // to kGets, kGet: value and flags are set, and to kGets the cas
    kMiss,         // to kGets, kGet
    kError,        // ERROR: the server does not know the command
    kClientError,  // CLIENT_ERROR: `value` is the server's text
    kServerError,  // SERVER_ERROR: `value` is the server's text
};

struct Reply {
    ReplyKind kind = ReplyKind::kError;
    uint32_t flags = 0;
    uint64_t cas = 0;
    std::string_view value;  // owned by whoever received it: see Exchange::run()
};

// Whether the server ran nothing, and said so.
constexpr bool is_error(const Reply& reply) {
    return reply.kind == ReplyKind::kError || reply.kind == ReplyKind::kClientError ||
           reply.kind == ReplyKind::kServerError;
}

}  // namespace memcache_session

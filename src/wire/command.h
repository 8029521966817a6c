// Commands to a memcached server and its replies, as values: no bytes of a protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memcache_session {

// The longest key, in bytes: memcached's own limit. It answers a longer key with CLIENT_ERROR, and
// runs the data block that follows as commands.
constexpr size_t kKeyLengthMax = 250;

// The meaning of a command. Each protocol has its own way to write it.
enum class Verb : uint8_t {
    // The reads of one item: kRead is the last of them.
    kReadForUpdate,  // value, flags and cas of one item
    kReadMetadata,   // the same, but the value may be left out: only its size is needed
    kInspect,        // as kReadMetadata, and when the item expires, if the server can tell
    kRead,           // value and flags of one item: some proxies know no other read
    kAdd,            // store if there is no item
    kSet,            // store, whether there is an item or not
    kReplaceIf,      // store if the item still has this cas
    kTouch,          // set the expiry
    kDeleteIf,       // delete if the item still has this cas
    kDelete,         // delete, whatever the item is
    kStatistics,     // figures of the server, as text. It has no key
};

// The caller owns the memory of the views, which must live until the exchange has ended. REQUIRES:
// memcached accepts `key`: it has 1 to kKeyLengthMax bytes, each above a space and not DEL;
// kStatistics has none.
struct Command {
    Verb verb = Verb::kReadForUpdate;
    std::string_view key;
    std::string_view value;  // kAdd, kSet, kReplaceIf
    uint32_t flags = 0;      // kAdd, kSet, kReplaceIf
    // kAdd, kSet, kReplaceIf, kTouch. memcached reads 0 as never, up to 30 days as seconds from
    // now, and more as seconds since 1970.
    int32_t exptime = 0;
    uint64_t cas = 0;  // kReplaceIf, kDeleteIf
    // The longest reply that is received, in bytes. A longer one is a failure of its own kind.
    uint32_t reply_max = UINT32_MAX;

    static Command read_for_update(std::string_view key) {
        return {Verb::kReadForUpdate, key, {}, 0, 0, 0};
    }
    static Command read_metadata(std::string_view key) {
        return {Verb::kReadMetadata, key, {}, 0, 0, 0};
    }
    static Command inspect(std::string_view key) { return {Verb::kInspect, key, {}, 0, 0, 0}; }
    static Command read(std::string_view key) { return {Verb::kRead, key, {}, 0, 0, 0}; }
    static Command add(std::string_view key, std::string_view value, uint32_t flags,
                       int32_t exptime) {
        return {Verb::kAdd, key, value, flags, exptime, 0};
    }
    static Command set(std::string_view key, std::string_view value, uint32_t flags,
                       int32_t exptime) {
        return {Verb::kSet, key, value, flags, exptime, 0};
    }
    static Command replace_if(std::string_view key, std::string_view value, uint32_t flags,
                              int32_t exptime, uint64_t cas) {
        return {Verb::kReplaceIf, key, value, flags, exptime, cas};
    }
    static Command touch(std::string_view key, int32_t exptime) {
        return {Verb::kTouch, key, {}, 0, exptime, 0};
    }
    static Command delete_if(std::string_view key, uint64_t cas) {
        return {Verb::kDeleteIf, key, {}, 0, 0, cas};
    }
    static Command statistics() { return {Verb::kStatistics, {}, {}, 0, 0, 0}; }
    static Command unconditional_delete(std::string_view key) {
        return {Verb::kDelete, key, {}, 0, 0, 0};
    }
};

enum class ReplyKind : uint8_t {
    kDone,            // stored, touched or deleted, as the command said
    kExists,          // to kAdd: there is an item; to kReplaceIf, kDeleteIf: the item has changed
    kGone,            // to kReplaceIf, kTouch, kDeleteIf, kDelete: there is no item
    kHit,             // to a read: flags and value are set, except for kRead the cas;
                      // to kStatistics: `value` has a line "STAT <name> <value>" for each
    kMiss,            // to a read: there is no item
    kUnknownCommand,  // the server does not know the command (ERROR)
    kRejected,        // the server cannot read the command (CLIENT_ERROR); `value` is its text
    kRefused,         // the server cannot carry it out (SERVER_ERROR); `value` is its text
};

// Reply::seconds_left of an item that never expires, and of a reply that does not tell.
constexpr int32_t kNeverExpires = -1;
constexpr int32_t kExpiryUnknown = 0;

struct Reply {
    ReplyKind kind = ReplyKind::kUnknownCommand;
    uint32_t flags = 0;
    uint64_t cas = 0;
    std::string_view value;  // its memory belongs to the receiver: see Exchange::run()
    // The size of a value that the server has left out, in bytes; 0: `value` is the whole value.
    // kHit to kReadMetadata and kInspect only.
    uint32_t unread_size = 0;
    // Until the item expires, 1 for less than a second. kHit to kInspect only.
    int32_t seconds_left = kExpiryUnknown;
};

// Whether the server says that it did not run the command.
constexpr bool is_error(const Reply& reply) {
    return reply.kind == ReplyKind::kUnknownCommand || reply.kind == ReplyKind::kRejected ||
           reply.kind == ReplyKind::kRefused;
}

// Whether the reply to a store says that the server has no memory for it. A server that is full and
// never evicts (memcached -M) can still be read.
constexpr bool is_out_of_memory(const Command& command, const Reply& reply) {
    switch (command.verb) {
        case Verb::kAdd:
        case Verb::kSet:
        case Verb::kReplaceIf:
        case Verb::kDeleteIf:
            return reply.kind == ReplyKind::kRefused &&
                   reply.value.find("out of memory") != std::string_view::npos;
        default:
            return false;
    }
}

}  // namespace memcache_session

// memcached's classic text protocol, which every server and proxy understands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/wire/protocol.h"

namespace memcache_session {

// A relative expiry of more than 30 days is read as a time since 1970. This one lies in the past
// for every server, so an item that is stored with it has expired. Proxies refuse a negative one.
constexpr int32_t kExptimePast = 30 * 24 * 60 * 60 + 1;

// The longest line of a command, in bytes: `cas`, a key, flags, exptime, the length of the data
// block and a cas at their longest, and CR LF.
constexpr size_t kClassicLineMax =
    3 + (1 + kKeyLengthMax) + (1 + 10) + (1 + 10) + (1 + 20) + (1 + 20) + 2;
static_assert(kClassicLineMax <= kCommandSpaceMax);

// The longest text of kStatistics, in bytes. memcached 1.6 sends 3 KB.
constexpr size_t kStatisticsMax = size_t{64} << 10;

class ClassicProtocol final : public Protocol {
public:
    // A command is a line and, where it stores, a data block with CR LF:
    //
    //     gets <key>                                    kReadForUpdate, kReadMetadata, kInspect
    //     get <key>                                     kRead
    //     add|set <key> <flags> <exptime> <bytes>       kAdd, kSet
    //     cas <key> <flags> <exptime> <bytes> <cas>     kReplaceIf
    //     cas <key> 0 2592001 1 <cas>                   kDeleteIf
    //     touch <key> <exptime>                         kTouch
    //     delete <key>                                  kDelete
    //     stats                                         kStatistics
    //
    // The classic protocol always sends the value of an item. It has no conditional delete:
    // kDeleteIf stores the data block "0" with an expiry in the past. A negative exptime is written
    // as kExptimePast, which means the same. Every command asks for its reply, because `noreply`
    // hides errors.
    size_t encode(const Command& command, char* space, std::string_view* pieces) const override;

    // Well-formed replies to each verb, besides ERROR, CLIENT_ERROR and SERVER_ERROR:
    //
    //     kReadForUpdate  END, or VALUE <key> <flags> <bytes> <cas>, the data block, END
    //     kReadMetadata   the same
    //     kInspect        the same
    //     kRead           END, or VALUE <key> <flags> <bytes>, the data block, END
    //     kAdd            STORED, NOT_STORED
    //     kSet            STORED
    //     kReplaceIf      STORED, EXISTS, NOT_FOUND
    //     kDeleteIf       the same
    //     kTouch          TOUCHED, NOT_FOUND
    //     kDelete         DELETED, NOT_FOUND
    //     kStatistics     STAT <name> <value> line by line, END; kStatisticsMax bytes at most
    //
    // - A read is answered by at most one VALUE, whose key is the key of the command.
    // - Numbers are decimal digits without a leading zero, separated by one blank, each in its
    //   range. Only flags may be negative: old memcached and repcached print the 32 bits as a
    //   signed number, so -1 to -2147483648 are read as 4294967295 to 2147483648.
    // - A VALUE without a cas is malformed except for kRead, because the item could not be
    //   written back safely. A VALUE with a cas is malformed for kRead. A cas of 0 is passed on: it
    //   comes from a server that does not number its items.
    // - The text of an error has no control characters, because it may be shown to a person. It may
    //   be empty. ERROR followed by a text ("ERROR Too many open connections") is a kRefused.
    // - A control character in a line is malformed, except in the CR LF at its end.
    ParsedReply parse(const Command& expected, std::string_view input) const override;

    // A server that answers a store with ERROR or CLIENT_ERROR may have run its data block as
    // commands, and the replies to those would follow.
    bool loses_step(const Command& command, const Reply& reply) const override;
};

inline constexpr ClassicProtocol kClassicProtocol{};

}  // namespace memcache_session

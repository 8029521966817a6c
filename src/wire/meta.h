// The part of memcached's meta protocol that saves something, beside the classic protocol.
#pragma once

#include <cstddef>
#include <string_view>

#include "src/wire/protocol.h"

namespace memcache_session {

// For servers that have shown in this connection that they speak it: meta_probe.h. Both protocols
// may be mixed in one connection.
class MetaProtocol final : public Protocol {
public:
    // Three commands are meta commands:
    //
    //     mg <key> k s f c      kReadMetadata: the value does not cross the wire
    //     mg <key> k s f c t    kInspect: the same
    //     md <key> C<cas>       kDeleteIf: needs no memory, unlike a store that expires at once
    //
    // All others are as in ClassicProtocol. No store is an `ms`, because one that is refused drops
    // the old value, while `cas` and `add` keep it: protocol.md, "The meta protocol".
    size_t encode(const Command& command, char* space, std::string_view* pieces) const override;

    // Well-formed replies to these, besides ERROR, CLIENT_ERROR and SERVER_ERROR:
    //
    //     kReadMetadata  EN [k<key>], or HD k<key> s<size> f<flags> c<cas> and marks of one letter
    //     kInspect       the same with t<seconds> behind the cas, -1 for never
    //     kDeleteIf      HD, EX, NF
    //
    // - The key is the key of the command. Numbers are as in ClassicProtocol.
    // - The marks W, X and Z tell that another program has made the item stale. They say nothing
    //   to a session.
    ParsedReply parse(const Command& expected, std::string_view input) const override;

    bool loses_step(const Command& command, const Reply& reply) const override;
};

inline constexpr MetaProtocol kMetaProtocol{};

}  // namespace memcache_session

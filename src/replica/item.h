// A session item as one server last showed it, and which of two items counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/net/exchange.h"
#include "src/replica/version.h"

namespace memcache_session {

struct Item {
    bool present = false;
    uint32_t flags = 0;
    uint64_t cas = 0;  // valid on `connection` only
    // PHP's bytes, compressed if the flags say so. Valid until the next exchange; see
    // Exchange::run().
    std::string_view value;
    // Not 0: only the metadata was read, and the value, which is empty here, has so many bytes.
    size_t unread_size = 0;
    ConnectionId connection = 0;

    Version version() const { return ItemFlags::version(flags); }
    bool is_read() const { return unread_size == 0; }
    size_t size() const { return value.size() + unread_size; }
    bool tombstone() const { return present && ItemFlags::is_tombstone(flags); }

    // The view is not valid any longer: only the metadata is known from now on.
    void forget_value() {
        unread_size = size();
        value = {};
    }

    // REQUIRES: reply.kind is kHit or kMiss.
    static Item from(const Reply& reply, ConnectionId connection);
};

// Whether `a` counts rather than `b`, which is earlier in the preference list: protocol.md, "Which
// copy counts".
bool takes_precedence(const Item& a, const Item& b);

}  // namespace memcache_session

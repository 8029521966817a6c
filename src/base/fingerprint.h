// Recognises a text that was seen before, when its bytes are not at hand any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memcache_session {

// Two texts of equal fingerprint are taken for equal. A 64 bit hash beside the size leaves a chance
// of 2^-64 for each comparison: a session that is written a thousand times a second meets that once
// in half a billion years. The hash is no defence against somebody who chooses both texts: who can
// choose both values of a session owns the session.
struct Fingerprint {
    uint64_t hash = 0;
    size_t size = 0;  // bytes

    bool operator==(const Fingerprint& other) const {
        return hash == other.hash && size == other.size;
    }
    bool operator!=(const Fingerprint& other) const { return !(*this == other); }
};

// The same for the same text in every process of a machine.
Fingerprint fingerprint_of(std::string_view text);

}  // namespace memcache_session

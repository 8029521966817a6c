// The version of a session, and the flags word that carries it beside PHP's bare value.
#pragma once

#include <cassert>
#include <cstdint>

namespace memcache_session {

// 1 to 65535, one more with each commit, or several if a first choice is absent, wrapping past 0.
// Zero marks an item that another program wrote: it is neither newer nor older than any other.
using Version = uint16_t;

constexpr Version kForeignVersion = 0;

// Where the versions begin if no server shows any, and not all could be asked, or the session is
// destroyed. A server that was not asked may hold a tombstone, which lives longer than a session
// that replaced it elsewhere. This outranks the first 16,384 versions.
constexpr Version kBeyondExpired = 1 << 14;

// Serial-number arithmetic (RFC 1982): right while two versions differ by less than 32,768.
constexpr bool is_newer(Version a, Version b) {
    return a != kForeignVersion && b != kForeignVersion &&
           static_cast<int16_t>(static_cast<uint16_t>(a - b)) > 0;
}

// The most steps of one store. A commit has two stores, perhaps from kBeyondExpired on, and must
// not seem to be a step back.
constexpr uint32_t kStepsMax = 1 << 13;

// `steps` commits after `version`; zero is skipped.
// REQUIRES: 0 < steps <= kStepsMax.
constexpr Version advance(Version version, uint32_t steps) {
    assert(steps > 0 && steps <= kStepsMax);
    return static_cast<Version>((version + steps - 1) % 65535 + 1);
}

// The 32 bit flags of a session item. protocol.md, "Items and flags", has the layout and the
// reasons. Bit 31 is never set. If another program set it, it is read as the version's highest bit.
struct ItemFlags {
    static constexpr uint32_t kZlib = 1u << 1;  // as pecl/memcache marks a compressed value
    static constexpr uint32_t kVersionTop = 1u << 14;
    static constexpr uint32_t kTombstone = 1u << 15;
    static constexpr unsigned kVersionShift = 16;
    static constexpr unsigned kIncarnationShift = 12;
    static constexpr uint32_t kIncarnations = 4;
    static constexpr uint32_t kIncarnation = (kIncarnations - 1) << kIncarnationShift;

    static constexpr uint32_t encode(Version version, bool tombstone, bool zlib,
                                     uint32_t incarnation = 0) {
        return (version & 0x7fffu) << kVersionShift | (version >> 15 != 0 ? kVersionTop : 0) |
               (tombstone ? kTombstone : 0) | (zlib ? kZlib : 0) |
               (incarnation << kIncarnationShift & kIncarnation);
    }
    static constexpr Version version(uint32_t flags) {
        const uint32_t top = (flags & kVersionTop) != 0 ? 0x8000u : 0;
        return static_cast<Version>(flags >> kVersionShift | top);
    }
    static constexpr bool is_tombstone(uint32_t flags) {
        return version(flags) != kForeignVersion && (flags & kTombstone) != 0;
    }
    // 0 to 3: a session that is made after a destroy has the next one. Items of other programs have
    // 0.
    static constexpr uint32_t incarnation(uint32_t flags) {
        return version(flags) == kForeignVersion ? 0 : (flags & kIncarnation) >> kIncarnationShift;
    }
    // The incarnation of the item that replaces one with these flags; 0 if there was none.
    static constexpr uint32_t next_incarnation(uint32_t flags) {
        return (incarnation(flags) + (is_tombstone(flags) ? 1 : 0)) % kIncarnations;
    }
    // The later of two, which are counted modulo kIncarnations.
    static constexpr uint32_t later_incarnation(uint32_t a, uint32_t b) {
        return (b - a) % kIncarnations < kIncarnations / 2 ? b : a;
    }
    static constexpr bool is_zlib(uint32_t flags) { return (flags & kZlib) != 0; }
};

}  // namespace memcache_session

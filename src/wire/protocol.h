// How commands and replies are written as bytes: the part of a protocol that the network must know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/wire/command.h"

namespace memcache_session {

// The most pieces of memory that one command consists of: a line, a data block and its end.
constexpr size_t kCommandPiecesMax = 3;

// The most bytes that a protocol writes itself for one command.
constexpr size_t kCommandSpaceMax = 320;

// The longest line of a reply, in bytes, its end included. The longest VALUE line has about 300
// bytes; the rest is room for the text of an error. A longer line does not come from memcached.
constexpr size_t kLineLengthMax = 1024;

// The longest value, in bytes. memcached's own limit is 1 MiB, unless -I raises it to at most 1
// GiB, so a longer value does not come from memcached. The receiver has a limit of its own.
constexpr size_t kValueLengthMax = size_t{1} << 30;

// The longest reply: a line, a data block, and an end that is shorter than a line.
constexpr size_t kReplyLengthMax = kLineLengthMax + kValueLengthMax + kLineLengthMax;

struct ParsedReply {
    enum class State : uint8_t {
        kIncomplete,  // the bytes fit so far, and more must come
        kComplete,    // `reply` and `consumed` are set
        kMalformed,   // the bytes are no reply to this command: the connection must be closed
    };

    State state = State::kIncomplete;
    Reply reply;          // kComplete only; its views point into the input
    size_t consumed = 0;  // kComplete only: the bytes of the input that are this reply
    // The length of the whole reply as soon as it is known, so that the receiver can make room at
    // once; else 0. At most kReplyLengthMax.
    size_t total = 0;
};

// Implementations have no state, do no I/O, allocate nothing, and are safe on any thread.
class Protocol {
public:
    // Describes the bytes of `command` as consecutive pieces and returns their number. A piece lies
    // in `space`, in the memory of the command's views, or in a constant: a value is not copied.
    // REQUIRES: `space` has room for kCommandSpaceMax bytes, `pieces` for kCommandPiecesMax pieces;
    // the key is as command.h says.
    virtual size_t encode(const Command& command, char* space, std::string_view* pieces) const = 0;

    // Reads the reply to `expected` at the front of `input`, and ignores the bytes that follow it.
    //
    // The result depends on the arguments alone: each call begins at the front, and is cheap
    // however long the value is. Every proper prefix of a well-formed reply is kIncomplete.
    // Malformed bytes are reported as soon as they are there, an endless line at kLineLengthMax.
    virtual ParsedReply parse(const Command& expected, std::string_view input) const = 0;

    // Whether it is unknown after this reply to `command` which command the next reply belongs to.
    virtual bool loses_step(const Command& command, const Reply& reply) const = 0;

protected:
    ~Protocol() = default;  // nobody owns a protocol: each is a constant
};

}  // namespace memcache_session

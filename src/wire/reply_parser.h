// Replies of memcached's classic text protocol, read from bytes as they arrive. It knows no socket:
// the receiver gathers bytes, asks whether the reply is whole, and drops what was consumed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/wire/command.h"

namespace memcache_session {

// Longest line of a reply, CR LF included. The longest with a meaning is a VALUE line of about 300
// bytes; the rest is room for the text of an error. More without an end is no memcached.
constexpr size_t kLineLengthMax = 1024;

// Longest value that is received, in bytes. memcached's own limit is 1 MiB unless raised by -I, to
// at most 1 GiB; this one keeps a false length from taking the memory of the process.
constexpr size_t kValueLengthMax = size_t{128} << 20;

// Longest reply: a VALUE line, its data block, CR LF and the line END.
constexpr size_t kReplyLengthMax = kLineLengthMax + kValueLengthMax + 7;

struct ParsedReply {
    enum class State : uint8_t {
        kIncomplete,  // what is there fits, and more must come
        kComplete,    // `reply` and `consumed` are set
        kMalformed,   // not an answer to this command: close the connection, believe nothing of it
    };

    State state = State::kIncomplete;
    Reply reply;          // kComplete only; its views point into the input
    size_t consumed = 0;  // kComplete only: bytes of the input that are this reply
    // Bytes that the whole reply has, as soon as that is known (from a whole VALUE line on), so
    // that the receiver can make room at once; else 0. At most kReplyLengthMax.
    size_t total = 0;
};

// Reads the answer to `expected` at the front of `input`. What follows the reply is not looked at:
// it belongs to the next command, or, after the last one, is a stray byte for the receiver to
// refuse.
//
// A pure function of its arguments: each call starts at the front, never reads beyond `input`, does
// not allocate, and is cheap however long the value (the value's bytes are not looked at). Every
// proper prefix of a well-formed reply is kIncomplete; a control character in a line, a line
// that means nothing here and a block that does not end where it should are kMalformed as soon as
// they are there, an endless line at kLineLengthMax.
//
// Well-formed answers to each verb, besides ERROR, CLIENT_ERROR and SERVER_ERROR:
//
//     kReadForUpdate  END, or VALUE <key> <flags> <bytes> <cas>, the data block, END
//     kRead           the same without <cas>
//     kAdd            STORED, NOT_STORED
//     kSet            STORED
//     kReplaceIf      STORED, EXISTS, NOT_FOUND
//     kDeleteIf       the same
//     kTouch          TOUCHED, NOT_FOUND
//     kDelete         DELETED, NOT_FOUND
//
// - The key of a VALUE must be the one asked for, and there may be one VALUE only.
// - Numbers are decimal digits alone, without a zero in front, one blank between fields, each in
//   its range. Except flags: old memcached and repcached print the 32 bits as a signed number, so
//   -1 to -2147483648 are read as 4294967295 to 2147483648.
// - A VALUE without a cas is malformed for kReadForUpdate, which promises one: without
//   it nothing could be written back safely. One with a cas is malformed for kRead. A cas of 0 is
//   passed on: that server does not number its items.
// - The text of an error has no control characters (it may be shown to a person) and may be empty.
//   ERROR followed by a text ("ERROR Too many open connections") is a kRefused.
ParsedReply parse_reply(const Command& expected, std::string_view input);

}  // namespace memcache_session

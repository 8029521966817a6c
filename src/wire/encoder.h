// Commands as bytes of memcached's classic text protocol. Pure functions: no state, no I/O, no
// allocation, safe on any thread.
//
// On the wire a command is its line and, where it stores, a data block:
//
//     [line written by encode_line()] [data_block()] [kLineEnd]
//
// The block is not copied: it is sent from the memory of whoever owns the value. A reply is always
// asked for, since `noreply` hides errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "src/wire/command.h"

namespace memcache_session {

// Ends every line and every data block.
constexpr std::string_view kLineEnd = "\r\n";

// A relative expiry of more than 30 days is read as a time since 1970: this one lies in the past
// for every server and, unlike a negative one, no proxy refuses it. What is stored with it is gone.
constexpr int32_t kExptimePast = 30 * 24 * 60 * 60 + 1;

// Longest line that encode_line() writes, CR LF included: `cas`, a key, flags, exptime, the length
// of the data block and a cas at their longest.
constexpr size_t kCommandLineMax =
    3 + (1 + kKeyLengthMax) + (1 + 10) + (1 + 10) + (1 + 20) + (1 + 20) + 2;

// Writes the line of `command`, CR LF included, to `out` and returns its length in bytes.
//
//     gets <key>                                    kReadForUpdate
//     get <key>                                     kRead
//     add|set <key> <flags> <exptime> <bytes>       kAdd, kSet
//     cas <key> <flags> <exptime> <bytes> <cas>     kReplaceIf
//     cas <key> 0 2592001 1 <cas>                   kDeleteIf
//     touch <key> <exptime>                         kTouch
//     delete <key>                                  kDelete
//
// kDeleteIf is a store that has expired already: classic memcached has no conditional delete. A
// negative exptime is written as kExptimePast, which means the same and passes every proxy.
// REQUIRES: `out` has room for kCommandLineMax bytes; the key is as command.h says.
size_t encode_line(const Command& command, char* out);

// The data block that follows the line, without its CR LF: the value of kAdd, kSet and kReplaceIf
// (it may be empty), "0" for kDeleteIf; nothing for the other verbs. Points into the command's
// memory or to a constant, so it lives as long as what `command.value` views.
std::optional<std::string_view> data_block(const Command& command);

}  // namespace memcache_session

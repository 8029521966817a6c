// The arrays of a session's serialized text, found without making a value of PHP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "src/merge/array_key.h"

namespace memcache_session {

// PHP's session.serialize_handler. The text of php_binary and of others is not read here.
enum class SerializeHandler {
    kPhp,           // cart|a:0:{}user|s:3:"Ann";
    kPhpSerialize,  // a:2:{s:4:"cart";a:0:{}s:4:"user";s:3:"Ann";}
};

// A longer text is not read. Bytes.
constexpr size_t kSerializedLengthMax = size_t{8} << 20;

// A text with more members is not read. The members of nested arrays count too, the contents of
// objects do not. The limit bounds the memory of an index (16 bytes a member) and the time of a
// merge, during which the session is locked: some 0.2 s for three texts at the limit.
constexpr size_t kSerializedMembersMax = 200000;

// A text whose arrays and objects are nested deeper is not read. PHP itself reads 4096 levels.
constexpr size_t kSerializedDepthMax = 512;

// An index of one text: each member of each array, in the order of the text. Objects are atoms:
// nothing inside of them is a member. The text must outlive the index and its views.
class SerializedSession {
public:
    // The number of a member. The session itself, as the array of its variables, is kRoot.
    using Member = uint32_t;
    static constexpr Member kRoot = 0;
    static constexpr Member kNoMember = UINT32_MAX;  // where a member is missing

    // Nothing if any byte of the text is not understood, or a limit is exceeded. An empty text is a
    // session without variables. Keys that occur twice in one array are not looked for.
    static std::optional<SerializedSession> read(std::string_view text, SerializeHandler handler);

    // Whether the text has an `R:` or `r:`, or may have one in the data of a `C:`. Their numbers
    // count the values before them, so that such a text must not be taken apart.
    bool has_references() const { return has_references_; }

    // True for kRoot too.
    bool is_array(Member member) const;

    // The members of an array are first(array), next(first(array)) and so on, up to and without
    // next(array).
    static Member first(Member array) { return array + 1; }
    Member next(Member member) const { return entries_[member].next; }

    // The number of members of an array whose keys are 0, 1, 2 and so on, in this order. Nothing if
    // they are not. REQUIRES: is_array(array).
    std::optional<size_t> list_length(Member array) const;

    // REQUIRES: member is not kRoot.
    ArrayKey key(Member member) const;

    // The key as the text has it: `s:4:"cart";`, `i:5;`, or `cart|` for a variable of kPhp.
    // REQUIRES: member is not kRoot.
    std::string_view key_text(Member member) const;

    // The value as the text has it, to its last byte. For kRoot: the whole text.
    std::string_view value(Member member) const;

private:
    friend class SerializedIndexer;

    struct Entry {
        uint32_t key_begin = 0;
        uint32_t value_begin = 0;
        uint32_t value_end = 0;
        Member next = 0;  // the next member of the same array, or that of the array around it
    };

    std::string_view text_;
    SerializeHandler handler_ = SerializeHandler::kPhp;
    bool has_references_ = false;
    std::vector<Entry> entries_;  // in the order of the text; that of kRoot is the first
};

}  // namespace memcache_session

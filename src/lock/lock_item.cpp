#include "src/lock/lock_item.h"

#include <algorithm>
#include <charconv>

#include "src/base/text.h"
#include "src/wire/line.h"

namespace memcache_session {
namespace {

constexpr size_t kDigitsMax = 20;  // of a number of 64 bits, its sign included
constexpr size_t kBlanks = 5;      // between the six words of a value

// Cuts the next word off the front of `rest`.
std::string_view next_word(std::string_view* rest) {
    rest->remove_prefix(std::min(rest->find_first_not_of(' '), rest->size()));
    const std::string_view word = rest->substr(0, rest->find(' '));
    rest->remove_prefix(word.size());
    return word;
}

template <class Number>
Number leading_number(std::string_view word) {
    Number number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    return number;
}

// Cuts and cleans the path, and returns a view of it or of `space`.
std::string_view clean_path(std::string_view path, std::string* space) {
    const auto is_plain = [](char byte) { return byte > ' ' && byte < '\x7f'; };
    path = path.substr(0, path.find('?'));
    if (path.size() <= kHolderPathMax && std::all_of(path.begin(), path.end(), is_plain)) {
        return path;
    }
    *space = printable(path, "_");
    space->resize(whole_characters(*space, kHolderPathMax).size());
    std::replace(space->begin(), space->end(), ' ', '_');
    return *space;
}

}  // namespace

std::string encode_lock(LockToken token, const LockNames& set, std::string_view host, int64_t pid,
                        int64_t since_unix, std::string_view path) {
    std::string cleaned;
    path = clean_path(path, &cleaned);
    const size_t set_max = set.size() * (kDigitsMax + 1);
    std::string value(3 * kDigitsMax + kBlanks + set_max + host.size() + path.size(), ' ');
    LineWriter line(value.data());
    line.digits(token);
    std::string_view separator = " ";
    for (const uint32_t name : set) {
        line.text(separator);
        line.digits(name);
        separator = ",";
    }
    line.text(" ");
    line.text(host);
    line.field(pid);
    line.field(since_unix);
    line.text(" ");
    line.text(path);
    value.resize(line.length());
    return value;
}

LockToken parse_lock_token(std::string_view value) {
    value = value.substr(0, kLockValueMax);
    return leading_number<LockToken>(next_word(&value));
}

Holder parse_lock(std::string_view value) {
    value = value.substr(0, kLockValueMax);
    Holder holder;
    holder.token = leading_number<LockToken>(next_word(&value));
    std::string_view set = next_word(&value);
    while (!set.empty()) {
        const std::string_view position = set.substr(0, set.find(','));
        holder.set.push_back(leading_number<uint32_t>(position));
        set.remove_prefix(std::min(position.size() + 1, set.size()));
    }
    holder.host = next_word(&value);
    holder.pid = leading_number<int64_t>(next_word(&value));
    holder.since_unix = leading_number<int64_t>(next_word(&value));
    holder.path = next_word(&value);
    return holder;
}

bool shows_other_program(std::string_view lock_value) {
    const LockToken token = parse_lock_token(lock_value);
    return same_token(token, 0) || token % 65536 != 0;
}

bool is_free(std::string_view lock_value) {
    // `incr` by pecl/memcache makes a taken lock 1 and more; memcached pads with blanks.
    return lock_value.substr(0, lock_value.find(' ')) == kFreeLock;
}

}  // namespace memcache_session

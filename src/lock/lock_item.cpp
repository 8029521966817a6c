#include "src/lock/lock_item.h"

#include <algorithm>
#include <charconv>

#include "src/base/text.h"

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

template <class Number>
void append_number(Number number, std::string* text) {
    char digits[kDigitsMax];
    text->append(digits, std::to_chars(digits, digits + kDigitsMax, number).ptr);
}

std::string clean_path(std::string_view path) {
    std::string clean = printable(path.substr(0, path.find('?')), "_");
    clean.resize(whole_characters(clean, kHolderPathMax).size());
    std::replace(clean.begin(), clean.end(), ' ', '_');
    return clean;
}

}  // namespace

std::string encode_lock(LockToken token, std::string_view set, std::string_view host, int64_t pid,
                        int64_t since_unix, std::string_view path) {
    std::string value;
    value.reserve(3 * kDigitsMax + kBlanks + set.size() + host.size() + kHolderPathMax);
    append_number(token, &value);
    value += ' ';
    value += set;
    value += ' ';
    value += host;
    value += ' ';
    append_number(pid, &value);
    value += ' ';
    append_number(since_unix, &value);
    value += ' ';
    value += clean_path(path);
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

bool is_free(std::string_view lock_value) {
    // `incr` by pecl/memcache makes a taken lock 1 and more; memcached pads with blanks.
    return lock_value.substr(0, lock_value.find(' ')) == kFreeLock;
}

}  // namespace memcache_session

// The bytes of a fuzz input, as the choices of a test. When they are used up, each choice is the
// first one, which is always the harmless one. So every input ends.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memcache_session::fuzz {

class Input {
public:
    Input(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

    bool is_used_up() const { return rest_.empty(); }

    uint8_t byte() {
        if (rest_.empty()) {
            return 0;
        }
        const auto first = static_cast<uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return first;
    }

    // REQUIRES: 0 < limit <= 256.
    size_t below(size_t limit) { return byte() % limit; }

    // True once in `of` times. REQUIRES: 1 < of <= 256.
    bool one_in(size_t of) { return below(of) == of - 1; }

    uint64_t number() {
        uint64_t number = 0;
        for (size_t bytes = below(9); bytes > 0; --bytes) {
            number = number << 8 | byte();
        }
        return number;
    }

    // Up to 255 bytes as they are.
    std::string_view bytes() {
        const size_t wanted = byte();
        const size_t count = std::min(wanted, rest_.size());
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

private:
    std::string_view rest_;
};

}  // namespace memcache_session::fuzz

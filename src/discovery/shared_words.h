// Texts in memory that one process may write while another reads it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace memcache_session {

// Writes the text in words, each of which is whole at any time. REQUIRES: there is room for it.
inline void write_words(std::atomic<uint64_t>* words, std::string_view text) {
    for (size_t at = 0; at < text.size(); at += sizeof(uint64_t)) {
        uint64_t word = 0;
        std::memcpy(&word, text.data() + at, std::min(sizeof word, text.size() - at));
        words[at / sizeof word].store(word, std::memory_order_relaxed);
    }
}

// Reads `size` bytes of the text. They are mixed if another process writes at the same time.
inline std::string read_words(const std::atomic<uint64_t>* words, size_t size) {
    std::string text(size, '\0');
    for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
        const uint64_t word = words[at / sizeof(uint64_t)].load(std::memory_order_relaxed);
        std::memcpy(text.data() + at, &word, std::min(sizeof word, size - at));
    }
    return text;
}

}  // namespace memcache_session

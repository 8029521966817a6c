// Memory for bytes that arrive piece by piece. It grows without being cleared first.
#pragma once

#include <cassert>
#include <cstddef>
#include <string_view>

namespace memcache_session {

// Owns its memory; one thread at a time.
class Buffer {
public:
    Buffer() = default;
    ~Buffer();
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    // Makes room for at least `capacity` bytes in all, and never shrinks. Returns false, and
    // changes nothing, when there is no memory. Otherwise the content may have moved.
    [[nodiscard]] bool reserve(size_t capacity);

    // The room for the next bytes, and its size in bytes.
    char* free_space() { return data_ + size_; }
    size_t free_size() const { return capacity_ - size_; }

    // REQUIRES: `count` bytes were written to free_space(), at most free_size().
    void append_written(size_t count) {
        assert(count <= free_size());
        size_ += count;
    }

    // Forgets the first `count` bytes, and moves the others to the front.
    // REQUIRES: count <= size().
    void erase_front(size_t count);

    // Forgets the bytes, and keeps the memory.
    void clear() { size_ = 0; }

    // Forgets the bytes, and frees the memory.
    void free();

    // Valid until reserve(), erase_front(), clear(), free() or the end of the buffer.
    std::string_view content() const { return {data_, size_}; }
    size_t size() const { return size_; }
    size_t capacity() const { return capacity_; }

private:
    char* data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

}  // namespace memcache_session

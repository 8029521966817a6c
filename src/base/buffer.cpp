#include "src/base/buffer.h"

#include <cstdlib>
#include <cstring>

namespace memcache_session {

Buffer::~Buffer() {
    std::free(data_);
}

void Buffer::free() {
    std::free(data_);
    data_ = nullptr;
    size_ = 0;
    capacity_ = 0;
}

void Buffer::erase_front(size_t count) {
    assert(count <= size_);
    size_ -= count;
    std::memmove(data_, data_ + count, size_);
}

bool Buffer::reserve(size_t capacity) {
    if (capacity <= capacity_) {
        return true;
    }
    void* grown = std::realloc(data_, capacity);
    if (grown == nullptr) {
        return false;
    }
    data_ = static_cast<char*>(grown);
    capacity_ = capacity;
    return true;
}

}  // namespace memcache_session

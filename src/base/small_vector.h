// A vector whose first elements need no memory of their own.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <new>
#include <type_traits>

namespace memcache_session {

// Like std::vector, but up to `kInline` elements are within the object. It is for lists of a few
// servers that each request makes anew, because an allocation costs more than the use of such a
// list. Whatever adds or removes elements invalidates pointers to elements, and so does the end of
// the object: unlike those of std::vector, elements move when the object is moved.
template <class T, size_t kInline>
class SmallVector {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    SmallVector() = default;
    SmallVector(size_t count, const T& value) {
        for (size_t i = 0; i < count; ++i) {
            push_back(value);
        }
    }
    SmallVector(std::initializer_list<T> values) { assign(values.begin(), values.end()); }
    SmallVector(const SmallVector& other) { assign(other.begin(), other.end()); }
    SmallVector& operator=(const SmallVector& other) {
        if (this != &other) {
            assign(other.begin(), other.end());
        }
        return *this;
    }
    ~SmallVector() {
        if (!is_inline()) {
            std::allocator<T>().deallocate(data_, capacity_);
        }
    }

    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* data() { return data_; }
    const T* data() const { return data_; }
    T* begin() { return data_; }
    const T* begin() const { return data_; }
    T* end() { return data_ + size_; }
    const T* end() const { return data_ + size_; }

    // REQUIRES: i < size().
    T& operator[](size_t i) {
        assert(i < size_);
        return data_[i];
    }
    const T& operator[](size_t i) const {
        assert(i < size_);
        return data_[i];
    }

    // REQUIRES: !empty().
    T& front() { return (*this)[0]; }
    const T& front() const { return (*this)[0]; }
    T& back() { return (*this)[size_ - 1]; }
    const T& back() const { return (*this)[size_ - 1]; }

    // Replaces the elements. REQUIRES: [first, last) are none of them.
    template <class Iterator>
    void assign(Iterator first, Iterator last) {
        clear();
        for (; first != last; ++first) {
            push_back(*first);
        }
    }

    // Appends an element of default value, or this one.
    T& emplace_back() { return *new (space_for_one()) T(); }
    void push_back(T value) { new (space_for_one()) T(value); }

    // Inserts the element before `position`.
    void insert(const_iterator position, T value) {
        const size_t index = static_cast<size_t>(position - data_);
        assert(index <= size_);
        push_back(value);
        std::rotate(data_ + index, end() - 1, end());
    }

    void erase(const_iterator first, const_iterator last) {
        std::copy(last, static_cast<const_iterator>(end()), data_ + (first - data_));
        size_ -= static_cast<size_t>(last - first);
    }

    // REQUIRES: !empty().
    void pop_back() {
        assert(!empty());
        --size_;
    }
    void clear() { size_ = 0; }

    friend bool operator==(const SmallVector& a, const SmallVector& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    T* inline_data() { return reinterpret_cast<T*>(inline_); }
    bool is_inline() { return data_ == inline_data(); }

    // Counts one more element, which is not constructed yet.
    T* space_for_one() {
        if (size_ == capacity_) {
            grow();
        }
        return data_ + size_++;
    }

    void grow() {
        const size_t capacity = std::max(2 * capacity_, kInline + 1);
        T* const grown = std::allocator<T>().allocate(capacity);
        std::uninitialized_copy(begin(), end(), grown);
        if (!is_inline()) {
            std::allocator<T>().deallocate(data_, capacity_);
        }
        data_ = grown;
        capacity_ = capacity;
    }

    alignas(T) std::byte inline_[kInline * sizeof(T)];
    T* data_ = inline_data();
    size_t size_ = 0;
    size_t capacity_ = kInline;
};

}  // namespace memcache_session

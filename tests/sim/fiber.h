// Sequential code that can be suspended in the middle, so that many simulated processes take turns
// in one thread.
#pragma once

#include <setjmp.h>
#include <ucontext.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace memcache_session::sim {

// Runs `body` on a stack of its own. Exceptions must not leave `body`. One thread. REQUIRES:
// destroyed only when done() or never resumed, since nothing unwinds its stack otherwise.
class Fiber {
public:
    explicit Fiber(std::function<void()> body);
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    // Continues the body until it suspends or ends. REQUIRES: called from outside of it, !done().
    void resume();

    // Returns to the caller of resume(). REQUIRES: called by the body.
    void suspend();

    bool done() const { return done_; }

private:
    static void enter(unsigned int high, unsigned int low);

    std::function<void()> body_;
    void* stack_;
    bool done_ = false;
    ucontext_t inside_;
#ifdef __SANITIZE_ADDRESS__
    ucontext_t outside_;
    void* fake_stack_ = nullptr;
    const void* outside_stack_ = nullptr;
    size_t outside_size_ = 0;
#else
    // A ucontext restores the signal mask too, by a system call each time, so only the first entry
    // uses it. The sanitizer would take a jump for the end of frames.
    jmp_buf outside_;
    jmp_buf suspended_;
    bool entered_ = false;
#endif
};

}  // namespace memcache_session::sim

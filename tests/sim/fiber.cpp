#include "tests/sim/fiber.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#if !defined(MAP_ANONYMOUS) && defined(MAP_ANON)
#define MAP_ANONYMOUS MAP_ANON
#endif

namespace memcache_session::sim {

namespace {

constexpr size_t kStackSize = size_t{256} << 10;
constexpr size_t kGuardSize = size_t{16} << 10;  // at least a page everywhere

// Stacks are used again, because each of a million histories needs a dozen of them.
std::vector<void*>& free_stacks() {
    static thread_local std::vector<void*> stacks;
    return stacks;
}

void* take_stack() {
    if (!free_stacks().empty()) {
        void* stack = free_stacks().back();
        free_stacks().pop_back();
        return stack;
    }
    void* memory =
        mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, kGuardSize, PROT_NONE) != 0) {
        std::perror("no memory for a fiber's stack");
        std::abort();
    }
    return memory;
}

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(take_stack()) {
    getcontext(&inside_);
    inside_.uc_stack.ss_sp = static_cast<char*>(stack_) + kGuardSize;
    inside_.uc_stack.ss_size = kStackSize - kGuardSize;
    inside_.uc_link = nullptr;
    const auto self = reinterpret_cast<uintptr_t>(this);
    // makecontext() passes int arguments only.
    makecontext(&inside_, reinterpret_cast<void (*)()>(&Fiber::enter), 2,
                static_cast<unsigned int>(static_cast<uint64_t>(self) >> 32),
                static_cast<unsigned int>(self & 0xffffffffU));
}

Fiber::~Fiber() {
    free_stacks().push_back(stack_);
}

void Fiber::enter(unsigned int high, unsigned int low) {
    auto* self =
        reinterpret_cast<Fiber*>(static_cast<uintptr_t>(static_cast<uint64_t>(high) << 32 | low));
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(nullptr, &self->outside_stack_, &self->outside_size_);
#endif
    self->body_();
    self->done_ = true;
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(nullptr, self->outside_stack_, self->outside_size_);
    swapcontext(&self->inside_, &self->outside_);
#else
    _longjmp(self->outside_, 1);
#endif
}

#ifdef __SANITIZE_ADDRESS__

void Fiber::resume() {
    void* fake_stack = nullptr;
    __sanitizer_start_switch_fiber(&fake_stack, inside_.uc_stack.ss_sp, inside_.uc_stack.ss_size);
    swapcontext(&outside_, &inside_);
    __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
}

void Fiber::suspend() {
    __sanitizer_start_switch_fiber(&fake_stack_, outside_stack_, outside_size_);
    swapcontext(&inside_, &outside_);
    __sanitizer_finish_switch_fiber(fake_stack_, &outside_stack_, &outside_size_);
}

#else

void Fiber::resume() {
    if (_setjmp(outside_) != 0) {
        return;
    }
    if (entered_) {
        _longjmp(suspended_, 1);
    }
    entered_ = true;
    setcontext(&inside_);
}

void Fiber::suspend() {
    if (_setjmp(suspended_) == 0) {
        _longjmp(outside_, 1);
    }
}

#endif

}  // namespace memcache_session::sim

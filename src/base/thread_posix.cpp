#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <new>

#include "src/base/thread.h"

namespace memcache_session {

namespace {

// Enough for the resolver of the system and for OpenSSL.
constexpr size_t kStackSize = size_t{512} << 10;

struct Work {
    void (*work)(void* context);
    void* context;
};

void* run(void* argument) {
    const std::unique_ptr<Work> work(static_cast<Work*>(argument));
    work->work(work->context);
    return nullptr;
}

// PHP unloads an extension before the process ends, perhaps while a thread runs its code.
bool keep_loaded() {
    Dl_info info{};
    void* const here = reinterpret_cast<void*>(&start_background_thread);
    if (dladdr(here, &info) != 0 && info.dli_fname != nullptr) {
        // Fails for a program that has this code itself, which is never unloaded.
        static_cast<void>(dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE));
    }
    return true;
}

}  // namespace

int start_background_thread(void (*work)(void* context), void* context) {
    static const bool kept = keep_loaded();
    static_cast<void>(kept);
    std::unique_ptr<Work> started(new (std::nothrow) Work{work, context});
    if (!started) {
        return ENOMEM;
    }
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0) {
        return error;
    }
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, kStackSize);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // a new thread inherits the mask
    pthread_t thread;
    error = pthread_create(&thread, &attributes, run, started.get());
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    if (error == 0) {
        static_cast<void>(started.release());  // the thread deletes it
    }
    return error;
}

}  // namespace memcache_session

#include <windows.h>

#include <memory>
#include <new>

#include "src/base/thread.h"

namespace memcache_session {

namespace {

constexpr SIZE_T kStackSize = SIZE_T{512} << 10;

struct Work {
    void (*work)(void* context);
    void* context;
};

DWORD WINAPI run(void* argument) {
    const std::unique_ptr<Work> work(static_cast<Work*>(argument));
    work->work(work->context);
    return 0;
}

// PHP unloads an extension before the process ends, perhaps while a thread runs its code.
bool keep_loaded() {
    HMODULE module = nullptr;
    return GetModuleHandleExA(
               GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
               reinterpret_cast<LPCSTR>(&start_background_thread), &module) != 0;
}

}  // namespace

int start_background_thread(void (*work)(void* context), void* context) {
    static const bool kept = keep_loaded();
    static_cast<void>(kept);
    std::unique_ptr<Work> started(new (std::nothrow) Work{work, context});
    if (!started) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    const HANDLE thread = CreateThread(nullptr, kStackSize, run, started.get(), 0, nullptr);
    if (thread == nullptr) {
        return static_cast<int>(GetLastError());
    }
    static_cast<void>(started.release());  // the thread deletes it
    CloseHandle(thread);
    return 0;
}

}  // namespace memcache_session

#include "src/discovery/asker.h"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include "src/base/process.h"
#include "src/base/thread.h"
#include "src/discovery/ask.h"

namespace memcache_session {

// What the threads have in common.
struct Asker::Shared {
    std::shared_ptr<SourceTable> table;
    std::atomic<bool> stop{false};
    std::atomic<uint32_t> generation{0};  // of the process whose threads are counted
    std::atomic<int> running{0};
};

namespace {

// One ask, which its thread deletes.
template <class Shared>
struct Task {
    std::shared_ptr<Shared> shared;
    Source source;
    SourceTable::Place place;
    SourceTable::Ask ask;

    // These belong to the caller, who waits until `is_ready`.
    std::mutex* mutex;
    std::condition_variable* changed;
    bool* is_ready;

    void run();
    void note_ready() const {
        const std::lock_guard<std::mutex> lock(*mutex);
        *is_ready = true;
        changed->notify_one();
    }
};

template <class Shared>
void Task<Shared>::run() {
    const Resolver resolver(source.server.timeout);
    note_ready();
    SourceTable& table = *shared->table;
    const std::optional<SourceTable::List> known = table.read(place);
    const Answer answer =
        memcache_session::ask(source, resolver, known ? known->nodes : NodeList(), shared->stop);
    if (answer.failure.problem == AskFailure::Problem::kStopped) {
        table.give_up(place, ask);
    } else if (answer.failure) {
        table.give_failure(place, ask, answer.failure, SystemClock().now());
    } else {
        table.give_list(place, ask, answer.nodes, SystemClock().now());
    }
}

template <class Shared>
void run_task(void* context) {
    const std::unique_ptr<Task<Shared>> task(static_cast<Task<Shared>*>(context));
    const std::shared_ptr<Shared> shared = task->shared;
    try {
        task->run();
    } catch (const std::exception&) {
        // Memory is short. The ask counts as under way until another one is begun.
    }
    shared->running.fetch_sub(1);
}

}  // namespace

Asker::Asker(std::shared_ptr<SourceTable> table) : shared_(std::make_shared<Shared>()) {
    shared_->table = std::move(table);
}

Asker::~Asker() {
    shared_->stop = true;
    SystemClock clock;
    const TimePoint end = clock.now() + kEndMax;
    const bool has_threads = shared_->generation.load() == process_generation();
    while (has_threads && shared_->running.load() > 0 && clock.now() < end) {
        clock.sleep_until(clock.now() + std::chrono::milliseconds(1));
    }
}

void Asker::ask(const Source& source, SourceTable::Place place, SourceTable::Ask ask) {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_ready = false;
    auto task = std::make_unique<Task<Shared>>(
        Task<Shared>{shared_, source, place, ask, &mutex, &changed, &is_ready});
    const uint32_t generation = process_generation();
    if (shared_->generation.exchange(generation) != generation) {
        shared_->running.store(0);  // the threads of the parent are not in this process
    }
    shared_->running.fetch_add(1);
    const int error = start_background_thread(run_task<Shared>, task.get());
    if (error != 0) {
        shared_->running.fetch_sub(1);
        const Failure failure{FailureKind::kConnect, error};
        shared_->table->give_failure(place, ask, {AskFailure::Problem::kNoThread, failure},
                                     SystemClock().now());
        return;
    }
    static_cast<void>(task.release());
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return is_ready; });
}

}  // namespace memcache_session

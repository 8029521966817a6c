#include "src/worker/worker.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

#include "src/base/process.h"
#include "src/base/text.h"
#include "src/worker/session_options.h"

namespace memcache_session {
namespace {

// A clone of a running virtual machine draws from the system's source of its own after so many
// sessions.
constexpr uint32_t kSessionsPerSeed = 1000;

uint64_t wall_clock_ns() {
    using std::chrono::nanoseconds;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<uint64_t>(std::chrono::duration_cast<nanoseconds>(now).count());
}

}  // namespace

Worker::Worker(HealthTable& health, std::shared_ptr<HolderTable> holders)
    : health_(health), processes_(std::move(holders)) {}

Worker::~Worker() = default;

Result<std::shared_ptr<const Pool>> Worker::pool_for(const OpenParameters& opening) {
    const Settings& settings = opening.settings;
    return pools_.get({settings.save_path.empty() ? opening.save_path : settings.save_path,
                       opening.save_path_id, settings.default_port, settings.placement});
}

// Workers are forked from one process, and each must draw lock tokens of its own.
void Worker::know_process() {
    const uint32_t process = process_generation();
    if (process_known_ && process_ == process) {
        return;
    }
    processes_.renew();
    sessions_until_seed_ = 0;
    pid_ = process_id();
    process_ = process;
    process_known_ = true;
}

// See Random.
void Worker::freshen_random() {
    if (sessions_until_seed_ == 0) {
        random_ = Random(system_random());
        sessions_until_seed_ = kSessionsPerSeed;
    }
    --sessions_until_seed_;
    random_.stir(wall_clock_ns());
}

OpenedSession* Worker::find(const void* mod_data) const noexcept {
    for (const std::unique_ptr<OpenedSession>& session : open_) {
        if (session.get() == mod_data) {
            return session.get();
        }
    }
    return nullptr;
}

CallResult Worker::open(const OpenParameters& opening, OpenedSession** session) noexcept {
    assert(*session == nullptr || find(*session) == *session);
    close_all_but(*session);
    const CallResult result = guard_.run([&] {
        know_process();
        freshen_random();
        const Result<std::shared_ptr<const Pool>> pool = pool_for(opening);
        if (!pool.ok()) {
            return guard_.failed(pool.status().message());
        }
        SessionOptions options = session_options(opening, pid_);
        if (opening.settings.merging != options.merging) {
            log_.add_unmergeable(opening.serialize_handler);
        }
        if (*session == nullptr || &(*session)->pool() != pool.value().get() ||
            !are_same((*session)->options(), options)) {
            close(std::exchange(*session, nullptr));
            assert(open_.empty());
            const WorkerParts parts{connections_, trips_,     meta_servers_, health_,
                                    dialect_,     probes_,    clocks_,       clock_,
                                    random_,      processes_, guard_,        log_};
            open_.push_back(
                std::make_unique<OpenedSession>(pool.value(), std::move(options), parts));
            *session = open_.back().get();
        }
        (*session)->set_never_locks(opening.without_lock);
        (*session)->set_memory_left(opening.memory_left);
        return succeeded();
    });
    if (result.answer == Answer::kFailed) {
        close(std::exchange(*session, nullptr));
    }
    return result;
}

void Worker::close(OpenedSession* session) noexcept {
    if (session == nullptr) {
        return;
    }
    session->release();
    const auto found = std::find_if(open_.begin(), open_.end(),
                                    [session](const auto& open) { return open.get() == session; });
    assert(found != open_.end());
    open_.erase(found);
}

void Worker::close_all_but(const OpenedSession* kept) noexcept {
    for (size_t i = open_.size(); i > 0; --i) {
        if (open_[i - 1].get() != kept) {
            close(open_[i - 1].get());
        }
    }
}

const PoolStatus& Worker::pool_status(const OpenParameters& opening) noexcept {
    guard_.run([&] {
        pool_status_ = PoolStatus();
        const Result<std::shared_ptr<const Pool>> pool = pool_for(opening);
        if (pool.ok()) {
            pool_status_ =
                memcache_session::pool_status(*pool.value(), health_, meta_servers_, clock_.now());
        } else {
            pool_status_.problem = printable(pool.status().message());
        }
        return succeeded();
    });
    return pool_status_;
}

Worker* make_worker(HealthTable& health, const std::shared_ptr<HolderTable>& holders) noexcept {
    try {
        return new Worker(health, holders);
    } catch (const std::exception&) {
        return nullptr;
    }
}

}  // namespace memcache_session

#include "src/worker/worker.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

#include "src/base/process.h"
#include "src/base/text.h"
#include "src/worker/look_exchange.h"
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

Worker::Worker(HealthTable& health, std::shared_ptr<HolderTable> holders, Statistics* statistics,
               Discovery* discovery)
    : health_(health),
      statistics_(statistics),
      processes_(std::move(holders)),
      followed_pools_(discovery != nullptr
                          ? std::optional<FollowedPools>(std::in_place, *discovery, clock_)
                          : std::nullopt),
      pools_(followed_pools_ ? &*followed_pools_ : nullptr) {}

Worker::~Worker() = default;

Result<std::shared_ptr<const Pool>> Worker::pool_for(const OpenParameters& opening) {
    const Settings& settings = opening.settings;
    Result<std::shared_ptr<const Pool>> pool =
        pools_.get({settings.save_path.empty() ? opening.save_path : settings.save_path,
                    opening.save_path_id, settings.default_port, settings.placement});
    if (followed_pools_ && followed_pools_->has_events()) {
        take_source_events();
    }
    return pool;
}

void Worker::take_source_events() {
    const SourceEvents events = followed_pools_->take_events();
    for (const std::string& line : events.lines) {
        log_.add_line(line);
    }
    for (const Endpoint& endpoint : events.removed) {
        connections_.close(endpoint);
        meta_servers_.forget(endpoint);
    }
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

WorkerParts Worker::parts(ServerTrips& trips) {
    return {connections_, trips,   meta_servers_, health_, dialect_, probes_,    clocks_,
            clock_,       random_, processes_,    guard_,  log_,     statistics_};
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
            if (statistics_ != nullptr && opening.settings.counting) {
                statistics_->totals.add(Event::kRefusedInvalid);
            }
            return guard_.failed(pool.status().message());
        }
        SessionOptions options = session_options(opening, pid_);
        if (is_unmergeable(opening)) {
            log_.add_unmergeable(opening.serialize_handler);
        }
        if (*session == nullptr || &(*session)->pool() != pool.value().get() ||
            !are_same((*session)->options(), options)) {
            close(std::exchange(*session, nullptr));
            assert(open_.empty());
            open_.push_back(
                std::make_unique<OpenedSession>(pool.value(), std::move(options), parts()));
            *session = open_.back().get();
        }
        (*session)->set_id_sent(opening.id_sent);
        (*session)->set_never_locks(opening.without_lock);
        (*session)->set_memory_left(opening.memory_left);
        keep_carried(**session);
        (*session)->carry(opening.id_changes ? std::move(carried_) : std::nullopt);
        carried_.reset();
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
    keep_carried(*session);
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

// The class around a SessionHandler may leave the session of the old id open.
void Worker::keep_carried(OpenedSession& session) noexcept {
    if (std::optional<CarriedChanges> carried = session.take_carried()) {
        carried_ = std::move(carried);
    }
}

void Worker::end_request() noexcept {
    close_all_but(nullptr);
    carried_.reset();
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
        pool_status_.sources = pools_.sources(clock_.now());
        return succeeded();
    });
    return pool_status_;
}

std::vector<AskedServer> Worker::asked(const Pool& pool, bool meta) {
    LookExchange look(pool, parts(), meta);
    std::vector<AskedServer> answers = ask_servers(pool, look.exchange);
    log_.add(look.exchange.take_events(), pool);
    return answers;
}

const StatusReport* Worker::status_report(const OpenParameters& opening, bool ask) noexcept {
    const CallResult made = guard_.run([&] {
        if (statistics_ == nullptr) {
            return CallResult();
        }
        StatusReport report;
        const TimePoint now = clock_.now();
        const Result<std::shared_ptr<const Pool>> pool = pool_for(opening);
        if (pool.ok()) {
            const std::vector<AskedServer> answers =
                ask ? asked(*pool.value(), opening.settings.meta) : std::vector<AskedServer>();
            report.servers = server_reports(
                *pool.value(),
                memcache_session::pool_status(*pool.value(), health_, meta_servers_, now),
                statistics_->servers, now);
            for (size_t i = 0; i < answers.size(); ++i) {
                report.servers[i].asked = answers[i];
            }
        } else {
            report.problem = printable(pool.status().message());
        }
        report.sources = pools_.sources(now);
        report.is_shared = statistics_->totals.is_shared();
        report.since = statistics_->totals.since();
        report.now = clock_.unix_time();
        report.figures = statistics_->totals.read();
        report.minutes = statistics_->totals.last_hour(now);
        status_report_ = std::move(report);
        return succeeded();
    });
    return made.answer == Answer::kOk ? &status_report_ : nullptr;
}

void Worker::reset_status() noexcept {
    if (statistics_ != nullptr) {
        statistics_->totals.reset(clock_.unix_time());
        statistics_->servers.reset();
    }
}

const SessionReport* Worker::inspect(const OpenParameters& opening, std::string_view sid) noexcept {
    const CallResult made = guard_.run([&] {
        know_process();
        session_report_ = SessionReport();
        const Result<std::shared_ptr<const Pool>> pool = pool_for(opening);
        if (pool.ok()) {
            session_report_ =
                session_report(pool.value(), session_options(opening, pid_), parts(), sid);
        } else {
            session_report_.problem = printable(pool.status().message());
        }
        return succeeded();
    });
    return made.answer == Answer::kOk ? &session_report_ : nullptr;
}

CallResult Worker::kill(const OpenParameters& opening, std::string_view sid,
                        int64_t lifetime) noexcept {
    return guard_.run([&] {
        know_process();
        freshen_random();
        const Result<std::shared_ptr<const Pool>> pool = pool_for(opening);
        if (!pool.ok()) {
            return guard_.failed(pool.status().message());
        }
        ServerTrips trips(clock_, dialect_);  // the others may be those of an open session
        OpenedSession session(pool.value(), session_options(opening, pid_), parts(trips));
        const CallResult destroyed = session.destroy(sid, lifetime);
        session.release();
        return destroyed;
    });
}

Worker* make_worker(HealthTable& health, const std::shared_ptr<HolderTable>& holders,
                    Statistics* statistics, Discovery* discovery) noexcept {
    try {
        return new Worker(health, holders, statistics, discovery);
    } catch (const std::exception&) {
        return nullptr;
    }
}

}  // namespace memcache_session

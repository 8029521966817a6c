#include "src/worker/worker.h"

#include <algorithm>
#include <exception>
#include <new>
#include <random>
#include <tuple>
#include <utility>

#include "src/base/process.h"
#include "src/base/text.h"
#include "src/session/messages.h"
#include "src/worker/key_prefix.h"
#include "src/worker/opened_session.h"

namespace memcache_session {
namespace {

constexpr const char* kUnread =
    "the session was not read, so it is not stored: what PHP has would replace what is there";
constexpr const char* kReadFromElsewhere =
    "the session was read under another id, and this one holds another session: nothing was "
    "stored, and what is stored stays";

SessionOptions options_for(const OpenParameters& opening, int64_t pid) {
    const Settings& settings = opening.settings;
    SessionOptions options;
    options.key_prefix = key_prefix(settings, opening.server_name);
    options.redundancy = settings.redundancy;
    options.allow_failover = settings.allow_failover;
    options.failover_attempts_max = settings.failover_attempts_max;
    options.locking = settings.locking;
    options.lock_failure = settings.lock_failure;
    options.lock.timeout = settings.lock_timeout;
    options.lock.wait = settings.lock_wait;
    options.lock.waiters_max = settings.lock_waiters_max;
    options.compress_threshold = settings.compress_threshold;
    options.lock.pid = pid;
    options.lock.request_path = opening.request_path;
    return options;
}

bool same(const SessionOptions& a, const SessionOptions& b) {
    const auto all_of = [](const SessionOptions& options) {
        return std::tie(options.key_prefix, options.redundancy, options.allow_failover,
                        options.failover_attempts_max, options.locking, options.lock_failure,
                        options.lock.timeout, options.lock.wait, options.lock.waiters_max,
                        options.compress_threshold, options.lock.pid, options.lock.request_path);
    };
    return all_of(a) == all_of(b);
}

uint64_t random_seed() {
    std::random_device device;
    return static_cast<uint64_t>(device()) << 32 | device();
}

// Servers may have put any bytes into a message.
std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char byte) { return byte < ' ' || byte == 127; },
        '?');
    return text;
}

std::string health_line(const HealthEvent& event, const Pool& pool) {
    const Server& server = pool.servers[event.server];
    std::string line = "memcache_session: server " + server.name();
    if (!event.down) {
        return line + " is back, it was down for " + seconds_text(event.outage);
    }
    line += " is down: " + describe(event.failure, server.timeout);
    if (server.retry_interval.count() > 0) {
        line += "; it is left alone for " + seconds_text(server.retry_interval);
    }
    return line + (pool.servers.size() > 1 ? "; sessions go on with the other servers"
                                           : "; no session can be opened until it is back");
}

std::string state_of(const Server& server, const HealthTable::Snapshot& health) {
    if (!health.down) {
        return "up";
    }
    return "down for " + seconds_text(health.down_for) + ": " +
           describe(health.failure, server.timeout) + "; left alone for another " +
           seconds_text(health.left_alone_for);
}

}  // namespace

Worker::Worker(HealthTable& health) : health_(health) {}

Worker::~Worker() = default;

// Whatever is thrown below the glue comes from the library: there is no memory, as a rule.
template <class Call>
Outcome Worker::guarded(Call call) noexcept {
    Outcome outcome;
    try {
        return call();
    } catch (const std::bad_alloc&) {
        outcome.warning = "there is not enough memory to handle the session";
    } catch (const std::exception&) {
        outcome.warning = "the session cannot be handled because of an internal error";
    }
    return outcome;
}

Outcome Worker::failure(std::string warning) {
    warning_ = printable(std::move(warning));
    Outcome outcome;
    outcome.warning = warning_;
    return outcome;
}

Outcome Worker::outcome_of(OpenedSession& session, Answer answer) {
    note_health(session);
    if (answer == Answer::kFailed) {
        return failure(session.session().warning());
    }
    Outcome outcome;
    outcome.answer = answer;
    return outcome;
}

void Worker::note_health(OpenedSession& session) {
    for (const HealthEvent& event : session.exchange().take_events()) {
        log_lines_.push_back(printable(health_line(event, session.pool())));
    }
}

Result<std::shared_ptr<const Pool>> Worker::pool_for(const OpenParameters& opening) {
    const Settings& settings = opening.settings;
    return pools_.get({settings.save_path.empty() ? opening.save_path : settings.save_path,
                       settings.default_port, settings.placement});
}

// Workers are forked from one process: each must draw its own lock tokens.
void Worker::know_process() {
    if (process_known_ && process_ == process_generation()) {
        return;
    }
    random_ = Random(random_seed());
    pid_ = process_id();
    process_ = process_generation();
    process_known_ = true;
}

OpenedSession* Worker::find(const void* mod_data) const noexcept {
    for (const std::unique_ptr<OpenedSession>& session : open_) {
        if (session.get() == mod_data) {
            return session.get();
        }
    }
    return nullptr;
}

void Worker::close_all_but(const OpenedSession* kept) noexcept {
    for (size_t i = open_.size(); i > 0; --i) {
        if (open_[i - 1].get() != kept) {
            close(open_[i - 1].get());
        }
    }
}

Outcome Worker::open(const OpenParameters& opening, OpenedSession** session) noexcept {
    close_all_but(*session);
    Outcome outcome = guarded([&] {
        know_process();
        const Result<std::shared_ptr<const Pool>> pool = pool_for(opening);
        if (!pool.ok()) {
            return failure(pool.status().message());
        }
        SessionOptions options = options_for(opening, pid_);
        if (*session == nullptr || &(*session)->pool() != pool.value().get() ||
            !same((*session)->session().options(), options)) {
            close(std::exchange(*session, nullptr));
            open_.push_back(std::make_unique<OpenedSession>(pool.value(), std::move(options),
                                                            connections_, health_, clock_, random_,
                                                            processes_));
            *session = open_.back().get();
        }
        (*session)->without_lock = opening.without_lock;
        Outcome opened;
        opened.answer = Answer::kOk;
        return opened;
    });
    if (outcome.answer == Answer::kFailed) {
        close(std::exchange(*session, nullptr));
    }
    return outcome;
}

void Worker::id_created(OpenedSession& session, std::string_view sid) noexcept {
    guarded([&] {
        session.session().id_created(sid);
        return Outcome();
    });
}

Outcome Worker::validate(OpenedSession& session, std::string_view sid, bool lock) noexcept {
    lock = lock && !session.without_lock;
    return guarded([&] { return outcome_of(session, session.session().validate(sid, lock)); });
}

Outcome Worker::read(OpenedSession& session, std::string_view sid, bool lock) noexcept {
    session.read_confirmed = false;
    lock = lock && !session.without_lock;
    return guarded([&] {
        session.read_sid = sid;
        std::string_view value;
        Outcome outcome = outcome_of(session, session.session().read(sid, lock, &value));
        outcome.value = value;
        return outcome;
    });
}

void Worker::confirm_read(OpenedSession& session) noexcept {
    session.read_confirmed = true;
}

// PHP must have got what is there. A SessionHandler subclass may have read another id in place of
// this one: then this one is read now, and stored if it is new or the same: nothing is lost.
Outcome Worker::may_store(OpenedSession& session, std::string_view sid, std::string_view value) {
    Outcome outcome;
    outcome.answer = Answer::kOk;
    if (!session.read_confirmed) {
        outcome = failure(kUnread);
    } else if (session.read_sid != sid) {
        outcome = read(session, sid, true);
        if (outcome.answer == Answer::kOk && !outcome.value.empty() && outcome.value != value) {
            outcome = failure(kReadFromElsewhere);
        }
        session.read_confirmed = outcome.answer == Answer::kOk;
    }
    if (outcome.answer == Answer::kFailed) {
        release(session);
    }
    return outcome;
}

Outcome Worker::write(OpenedSession& session, std::string_view sid, std::string_view value,
                      int64_t lifetime) noexcept {
    return guarded([&] {
        const Outcome allowed = may_store(session, sid, value);
        return allowed.answer == Answer::kOk
                   ? outcome_of(session, session.session().write(sid, value, lifetime))
                   : allowed;
    });
}

Outcome Worker::update_timestamp(OpenedSession& session, std::string_view sid,
                                 std::string_view value, int64_t lifetime) noexcept {
    return guarded([&] {
        const Outcome allowed = may_store(session, sid, value);
        return allowed.answer == Answer::kOk
                   ? outcome_of(session, session.session().update_timestamp(sid, value, lifetime))
                   : allowed;
    });
}

Outcome Worker::destroy(OpenedSession& session, std::string_view sid, int64_t lifetime) noexcept {
    return guarded([&] { return outcome_of(session, session.session().destroy(sid, lifetime)); });
}

void Worker::release(OpenedSession& session) noexcept {
    guarded([&] {
        session.session().close();
        note_health(session);
        return Outcome();
    });
}

void Worker::close(OpenedSession* session) noexcept {
    if (session == nullptr) {
        return;
    }
    release(*session);
    const auto found = std::find_if(open_.begin(), open_.end(),
                                    [session](const auto& open) { return open.get() == session; });
    open_.erase(found);
}

const char* Worker::next_log_line() noexcept {
    if (log_lines_taken_ == log_lines_.size()) {
        log_lines_.clear();
        log_lines_taken_ = 0;
        return nullptr;
    }
    return log_lines_[log_lines_taken_++].c_str();
}

const std::vector<ServerState>& Worker::server_states(const OpenParameters& opening) noexcept {
    guarded([&] {
        server_states_.clear();
        const Result<std::shared_ptr<const Pool>> pool = pool_for(opening);
        if (!pool.ok()) {
            server_states_.push_back({"none", printable(pool.status().message())});
            return Outcome();
        }
        for (const Server& server : pool.value()->servers) {
            server_states_.push_back(
                {server.name(), state_of(server, health_.snapshot(server, clock_.now()))});
        }
        return Outcome();
    });
    return server_states_;
}

Worker* make_worker(HealthTable& health) noexcept {
    try {
        return new Worker(health);
    } catch (const std::exception&) {
        return nullptr;
    }
}

}  // namespace memcache_session

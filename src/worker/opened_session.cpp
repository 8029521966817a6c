#include "src/worker/opened_session.h"

#include <utility>

namespace memcache_session {
namespace {

constexpr const char* kUnread =
    "the session was not read, so it was not stored: the value that PHP has would replace the "
    "stored session";
constexpr const char* kReadFromElsewhere =
    "the session was read under another id, and this id belongs to another session: nothing was "
    "stored, and the stored session was not changed";

}  // namespace

OpenedSession::OpenedSession(std::shared_ptr<const Pool> pool, SessionOptions options,
                             const WorkerParts& parts)
    : pool_(std::move(pool)),
      guard_(parts.guard),
      log_(parts.log),
      probes_(parts.probes),
      statistics_(parts.statistics),
      counted_(options.counting ? parts.statistics : nullptr),
      budget_(parts.clock),
      exchange_(pool_->servers, parts.connections, parts.health, parts.clock, parts.dialect,
                &parts.probes, &budget_, options.meta ? &parts.meta_servers : nullptr, &parts.trips,
                counted_ != nullptr ? &counted_->servers : nullptr),
      dated_exchange_(exchange_, pool_->servers, parts.clock, parts.random, parts.clocks),
      session_({*pool_, dated_exchange_, parts.clock, parts.random, parts.processes, budget_,
                counted_ != nullptr ? &counted_->totals : nullptr},
               std::move(options)) {}

void OpenedSession::collect_log_lines() {
    log_.add(exchange_.take_events(), *pool_);
    log_.add_recovered(probes_.take_recovered());
    log_.add_clocks(dated_exchange_.take_ahead(), *pool_);
}

CallResult OpenedSession::result_of(Answer answer) {
    collect_log_lines();
    if (answer == Answer::kFailed) {
        return guard_.failed(session_.warning());
    }
    if (!session_.lost_note().empty()) {
        log_.add_lost(session_.lost_note(), options().lock.request_path);
    }
    CallResult result;
    result.answer = answer;
    return result;
}

void OpenedSession::id_created(std::string_view sid) noexcept {
    guard_.run([&] {
        session_.id_created(sid);
        return succeeded();
    });
}

CallResult OpenedSession::validate(std::string_view sid, bool lock) noexcept {
    lock = lock && !never_locks_;
    return guard_.run([&] { return result_of(session_.validate(sid, lock)); });
}

CallResult OpenedSession::read(std::string_view sid, bool lock) noexcept {
    read_confirmed_ = false;
    lock = lock && !never_locks_;
    return guard_.run([&] {
        read_sid_ = sid;
        std::string_view value;
        CallResult result = result_of(session_.read(sid, lock, &value));
        result.value = value;
        return result;
    });
}

CallResult OpenedSession::misused(const char* why) {
    if (counted_ != nullptr) {
        counted_->totals.add(Event::kRefusedInvalid);
    }
    return guard_.failed(why);
}

// A subclass of SessionHandler may have read another id in place of this one. Then this one is read
// now, and stored if it is new or the same, so that nothing is lost.
CallResult OpenedSession::check_before_store(std::string_view sid, std::string_view value) {
    CallResult result = succeeded();
    if (!read_confirmed_) {
        result = misused(kUnread);
    } else if (read_sid_ != sid) {
        result = read(sid, true);
        if (result.answer == Answer::kOk && !result.value.empty() && result.value != value) {
            result = misused(kReadFromElsewhere);
        }
        read_confirmed_ = result.answer == Answer::kOk;
    }
    if (result.answer == Answer::kFailed) {
        release();
    }
    return result;
}

CallResult OpenedSession::write(std::string_view sid, std::string_view value, int64_t lifetime,
                                Next next) noexcept {
    return guard_.run([&] {
        CallResult result = check_before_store(sid, value);
        if (result.answer == Answer::kOk) {
            result = result_of(session_.write(sid, value, lifetime, next));
            log_size(session_.stored_size().value_or(0));
        }
        return result;
    });
}

// Sizes are logged without counting, too.
void OpenedSession::log_size(size_t size) {
    const uint32_t warn_size = options().warn_size;
    if (warn_size > 0 && size > warn_size && statistics_ != nullptr &&
        statistics_->totals.is_first_in_minute(budget_.began())) {
        log_.add_size(size, warn_size, options().lock.request_path);
    }
}

CallResult OpenedSession::update_timestamp(std::string_view sid, std::string_view value,
                                           int64_t lifetime) noexcept {
    return guard_.run([&] {
        const CallResult check = check_before_store(sid, value);
        return check.answer == Answer::kOk
                   ? result_of(session_.update_timestamp(sid, value, lifetime))
                   : check;
    });
}

CallResult OpenedSession::destroy(std::string_view sid, int64_t lifetime, Next next) noexcept {
    return guard_.run([&] { return result_of(session_.destroy(sid, lifetime, next)); });
}

void OpenedSession::release() noexcept {
    guard_.run([&] {
        session_.close();
        collect_log_lines();
        return succeeded();
    });
}

}  // namespace memcache_session

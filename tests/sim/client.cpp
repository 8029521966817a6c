#include "tests/sim/client.h"

#include <algorithm>

#include "src/replica/version.h"
#include "tests/sim/checker.h"
#include "tests/sim/text.h"

namespace memcache_session::sim {

namespace {

constexpr SimTime kForeignThinkMax = kSecond / 2;

SessionOptions session_options(const Settings& settings, int64_t pid, bool merges) {
    SessionOptions options;
    options.redundancy = settings.redundancy;
    options.allow_failover = settings.allow_failover;
    options.search = settings.search;
    options.locking = settings.locking;
    options.lock.waiters_max = settings.lock_waiters;
    options.lock_failure =
        settings.read_only_on_lock_failure ? LockFailure::kReadOnly : LockFailure::kFail;
    options.lock.timeout = Duration(settings.lease);
    options.lock.wait = Duration(settings.lock_wait);
    options.lifetime = settings.lifetime;
    options.compress_threshold = 0;
    if (merges) {
        options.merging = settings.last_wins ? Merging::kLast : Merging::kFail;
    }
    options.lock.pid = pid;
    options.lock.request_path = "/";
    return options;
}

}  // namespace

struct Client::Use {
    const Event& event;
    std::string sid;
    RequestRecord record;

    bool asks_for_lock() const {
        return event.operation != Operation::kPeek && event.operation != Operation::kLateLock;
    }
};

Client::Client(const ClientParts& parts, uint32_t slot, uint32_t machine_number, Machine& machine)
    : parts_(parts),
      machine_(machine),
      process_(parts.timeline, slot, machine_number),
      clock_(parts.timeline, process_, machine.clock_offset, machine.clock_skew),
      budget_(clock_),
      exchange_(parts.servers, parts.cluster, parts.timeline, process_, clock_, machine.health,
                budget_, parts.trace),
      random_(parts.scenario.seed * 64 + slot) {}

void Client::start() {
    process_.start([this] {
        for (const Event& event : parts_.scenario.events) {
            if (event.kind == EventKind::kRequest && event.process == process_.slot()) {
                process_.wait(event.at);
                serve(event);
            }
        }
    });
}

void Client::arm_death(const Event& request) {
    dies_thinking_ = may_die_now_ = false;
    if (!machine_.all_agree) {
        return;
    }
    for (const Event& event : parts_.scenario.events) {
        if (event.kind == EventKind::kDeath && event.request == request.number) {
            dies_thinking_ = event.phase == 0;
            may_die_now_ = true;
            exchange_.set_death(event.phase, event.sends);
        }
    }
}

bool Client::may_die_later() const {
    const std::vector<Event>& events = parts_.scenario.events;
    return std::any_of(events.begin(), events.end(), [&](const Event& death) {
        return death.kind == EventKind::kDeath &&
               std::any_of(events.begin(), events.end(), [&](const Event& request) {
                   return request.kind == EventKind::kRequest && request.number == death.request &&
                          request.process == process_.slot() &&
                          (request.at > served_at_ ||
                           (request.at == served_at_ && pool_ != nullptr));
               });
    });
}

void Client::serve(const Event& event) {
    served_at_ = event.at;
    exchange_.begin_request(parts_.scenario.seed * 1000003 + event.number);
    arm_death(event);
    Use use{event, session_name(event.session), {}};
    use.record.number = event.number;
    use.record.process = process_.slot();
    use.record.machine = process_.machine();
    use.record.session = event.session;
    use.record.exchange = &exchange_;
    use.record.foreign = is_foreign();
    use.record.merging = merges();
    use.record.asks_for_lock = use.asks_for_lock();
    use.record.variable = event.variable;
    use.record.pool = pool_ = machine_.pool;
    use.record.locking =
        is_foreign() || (parts_.scenario.settings.locking && !merges() && use.asks_for_lock());
    if (parts_.trace.on()) {
        parts_.trace.line("p" + std::to_string(process_.slot()), "--- " + describe(event));
    }
    parts_.checker.request_begins(&use.record);
    if (is_foreign()) {
        serve_as_pecl(use);
        pool_ = nullptr;
        return;
    }
    try {
        PoolExchange exchange(exchange_, *pool_);
        const SessionParts session_parts{pool_->as_configured(), exchange, clock_, random_,
                                         *machine_.processes,    budget_};
        Session session(session_parts,
                        session_options(parts_.scenario.settings, process_.pid(), merges()));
        serve_with(session, use);
        close(session, use);
        exchange_.end_request(parts_.scenario.settings.persistent);
    } catch (const Killed&) {
        if (!exchange_.misuse().empty()) {
            parts_.checker.fail("misuse of the exchange", exchange_.misuse());
        }
        exchange_.die();
        process_.renew_pid();
        parts_.checker.request_dies(&use.record);
        if (parts_.trace.on()) {
            parts_.trace.line("p" + std::to_string(process_.slot()), "is killed");
        }
    }
    if (pool_ != machine_.pool) {
        parts_.cluster.disturbed();  // the last request with the old pool may have ended
    }
    pool_ = nullptr;
}

// Reads under the lock and writes over any value, as pecl/memcache does with one copy.
// pecl/memcache continues without the lock after too long a wait. This request ends then.
void Client::serve_as_pecl(Use& use) {
    const std::string& key = use.sid;
    const std::string lock = key + ".lock";
    SimServer& server = parts_.cluster.server(pool_->first_of_all(key, 1).front());
    Checker& checker = parts_.checker;
    if (lock_as_pecl(server, lock)) {
        checker.read_begins(&use.record);
        use.record.lease_from = timeline_now();
        const SimServer::Item* item = server.find(key, timeline_now());
        const bool found = item != nullptr && !ItemFlags::is_tombstone(item->flags);
        const std::string value = found ? item->value : "";
        const std::string_view view = value;
        checker.read_ends(&use.record, &view, "");
        process_.wait(timeline_now() + 1 + use.event.think % kForeignThinkMax);
        const WriteNumber number = checker.write_begins(&use.record);
        use.record.value.add(use.record.variable, number);
        server.run(Command::set(key, use.record.value.text(use.record.session), 0,
                                static_cast<int32_t>(parts_.scenario.settings.lifetime)),
                   timeline_now());
        server.run(Command::set(lock, kFreeLock, kLockFlags, 0), timeline_now());
        checker.write_ends(&use.record, number, true, false, "");
        if (parts_.trace.on()) {
            parts_.trace.line("p" + std::to_string(process_.slot()),
                              "read \"" + value + "\", stores " + std::to_string(number));
        }
    }
    checker.close_begins(&use.record);
    checker.request_ends(&use.record);
}

bool Client::lock_as_pecl(SimServer& server, const std::string& lock) {
    const SimTime lease = parts_.scenario.settings.lease;
    const SimTime give_up = timeline_now() + 2 * lease;
    for (SimTime sleep = 5 * kMillisecond; timeline_now() < give_up; sleep *= 2) {
        process_.wait(timeline_now() + kMillisecond);
        const std::optional<uint64_t> number = server.increment(lock, timeline_now());
        if (number ? *number == 1
                   : server.run(Command::add(lock, "1", kLockFlags,
                                             static_cast<int32_t>(lease / kSecond)),
                                timeline_now())
                             .kind == ReplyKind::kDone) {
            return true;
        }
        process_.wait(timeline_now() + sleep);
    }
    return false;
}

bool Client::is_foreign() const {
    return (parts_.scenario.settings.foreign_processes >> process_.slot() & 1) != 0;
}

void Client::serve_with(Session& session, Use& use) {
    const Operation operation = use.event.operation;
    if (operation == Operation::kCreate) {
        session.id_created(use.sid);
    }
    if (!read(session, use)) {
        return;
    }
    think(use);
    switch (operation) {
        case Operation::kPeek:
        case Operation::kAbort:
            return;
        case Operation::kReset:
            if (!read(session, use)) {
                return;
            }
            break;
        case Operation::kLookUp:
            look_up(session, use);
            break;
        case Operation::kTouch:
            touch(session, use);
            return;
        case Operation::kDestroy:
            destroy(session, use);
            return;
        case Operation::kWrite:
        case Operation::kLateLock:
        case Operation::kCreate:
        case Operation::kTooLarge:
            break;
    }
    write(session, use, operation == Operation::kTooLarge);
}

bool Client::merges() const {
    return (parts_.scenario.settings.merging_processes >> process_.slot() & 1) != 0;
}

// PHP's session_start(). False if the request goes on without the session.
bool Client::read(Session& session, Use& use) {
    Checker& checker = parts_.checker;
    checker.read_begins(&use.record);
    std::string_view value;
    if (use.event.strict &&
        session.validate(use.sid, use.record.merging ? use.asks_for_lock() : use.record.locking) ==
            Answer::kMissing) {
        // PHP makes another id, and the visitor has an empty session
        use.record.lease_from = timeline_now();
        checker.read_ends(&use.record, &value, "");
        return false;
    }
    const Answer answer = session.read(
        use.sid, use.record.merging ? use.asks_for_lock() : use.record.locking, &value);
    use.record.lease_from = exchange_.last_phase_begin();
    const std::string copy(value);
    const std::string_view view = copy;
    if (parts_.trace.on()) {
        parts_.trace.line(
            "p" + std::to_string(process_.slot()),
            answer == Answer::kOk ? "reads \"" + copy + "\"" : "cannot open: " + session.warning());
    }
    checker.read_ends(&use.record, answer == Answer::kOk ? &view : nullptr, session.warning());
    return answer == Answer::kOk;
}

SimTime Client::timeline_now() const {
    return parts_.timeline.now();
}

void Client::think(Use& use) {
    if (use.event.think > 0) {
        process_.wait(timeline_now() + use.event.think);
    }
    if (dies_thinking_) {
        throw Killed();
    }
}

void Client::write(Session& session, Use& use, bool too_large) {
    const WriteNumber number = parts_.checker.write_begins(&use.record);
    use.record.value.add(use.record.variable, number);
    std::string value = use.record.value.text(use.record.session);
    if (too_large) {
        value.resize(kItemSizeMax + 1, ' ');
    }
    const Answer answer = session.write(use.sid, value, parts_.scenario.settings.lifetime);
    report("stores " + std::to_string(number), answer, session);
    parts_.checker.write_ends(&use.record, number, answer == Answer::kOk, too_large,
                              session.warning());
}

void Client::touch(Session& session, Use& use) {
    if (use.record.base.empty()) {
        return;  // PHP writes a new session, or does nothing
    }
    parts_.checker.touch_begins(&use.record);
    const Answer answer = session.update_timestamp(
        use.sid, use.record.value.text(use.record.session), parts_.scenario.settings.lifetime);
    report("extends", answer, session);
    parts_.checker.touch_ends(&use.record, answer == Answer::kOk, session.warning());
}

void Client::destroy(Session& session, Use& use) {
    parts_.checker.destroy_begins(&use.record);
    const Answer answer = session.destroy(use.sid, parts_.scenario.settings.lifetime);
    report("destroys", answer, session);
    parts_.checker.destroy_ends(&use.record, answer == Answer::kOk, session.warning());
}

void Client::look_up(Session& session, Use& use) {
    const uint32_t other = (use.record.session + 1) % parts_.scenario.settings.sessions;
    if (other == use.record.session) {
        return;
    }
    parts_.checker.look_up_begins(&use.record);
    const Answer answer = session.validate(session_name(other), true);
    parts_.checker.look_up_ends(&use.record, other, answer == Answer::kMissing);
}

void Client::close(Session& session, Use& use) {
    parts_.checker.close_begins(&use.record);
    session.close();
    parts_.checker.request_ends(&use.record);
}

void Client::report(const std::string& what, Answer answer, const Session& session) const {
    if (parts_.trace.on()) {
        parts_.trace.line("p" + std::to_string(process_.slot()),
                          answer == Answer::kOk ? what : what + ", refused: " + session.warning());
    }
}

}  // namespace memcache_session::sim

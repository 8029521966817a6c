#include "tests/sim/plots.h"

#include <algorithm>

namespace memcache_session::sim {

namespace {

class Plots {
public:
    explicit Plots(ScenarioBuilder* builder) : builder_(*builder), dice_(builder->dice()) {}

    SimTime add(SimTime time) {
        Settings& s = builder_.settings();
        s.servers = s.redundancy = 2;
        s.pool = s.next_pool = ~0U;
        s.foreign_processes = 0;
        s.machines = 2;
        s.processes = 4;
        s.locking = true;
        s.lock_waiters = 0;
        s.read_only_on_lock_failure = false;
        s.lease = 2 * kSecond;
        s.lifetime = 1440;
        s.limited = true;
        s.version_at_begin = std::max<uint16_t>(s.version_at_begin, 1);
        const uint32_t plot = dice_.below(5);
        if (plot < 2) {
            s.servers = s.redundancy = 3;
        } else if (plot == 2) {
            s.lease = 5 * kSecond;
        }
        s.lock_wait = 3 * s.lease;
        switch (plot) {
            case 0:
                return add_two_gaps(time);
            case 1:
                return add_lock_lost_beside_gap(time);
            case 2:
                return add_same_cas_after_restart(time);
            case 3:
                return add_death_over_hung_server(time);
            default:
                return add_late_commit_and_silence(time);
        }
    }

private:
    // A request misses a server and dies during its commit. The next one misses another server.
    SimTime add_two_gaps(SimTime time) {
        const Settings& s = builder_.settings();
        const uint32_t server = dice_.below(3);
        builder_.add_fault_at(time, FaultKind::kCutOff, server, s.timeout + kSecond, 1);
        const Event dying = builder_.add_use(time + kMillisecond, 0, Operation::kWrite, 0);
        builder_.add_death_at(dying, 2 + dice_.below(4), dice_.below(2));
        time += s.timeout + dice_.between(20 * kMillisecond, 200 * kMillisecond);
        builder_.add_fault_at(time, FaultKind::kHang, (server + 1 + dice_.below(2)) % 3,
                              s.lease + 2 * kSecond);
        builder_.add_use(time + kMillisecond, 1,
                         dice_.pick({Operation::kWrite, Operation::kDestroy}), 0);
        time += s.lease + s.retry_interval + 4 * kSecond;
        builder_.add_use(time, 3, Operation::kWrite, 0);
        return time + kSecond;
    }

    // A request misses a server, and loses its lock on another to one that misses none.
    SimTime add_lock_lost_beside_gap(SimTime time) {
        Settings& s = builder_.settings();
        s.servers = 4;
        s.lease = 5 * kSecond;
        s.lock_wait = 3 * s.lease;
        const uint32_t server = dice_.below(4);
        builder_.add_fault_at(time, FaultKind::kCutOff, server, s.timeout + 4 * kSecond, 1);
        builder_.add_use(time + kMillisecond, 0, Operation::kWrite, s.lease / 2);
        time += s.timeout + 100 * kMillisecond;
        Event event = builder_.make_event(EventKind::kFault, time);
        event.fault = FaultKind::kEvict;
        event.server = (server + 1 + dice_.below(3)) % 4;
        event.second_variant = true;
        builder_.add(event);
        builder_.add_use(time + kMillisecond, 1, Operation::kWrite, 0);
        time += s.lease;
        builder_.add_use(time, 1, Operation::kWrite, 0);
        return time + kSecond;
    }

    // A server is restarted while a request runs. Others store the session there until it has the
    // cas that the first request has read.
    SimTime add_same_cas_after_restart(SimTime time) {
        const Settings& s = builder_.settings();
        for (uint32_t writes = dice_.below(4); writes > 0; --writes) {
            builder_.add_use(time, 0, Operation::kWrite, 0);
            time += 20 * kMillisecond;
        }
        builder_.add_use(time, 0, Operation::kWrite, s.lease / 2);
        builder_.add_fault_at(time + 10 * kMillisecond, FaultKind::kCrash, dice_.below(2),
                              5 * kMillisecond);
        for (uint32_t writes = 1 + dice_.below(4); writes > 0; --writes) {
            builder_.add_use(time + 100 * kMillisecond, 1, Operation::kWrite, 0);
        }
        time += s.lease;
        builder_.add_use(time, 3, Operation::kWrite, 0);
        return time + kSecond;
    }

    // A server stops. A request dies after it has sent its commit to that server alone.
    SimTime add_death_over_hung_server(SimTime time) {
        const Settings& s = builder_.settings();
        const Event dying = builder_.add_use(time, 0, Operation::kWrite, 20 * kMillisecond);
        builder_.add_death_at(dying, 2, 1);
        builder_.add_fault_at(time + 10 * kMillisecond, FaultKind::kHang, dice_.below(2),
                              s.timeout + 3 * kSecond);
        builder_.add_use(time + 50 * kMillisecond, dice_.pick({1U, 2U}), Operation::kWrite, 0);
        time += s.timeout + s.lease + s.retry_interval + 3 * kSecond;
        builder_.add_use(time, 3, Operation::kWrite, 0);
        return time + kSecond;
    }

    // A request dies while its commit is on its way to one server only. The commit arrives there
    // after that of another request, which the server has not answered.
    SimTime add_late_commit_and_silence(SimTime time) {
        const Settings& s = builder_.settings();
        const uint32_t server = dice_.below(2);
        const Event dying = builder_.add_use(time, 0, Operation::kWrite, 20 * kMillisecond);
        builder_.add_death_at(dying, 2, 1);
        builder_.add_fault_at(time + 10 * kMillisecond, FaultKind::kCutOff, server,
                              s.lease + 3 * kSecond, 1);
        builder_.add_use(time + 50 * kMillisecond, 1, Operation::kWrite, 1500 * kMillisecond);
        time += s.lease + 300 * kMillisecond;
        builder_.add_fault_at(time, FaultKind::kCutOff, server, 4 * kSecond, 2);
        time += 6 * kSecond + s.retry_interval;
        builder_.add_use(time, 3, Operation::kWrite, 0);
        return time + kSecond;
    }

    ScenarioBuilder& builder_;
    Dice& dice_;
};

}  // namespace

SimTime add_plot(ScenarioBuilder* builder, SimTime time) {
    return Plots(builder).add(time);
}

}  // namespace memcache_session::sim

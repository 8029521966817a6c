#include "src/net/health.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Failure kRefused{FailureKind::kConnect, ECONNREFUSED};
constexpr Failure kSilent{FailureKind::kTimeout, 0};

TimePoint at(int64_t ms) {
    return TimePoint(milliseconds(ms));
}

Server server_at(uint16_t port) {
    Server server;
    server.endpoint.host = "10.0.0.1";
    server.endpoint.port = port;
    return server;
}

class HealthTableTest : public ::testing::TestWithParam<HealthTable::Memory> {
protected:
    HealthTable table_{GetParam()};
    Server server_ = server_at(11211);  // retry_interval is 15 s
};

INSTANTIATE_TEST_SUITE_P(BothMemories, HealthTableTest,
                         ::testing::Values(HealthTable::Memory::kShared,
                                           HealthTable::Memory::kPrivate));

TEST_P(HealthTableTest, ServerNeverMarkedIsUsable) {
    EXPECT_TRUE(table_.usable(server_, at(0)));
    EXPECT_FALSE(table_.snapshot(server_, at(0)).down);
    EXPECT_FALSE(table_.mark_up(server_, at(0)).was_down);
}

TEST_P(HealthTableTest, MarkedServerIsLeftAloneForItsRetryInterval) {
    EXPECT_TRUE(table_.mark_down(server_, kRefused, at(1000), at(1000)));
    EXPECT_FALSE(table_.usable(server_, at(1000)));
    EXPECT_FALSE(table_.usable(server_, at(15999)));
    EXPECT_TRUE(table_.usable(server_, at(16000)));
}

TEST_P(HealthTableTest, OneCallerInEachRetryIntervalTries) {
    table_.mark_down(server_, kRefused, at(0), at(0));
    EXPECT_TRUE(table_.usable(server_, at(20000)));
    EXPECT_FALSE(table_.usable(server_, at(20000)));
    EXPECT_FALSE(table_.usable(server_, at(34999)));
    EXPECT_TRUE(table_.usable(server_, at(35000)));
}

TEST_P(HealthTableTest, OnlyTheFirstMarkOfAnOutageIsATransition) {
    EXPECT_TRUE(table_.mark_down(server_, kRefused, at(0), at(0)));
    EXPECT_FALSE(table_.mark_down(server_, kSilent, at(15000), at(15000)));
    const HealthTable::Recovery recovery = table_.mark_up(server_, at(18000));
    EXPECT_TRUE(recovery.was_down);
    EXPECT_EQ(recovery.outage, seconds(18));
    EXPECT_FALSE(table_.mark_up(server_, at(18000)).was_down);
    EXPECT_TRUE(table_.usable(server_, at(18000)));
    EXPECT_TRUE(table_.mark_down(server_, kRefused, at(19000), at(19000)));
    EXPECT_EQ(table_.snapshot(server_, at(20000)).down_for, seconds(1));
}

TEST_P(HealthTableTest, FailureOfWhatWasAskedBeforeTheRecoveryMarksNothing) {
    table_.mark_down(server_, kRefused, at(0), at(0));
    table_.mark_up(server_, at(2000));
    EXPECT_FALSE(table_.mark_down(server_, kSilent, at(1999), at(2999)));
    EXPECT_FALSE(table_.snapshot(server_, at(3000)).down);
    EXPECT_TRUE(table_.mark_down(server_, kSilent, at(2000), at(3000)));
    EXPECT_TRUE(table_.snapshot(server_, at(3000)).down);
}

TEST_P(HealthTableTest, LateMarkDoesNotShortenANewerOne) {
    table_.mark_down(server_, kRefused, at(10000), at(10000));
    table_.mark_down(server_, kSilent, at(5000), at(5000));
    EXPECT_FALSE(table_.usable(server_, at(24000)));
    EXPECT_TRUE(table_.usable(server_, at(25000)));
}

TEST_P(HealthTableTest, EachReaderAppliesItsOwnRetryInterval) {
    Server impatient = server_;
    impatient.retry_interval = seconds(1);
    Server never = server_;
    never.retry_interval = seconds(0);
    table_.mark_down(server_, kRefused, at(0), at(0));
    EXPECT_TRUE(table_.usable(never, at(500)));
    EXPECT_TRUE(table_.usable(never, at(500)));
    EXPECT_FALSE(table_.usable(impatient, at(500)));
    EXPECT_TRUE(table_.usable(impatient, at(1000)));
    EXPECT_FALSE(table_.usable(server_, at(15000)));
}

TEST_P(HealthTableTest, TimeoutPortAndKindOfAddressTellServersApart) {
    Server patient = server_;
    patient.timeout = seconds(9);
    Server path = server_;
    path.endpoint.host = "/10.0.0.1";
    path.endpoint.transport = Endpoint::Transport::kUnix;
    table_.mark_down(server_, kSilent, at(0), at(0));
    EXPECT_TRUE(table_.usable(patient, at(1)));
    EXPECT_TRUE(table_.usable(server_at(11212), at(1)));
    EXPECT_TRUE(table_.usable(path, at(1)));
    EXPECT_FALSE(table_.usable(server_at(11211), at(1)));
}

TEST_P(HealthTableTest, SnapshotTellsWhySinceWhenAndForHowLong) {
    table_.mark_down(server_, kRefused, at(1000), at(1000));
    table_.mark_down(server_, {FailureKind::kResolve, -2}, at(4000), at(4000));
    const HealthTable::Snapshot snapshot = table_.snapshot(server_, at(6000));
    EXPECT_TRUE(snapshot.down);
    EXPECT_EQ(snapshot.failure.kind, FailureKind::kResolve);
    EXPECT_EQ(snapshot.failure.system_error, -2);
    EXPECT_EQ(snapshot.down_for, seconds(5));
    EXPECT_EQ(snapshot.left_alone_for, seconds(13));
    EXPECT_EQ(table_.snapshot(server_, at(60000)).left_alone_for, seconds(0));
}

TEST_P(HealthTableTest, FarMoreServersThanSlotsNeverBlockEachOther) {
    const size_t count = HealthTable::kSlots * 3;
    size_t remembered = 0;
    for (uint16_t port = 1; port <= count; ++port) {
        table_.mark_down(server_at(port), kRefused, at(0), at(0));
        remembered += table_.usable(server_at(port), at(1)) ? 0U : 1U;
    }
    const size_t tables = GetParam() == HealthTable::Memory::kShared ? 2 : 1;
    EXPECT_LE(remembered, HealthTable::kSlots * tables);
    EXPECT_GE(remembered, HealthTable::kSlots * tables * 9 / 10);
    for (uint16_t port = 1; port <= count; ++port) {
        table_.mark_up(server_at(port), at(2));
        EXPECT_TRUE(table_.usable(server_at(port), at(3)));
    }
}

TEST(HealthTable, MarkOfAChildIsSeenByParentAndSiblings) {
    HealthTable table(HealthTable::Memory::kShared);
    ASSERT_TRUE(table.is_shared());
    const Server server = server_at(1);
    const pid_t child = fork();
    if (child == 0) {
        _exit(table.mark_down(server, kRefused, at(0), at(0)) ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(table.usable(server, at(1)));
    EXPECT_FALSE(table.mark_down(server, kRefused, at(1), at(1)));
}

TEST(HealthTable, OfManyProcessesOneProbesEachInterval) {
    HealthTable table(HealthTable::Memory::kShared);
    const Server server = server_at(1);
    table.mark_down(server, kRefused, at(0), at(0));
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i) {
        children.push_back(fork());
        if (children.back() == 0) {
            for (int64_t interval = 1; interval <= 200; ++interval) {
                if (table.usable(server, at(interval * 15000))) {
                    const char byte = static_cast<char>(interval);
                    if (write(ends[1], &byte, 1) != 1) {
                        _exit(1);
                    }
                }
            }
            _exit(0);
        }
    }
    close(ends[1]);
    std::vector<int> probes(256);
    unsigned char byte = 0;
    while (read(ends[0], &byte, 1) == 1) {
        ++probes[byte];
    }
    close(ends[0]);
    for (const pid_t child : children) {
        int status = -1;
        waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    // A process whose time is older finds a newer mark, and does not try the server once more.
    int total = 0;
    for (const int count : probes) {
        EXPECT_LE(count, 1);
        total += count;
    }
    EXPECT_GE(total, 1);
}

TEST(HealthTable, OfManyThreadsOneSeesEachTransition) {
    HealthTable table(HealthTable::Memory::kPrivate);
    constexpr int kRounds = 300;
    std::atomic<int> downs{0};
    std::atomic<int> ups{0};
    for (int round = 0; round < kRounds; ++round) {
        const Server server = server_at(static_cast<uint16_t>(round % 7 + 1));
        std::vector<std::thread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back(
                [&] { downs += table.mark_down(server, kSilent, at(round + 1), at(round + 1)); });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        threads.clear();
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([&] { ups += table.mark_up(server, at(round + 2)).was_down; });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
    EXPECT_EQ(downs, kRounds);
    EXPECT_EQ(ups, kRounds);
}

}  // namespace
}  // namespace memcache_session

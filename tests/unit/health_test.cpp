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

// A mark of a request that was sent when it failed.
HealthTable::Mark mark(Failure failure, int64_t asked_ms, Reach reach = Reach::kServer) {
    return {failure, reach, at(asked_ms), 1};
}

class HealthTableTest : public ::testing::TestWithParam<HealthTable::Memory> {
protected:
    bool mark_down(Failure failure, int64_t ms, Reach reach = Reach::kServer) {
        return table_.mark_down(server_, mark(failure, ms, reach), at(ms)).is_news;
    }
    HealthTable::Recovery mark_up(int64_t ms) {
        return table_.mark_up(server_, true, at(ms), at(ms));
    }
    bool is_up() const { return table_.state(server_) == HealthTable::State::kUp; }

    HealthTable table_{GetParam()};
    Server server_ = server_at(11211);  // retry_interval is 15 s
};

INSTANTIATE_TEST_SUITE_P(BothMemories, HealthTableTest,
                         ::testing::Values(HealthTable::Memory::kShared,
                                           HealthTable::Memory::kPrivate));

TEST_P(HealthTableTest, ServerNeverMarkedIsUp) {
    EXPECT_TRUE(is_up());
    EXPECT_EQ(table_.snapshot(server_, at(0)).state, HealthTable::State::kUp);
    EXPECT_FALSE(mark_up(0).is_news);
    EXPECT_FALSE(table_.begin_probe(server_, at(0)));
}

TEST_P(HealthTableTest, MarkLastsUntilAnAnswer) {
    EXPECT_TRUE(mark_down(kSilent, 1000));
    EXPECT_EQ(table_.state(server_), HealthTable::State::kDown);
    const HealthTable::Recovery recovery = mark_up(100000);
    EXPECT_TRUE(recovery.is_news);
    EXPECT_EQ(recovery.outage, seconds(99));
    EXPECT_TRUE(is_up());
}

TEST_P(HealthTableTest, OneCallerInEachSecondProbes) {
    mark_down(kSilent, 0);
    EXPECT_FALSE(table_.begin_probe(server_, at(999)));
    EXPECT_TRUE(table_.begin_probe(server_, at(1000)));
    EXPECT_FALSE(table_.begin_probe(server_, at(1000)));
    EXPECT_FALSE(table_.begin_probe(server_, at(1999)));
    EXPECT_TRUE(table_.begin_probe(server_, at(2500)));
    server_.retry_interval = milliseconds(100);
    EXPECT_TRUE(table_.begin_probe(server_, at(2600)));
}

TEST_P(HealthTableTest, NameThatWasNotResolvedIsTriedOnceInEachRetryInterval) {
    mark_down({FailureKind::kResolve, -2}, 0, Reach::kProcess);
    EXPECT_FALSE(table_.begin_probe(server_, at(14999)));
    EXPECT_TRUE(table_.begin_probe(server_, at(15000)));
    EXPECT_FALSE(table_.begin_probe(server_, at(29999)));
}

TEST_P(HealthTableTest, MarkThatNobodyHasLookedAtIsInDoubtUntilSomebodyKnows) {
    EXPECT_FALSE(table_.is_doubtful(server_, at(9000)));
    mark_down(kSilent, 0);
    EXPECT_FALSE(table_.is_doubtful(server_, at(1999)));
    EXPECT_TRUE(table_.is_doubtful(server_, at(2000)));
    EXPECT_TRUE(table_.begin_probe(server_, at(2000)));
    EXPECT_TRUE(table_.is_doubtful(server_, at(2000))) << "the probe has no answer yet";
    EXPECT_TRUE(table_.is_doubtful(server_, at(2900))) << "its process may have ended";
    table_.end_doubt(server_);
    EXPECT_FALSE(table_.is_doubtful(server_, at(2900)));
    EXPECT_TRUE(table_.begin_probe(server_, at(3500)));
    EXPECT_FALSE(table_.is_doubtful(server_, at(5499))) << "somebody asks once in a while";
    EXPECT_TRUE(table_.is_doubtful(server_, at(5500)));
}

TEST_P(HealthTableTest, DoubtEndsWithItsMark) {
    mark_down(kSilent, 0);
    EXPECT_TRUE(table_.begin_probe(server_, at(5000)));
    EXPECT_TRUE(table_.is_doubtful(server_, at(5000)));
    mark_up(5001);
    EXPECT_FALSE(table_.is_doubtful(server_, at(5001)));
    mark_down(kSilent, 5002);
    EXPECT_FALSE(table_.is_doubtful(server_, at(5002)));
}

TEST_P(HealthTableTest, NameThatWasNotResolvedIsNotInDoubtBecauseTheResolverBlocks) {
    mark_down({FailureKind::kResolve, -2}, 0, Reach::kProcess);
    EXPECT_FALSE(table_.is_doubtful(server_, at(90000)));
    EXPECT_TRUE(table_.begin_probe(server_, at(90000)));
    EXPECT_FALSE(table_.is_doubtful(server_, at(90000)));
}

TEST_P(HealthTableTest, MarkThatMeansNothingIsNotInDoubt) {
    mark_down(kSilent, 0);
    server_.retry_interval = milliseconds(0);
    EXPECT_FALSE(table_.is_doubtful(server_, at(90000)));
}

TEST_P(HealthTableTest, ServerThatTakesNoNewConnectionsIsClosed) {
    mark_down(kRefused, 0, Reach::kNewConnections);
    EXPECT_EQ(table_.state(server_), HealthTable::State::kClosed);
    table_.mark_up(server_, false, at(1), at(1));
    EXPECT_EQ(table_.state(server_), HealthTable::State::kClosed)
        << "a kept connection proves nothing of new ones";
    mark_down(kSilent, 2);
    EXPECT_EQ(table_.state(server_), HealthTable::State::kDown);
    mark_down(kRefused, 3, Reach::kNewConnections);
    EXPECT_EQ(table_.state(server_), HealthTable::State::kDown) << "who connects knows less";
    table_.mark_up(server_, false, at(4), at(4));
    EXPECT_TRUE(is_up());
}

TEST_P(HealthTableTest, FailureOfNobodyMarksNothing) {
    EXPECT_FALSE(mark_down({FailureKind::kConnect, EMFILE}, 0, Reach::kNothing));
    EXPECT_TRUE(is_up());
}

TEST_P(HealthTableTest, OnlyTheFirstMarkOfAnOutageIsNews) {
    EXPECT_TRUE(mark_down(kRefused, 0));
    EXPECT_FALSE(mark_down(kSilent, 15000));
    const HealthTable::Recovery recovery = mark_up(18000);
    EXPECT_TRUE(recovery.is_news);
    EXPECT_EQ(recovery.outage, seconds(18));
    EXPECT_FALSE(mark_up(18000).is_news);
    EXPECT_TRUE(mark_down(kRefused, 19000));
    EXPECT_EQ(table_.snapshot(server_, at(20000)).down_for, seconds(1));
}

TEST_P(HealthTableTest, ServerThatComesAndGoesIsNewsOnceInAWhile) {
    int downs = 0;
    int ups = 0;
    for (int64_t second = 0; second < 600; second += 2) {
        downs += mark_down(kRefused, second * 1000) ? 1 : 0;
        ups += mark_up(second * 1000 + 1000).is_news ? 1 : 0;
    }
    EXPECT_EQ(downs, ups) << "each line about an outage has one about its end";
    EXPECT_GE(downs, 600 / 15);
    EXPECT_LE(downs, 600 / 15 + HealthTable::kNewsBurst);
    EXPECT_TRUE(mark_down(kRefused, 700000));
}

TEST_P(HealthTableTest, FailureOfWhatWasAskedBeforeTheRecoveryMarksNothing) {
    mark_down(kRefused, 0);
    mark_up(2000);
    EXPECT_FALSE(table_.mark_down(server_, mark(kSilent, 1999), at(2999)).is_news);
    EXPECT_TRUE(is_up());
    EXPECT_TRUE(table_.mark_down(server_, mark(kSilent, 2000), at(3000)).is_news);
    EXPECT_FALSE(is_up());
}

TEST_P(HealthTableTest, AnswerToWhatWasAskedBeforeTheFailureProvesNothing) {
    mark_down(kSilent, 1000);
    EXPECT_FALSE(table_.mark_up(server_, true, at(999), at(1001)).is_news);
    EXPECT_FALSE(is_up());
    EXPECT_TRUE(table_.mark_up(server_, true, at(1000), at(1001)).is_news);
}

TEST_P(HealthTableTest, MarkMeansNothingToAReaderWithoutRetryInterval) {
    Server never = server_;
    never.retry_interval = seconds(0);
    mark_down(kRefused, 0);
    EXPECT_EQ(table_.state(never), HealthTable::State::kUp);
    EXPECT_FALSE(is_up());
}

TEST_P(HealthTableTest, TimeoutPortAndKindOfAddressTellServersApart) {
    Server patient = server_;
    patient.timeout = seconds(9);
    Server path = server_;
    path.endpoint.host = "/10.0.0.1";
    path.endpoint.transport = Endpoint::Transport::kUnix;
    mark_down(kSilent, 0);
    EXPECT_EQ(table_.state(patient), HealthTable::State::kUp);
    EXPECT_EQ(table_.state(server_at(11212)), HealthTable::State::kUp);
    EXPECT_EQ(table_.state(path), HealthTable::State::kUp);
    EXPECT_EQ(table_.state(server_at(11211)), HealthTable::State::kDown);
}

TEST_P(HealthTableTest, SnapshotTellsWhyAndSinceWhen) {
    mark_down(kRefused, 1000);
    mark_down({FailureKind::kMalformed, -2}, 4000);
    const HealthTable::Snapshot snapshot = table_.snapshot(server_, at(6000));
    EXPECT_EQ(snapshot.state, HealthTable::State::kDown);
    EXPECT_EQ(snapshot.failure.kind, FailureKind::kMalformed);
    EXPECT_EQ(snapshot.failure.system_error, -2);
    EXPECT_EQ(snapshot.down_for, seconds(5));
}

// Marks servers with ports from 1 to `count`, as members of a pool each. Returns how many of the
// marks are remembered.
size_t mark_many(HealthTable* table, size_t count, size_t servers_per_pool, int64_t ms) {
    size_t remembered = 0;
    for (uint16_t port = 1; port <= count; ++port) {
        HealthTable::Mark one = mark(kRefused, ms);
        one.pool = 1 + port / servers_per_pool;
        table->mark_down(server_at(port), one, at(ms));
        remembered += table->state(server_at(port)) == HealthTable::State::kUp ? 0U : 1U;
    }
    return remembered;
}

TEST_P(HealthTableTest, FarMoreServersThanSlotsNeverBlockEachOther) {
    const size_t count = HealthTable::kSlots * 3;
    const size_t remembered = mark_many(&table_, count, 100, 0);
    const size_t tables = GetParam() == HealthTable::Memory::kShared ? 2 : 1;
    EXPECT_LE(remembered, HealthTable::kSlots * tables);
    EXPECT_GE(remembered, HealthTable::kSlots * tables * 9 / 10);
    for (uint16_t port = 1; port <= count; ++port) {
        table_.mark_up(server_at(port), true, at(2), at(2));
        EXPECT_EQ(table_.state(server_at(port)), HealthTable::State::kUp);
    }
    EXPECT_GE(mark_many(&table_, HealthTable::kSlots / 2, 100, 60000), HealthTable::kSlots / 2)
        << "slots whose marks are over are used again";
}

TEST_P(HealthTableTest, MarksThatNobodyWantsAreForgotten) {
    mark_many(&table_, HealthTable::kSlots * 3, 100, 0);
    const int64_t later =
        std::chrono::duration_cast<milliseconds>(HealthTable::kForgottenAfter).count() + 1;
    EXPECT_TRUE(table_.mark_down(server_at(60000), mark(kSilent, later), at(later)).is_news);
    EXPECT_EQ(table_.state(server_at(60000)), HealthTable::State::kDown);
}

TEST(HealthTable, OnePoolHasAtMostAQuarterOfTheSharedSlots) {
    HealthTable table(HealthTable::Memory::kShared);
    ASSERT_TRUE(table.is_shared());
    const pid_t child = fork();
    if (child == 0) {
        mark_many(&table, HealthTable::kSlots, HealthTable::kSlots + 1, 0);
        _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    size_t marked = 0;
    for (uint16_t port = 1; port <= HealthTable::kSlots; ++port) {
        marked += table.state(server_at(port)) == HealthTable::State::kUp ? 0U : 1U;
    }
    EXPECT_EQ(marked, HealthTable::kSlotsPerPool) << "the others are known to the child alone";
}

TEST(HealthTable, RemembersAnOutageThatHasEnded) {
    HealthTable table(HealthTable::Memory::kPrivate);
    const Server server = server_at(1);
    EXPECT_FALSE(table.had_outage(server));
    table.mark_down(server, mark({FailureKind::kConnect, ECONNREFUSED}, 0), at(0));
    EXPECT_FALSE(table.had_outage(server)) << "it has not ended";
    table.mark_up(server, true, at(1), at(1));
    EXPECT_TRUE(table.had_outage(server));
    EXPECT_FALSE(table.had_outage(server_at(2)));
}

TEST(HealthTable, FaultOfAProcessStaysWithIt) {
    HealthTable table(HealthTable::Memory::kShared);
    const Server server = server_at(1);
    const pid_t child = fork();
    if (child == 0) {
        table.mark_down(server, mark({FailureKind::kConnect, EACCES}, 0, Reach::kProcess), at(0));
        _exit(table.state(server) == HealthTable::State::kDown ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(table.state(server), HealthTable::State::kUp);
}

TEST(HealthTable, MarkOfAChildIsSeenByParentAndSiblings) {
    HealthTable table(HealthTable::Memory::kShared);
    ASSERT_TRUE(table.is_shared());
    const Server server = server_at(1);
    const pid_t child = fork();
    if (child == 0) {
        _exit(table.mark_down(server, mark(kRefused, 0), at(0)).is_news ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(table.state(server), HealthTable::State::kDown);
    EXPECT_FALSE(table.mark_down(server, mark(kRefused, 1), at(1)).is_news);
}

TEST(HealthTable, OfManyProcessesOneProbesEachInterval) {
    HealthTable table(HealthTable::Memory::kShared);
    const Server server = server_at(1);
    table.mark_down(server, mark(kRefused, 0), at(0));
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i) {
        children.push_back(fork());
        if (children.back() == 0) {
            for (int64_t interval = 1; interval <= 200; ++interval) {
                if (table.begin_probe(server, at(interval * 1000))) {
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
        const int64_t ms = round * 60000;  // each outage is news
        // A new server, or one that has had an outage.
        const auto port = static_cast<uint16_t>(round % 2 == 0 ? 1000 + round : round % 7 + 1);
        const Server server = server_at(port);
        std::vector<std::thread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back(
                [&] { downs += table.mark_down(server, mark(kSilent, ms), at(ms)).is_news; });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        threads.clear();
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back(
                [&] { ups += table.mark_up(server, true, at(ms + 1), at(ms + 1)).is_news; });
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

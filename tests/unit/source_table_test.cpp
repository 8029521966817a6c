// The lists of sources, as processes that may die have them in common.
#include "src/discovery/source_table.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "src/pool/source.h"

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Problem = AskFailure::Problem;

constexpr Duration kRefresh = seconds(10);
constexpr uint64_t kOwner = 1;

TimePoint at(int64_t ms) {
    return TimePoint(milliseconds(ms));
}

NodeList list_of(size_t nodes, uint64_t version = 0, const std::string& name = "node") {
    std::vector<Node> list;
    for (size_t i = 0; i < nodes; ++i) {
        list.push_back({name + std::to_string(i), "10.0.0.1", 11211});
    }
    return NodeList(std::move(list), version);
}

class SourceTableTest : public ::testing::Test {
protected:
    bool give(const NodeList& nodes, int64_t ms) {
        const auto ask = table_.begin_ask(place_, kRefresh, at(ms));
        if (ask) {
            table_.give_list(place_, *ask, nodes, at(ms));
        }
        return ask.has_value();
    }
    bool fail(int64_t ms) {
        const auto ask = table_.begin_ask(place_, kRefresh, at(ms));
        if (ask) {
            table_.give_failure(place_, *ask, {Problem::kMalformed, {}}, at(ms));
        }
        return ask.has_value();
    }
    size_t count() const {
        const auto list = table_.read(place_);
        return list ? list->nodes.nodes().size() : 0;
    }

    SourceTable table_;
    SourceTable::Place place_ = *table_.find("dns a", kOwner, at(0));
};

TEST_F(SourceTableTest, NewSourceHasNoListAndIsDue) {
    EXPECT_EQ(table_.revision(place_), 0U);
    EXPECT_FALSE(table_.read(place_));
    EXPECT_TRUE(table_.is_due(place_, kRefresh, at(0)));
    EXPECT_FALSE(table_.has_news(place_));
}

TEST_F(SourceTableTest, EachSourceHasItsPlace) {
    EXPECT_EQ(table_.find("dns a", kOwner, at(5)), place_);
    const auto other = table_.find("dns b", kOwner, at(5));
    ASSERT_TRUE(other);
    EXPECT_NE(*other, place_);
    EXPECT_TRUE(table_.is_of(*other, "dns b"));
    EXPECT_FALSE(table_.is_of(*other, "dns a"));
    ASSERT_TRUE(give(list_of(3), 10));
    EXPECT_EQ(table_.revision(*other), 0U);
}

TEST_F(SourceTableTest, ListIsReadAsItWasGiven) {
    ASSERT_TRUE(give(list_of(3, 7), 10));
    const auto list = table_.read(place_);
    ASSERT_TRUE(list);
    EXPECT_EQ(list->nodes.nodes(), list_of(3).nodes());
    EXPECT_EQ(list->nodes.version(), 7U);
    EXPECT_EQ(list->revision, table_.revision(place_));
    EXPECT_FALSE(table_.has_news(place_)) << "the first list is none";
}

TEST_F(SourceTableTest, LongestListIsReadAndALongerOneIsRefused) {
    const std::string name(NodeList::kTextMax / NodeList::kNodesMax - 24, 'n');
    ASSERT_TRUE(give(list_of(NodeList::kNodesMax, 0, name), 10));
    EXPECT_EQ(count(), NodeList::kNodesMax);
    ASSERT_TRUE(give(list_of(NodeList::kNodesMax, 0, name + name), 20000));
    EXPECT_EQ(table_.state(place_, at(20000)).failure.problem, Problem::kTooLong);
    EXPECT_EQ(count(), NodeList::kNodesMax);
}

TEST_F(SourceTableTest, OnlyAnotherListIsANewOne) {
    ASSERT_TRUE(give(list_of(3), 10));
    const uint64_t first = table_.revision(place_);
    ASSERT_TRUE(give(list_of(3), 20000));
    EXPECT_EQ(table_.revision(place_), first);
    ASSERT_TRUE(give(list_of(4), 40000));
    EXPECT_NE(table_.revision(place_), first);
    EXPECT_TRUE(table_.take_news(place_).has_changed);
    EXPECT_FALSE(table_.take_news(place_)) << "it is told once";
    EXPECT_EQ(table_.state(place_, at(40000)).changed, at(40000));
}

TEST_F(SourceTableTest, FailureAndEmptyListChangeNothingAndAreToldOnce) {
    ASSERT_TRUE(give(list_of(3), 0));
    const uint64_t revision = table_.revision(place_);
    ASSERT_TRUE(fail(100000));
    SourceTable::News news = table_.take_news(place_);
    EXPECT_TRUE(news.fails);
    ASSERT_TRUE(give(NodeList(), 110000));
    EXPECT_FALSE(table_.has_news(place_));
    EXPECT_EQ(table_.revision(place_), revision);
    EXPECT_EQ(table_.state(place_, at(110000)).failure.problem, Problem::kEmpty);
    EXPECT_EQ(table_.state(place_, at(110000)).failing_for, seconds(10));
    ASSERT_TRUE(give(list_of(3), 120000));
    news = table_.take_news(place_);
    EXPECT_TRUE(news.is_well);
    EXPECT_EQ(news.failed_for, seconds(20));
    EXPECT_FALSE(news.has_changed);
    EXPECT_FALSE(table_.state(place_, at(120000)).failure);
}

TEST_F(SourceTableTest, FailureThatComesAndGoesIsToldOnceAMinute) {
    ASSERT_TRUE(give(list_of(3), 0));
    int told = 0;
    for (int64_t ms = 100000; ms < 200000; ms += 20000) {
        ASSERT_TRUE(fail(ms));
        told += table_.take_news(place_).fails ? 1 : 0;
        ASSERT_TRUE(give(list_of(3), ms + 10000));
        table_.take_news(place_);
    }
    EXPECT_EQ(told, 2);
}

TEST_F(SourceTableTest, OneCallerAsksInEachInterval) {
    ASSERT_TRUE(give(list_of(3), 0));
    EXPECT_FALSE(table_.is_due(place_, kRefresh, at(9999)));
    EXPECT_FALSE(table_.begin_ask(place_, kRefresh, at(9999)));
    EXPECT_TRUE(table_.begin_ask(place_, kRefresh, at(10000)));
    EXPECT_FALSE(table_.begin_ask(place_, kRefresh, at(10000)));
    EXPECT_TRUE(table_.state(place_, at(10000)).is_asked_now);
}

TEST_F(SourceTableTest, AskOfADeadProcessIsBegunAgain) {
    ASSERT_TRUE(give(list_of(3), 0));
    ASSERT_TRUE(table_.begin_ask(place_, seconds(1), at(1000)));
    EXPECT_FALSE(table_.begin_ask(place_, seconds(1), at(10999)));
    EXPECT_TRUE(table_.begin_ask(place_, seconds(1), at(11000)));
}

TEST_F(SourceTableTest, FirstAskOfADeadProcessIsBegunAgainWhateverTheRefresh) {
    const Duration refresh = kRefreshMax;
    const int64_t given_up_ms =
        std::chrono::duration_cast<milliseconds>(SourceTable::kGivenUpAfter).count();
    ASSERT_TRUE(table_.begin_ask(place_, refresh, at(0)));
    EXPECT_FALSE(table_.is_due(place_, refresh, at(given_up_ms - 1)));
    EXPECT_TRUE(table_.is_due(place_, refresh, at(given_up_ms)));
}

TEST_F(SourceTableTest, SourceWithoutAnyListIsAskedEachSecond) {
    ASSERT_TRUE(fail(0));
    EXPECT_FALSE(fail(999));
    EXPECT_TRUE(fail(1000));
}

TEST_F(SourceTableTest, LateAnswerDoesNotReplaceANewerOne) {
    const auto old = table_.begin_ask(place_, kRefresh, at(0));
    const auto newer = table_.begin_ask(place_, kRefresh, at(10000));
    ASSERT_TRUE(old && newer);
    table_.give_list(place_, *newer, list_of(4), at(10001));
    table_.give_list(place_, *old, list_of(3), at(10002));
    table_.give_failure(place_, *old, {Problem::kMalformed, {}}, at(10003));
    EXPECT_EQ(count(), 4U);
    EXPECT_FALSE(table_.state(place_, at(10003)).failure);
}

TEST_F(SourceTableTest, OlderVersionIsBelievedWhenItStays) {
    ASSERT_TRUE(give(list_of(3, 12), 0));
    ASSERT_TRUE(give(list_of(2, 11), 10000));
    EXPECT_EQ(count(), 3U);
    ASSERT_TRUE(give(list_of(3, 12), 20000));
    for (int64_t ms = 30000; ms <= 40000; ms += 10000) {
        ASSERT_TRUE(give(list_of(1, 1), ms));
        EXPECT_EQ(count(), 3U) << ms;
    }
    ASSERT_TRUE(give(list_of(1, 1), 50000));
    EXPECT_EQ(count(), 1U) << "the cluster was made anew";
}

TEST_F(SourceTableTest, ForgottenPlaceIsTakenAndTheAskOfItsFormerSourceDropped) {
    const auto ask = table_.begin_ask(place_, kRefresh, at(0));
    ASSERT_TRUE(ask);
    for (size_t i = 1; i < SourceTable::kSlots; ++i) {
        ASSERT_TRUE(table_.find("dns " + std::to_string(i), i / 8 + 2, at(1000000)));
    }
    const auto taken = table_.find("dns new", 100, at(1500000));
    ASSERT_EQ(taken, place_);
    EXPECT_FALSE(table_.is_of(place_, "dns a"));
    table_.give_list(place_, *ask, list_of(3), at(1500001));
    EXPECT_EQ(table_.revision(place_), 0U);
    EXPECT_FALSE(table_.find("dns more", 101, at(1500000))) << "the table is full";
}

TEST_F(SourceTableTest, OneOwnerCannotTakeAllPlaces) {
    size_t taken = 0;
    for (size_t i = 0; i < SourceTable::kSlots; ++i) {
        taken += table_.find("dns " + std::to_string(i), 7, at(0)) ? 1 : 0;
    }
    EXPECT_EQ(taken, SourceTable::kSlotsPerOwner);
    EXPECT_TRUE(table_.find("dns other", 8, at(0)));
}

// Children write lists as fast as they can, and are killed anywhere. Each list that is read is one
// that was written.
TEST_F(SourceTableTest, KilledWriterLeavesAWholeList) {
    ASSERT_TRUE(give(list_of(1, 1), 0));
    int64_t ms = 100000;
    size_t seen = 0;
    for (int child = 0; child < 60; ++child, ms += 10000000) {
        const pid_t pid = fork();
        if (pid == 0) {
            for (int64_t i = 1;; ++i) {
                const size_t nodes = static_cast<size_t>(1 + (i * 37 + child) % 200);
                const auto ask = table_.begin_ask(place_, kRefresh, at(ms + i * 10000));
                if (ask) {
                    table_.give_list(place_, *ask, list_of(nodes, nodes), at(ms));
                }
            }
        }
        ASSERT_GT(pid, 0);
        for (int i = 0; i < 50; ++i) {
            const auto list = table_.read(place_);
            seen += list ? 1 : 0;
            if (list) {
                EXPECT_EQ(list->nodes.nodes(), list_of(list->nodes.nodes().size()).nodes());
                EXPECT_EQ(list->nodes.version(), list->nodes.nodes().size());
            }
        }
        kill(pid, SIGKILL);
        ASSERT_EQ(waitpid(pid, nullptr, 0), pid);
        const auto list = table_.read(place_);
        ASSERT_TRUE(list) << child;
        EXPECT_EQ(list->nodes.nodes(), list_of(list->nodes.nodes().size()).nodes());
    }
    EXPECT_GT(seen, 0U);
}

TEST_F(SourceTableTest, ManyProcessesElectOneForEachAsk) {
    constexpr int kChildren = 8;
    constexpr int64_t kRounds = 200;
    int pipes[2];
    ASSERT_EQ(pipe(pipes), 0);
    for (int child = 0; child < kChildren; ++child) {
        if (fork() == 0) {
            for (int64_t round = 0; round < kRounds; ++round) {
                if (const auto ask = table_.begin_ask(place_, kRefresh, at(round * 100000))) {
                    table_.give_list(place_, *ask, list_of(1), at(round * 100000));
                    static_cast<void>(!write(pipes[1], "x", 1));
                }
            }
            _exit(0);
        }
    }
    close(pipes[1]);
    size_t asks = 0;
    for (char byte = 0; read(pipes[0], &byte, 1) == 1;) {
        ++asks;
    }
    close(pipes[0]);
    while (waitpid(-1, nullptr, 0) > 0) {
    }
    // A process that is a round behind finds nothing due.
    EXPECT_LE(asks, static_cast<size_t>(kRounds));
    EXPECT_GT(asks, 0U);
}

}  // namespace
}  // namespace memcache_session

// Which process holds a lock, as the processes of one family tell each other.
#include "src/lock/holder_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <deque>
#include <functional>
#include <thread>
#include <vector>

namespace memcache_session {
namespace {

constexpr LockToken kToken = make_token(uint64_t{7} << 17);
constexpr LockToken kOther = make_token(uint64_t{8} << 17);

using Steps = std::vector<std::function<void()>>;

// A process that does one thing after another, each when it is told to.
class Child {
public:
    // `steps` run in the child.
    explicit Child(const Steps& steps) {
        int orders[2];
        int reports[2];
        EXPECT_EQ(pipe2(orders, O_CLOEXEC), 0);
        EXPECT_EQ(pipe2(reports, O_CLOEXEC), 0);
        pid_ = fork();
        if (pid_ == 0) {
            char order = 0;
            for (size_t done = 0; read(orders[0], &order, 1) == 1 && order == 's'; ++done) {
                steps.at(done)();
                EXPECT_EQ(write(reports[1], "x", 1), 1);
            }
            _exit(0);
        }
        close(orders[0]);
        close(reports[1]);
        orders_ = orders[1];
        reports_ = reports[0];
    }
    ~Child() { end(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void step() {
        char report = 0;
        ASSERT_EQ(write(orders_, "s", 1), 1);
        ASSERT_EQ(read(reports_, &report, 1), 1);
    }
    void end() {
        if (pid_ > 0) {
            EXPECT_EQ(write(orders_, "e", 1), 1);
            close(orders_);
            close(reports_);
            EXPECT_EQ(waitpid(pid_, nullptr, 0), pid_);
            pid_ = 0;
        }
    }
    pid_t pid() const { return pid_; }

private:
    pid_t pid_ = 0;
    int orders_ = -1;
    int reports_ = -1;
};

class HolderTableTest : public ::testing::Test {
protected:
    std::function<void()> list(LockToken token) {
        return [this, token] { table.list(getpid(), token); };
    }
    std::function<void()> unlist(LockToken token) {
        return [this, token] { table.unlist(token); };
    }

    HolderTable table;
};

TEST_F(HolderTableTest, KnowsTheTokensOfThisProcess) {
    EXPECT_EQ(table.holding(getpid(), kToken), Holding::kUnknown) << "it has listed nothing yet";
    table.list(getpid(), kToken);
    EXPECT_EQ(table.holding(getpid(), kToken), Holding::kHolds);
    EXPECT_EQ(table.holding(getpid(), kToken + 3), Holding::kHolds) << "pecl/memcache counts";
    EXPECT_EQ(table.holding(getpid(), kOther), Holding::kDoesNotHold);
    table.unlist(kToken);
    EXPECT_EQ(table.holding(getpid(), kToken), Holding::kDoesNotHold);
}

TEST_F(HolderTableTest, KnowsTheTokensOfAnotherProcessOfTheFamily) {
    Child child({list(kToken), unlist(kToken)});
    EXPECT_EQ(table.holding(child.pid(), kToken), Holding::kUnknown);
    child.step();
    EXPECT_EQ(table.holding(child.pid(), kToken), Holding::kHolds);
    EXPECT_EQ(table.holding(child.pid(), kOther), Holding::kDoesNotHold);
    child.step();
    EXPECT_EQ(table.holding(child.pid(), kToken), Holding::kDoesNotHold);
}

TEST_F(HolderTableTest, KnowsNothingOfProcessesOutsideTheFamily) {
    HolderTable another;
    Child stranger({[&] { another.list(getpid(), kToken); }});
    stranger.step();
    table.list(getpid(), kToken);
    EXPECT_EQ(table.holding(stranger.pid(), kToken), Holding::kUnknown);
    EXPECT_EQ(table.holding(getppid(), kToken), Holding::kUnknown);
    EXPECT_EQ(table.holding(0, kToken), Holding::kUnknown);
    EXPECT_EQ(table.holding(-1, kToken), Holding::kUnknown);
    EXPECT_EQ(table.holding(INT64_MAX, kToken), Holding::kUnknown);
}

TEST_F(HolderTableTest, KnowsNothingOfAnEndedProcessBecauseItsIdMayBeUsedAgain) {
    Child child({list(kToken)});
    child.step();
    const pid_t pid = child.pid();
    child.end();
    EXPECT_EQ(table.holding(pid, kOther), Holding::kUnknown);
}

// Such a program has another table, so its locks are not in this one.
TEST_F(HolderTableTest, KnowsNothingOfAProcessThatHasExecutedAnotherProgram) {
    int closed_by_exec[2];
    ASSERT_EQ(pipe2(closed_by_exec, O_CLOEXEC), 0);
    int until[2];
    ASSERT_EQ(pipe(until), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        table.list(getpid(), kToken);
        dup2(until[0], 0);
        close(until[1]);
        execlp("cat", "cat", nullptr);
        _exit(1);
    }
    close(closed_by_exec[1]);
    char byte = 0;
    EXPECT_EQ(read(closed_by_exec[0], &byte, 1), 0);
    EXPECT_EQ(table.holding(pid, kOther), Holding::kUnknown);
    close(closed_by_exec[0]);
    close(until[0]);
    close(until[1]);
    EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
}

TEST_F(HolderTableTest, ChildDoesNotRemoveTheTokenOfItsParent) {
    table.list(getpid(), kToken);
    Child child({unlist(kToken), list(kOther), unlist(kToken)});
    child.step();
    EXPECT_EQ(table.holding(getpid(), kToken), Holding::kHolds);
    child.step();
    child.step();
    EXPECT_EQ(table.holding(getpid(), kToken), Holding::kHolds);
    EXPECT_EQ(table.holding(child.pid(), kToken), Holding::kDoesNotHold);
    EXPECT_EQ(table.holding(child.pid(), kOther), Holding::kHolds);
}

TEST_F(HolderTableTest, ProcessWithTooManyTokensIsUnknown) {
    for (LockToken i = 1; i <= HolderTable::kTokensMax; ++i) {
        table.list(getpid(), make_token(i << 40));
    }
    EXPECT_EQ(table.holding(getpid(), kOther), Holding::kDoesNotHold);
    table.list(getpid(), kToken);
    EXPECT_EQ(table.holding(getpid(), kToken), Holding::kUnknown);
    EXPECT_EQ(table.holding(getpid(), make_token(uint64_t{1} << 40)), Holding::kHolds);
}

TEST_F(HolderTableTest, ThreadsOfAProcessShareItsSlot) {
    std::vector<std::thread> threads;
    std::vector<int> lost(16);
    for (size_t number = 0; number < lost.size(); ++number) {
        threads.emplace_back([this, number, &lost] {
            for (uint64_t i = 0; i < 2000; ++i) {
                const LockToken token = make_token((i << 32 | number) << 18);
                table.list(getpid(), token);
                lost[number] += table.holding(getpid(), token) == Holding::kHolds ? 0 : 1;
                table.unlist(token);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(lost, std::vector<int>(lost.size()));
    EXPECT_EQ(table.holding(getpid(), kToken), Holding::kDoesNotHold);
}

// Processes that have all slots in which this process could be.
std::deque<Child> fill_all_slots_of_this_process(HolderTable* table) {
    std::deque<Child> children;
    const pid_t pid = getpid();
    for (uint32_t i = 0; i < HolderTable::kSlotsTried; ++i) {
        children.emplace_back(Steps{[table, pid] { table->list(pid, kToken); }});
        children.back().step();
    }
    return children;
}

TEST_F(HolderTableTest, TellsTheFamilyOfALockOfAnotherProgram) {
    EXPECT_EQ(table.foreign_lock_seen(), 0);
    Child child({[this] { table.note_foreign_lock(1700000000); }});
    child.step();
    EXPECT_EQ(table.foreign_lock_seen(), 1700000000);
}

TEST_F(HolderTableTest, ProcessWithoutSlotIsUnknown) {
    const std::deque<Child> others = fill_all_slots_of_this_process(&table);
    table.list(getpid(), kToken);
    EXPECT_EQ(table.holding(getpid(), kOther), Holding::kUnknown);
    table.unlist(kToken);
    EXPECT_EQ(table.holding(getpid(), kOther), Holding::kUnknown);
}

TEST_F(HolderTableTest, SlotsOfEndedProcessesAreUsedAgain) {
    fill_all_slots_of_this_process(&table).clear();
    table.list(getpid(), kOther);
    EXPECT_EQ(table.holding(getpid(), kToken), Holding::kDoesNotHold) << "its former owner did";
    EXPECT_EQ(table.holding(getpid(), kOther), Holding::kHolds);
}

TEST(FamilyPlaces, EachHasOneOccupantAtATime) {
    FamilyPlaces places;
    EXPECT_EQ(places.other_occupant(5), 0);
    {
        Child child({[&] { EXPECT_TRUE(places.occupy(5)); }});
        child.step();
        EXPECT_EQ(places.other_occupant(5), child.pid());
        EXPECT_EQ(places.other_occupant(6), 0);
        EXPECT_FALSE(places.occupy(5));
        EXPECT_TRUE(places.occupy(6));
        EXPECT_TRUE(places.occupy(6)) << "it has it already";
        EXPECT_EQ(places.other_occupant(6), 0) << "that is this process";
    }
    EXPECT_EQ(places.other_occupant(5), 0);
    EXPECT_TRUE(places.occupy(5));
}

}  // namespace
}  // namespace memcache_session

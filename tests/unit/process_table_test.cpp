// The process table of this machine.
#include "src/lock/process_table.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace memcache_session {
namespace {

TEST(ProcessTable, NamesTheMachineInOneWord) {
    const LocalProcessTable table;
    EXPECT_FALSE(host_name(table.host()).empty());
    EXPECT_EQ(table.host().find_first_of(" \t\r\n"), std::string::npos);
    EXPECT_EQ(table.host(), LocalProcessTable().host());
}

TEST(ProcessTable, HostNameEndsAtTheTilde) {
    EXPECT_EQ(host_name("web1~0123456789abcdef"), "web1");
    EXPECT_EQ(host_name("web1"), "web1");
    EXPECT_EQ(host_name("~1"), "");
    EXPECT_EQ(host_name(""), "");
}

TEST(ProcessTable, KnowsThatALivingProcessIsNotGone) {
    const LocalProcessTable table;
    EXPECT_FALSE(table.is_gone(table.host(), getpid()));
    EXPECT_FALSE(table.is_gone(table.host(), getppid()));
}

TEST(ProcessTable, KnowsThatAnEndedChildIsGoneOnThisHostOnly) {
    const LocalProcessTable table;
    ASSERT_NE(table.host().find('~'), std::string::npos) << "Linux tells its process ids apart";
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        _exit(0);
    }
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    EXPECT_TRUE(table.is_gone(table.host(), child));
    EXPECT_FALSE(table.is_gone("another~0123456789abcdef", child));
    EXPECT_FALSE(table.is_gone(host_name(table.host()), child)) << "a name alone is not enough";
    EXPECT_FALSE(table.is_gone("", child));
}

TEST(ProcessTable, KnowsThatAnEndedChildIsGoneWhichNobodyCollects) {
    const LocalProcessTable table;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        _exit(0);
    }
    siginfo_t ended;
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
    EXPECT_TRUE(table.is_gone(table.host(), child));
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
}

TEST(ProcessTable, KnowsWhatTheProcessesOfThisHostList) {
    LocalProcessTable table(std::make_shared<HolderTable>());
    const LockToken token = make_token(uint64_t{7} << 17);
    const LockToken other = make_token(uint64_t{8} << 17);
    const ListedToken listed(table, getpid(), token);
    EXPECT_EQ(table.holding(table.host(), getpid(), token), Holding::kHolds);
    EXPECT_EQ(table.holding(table.host(), getpid(), other), Holding::kDoesNotHold);
    EXPECT_EQ(table.holding("another~0123456789abcdef", getpid(), other), Holding::kUnknown);
    EXPECT_EQ(table.holding(host_name(table.host()), getpid(), other), Holding::kUnknown);
    EXPECT_EQ(table.holding("", getpid(), other), Holding::kUnknown);
    EXPECT_EQ(LocalProcessTable().holding(table.host(), getpid(), other), Holding::kUnknown);
}

TEST(ProcessTable, HasNoOpinionOfIdsThatNoProcessHas) {
    const LocalProcessTable table;
    EXPECT_FALSE(table.is_gone(table.host(), 0));
    EXPECT_FALSE(table.is_gone(table.host(), -1));
    EXPECT_FALSE(table.is_gone(table.host(), INT64_MIN));
    EXPECT_FALSE(table.is_gone(table.host(), INT64_MAX));
}

}  // namespace
}  // namespace memcache_session

// The process table of this machine.
#include "src/lock/process_table.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

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

TEST(ProcessTable, HasNoOpinionOfIdsThatNoProcessHas) {
    const LocalProcessTable table;
    EXPECT_FALSE(table.is_gone(table.host(), 0));
    EXPECT_FALSE(table.is_gone(table.host(), -1));
    EXPECT_FALSE(table.is_gone(table.host(), INT64_MIN));
    EXPECT_FALSE(table.is_gone(table.host(), INT64_MAX));
}

}  // namespace
}  // namespace memcache_session

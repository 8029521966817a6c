// Pools that follow a source: a fake ElastiCache endpoint, and a name of /etc/hosts.
#include "src/discovery/followed_pool.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "src/pool/save_path.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using testing::FakeServer;
using testing::Visitor;

// Says which nodes a cluster has, or something else.
class FakeCluster {
public:
    uint16_t port() const { return server_.port(); }
    size_t questions() const { return questions_; }
    void set_nodes(uint64_t version, const std::string& nodes) {
        const std::string value = std::to_string(version) + "\n" + nodes + "\n";
        set_reply("CONFIG cluster 0 " + std::to_string(value.size()) + "\r\n" + value +
                  "\r\nEND\r\n");
    }
    void set_reply(const std::string& reply) {
        const std::lock_guard<std::mutex> guard(mutex_);
        reply_ = reply;
    }
    // ERROR to the newer command.
    void set_old(bool is_old) { is_old_ = is_old; }

private:
    void serve(Visitor& visitor) {
        std::string line;
        while (visitor.read_lines(1, &line)) {
            ++questions_;
            std::string reply;
            {
                const std::lock_guard<std::mutex> guard(mutex_);
                reply = reply_;
            }
            if (is_old_ && line == "config get cluster\r\n") {
                reply = "ERROR\r\n";
            } else if (is_old_) {
                reply.replace(0, reply.find(" 0 "), "VALUE AmazonElastiCache:cluster");
            }
            if (reply.empty() || !visitor.say(reply)) {
                visitor.listen_until_closed();
                return;
            }
            line.clear();
        }
    }

    std::mutex mutex_;
    std::string reply_;
    std::atomic<bool> is_old_{false};
    std::atomic<size_t> questions_{0};
    FakeServer server_{[this](Visitor& visitor) { serve(visitor); }};
};

// Time passes as the test says, beside the real one.
class ShiftedClock final : public Clock {
public:
    TimePoint now() const override { return clock_.now() + shift_; }
    int64_t unix_time() const override { return clock_.unix_time(); }
    void sleep_until(TimePoint until) override { clock_.sleep_until(until - shift_); }
    void shift(Duration by) { shift_ += by; }

private:
    SystemClock clock_;
    Duration shift_{0};
};

class FollowedPoolTest : public ::testing::Test {
protected:
    void follow(const std::string& save_path, Discovery* discovery = nullptr) {
        const Result<ServerList> list = parse_save_path(save_path, 11211);
        ASSERT_TRUE(list.ok()) << list.status().message();
        pools_.emplace(discovery != nullptr ? *discovery : discovery_, clock_);
        changing_ = std::move(pools_->make(list.value(), {}).value());
    }
    void follow_cluster(const std::string& parameters = "?timeout=2") {
        follow("elasticache://127.0.0.1:" + std::to_string(cluster_.port()) + parameters);
    }
    std::string names() {
        const auto pool = changing_->current();
        if (!pool.ok()) {
            return pool.status().message();
        }
        std::string names;
        for (const Server& server : pool.value()->servers) {
            names += (names.empty() ? "" : " ") + server.name();
        }
        return names;
    }
    // The names once they are others than `before`, or after 3 s.
    std::string names_after(const std::string& before) {
        std::string after = before;
        for (int i = 0; i < 300 && after == before; ++i) {
            usleep(10000);
            after = names();
        }
        return after;
    }

    FakeCluster cluster_;
    ShiftedClock clock_;
    Discovery discovery_;
    std::optional<FollowedPools> pools_;
    std::unique_ptr<ChangingPool> changing_;
};

TEST_F(FollowedPoolTest, NodesAreInTheOrderOfTheirNames) {
    cluster_.set_nodes(1, "b.example|10.0.0.1|11212 a.example|10.0.0.2|11211");
    follow_cluster("?timeout=2&weight=3");
    const auto pool = changing_->current();
    ASSERT_TRUE(pool.ok()) << pool.status().message();
    ASSERT_EQ(pool.value()->servers.size(), 2U);
    const Server& first = pool.value()->servers[0];
    EXPECT_EQ(first.name(), "a.example:11211");
    EXPECT_EQ(first.address, "10.0.0.2");
    EXPECT_EQ(first.weight, 3U);
    EXPECT_NE(pool.value()->revision, 0U);
    EXPECT_EQ(changing_->current().value(), pool.value()) << "nothing has changed";
    EXPECT_EQ(cluster_.questions(), 1U);
}

TEST_F(FollowedPoolTest, OlderClusterIsAskedInItsOwnWay) {
    cluster_.set_old(true);
    cluster_.set_nodes(1, "a|10.0.0.1|11211");
    follow_cluster();
    EXPECT_EQ(names(), "a:11211");
    EXPECT_EQ(cluster_.questions(), 2U);
}

TEST_F(FollowedPoolTest, ChangeReachesTheNextRequestsAndIsTold) {
    cluster_.set_nodes(1, "a|10.0.0.1|1 b|10.0.0.2|1");
    follow_cluster("?timeout=2&refresh=1");
    EXPECT_EQ(names(), "a:1 b:1");
    const auto before = changing_->current().value();
    cluster_.set_nodes(2, "c|10.0.0.3|1 a|10.0.0.1|1");
    EXPECT_EQ(names(), "a:1 b:1") << "not due yet";
    clock_.shift(milliseconds(1500));
    EXPECT_EQ(names_after("a:1 b:1"), "a:1 c:1");
    EXPECT_EQ(before->servers.size(), 2U) << "a session under way keeps its pool";
    const SourceEvents events = pools_->take_events();
    ASSERT_EQ(events.lines.size(), 1U);
    EXPECT_NE(events.lines[0].find("another list than before, of 2 servers: a:1, c:1"),
              std::string::npos)
        << events.lines[0];
    ASSERT_EQ(events.removed.size(), 1U);
    EXPECT_EQ(events.removed[0].host, "b");
}

TEST_F(FollowedPoolTest, RenumberedNodeKeepsItsPlaceAndNotItsConnections) {
    cluster_.set_nodes(1, "a|10.0.0.1|1 b|10.0.0.2|1");
    follow_cluster("?timeout=2&refresh=1");
    const auto before = changing_->current().value();
    cluster_.set_nodes(2, "a|10.0.0.9|1 b|10.0.0.2|1");
    clock_.shift(milliseconds(1500));
    for (int i = 0; i < 300 && changing_->current().value() == before; ++i) {
        usleep(10000);
    }
    const auto after = changing_->current().value();
    EXPECT_EQ(after->servers[0].name(), "a:1");
    EXPECT_EQ(after->servers[0].address, "10.0.0.9");
    EXPECT_NE(after->servers[0].endpoint, before->servers[0].endpoint);
    EXPECT_EQ(after->servers[1].endpoint, before->servers[1].endpoint);
    EXPECT_EQ(pools_->take_events().removed.size(), 1U);
    for (const char* sid : {"one", "two", "three", "four", "five", "six", "seven"}) {
        EXPECT_EQ(after->preference_list(sid, sid)[0], before->preference_list(sid, sid)[0]);
    }
}

TEST_F(FollowedPoolTest, EndpointThatFailsChangesNothingAndIsTold) {
    cluster_.set_nodes(1, "a|10.0.0.1|1");
    follow_cluster("?timeout=0.3&refresh=1");
    EXPECT_EQ(names(), "a:1");
    int told = 0;
    for (const char* reply : {"ERROR\r\n", "CONFIG cluster 0 3\r\n2\n\n\r\nEND\r\n", "nonsense\r\n",
                              "HTTP/1.1 400 Bad Request\r\n", "END\r\n", ""}) {
        cluster_.set_reply(reply);
        const size_t before = cluster_.questions();
        clock_.shift(milliseconds(1500));
        for (int i = 0; i < 100 && cluster_.questions() == before; ++i) {
            EXPECT_EQ(names(), "a:1");
            usleep(10000);
        }
        usleep(400000);  // the timeout, so that the ask has ended
        EXPECT_EQ(names(), "a:1") << reply;
        for (const std::string& line : pools_->take_events().lines) {
            EXPECT_NE(line.find("gives no list: "), std::string::npos) << line;
            EXPECT_NE(line.find("sessions stay on the 1 servers: a:1"), std::string::npos) << line;
            ++told;
        }
    }
    EXPECT_EQ(told, 1);
    cluster_.set_nodes(1, "a|10.0.0.1|1");
    clock_.shift(milliseconds(1500));
    std::vector<std::string> lines;
    for (int i = 0; i < 300 && lines.empty(); ++i) {
        EXPECT_EQ(names(), "a:1");
        lines = pools_->take_events().lines;
        usleep(10000);
    }
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("gives its list again"), std::string::npos) << lines[0];
}

TEST_F(FollowedPoolTest, FirstRequestWaitsForTheTimeoutAndTheOthersDoNot) {
    cluster_.set_reply("");  // silence
    follow_cluster("?timeout=0.3");
    const TimePoint began = clock_.now();
    const std::string message = names();
    const Duration first = clock_.now() - began;
    EXPECT_NE(message.find("has not given a list of servers yet: no answer within 0.3 s"),
              std::string::npos)
        << message;
    EXPECT_GE(first, milliseconds(290));
    EXPECT_LE(first, milliseconds(800));
    const TimePoint second = clock_.now();
    names();
    EXPECT_LE(clock_.now() - second, milliseconds(100));
}

TEST_F(FollowedPoolTest, RefusedConnectionFailsAtOnceAndItsEndIsNoticed) {
    uint16_t port = 0;
    const int listener = testing::listen_on_loopback(1, &port);
    close(listener);
    follow("elasticache://127.0.0.1:" + std::to_string(port) + "?timeout=5");
    const TimePoint began = clock_.now();
    const std::string message = names();
    EXPECT_LE(clock_.now() - began, milliseconds(2000));
    EXPECT_NE(message.find("onnection refused"), std::string::npos) << message;
    const std::vector<std::string> lines = pools_->take_events().lines;
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("no session can be opened"), std::string::npos) << lines[0];
}

TEST_F(FollowedPoolTest, NameOfAnAddressIsAServerAtThatAddress) {
    follow("dns+tcp://localhost:7,tcp://10.0.0.1:1?timeout=1");
    EXPECT_EQ(names(), "127.0.0.1:7 10.0.0.1:1");
}

TEST_F(FollowedPoolTest, ServerThatIsWrittenItselfIsNotTakenFromASource) {
    cluster_.set_nodes(1, "a|10.0.0.1|1 b|10.0.0.2|1");
    follow("elasticache://127.0.0.1:" + std::to_string(cluster_.port()) +
           "?timeout=2&weight=2,tcp://b:1?weight=5&timeout=1");
    const auto pool = changing_->current();
    ASSERT_TRUE(pool.ok()) << pool.status().message();
    ASSERT_EQ(pool.value()->servers.size(), 2U);
    EXPECT_EQ(pool.value()->servers[1].name(), "b:1");
    EXPECT_EQ(pool.value()->servers[1].weight, 5U);
}

TEST_F(FollowedPoolTest, WorkersShareOneQuestion) {
    cluster_.set_nodes(1, "a|10.0.0.1|1");
    follow_cluster();
    std::vector<pid_t> children;
    for (int child = 0; child < 6; ++child) {
        const pid_t pid = fork();
        if (pid == 0) {
            _exit(names() == "a:1" ? 0 : 1);
        }
        children.push_back(pid);
    }
    for (const pid_t pid : children) {
        int status = 0;
        ASSERT_EQ(waitpid(pid, &status, 0), pid);
        EXPECT_EQ(WEXITSTATUS(status), 0);
    }
    EXPECT_EQ(names(), "a:1");
    EXPECT_EQ(cluster_.questions(), 1U);
}

TEST_F(FollowedPoolTest, OldListIsNotBegunWithIfANewOneCanBeHad) {
    cluster_.set_nodes(1, "a|10.0.0.1|1");
    follow_cluster("?timeout=2&refresh=1");
    EXPECT_EQ(names(), "a:1");
    cluster_.set_nodes(2, "b|10.0.0.1|1");
    clock_.shift(std::chrono::seconds(60));
    EXPECT_EQ(names(), "b:1");
    cluster_.set_reply("");
    clock_.shift(std::chrono::seconds(60));
    EXPECT_EQ(names(), "b:1") << "after the timeout";
}

TEST_F(FollowedPoolTest, SourcesAreWaitedForTogether) {
    cluster_.set_reply("");
    FakeCluster other;
    other.set_reply("");
    follow("elasticache://127.0.0.1:" + std::to_string(cluster_.port()) +
           "?timeout=0.5,elasticache://127.0.0.1:" + std::to_string(other.port()) + "?timeout=0.5");
    const TimePoint began = clock_.now();
    names();
    EXPECT_LE(clock_.now() - began, milliseconds(950));
}

TEST_F(FollowedPoolTest, ListThatMakesNoPoolIsToldAndThePoolStays) {
    cluster_.set_nodes(1, "a|10.0.0.1|1");
    follow_cluster("?timeout=2&refresh=1");
    EXPECT_EQ(names(), "a:1");
    std::string many;
    for (size_t i = 0; i <= 1000; ++i) {
        many += "n" + std::to_string(i) + "|10.0.0.1|1 ";
    }
    std::string fixed;
    for (size_t i = 0; i < 30; ++i) {
        fixed += ",10.0.0.1:" + std::to_string(i + 1);
    }
    follow("elasticache://127.0.0.1:" + std::to_string(cluster_.port()) + "?timeout=2&refresh=1" +
           fixed);
    const std::string before = names();
    cluster_.set_nodes(2, many);
    clock_.shift(milliseconds(1500));
    std::vector<std::string> lines;
    for (int i = 0; i < 300 && lines.size() < 2; ++i) {
        ASSERT_EQ(names(), before);
        for (const std::string& line : pools_->take_events().lines) {
            lines.push_back(line);
        }
        usleep(10000);
    }
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(lines[1].find("cannot be used: "), std::string::npos) << lines[1];
    EXPECT_NE(lines[1].find("more than 1024 servers"), std::string::npos) << lines[1];
}

TEST_F(FollowedPoolTest, EndDuringAnAskIsSoon) {
    cluster_.set_reply("");
    auto discovery = std::make_unique<Discovery>();
    follow("elasticache://127.0.0.1:" + std::to_string(cluster_.port()) + "?timeout=0.05",
           discovery.get());
    names();
    changing_.reset();
    const TimePoint began = clock_.now();
    discovery.reset();
    EXPECT_LE(clock_.now() - began, milliseconds(400));
}

}  // namespace
}  // namespace memcache_session

// Sessions behind proxies (?proxy=1): one memcached behind two of them, which know few commands.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/lock/lock_item.h"
#include "src/session/session.h"
#include "tests/unit/fake_cluster.h"

namespace memcache_session {

constexpr std::string_view kSid = "abc";
constexpr std::string_view kLock = "abc.lock";

// Proxies in front of one memcached. A request that no proxy understands fails the test.
class FakeProxies final : public Exchange {
public:
    FakeProxies(size_t count, FakeClock& clock)
        : down(count, false),
          deaf(count, false),
          clock_(clock),
          server_(sim::SimServer::Options()) {
        server_.start(0);
    }

    void run(Purpose /*purpose*/, Request* requests, size_t count) override {
        ASSERT_EQ(count, 1u) << "several proxies at once";
        Request& request = requests[0];
        ASSERT_EQ(request.command_count, 1u) << "several commands at once";
        const Command command = request.commands[0];
        ASSERT_TRUE(command.verb == Verb::kAdd || command.verb == Verb::kRead ||
                    command.verb == Verb::kSet || command.verb == Verb::kDelete);
        if (before) {
            before(command);
        }
        request.answered = 0;
        request.failure = {};
        request.connection = 1;
        if (down[request.server]) {
            request.failure = {FailureKind::kConnect, 111};
            return;
        }
        sent.push_back(name(command));
        asked.push_back(request.server);
        Reply reply = refuses && refuses(command) ? refusal() : run(command);
        if (deaf[request.server]) {
            down[request.server] = true;
            request.failure = {FailureKind::kTimeout, 0};
            return;
        }
        if (denies_adds && command.verb == Verb::kAdd) {
            reply.kind = ReplyKind::kExists;
        }
        value_ = reply.value;
        reply.value = value_;
        request.replies[0] = reply;
        request.answered = 1;
    }
    bool usable(uint32_t server) override { return !down[server]; }
    void mark_down(uint32_t, Failure) override { FAIL() << "an error is not the proxy's own"; }

    // Runs a command as another client would.
    Reply run(const Command& command) {
        return server_.run(command, clock_.now().time_since_epoch().count());
    }
    const sim::SimServer::Item* find(std::string_view key) {
        return server_.find(key, clock_.now().time_since_epoch().count());
    }
    std::string value(std::string_view key) {
        const auto* item = find(key);
        return item == nullptr ? "none" : item->value;
    }

    std::vector<std::string> sent;  // "add abc.lock"
    std::vector<uint32_t> asked;
    std::vector<bool> down;
    std::vector<bool> deaf;    // runs the next command, and dies before it answers
    bool denies_adds = false;  // as magent 0.6 does while its main server is dead
    std::function<bool(const Command&)> refuses;  // answers SERVER_ERROR
    std::string text = "Connection refused";
    std::function<void(const Command&)> before;

private:
    static std::string name(const Command& command) {
        const char* verb = command.verb == Verb::kAdd    ? "add "
                           : command.verb == Verb::kRead ? "get "
                           : command.verb == Verb::kSet  ? "set "
                                                         : "delete ";
        return verb + std::string(command.key);
    }
    Reply refusal() {
        Reply reply;
        reply.kind = ReplyKind::kRefused;
        reply.value = text;
        return reply;
    }

    FakeClock& clock_;
    sim::SimServer server_;
    std::string value_;
};

class ProxiedSessionTest : public testing::Test {
protected:
    ProxiedSessionTest() : proxies(2, clock) {
        pool_.servers.resize(2);
        pool_.placement = std::make_shared<InOrder>(2);
        for (size_t i = 0; i < 2; ++i) {
            pool_.servers[i].endpoint.host = "proxy" + std::to_string(i);
            pool_.servers[i].endpoint.port = 11211;
            pool_.servers[i].proxy = true;
        }
        options.lock.pid = 100;
        options.lock.request_path = "/index.php";
    }
    SessionParts parts() { return {pool_, proxies, clock, random_, processes, budget_}; }

    void store(std::string_view stored) {
        Session request(parts(), options);
        std::string_view old;
        ASSERT_EQ(request.read(kSid, true, &old), Answer::kOk);
        ASSERT_EQ(request.write(kSid, stored, 1440), Answer::kOk);
        request.close();
        proxies.sent.clear();
        proxies.asked.clear();
    }
    // Another request's lock.
    void lock(std::string_view held, int32_t exptime = 15) {
        proxies.run(Command::set(kLock, held, kLockFlags, exptime));
    }
    std::string lock_of(int64_t pid) {
        return encode_lock(make_token(77), {0}, processes.host(), pid, 0, "/other.php");
    }

    // A request that has read the session into `value`.
    struct Opened : Session {
        explicit Opened(ProxiedSessionTest* test, bool lock = true)
            : Session(test->parts(), test->options) {
            EXPECT_EQ(read(kSid, lock, &test->value), Answer::kOk) << warning();
        }
    };

private:
    Pool pool_;
    Random random_{1};

protected:
    using Sent = std::vector<std::string>;

    FakeClock clock;
    FakeProcesses processes;
    TimeBudget budget_{clock};
    FakeProxies proxies;
    SessionOptions options;
    std::string_view value;
};

}  // namespace memcache_session

#include "src/net/socket_exchange.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "src/net/server_words.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using testing::FakeServer;
using testing::Memcached;
using testing::Visitor;

// A session and its process.
struct Client {
    explicit Client(std::vector<Server> pool_of_servers) : servers(std::move(pool_of_servers)) {}

    Failure run(Request& request) {
        exchange.run(Purpose::kOpen, &request, 1);
        return request.failure;
    }

    SystemClock clock;
    std::vector<Server> servers;
    HealthTable health{HealthTable::Memory::kPrivate};
    ConnectionPool pool;
    SocketExchange exchange{servers, pool, health, clock};
};

Request request_of(std::initializer_list<Command> commands, uint32_t server = 0,
                   ConnectionId bound_to = 0) {
    Request request;
    request.server = server;
    request.bound_to = bound_to;
    for (const Command& command : commands) {
        request.add(command);
    }
    return request;
}

Request opening() {
    return request_of({Command::add("s.lock", "1", 768, 10), Command::read_for_update("s")});
}

void stay(Visitor& visitor) {
    visitor.listen_until_closed();
}

// Replies to each line with `answer`.
FakeServer::Behaviour answering(std::string answer) {
    return [answer = std::move(answer)](Visitor& visitor) {
        while (visitor.read_lines(1) && visitor.say(answer)) {
        }
    };
}

milliseconds time_of(const std::function<void()>& work) {
    const auto started = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - started);
}

class RealServer : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Families, RealServer,
                         ::testing::Values("127.0.0.1", "::1",
                                           "/tmp/memcache_session_test." +
                                               std::to_string(getpid())));

TEST_P(RealServer, EveryVerbIsAnsweredInOrder) {
    if (GetParam() == "::1") {
        const int probe = socket(AF_INET6, SOCK_STREAM, 0);
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_addr = in6addr_loopback;
        const int bound = bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address);
        close(probe);
        if (bound != 0) {
            GTEST_SKIP() << "no IPv6 here";
        }
    }
    Memcached memcached(GetParam());
    ASSERT_TRUE(memcached.is_running());
    Client client({memcached.server()});
    Request request = request_of({Command::add("k", "one", 2, 100), Command::read_for_update("k"),
                                  Command::add("k", "two", 0, 100), Command::set("e", "", 0, 0)});
    ASSERT_FALSE(client.run(request));
    ASSERT_EQ(request.answered, 4U);
    EXPECT_EQ(request.replies[0].kind, ReplyKind::kDone);
    EXPECT_EQ(request.replies[1].kind, ReplyKind::kHit);
    EXPECT_EQ(request.replies[1].value, "one");
    EXPECT_EQ(request.replies[1].flags, 2U);
    EXPECT_EQ(request.replies[2].kind, ReplyKind::kExists);
    EXPECT_EQ(request.replies[3].kind, ReplyKind::kDone);
    const ConnectionId connection = request.connection;
    EXPECT_NE(connection, 0U);

    const uint64_t cas = request.replies[1].cas;
    Request second =
        request_of({Command::replace_if("k", "three", 0, 100, cas), Command::touch("k", 50),
                    Command::delete_if("k", cas), Command::unconditional_delete("k")},
                   0, connection);
    ASSERT_FALSE(client.run(second));
    EXPECT_EQ(second.connection, connection);
    EXPECT_EQ(second.replies[0].kind, ReplyKind::kDone);
    EXPECT_EQ(second.replies[1].kind, ReplyKind::kDone);
    EXPECT_EQ(second.replies[2].kind, ReplyKind::kExists);
    EXPECT_EQ(second.replies[3].kind, ReplyKind::kDone);

    Request third = request_of({Command::read_for_update("k"), Command::read_for_update("e")});
    ASSERT_FALSE(client.run(third));
    EXPECT_EQ(third.replies[0].kind, ReplyKind::kMiss);
    EXPECT_EQ(third.replies[1].kind, ReplyKind::kHit);
    EXPECT_EQ(third.replies[1].value, "");
}

TEST(SocketExchange, FourMegabytesGoBothWaysThroughMemcached) {
    Memcached memcached("127.0.0.1", {"-I", "8m", "-m", "128"});
    ASSERT_TRUE(memcached.is_running());
    Client client({memcached.server(10000)});
    std::string large(4 << 20, 'x');
    for (size_t i = 0; i < large.size(); i += 997) {
        large[i] = static_cast<char>(i % 251);
    }
    Request store = request_of({Command::set("a", large, 0, 0), Command::set("b", large, 0, 0)});
    ASSERT_FALSE(client.run(store));
    // The view of the short first reply must stay valid when the memory grows for the others.
    Request both = request_of({Command::read_for_update("none"), Command::read_for_update("a"),
                               Command::set("c", large, 0, 0), Command::read_for_update("b")});
    ASSERT_FALSE(client.run(both));
    EXPECT_EQ(both.replies[0].kind, ReplyKind::kMiss);
    EXPECT_TRUE(both.replies[1].value == large);
    EXPECT_EQ(both.replies[2].kind, ReplyKind::kDone);
    EXPECT_TRUE(both.replies[3].value == large);
}

TEST(SocketExchange, ValueOverTheLimitIsAReplyAndTheStreamStaysInStep) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Client client({memcached.server()});
    const std::string large(2 << 20, 'x');
    Request store = request_of({Command::set("a", large, 0, 0), Command::read_for_update("a")});
    ASSERT_FALSE(client.run(store));
    EXPECT_EQ(store.replies[0].kind, ReplyKind::kRefused);
    EXPECT_FALSE(store.replies[0].value.empty());
    EXPECT_EQ(store.replies[1].kind, ReplyKind::kMiss);
    Request again = request_of({Command::read_for_update("a")}, 0, store.connection);
    EXPECT_FALSE(client.run(again));
}

TEST(SocketExchange, DescriptorsAbove1024Work) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 2100) {
        GTEST_SKIP() << "the limit of open files is " << limit.rlim_cur;
    }
    std::vector<int> taken;
    do {
        taken.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    } while (taken.back() >= 0 && taken.back() < 2000);
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Client client({memcached.server(), memcached.server(2000, false)});
    Request requests[] = {request_of({Command::set("k", "v", 0, 0)}, 0),
                          request_of({Command::read_for_update("k")}, 1)};
    client.exchange.run(Purpose::kOpen, requests, 2);
    EXPECT_FALSE(requests[0].failure);
    EXPECT_FALSE(requests[1].failure);
    for (const int descriptor : taken) {
        close(descriptor);
    }
}

TEST(SocketExchange, OutageBeginsAndEndsWithOneEventEach) {
    auto memcached = std::make_unique<Memcached>();
    ASSERT_TRUE(memcached->is_running());
    Client client({memcached->server()});
    client.servers[0].retry_interval = milliseconds(0);
    Request request = request_of({Command::read_for_update("k")});
    ASSERT_FALSE(client.run(request));
    EXPECT_TRUE(client.exchange.take_events().empty());
    memcached.reset();
    // The kept connection is closed, so a new one is tried at once, and refused.
    EXPECT_EQ(client.run(request).kind, FailureKind::kConnect);
    EXPECT_EQ(request.failure.system_error, ECONNREFUSED);
    EXPECT_EQ(client.run(request).kind, FailureKind::kConnect);
    std::vector<HealthEvent> events = client.exchange.take_events();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_TRUE(events[0].down);
    EXPECT_EQ(events[0].server, 0U);
    EXPECT_EQ(events[0].failure.system_error, ECONNREFUSED);

    Memcached other;
    ASSERT_TRUE(other.is_running());
    client.servers[0].endpoint.port = other.server().endpoint.port;
    client.health.mark_down(client.servers[0],
                            {events[0].failure, Reach::kServer, client.clock.now(), 0},
                            client.clock.now());
    usleep(2000);
    ASSERT_FALSE(client.run(request));
    ASSERT_FALSE(client.run(request));
    events = client.exchange.take_events();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_FALSE(events[0].down);
    EXPECT_GE(events[0].outage, milliseconds(2));
}

// The time stands still for this process, and then jumps, as it does for one that was stopped.
class JumpingClock final : public Clock {
public:
    TimePoint now() const override {
        return system_.now() +
               (++calls_ > jumps_after ? Duration(std::chrono::hours(1)) : Duration(0));
    }
    int64_t unix_time() const override { return system_.unix_time(); }
    void sleep_until(TimePoint until) override { system_.sleep_until(until); }

    int jumps_after = 0;

private:
    SystemClock system_;
    mutable int calls_ = 0;
};

TEST(SocketExchange, ProcessThatWasStoppedLooksAgainBeforeItCallsAServerSilent) {
    for (int calls = 1; calls < 6; ++calls) {
        FakeServer fake([](Visitor& visitor) {
            visitor.read_lines(1);
            usleep(20000);
            visitor.say("END\r\n");
            visitor.listen_until_closed();
        });
        const std::vector<Server> servers = {fake.server(400)};
        ConnectionPool pool;
        HealthTable health(HealthTable::Memory::kPrivate);
        JumpingClock clock;
        clock.jumps_after = calls;
        SocketExchange exchange(servers, pool, health, clock);
        Request request = request_of({Command::read("k")});
        exchange.run(Purpose::kOpen, &request, 1);
        EXPECT_FALSE(request.failure)
            << calls << ": " << describe(request.failure, milliseconds(400));
        EXPECT_TRUE(exchange.usable(0));
    }
}

TEST(SocketExchange, GarbageIsMalformedAndNothingOfItCounts) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(3);
        visitor.say("STORED\r\nhello\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server()});
    Request request = opening();
    EXPECT_EQ(client.run(request).kind, FailureKind::kMalformed);
    EXPECT_EQ(request.answered, 0U);
    EXPECT_FALSE(client.exchange.usable(0));
    EXPECT_EQ(client.pool.idle_count(), 0U);
}

// What servers of other protocols reply to the opening of a session, as recorded from memcached
// -Y, nginx, sshd, Redis and Go's TLS server.
TEST(SocketExchange, ServersThatAreNoMemcachedAreKnownByTheirWords) {
    const struct {
        std::string reply;
        std::string said;
        FailureKind kind;
    } rows[] = {
        {"CLIENT_ERROR unauthenticated\r\n", "CLIENT_ERROR unauthenticated",
         FailureKind::kWantsAuthentication},
        {"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n", "HTTP/1.1 400 Bad Request",
         FailureKind::kSpeaksHttp},
        {"SSH-2.0-OpenSSH_9.2p1\r\n", "SSH-2.0-OpenSSH_9.2p1", FailureKind::kSpeaksSsh},
        {"-ERR unknown command 'add'\r\n", "-ERR unknown command 'add'", FailureKind::kSpeaksRedis},
        {std::string("\x15\x03\x01\x00\x02\x02\x46", 7),
         std::string("\x15\x03\x01\x00\x02\x02\x46", 7), FailureKind::kSpeaksTls},
        {"login: ", "login: ", FailureKind::kClosed},
    };
    for (const auto& row : rows) {
        FakeServer fake([&row](Visitor& visitor) {
            visitor.read_lines(3);
            visitor.say(row.reply);
        });
        Client client({fake.server()});
        Request request = opening();
        EXPECT_EQ(client.run(request).kind, row.kind) << row.said;
        EXPECT_EQ(request.said, row.said);
        EXPECT_EQ(client.exchange.why_down(0).kind, row.kind) << row.said;
        const std::vector<HealthEvent> events = client.exchange.take_events();
        ASSERT_EQ(events.size(), 1U);
        EXPECT_EQ(events[0].failure.kind, row.kind);
        EXPECT_EQ(events[0].words, words_of(request));
        EXPECT_NE(events[0].words, "");
    }
}

TEST(SocketExchange, WordsAreThoseOfTheFirstErrorAndFollowTheBuffer) {
    const std::string value(3 * kReceiveSize, 'x');
    FakeServer fake([&value](Visitor& visitor) {
        visitor.read_lines(3);
        visitor.say("SERVER_ERROR out of memory storing object\r\nVALUE s 0 " +
                    std::to_string(value.size()) + " 7\r\n" + value + "\r\nEND\r\n");
        visitor.read_lines(1);
        visitor.say("END\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server()});
    Request request = opening();
    EXPECT_FALSE(client.run(request));
    EXPECT_EQ(request.said, "SERVER_ERROR out of memory storing object");
    EXPECT_EQ(request.replies[1].value, value);
    Request next = request_of({Command::read_for_update("s")});
    EXPECT_FALSE(client.run(next));
    EXPECT_EQ(next.said, "");
}

// memcached -M that is full can be read, so nobody marks it, and a mark on it ends.
TEST(SocketExchange, ServerWithoutMemoryForAStoreIsUp) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(3);
        visitor.say("SERVER_ERROR out of memory storing object\r\nEND\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server()});
    client.exchange.mark_down(0, {FailureKind::kTimeout, 0});
    Request request = opening();
    EXPECT_FALSE(client.run(request));
    EXPECT_TRUE(client.exchange.usable(0));
    ASSERT_EQ(client.exchange.take_events().size(), 2U);
}

TEST(SocketExchange, HalfAValueIsNotQuoted) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(3);
        visitor.say("STORED\r\nVALUE s 0 100 7\r\nname|s:3:");
    });
    Client client({fake.server()});
    Request request = opening();
    EXPECT_EQ(client.run(request).kind, FailureKind::kClosed);
    EXPECT_EQ(request.said, "");
}

TEST(SocketExchange, RepliesBeforeASilenceCount) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(3);
        visitor.say("STORED\r\nVALUE s 0 10 7\r\nhalf");
        visitor.listen_until_closed();
    });
    Client client({fake.server(200)});
    Request request = opening();
    const milliseconds time = time_of([&] { client.run(request); });
    EXPECT_EQ(request.failure.kind, FailureKind::kTimeout);
    ASSERT_EQ(request.answered, 1U);
    EXPECT_EQ(request.replies[0].kind, ReplyKind::kDone);
    EXPECT_GE(time, milliseconds(200));
    EXPECT_LT(time, milliseconds(400));
    EXPECT_EQ(client.pool.idle_count(), 0U);
}

TEST(SocketExchange, SilenceBehindAWholeReplyIsStuck) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(3);
        visitor.say("STORED\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server(200)});
    Request request = opening();
    EXPECT_EQ(client.run(request).kind, FailureKind::kStuck);
    EXPECT_EQ(request.answered, 1U);
}

TEST(SocketExchange, HalfAnAnswerThenCloseIsClosed) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(3);
        visitor.say("STORED\r\nVALUE s 0 10 7\r\nhalf");
    });
    Client client({fake.server()});
    Request request = opening();
    EXPECT_EQ(client.run(request).kind, FailureKind::kClosed);
    EXPECT_EQ(request.answered, 1U);
    EXPECT_EQ(fake.connections(), 1U);
}

TEST(SocketExchange, AbsurdLengthIsMalformed) {
    for (const char* length : {"-1", "99999999999999999999", "4294967296", "1073741825"}) {
        FakeServer fake(answering("VALUE s 0 " + std::string(length) + " 1\r\n"));
        Client client({fake.server()});
        Request request = request_of({Command::read_for_update("s")});
        EXPECT_EQ(client.run(request).kind, FailureKind::kMalformed) << length;
    }
}

TEST(SocketExchange, AnnouncedLengthCostsNoMemoryBeforeTheBytesCome) {
    FakeServer fake(answering("VALUE s 0 134000000 1\r\n" + std::string(9 << 20, 'x')));
    Client client({fake.server(300)});
    rlimit before{};
    getrlimit(RLIMIT_AS, &before);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    // 64 MB more than the process uses now.
    FILE* status = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    ASSERT_TRUE(status != nullptr && fscanf(status, "%lu", &pages) == 1);
    fclose(status);
    rlimit tight = before;
    tight.rlim_cur = pages * static_cast<unsigned long>(sysconf(_SC_PAGESIZE)) + (64UL << 20);
    setrlimit(RLIMIT_AS, &tight);
#endif
    Request request = request_of({Command::read_for_update("s")});
    const Failure failure = client.run(request);
    setrlimit(RLIMIT_AS, &before);
    EXPECT_EQ(failure.kind, FailureKind::kTimeout);
}

TEST(SocketExchange, ServerThatClosesAtOnceFailsWithoutBeingAskedAgain) {
    FakeServer fake([](Visitor&) {});
    Client client({fake.server()});
    Request request = opening();
    const Failure failure = client.run(request);
    EXPECT_TRUE(failure.kind == FailureKind::kClosed || failure.kind == FailureKind::kBroken);
    EXPECT_EQ(request.answered, 0U);
    EXPECT_EQ(fake.connections(), 1U);
    EXPECT_FALSE(client.exchange.usable(0));
}

TEST(SocketExchange, RefusedConnectionIsMarkedDownAndLeftAlone) {
    uint16_t port = 0;
    close(testing::listen_on_loopback(1, &port));
    Client client({testing::tcp_server(port)});
    EXPECT_TRUE(client.exchange.usable(0));
    Request request = opening();
    const milliseconds time = time_of([&] { client.run(request); });
    EXPECT_EQ(request.failure.kind, FailureKind::kConnect);
    EXPECT_EQ(request.failure.system_error, ECONNREFUSED);
    EXPECT_EQ(request.connection, 0U);
    EXPECT_LT(time, milliseconds(500));
    EXPECT_FALSE(client.exchange.usable(0));
}

TEST(SocketExchange, ServerThatNeverAcceptsCostsOneTimeout) {
    uint16_t port = 0;
    const int listener = testing::listen_on_loopback(0, &port);
    std::vector<int> fillers;
    for (int i = 0; i < 4; ++i) {
        fillers.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        const sockaddr_in address = testing::loopback(port);
        static_cast<void>(
            connect(fillers.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    }
    Client client({testing::tcp_server(port, 200)});
    Request request = opening();
    const milliseconds time = time_of([&] { client.run(request); });
    EXPECT_EQ(request.failure.kind, FailureKind::kConnectTimeout);
    EXPECT_GE(time, milliseconds(200));
    EXPECT_LT(time, milliseconds(400));
    for (const int filler : fillers) {
        close(filler);
    }
    close(listener);
}

TEST(SocketExchange, PhasesAreCountedByPurpose) {
    Client client({testing::tcp_server(1)});
    for (const Purpose purpose : {Purpose::kOpen, Purpose::kStore, Purpose::kStore}) {
        Request request = opening();
        client.exchange.run(purpose, &request, 1);
    }
    EXPECT_EQ(client.exchange.phase_counts().of(Purpose::kOpen), 1U);
    EXPECT_EQ(client.exchange.phase_counts().of(Purpose::kStore), 2U);
    EXPECT_EQ(client.exchange.phase_counts().of(Purpose::kDestroy), 0U);
}

TEST(SocketExchange, UnknownHostIsAResolverFailure) {
    Client client({testing::tcp_server(1)});
    client.servers[0].endpoint.host = "no such host";
    Request request = opening();
    EXPECT_EQ(client.run(request).kind, FailureKind::kResolve);
    EXPECT_FALSE(client.exchange.usable(0));
}

TEST(SocketExchange, ThreeSilentServersCostOneTimeout) {
    FakeServer fakes[] = {FakeServer(stay), FakeServer(stay), FakeServer(stay)};
    Client client({fakes[0].server(250), fakes[1].server(250), fakes[2].server(100)});
    Request requests[] = {opening(), opening(), opening()};
    requests[1].server = 1;
    requests[2].server = 2;
    const milliseconds time = time_of([&] { client.exchange.run(Purpose::kOpen, requests, 3); });
    for (const Request& request : requests) {
        EXPECT_EQ(request.failure.kind, FailureKind::kTimeout);
    }
    EXPECT_GE(time, milliseconds(250));
    EXPECT_LT(time, milliseconds(450));
}

TEST(SocketExchange, OneSilentServerDoesNotSpoilTheAnswersOfTheOthers) {
    for (uint32_t silent = 0; silent < 3; ++silent) {
        Memcached memcached;
        ASSERT_TRUE(memcached.is_running());
        FakeServer fake(stay);
        std::vector<Server> servers(3, memcached.server());
        servers[silent] = fake.server(150);
        Client client(servers);
        Request requests[] = {request_of({Command::read_for_update("k")}, 0),
                              request_of({Command::read_for_update("k")}, 1),
                              request_of({Command::read_for_update("k")}, 2)};
        client.exchange.run(Purpose::kOpen, requests, 3);
        for (uint32_t i = 0; i < 3; ++i) {
            EXPECT_EQ(requests[i].failure.kind,
                      i == silent ? FailureKind::kTimeout : FailureKind::kNone);
            EXPECT_EQ(client.exchange.usable(i), i != silent);
        }
    }
}

TEST(SocketExchange, LateAnswerIsNeverTakenForThatOfTheNextRequest) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(1);
        if (visitor.number() == 0) {
            usleep(200000);
            visitor.say("VALUE s 0 3 1\r\nold\r\nEND\r\n");
        } else {
            visitor.say("VALUE s 0 3 2\r\nnew\r\nEND\r\n");
        }
        visitor.listen_until_closed();
    });
    Client client({fake.server(100)});
    Request request = request_of({Command::read_for_update("s")});
    EXPECT_EQ(client.run(request).kind, FailureKind::kTimeout);
    usleep(150000);
    ASSERT_FALSE(client.run(request));
    EXPECT_EQ(request.replies[0].value, "new");
    EXPECT_EQ(fake.connections(), 2U);
}

TEST(SocketExchange, AnswerByteByByteIsPutTogether) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(3);
        const int on = 1;
        setsockopt(visitor.socket(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        for (const char byte : std::string("STORED\r\nVALUE s 7 6 9\r\nab\r\ncd\r\nEND\r\n")) {
            visitor.say({&byte, 1});
            usleep(500);
        }
        visitor.listen_until_closed();
    });
    Client client({fake.server()});
    Request request = opening();
    ASSERT_FALSE(client.run(request));
    EXPECT_EQ(request.replies[1].value, "ab\r\ncd");
    EXPECT_EQ(request.replies[1].cas, 9U);
    EXPECT_EQ(client.pool.idle_count(), 1U);
}

TEST(SocketExchange, TricklingServerIsCutOffAtTheTimeout) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(1);
        visitor.say("VALUE s 0 100000 9\r\n");
        while (visitor.say("x")) {
            usleep(1000);
        }
    });
    Client client({fake.server(200)});
    Request request = request_of({Command::read_for_update("s")});
    const milliseconds time = time_of([&] { client.run(request); });
    EXPECT_EQ(request.failure.kind, FailureKind::kTimeout);
    EXPECT_LT(time, milliseconds(400));
}

TEST(SocketExchange, StrayBytesAfterTheLastReplySpoilAllReplies) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(3);
        visitor.say("STORED\r\nEND\r\nEND\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server()});
    Request request = opening();
    EXPECT_EQ(client.run(request).kind, FailureKind::kMalformed);
    EXPECT_EQ(request.answered, 0U);
    EXPECT_EQ(client.pool.idle_count(), 0U);
}

TEST(SocketExchange, ErrorToAStoreEndsTheConversation) {
    // An old server runs the data block as a command, and sends one reply too many.
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(3);
        visitor.say("ERROR\r\nERROR\r\nVALUE s 0 1 1\r\nx\r\nEND\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server()});
    Request request = opening();
    EXPECT_EQ(client.run(request).kind, FailureKind::kMalformed);
    ASSERT_EQ(request.answered, 1U);
    EXPECT_EQ(request.replies[0].kind, ReplyKind::kUnknownCommand);
    EXPECT_EQ(client.pool.idle_count(), 0U);
}

TEST(SocketExchange, ClientErrorToTheLastStoreIsAReplyButTheConnectionIsClosed) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(2);
        visitor.say("CLIENT_ERROR line format\r\nERROR\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server()});
    Request request = request_of({Command::set("k", "v", 0, 0)});
    EXPECT_FALSE(client.run(request));
    ASSERT_EQ(request.answered, 1U);
    EXPECT_EQ(request.replies[0].kind, ReplyKind::kRejected);
    EXPECT_EQ(request.replies[0].value, "line format");
    EXPECT_EQ(client.pool.idle_count(), 0U);
    EXPECT_TRUE(client.exchange.usable(0));
}

TEST(SocketExchange, ErrorToACommandWithoutDataStaysInStep) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(2);
        visitor.say("ERROR\r\nEND\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server()});
    Request request = request_of({Command::touch("k", 1), Command::read_for_update("k")});
    EXPECT_FALSE(client.run(request));
    EXPECT_EQ(request.replies[0].kind, ReplyKind::kUnknownCommand);
    EXPECT_EQ(request.replies[1].kind, ReplyKind::kMiss);
    EXPECT_EQ(client.pool.idle_count(), 1U);
}

TEST(SocketExchange, ErrorReplyDoesNotEndAnOutage) {
    FakeServer fake(answering("SERVER_ERROR out of memory\r\n"));
    Client client({fake.server()});
    client.exchange.mark_down(0, {FailureKind::kServerError, 0});
    Request request = request_of({Command::read_for_update("k")});
    EXPECT_FALSE(client.run(request));
    client.exchange.mark_down(0, {FailureKind::kServerError, 0});
    EXPECT_EQ(client.exchange.take_events().size(), 1U);
}

// memcached -C carries out the release of a lock, although it cannot keep sessions.
TEST(SocketExchange, ReleaseDoesNotEndAnOutage) {
    FakeServer fake(answering("DELETED\r\n"));
    Client client({fake.server()});
    client.exchange.mark_down(0, {FailureKind::kNoCas, 0});
    Request request = request_of({Command::unconditional_delete("k")});
    client.exchange.run(Purpose::kRelease, &request, 1);
    EXPECT_FALSE(request.failure);
    EXPECT_FALSE(client.exchange.usable(0));
    EXPECT_EQ(client.exchange.take_events().size(), 1U) << "it went down";
    client.exchange.run(Purpose::kOpen, &request, 1);
    EXPECT_TRUE(client.exchange.usable(0));
}

TEST(SocketExchange, SendingAndReceivingGoOnTogetherWhenBuffersAreSmall) {
    // The server runs commands in order: it reads no more until its long reply is received.
    const std::string large(4 << 20, 'y');
    FakeServer fake([&large](Visitor& visitor) {
        const int small = 128 << 10;  // less than the 64 KB packets of loopback would stall
        setsockopt(visitor.socket(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        setsockopt(visitor.socket(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        visitor.read_lines(1);
        visitor.say("VALUE a 0 " + std::to_string(large.size()) + " 1\r\n" + large + "\r\nEND\r\n");
        visitor.read_lines(1);
        const std::string block = visitor.read_bytes(large.size() + 2);
        visitor.say(block == large + "\r\n" ? "STORED\r\n" : "NOT_STORED\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server(20000)});
    Request request = request_of({Command::read_for_update("a"), Command::set("b", large, 0, 0)});
    ASSERT_FALSE(client.run(request));
    EXPECT_TRUE(request.replies[0].value == large);
    EXPECT_EQ(request.replies[1].kind, ReplyKind::kDone);
}

TEST(SocketExchange, ServerMayRefuseAStoreBeforeItHasTakenTheValue) {
    const std::string large(4 << 20, 'y');
    FakeServer fake([&large](Visitor& visitor) {
        visitor.read_lines(1);
        visitor.say("SERVER_ERROR object too large for cache\r\n");
        usleep(20000);
        visitor.read_bytes(large.size() + 2);
        visitor.read_lines(1);
        visitor.say("END\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server(20000)});
    Request request = request_of({Command::set("b", large, 0, 0), Command::read_for_update("b")});
    ASSERT_FALSE(client.run(request));
    EXPECT_EQ(request.replies[0].kind, ReplyKind::kRefused);
    EXPECT_EQ(request.replies[1].kind, ReplyKind::kMiss);
    EXPECT_EQ(client.pool.idle_count(), 1U);
}

// Answers one `gets` on each connection, then closes.
void answer_once(Visitor& visitor) {
    if (visitor.read_lines(1)) {
        visitor.say("VALUE s 0 1 1\r\n" + std::to_string(visitor.number()) + "\r\nEND\r\n");
    }
}

TEST(SocketExchange, KeptConnectionClosedMeanwhileIsReplacedOnceWithoutADownMark) {
    FakeServer fake(answer_once);
    Client client({fake.server()});
    for (int i = 0; i < 4; ++i) {
        Request request = request_of({Command::read_for_update("s")});
        ASSERT_FALSE(client.run(request));
        EXPECT_EQ(request.replies[0].value, std::to_string(i));
        usleep(20000);
    }
    EXPECT_EQ(fake.connections(), 4U);
    EXPECT_TRUE(client.exchange.usable(0));
    EXPECT_TRUE(client.exchange.take_events().empty());
}

TEST(SocketExchange, KeptConnectionIsReplacedOnlyOnce) {
    FakeServer fake([](Visitor& visitor) {
        if (visitor.number() == 0) {
            answer_once(visitor);
        }
    });
    Client client({fake.server()});
    Request request = request_of({Command::read_for_update("s")});
    ASSERT_FALSE(client.run(request));
    usleep(20000);
    const Failure failure = client.run(request);
    EXPECT_TRUE(failure.kind == FailureKind::kClosed || failure.kind == FailureKind::kBroken);
    EXPECT_EQ(fake.connections(), 2U);
    EXPECT_FALSE(client.exchange.usable(0));
}

TEST(SocketExchange, KeptConnectionThatClosesWithinAnAnswerIsNotReplaced) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(1);
        visitor.say("END\r\n");
        visitor.read_lines(1);
        visitor.say("E");
    });
    Client client({fake.server()});
    Request request = request_of({Command::read_for_update("s")});
    ASSERT_FALSE(client.run(request));
    EXPECT_EQ(client.run(request).kind, FailureKind::kClosed);
    EXPECT_EQ(fake.connections(), 1U);
}

TEST(SocketExchange, BoundRequestOnAClosedConnectionIsLostAndTheServerNotMarked) {
    FakeServer fake(answer_once);
    Client client({fake.server()});
    Request request = request_of({Command::read_for_update("s")});
    ASSERT_FALSE(client.run(request));
    usleep(20000);
    Request bound = request_of({Command::read_for_update("s")}, 0, request.connection);
    EXPECT_EQ(client.run(bound).kind, FailureKind::kConnectionLost);
    EXPECT_EQ(bound.answered, 0U);
    EXPECT_EQ(fake.connections(), 1U);
    EXPECT_TRUE(client.exchange.usable(0));
}

TEST(SocketExchange, BoundRequestIsNotSentOnAnotherConnection) {
    std::atomic<int> lines{0};
    FakeServer fake([&lines](Visitor& visitor) {
        while (visitor.read_lines(1)) {
            ++lines;
            visitor.say("END\r\n");
        }
    });
    Client client({fake.server()});
    Request request = request_of({Command::read_for_update("s")});
    ASSERT_FALSE(client.run(request));
    Request bound = request_of({Command::read_for_update("s")}, 0, request.connection + 1000);
    EXPECT_EQ(client.run(bound).kind, FailureKind::kConnectionLost);
    // The connection is as usable as before.
    Request again = request_of({Command::read_for_update("s")}, 0, request.connection);
    EXPECT_FALSE(client.run(again));
    EXPECT_EQ(lines, 2);
    EXPECT_EQ(fake.connections(), 1U);
}

TEST(SocketExchange, ConnectionsThatArePersistentOutliveTheExchangeAndOthersDoNot) {
    std::atomic<int> gone{0};
    FakeServer fake([&gone](Visitor& visitor) {
        while (visitor.read_lines(1)) {
            visitor.say("END\r\n");
        }
        ++gone;
    });
    for (const bool persistent : {true, false}) {
        const size_t connections_before = fake.connections();
        SystemClock clock;
        const std::vector<Server> servers = {fake.server(2000, persistent)};
        HealthTable health(HealthTable::Memory::kPrivate);
        ConnectionPool pool;
        for (int session = 0; session < 3; ++session) {
            SocketExchange exchange(servers, pool, health, clock);
            for (int phase = 0; phase < 3; ++phase) {
                Request request = request_of({Command::read_for_update("s")});
                exchange.run(Purpose::kOpen, &request, 1);
                EXPECT_FALSE(request.failure);
            }
        }
        EXPECT_EQ(fake.connections() - connections_before, persistent ? 1U : 3U);
    }
    for (int i = 0; i < 200 && gone < 4; ++i) {
        usleep(5000);
    }
    EXPECT_EQ(gone, 4);
}

TEST(SocketExchange, RepliesLiveUntilTheNextRunWhateverOthersDoOnTheConnection) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Client client({memcached.server()});
    SocketExchange other(client.servers, client.pool, client.health, client.clock);
    const std::string mine(100000, 'm');
    const std::string theirs(100000, 't');
    Request store = request_of({Command::set("m", mine, 0, 0), Command::set("t", theirs, 0, 0)});
    ASSERT_FALSE(client.run(store));
    Request first = request_of({Command::read_for_update("m")});
    ASSERT_FALSE(client.run(first));
    Request second = request_of({Command::read_for_update("t")});
    other.run(Purpose::kOpen, &second, 1);
    ASSERT_FALSE(second.failure);
    EXPECT_EQ(first.connection, second.connection);
    EXPECT_TRUE(first.replies[0].value == mine);
    EXPECT_TRUE(second.replies[0].value == theirs);
}

TEST(SocketExchange, AddressNamedTwiceHasAConnectionForEachOfItsServers) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Client client({memcached.server(), memcached.server()});
    ConnectionId connections[2] = {0, 0};
    for (int phase = 0; phase < 3; ++phase) {
        Request requests[] = {request_of({Command::set("k", "v", 0, 0)}, 0, connections[0]),
                              request_of({Command::read_for_update("k")}, 1, connections[1])};
        client.exchange.run(Purpose::kOpen, requests, 2);
        ASSERT_FALSE(requests[0].failure);
        ASSERT_FALSE(requests[1].failure);
        EXPECT_NE(requests[0].connection, requests[1].connection);
        connections[0] = requests[0].connection;
        connections[1] = requests[1].connection;
    }
}

TEST(SocketExchange, ForkedChildLeavesTheConnectionsOfItsParentAlone) {
    for (const bool persistent : {true, false}) {
        std::mutex mutex;
        std::vector<std::string> heard(8);
        FakeServer fake([&](Visitor& visitor) {
            std::string text;
            while (visitor.read_lines(1, &text)) {
                {
                    const std::lock_guard<std::mutex> guard(mutex);
                    heard[visitor.number()] = text;
                }
                visitor.say("END\r\n");
            }
        });
        Client client({fake.server(2000, persistent)});
        Request request = request_of({Command::read_for_update("parent")});
        ASSERT_FALSE(client.run(request));

        const pid_t child = fork();
        if (child == 0) {
            Request bound = request_of({Command::read_for_update("bound")}, 0, request.connection);
            Request free = request_of({Command::read_for_update("child")});
            const bool lost = client.run(bound).kind == FailureKind::kConnectionLost;
            const bool served = !client.run(free) && free.connection != request.connection;
            // The second request of the child is sent on its own connection.
            const bool still_lost = client.run(bound).kind == FailureKind::kConnectionLost;
            _exit(lost && served && still_lost ? 0 : 1);
        }
        int status = -1;
        waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);

        Request bound = request_of({Command::read_for_update("again")}, 0, request.connection);
        EXPECT_FALSE(client.run(bound));
        const std::lock_guard<std::mutex> guard(mutex);
        EXPECT_EQ(heard[0], "gets parent\r\ngets again\r\n");
        EXPECT_EQ(heard[1], "gets child\r\n");
        EXPECT_EQ(fake.connections(), 2U);
    }
}

TEST(SocketExchange, StormOfSignalsDisturbsNothing) {
    struct sigaction action {};
    action.sa_handler = [](int) {};  // without SA_RESTART
    struct sigaction before {};
    sigaction(SIGALRM, &action, &before);
    FakeServer slow([](Visitor& visitor) {
        while (visitor.read_lines(1)) {
            for (const char byte : std::string("VALUE s 0 3 1\r\nabc\r\nEND\r\n")) {
                usleep(1000);
                visitor.say({&byte, 1});
            }
        }
    });
    FakeServer silent(stay);
    Client client({slow.server(), silent.server(300)});
    itimerval storm{{0, 100}, {0, 100}};
    setitimer(ITIMER_REAL, &storm, nullptr);
    Request requests[] = {request_of({Command::read_for_update("s")}, 0),
                          request_of({Command::read_for_update("s")}, 1)};
    const milliseconds time = time_of([&] { client.exchange.run(Purpose::kOpen, requests, 2); });
    storm = {};
    setitimer(ITIMER_REAL, &storm, nullptr);
    sigaction(SIGALRM, &before, nullptr);
    EXPECT_FALSE(requests[0].failure);
    EXPECT_EQ(requests[0].replies[0].value, "abc");
    EXPECT_EQ(requests[1].failure.kind, FailureKind::kTimeout);
    EXPECT_GE(time, milliseconds(300));
    EXPECT_LT(time, milliseconds(500));
}

TEST(SocketExchange, WantOfDescriptorsIsNotBlamedOnTheServer) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Client client({memcached.server()});
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{0, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    Request request = request_of({Command::read_for_update("k")});
    const Failure failure = client.run(request);
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(failure.kind, FailureKind::kConnect);
    EXPECT_EQ(failure.system_error, EMFILE);
    EXPECT_TRUE(client.exchange.usable(0));
    EXPECT_FALSE(client.run(request));
}

TEST(SocketExchange, PollThatFailsEndsThePhaseAtOnceAndIsNotBlamedOnTheServer) {
    FakeServer fake([](Visitor& visitor) {
        visitor.read_lines(1);
        visitor.say("END\r\n");
        visitor.listen_until_closed();
    });
    Client client({fake.server(5000)});
    Request request = request_of({Command::read_for_update("k")});
    ASSERT_FALSE(client.run(request));
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit none{0, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    Failure failure;
    const milliseconds time = time_of([&] { failure = client.run(request); });
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(failure.kind, FailureKind::kBroken);
    EXPECT_EQ(failure.system_error, EINVAL);
    EXPECT_LT(time, milliseconds(1000));
    EXPECT_TRUE(client.exchange.usable(0));
}

TEST(SocketExchange, ThreadsWithPoolsOfTheirOwnShareServersAndHealth) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    uint16_t refusing = 0;
    close(testing::listen_on_loopback(1, &refusing));
    const std::vector<Server> servers = {memcached.server(), testing::tcp_server(refusing)};
    HealthTable health(HealthTable::Memory::kPrivate);
    std::atomic<int> good{0};
    std::atomic<size_t> events{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            const SystemClock clock;
            ConnectionPool pool;
            for (int session = 0; session < 50; ++session) {
                SocketExchange exchange(servers, pool, health, clock);
                Request requests[] = {request_of({Command::set("k", "v", 0, 0)}, 0),
                                      request_of({Command::read_for_update("k")}, 1)};
                exchange.run(Purpose::kOpen, requests, 2);
                good += !requests[0].failure && requests[1].failure;
                events += exchange.take_events().size();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(good, 150);
    EXPECT_EQ(events, 1U);
}

}  // namespace
}  // namespace memcache_session

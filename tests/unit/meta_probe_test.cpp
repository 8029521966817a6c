// What a server speaks, found out in the first write of a connection.
#include "src/net/meta_probe.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "src/net/socket_exchange.h"
#include "tests/unit/local_servers.h"

namespace memcache_session {
namespace {

using testing::FakeServer;
using testing::Memcached;
using testing::Visitor;
using Speaks = MetaServers::Speaks;
using State = ParsedReply::State;

TEST(MetaProbe, MetaIsSpokenFromVersion1_6_13On) {
    for (const std::string version :
         {"1.6.13", "1.6.18", "1.6.24_beta1", "1.7.0", "2.0", "1.6.130"}) {
        const std::string bytes = "MN\r\nVERSION " + version + "\r\n";
        const ProbeReply reply = parse_probe_reply(bytes + "STORED\r\n");
        EXPECT_EQ(reply.state, State::kComplete) << version;
        EXPECT_EQ(reply.consumed, bytes.size()) << version;
        EXPECT_TRUE(reply.speaks_meta) << version;
    }
    for (const std::string version : {"1.6.12", "1.6.9", "1.5.22", "1.6", "1", "0.9.99", "", "x",
                                      "1.6.x", "1.6.012", "99999999999999999999"}) {
        const ProbeReply reply = parse_probe_reply("MN\r\nVERSION " + version + "\r\n");
        EXPECT_EQ(reply.state, State::kComplete) << version;
        EXPECT_FALSE(reply.speaks_meta) << version;
    }
}

TEST(MetaProbe, ServerWithoutMetaIsClassic) {
    for (const std::string_view bytes :
         {"ERROR\r\nVERSION 1.6.18\r\n", "EN\r\nVERSION 1.6.18\r\n", "MN\r\nERROR\r\n",
          "CLIENT_ERROR unauthenticated\r\nCLIENT_ERROR unauthenticated\r\n",
          "ERROR Too many open connections\r\nSERVER_ERROR\r\n"}) {
        const ProbeReply reply = parse_probe_reply(bytes);
        EXPECT_EQ(reply.state, State::kComplete) << bytes;
        EXPECT_FALSE(reply.speaks_meta) << bytes;
        EXPECT_EQ(reply.consumed, bytes.size()) << bytes;
    }
}

TEST(MetaProbe, OtherProtocolsAreMalformedAndCutRepliesIncomplete) {
    for (const std::string_view bytes :
         {"HTTP/1.1 400 Bad Request\r\n", "-ERR unknown command\r\n", "MN \r\nVERSION 1.6.18\r\n",
          "MN\r\nversion 1.6.18\r\n", "STORED\r\n", "\x15\x03\x01", "MN\nVERSION 1.6.18\r\n",
          "ERRORS\r\nVERSION 1.6.18\r\n", "ERROR a\tb\r\nVERSION 1.6.18\r\n",
          "MN\r\nVERSION 1.6\t18\r\n"}) {
        EXPECT_EQ(parse_probe_reply(bytes).state, State::kMalformed) << bytes;
    }
    const std::string_view whole = "MN\r\nVERSION 1.6.18\r\n";
    for (size_t cut = 0; cut < whole.size(); ++cut) {
        EXPECT_EQ(parse_probe_reply(whole.substr(0, cut)).state, State::kIncomplete) << cut;
    }
}

// A session's exchange, in a process that may speak meta.
struct Client {
    explicit Client(Server server) : servers{std::move(server)} {}

    Failure run(Request& request) {
        exchange.run(Purpose::kOpen, &request, 1);
        return request.failure;
    }
    Speaks spoken() const { return meta.spoken(servers[0]); }

    SystemClock clock;
    std::vector<Server> servers;
    HealthTable health{HealthTable::Memory::kPrivate};
    ConnectionPool pool;
    MetaServers meta;
    SocketExchange exchange{servers, pool, health, clock, kDefaultDialect, nullptr, nullptr, &meta};
};

Request look() {
    Request request;
    request.add(Command::read_metadata("s"));
    return request;
}

TEST(MetaServer, LeavesValuesOutFromTheSecondPhaseOn) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Client client(memcached.server());
    Request first;
    first.add(Command::set("s", "value", 7, 0));
    first.add(Command::read_metadata("s"));
    ASSERT_FALSE(client.run(first));
    EXPECT_EQ(client.spoken(), Speaks::kMeta);
    EXPECT_EQ(first.replies[1].value, "value");
    const uint64_t cas = first.replies[1].cas;

    Request second = look();
    second.add(Command::delete_if("s", cas + 1));
    second.add(Command::delete_if("s", cas));
    second.add(Command::read_metadata("s"));
    ASSERT_FALSE(client.run(second));
    EXPECT_EQ(second.connection, first.connection);
    EXPECT_EQ(second.replies[0].value, "");
    EXPECT_EQ(second.replies[0].unread_size, 5U);
    EXPECT_EQ(second.replies[0].flags, 7U);
    EXPECT_EQ(second.replies[0].cas, cas);
    EXPECT_EQ(second.replies[1].kind, ReplyKind::kExists);
    EXPECT_EQ(second.replies[2].kind, ReplyKind::kDone);
    EXPECT_EQ(second.replies[3].kind, ReplyKind::kMiss);
}

// The reason why stores are not meta commands: docs/protocol.md, "The meta protocol".
TEST(MetaServer, StoreThatIsTooLargeKeepsTheOldValue) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Client client(memcached.server());
    Request first;
    first.add(Command::set("s", "value", 7, 0));
    first.add(Command::read_for_update("s"));
    ASSERT_FALSE(client.run(first));
    const std::string large(2 << 20, 'x');
    Request second;
    second.add(Command::replace_if("s", large, 0, 0, first.replies[1].cas));
    second.add(Command::add("s", large, 0, 0));
    second.add(Command::read_for_update("s"));
    ASSERT_FALSE(client.run(second));
    EXPECT_EQ(second.replies[0].kind, ReplyKind::kRefused);
    EXPECT_EQ(second.replies[1].kind, ReplyKind::kRefused);
    EXPECT_EQ(second.replies[2].value, "value");
}

// Answers `probe_reply` to the probe, and misses to all that follows. Notes what it was sent.
class OldServer {
public:
    explicit OldServer(std::string probe_reply) : probe_reply_(std::move(probe_reply)) {}

    FakeServer::Behaviour behaviour() {
        return [this](Visitor& visitor) {
            if (!visitor.read_lines(2, &heard) || !visitor.say(probe_reply_)) {
                return;
            }
            while (visitor.read_lines(1, &heard) && visitor.say("END\r\n")) {
            }
        };
    }
    std::string heard;

private:
    std::string probe_reply_;
};

TEST(MetaServer, OldServerIsSpokenToInClassicAndHasAnsweredAlready) {
    for (const std::string probe_reply : {"ERROR\r\nVERSION 1.4.39\r\n", "ERROR\r\nERROR\r\n",
                                          "MN\r\nVERSION 1.6.12\r\n", "EN\r\nVERSION 1.6.2\r\n"}) {
        OldServer old(probe_reply);
        FakeServer server(old.behaviour());
        Client client(server.server());
        for (int phase = 0; phase < 2; ++phase) {
            Request request = look();
            ASSERT_FALSE(client.run(request)) << probe_reply;
            EXPECT_EQ(request.replies[0].kind, ReplyKind::kMiss);
        }
        EXPECT_EQ(client.spoken(), Speaks::kClassic);
        EXPECT_EQ(server.connections(), 1U);
        EXPECT_EQ(old.heard, "mn\r\nversion\r\ngets s\r\ngets s\r\n");
    }
}

TEST(MetaServer, RepliesThatComeByteByByteAreUnderstood) {
    FakeServer server([](Visitor& visitor) {
        visitor.read_lines(3);
        const std::string_view replies = "MN\r\nVERSION 1.6.18\r\nEND\r\n";
        for (const char byte : replies) {
            visitor.say({&byte, 1});
            usleep(2000);
        }
        visitor.read_lines(1);
        visitor.say("EN\r\n");
        visitor.listen_until_closed();
    });
    Client client(server.server());
    for (int phase = 0; phase < 2; ++phase) {
        Request request = look();
        ASSERT_FALSE(client.run(request));
        EXPECT_EQ(request.replies[0].kind, ReplyKind::kMiss);
    }
}

// As nutcracker does.
FakeServer::Behaviour closing_on_meta() {
    return [](Visitor& visitor) {
        std::string heard;
        while (visitor.read_lines(1, &heard)) {
            if (heard.substr(0, 2) == "mn") {
                return;
            }
            visitor.say("END\r\n");
        }
    };
}

TEST(MetaServer, ServerThatClosesOnMetaIsAskedOnceMoreWithoutAndNeverAgain) {
    FakeServer server(closing_on_meta());
    Client client(server.server(2000, false));
    Request first = look();
    ASSERT_FALSE(client.run(first));
    EXPECT_EQ(server.connections(), 2U);
    EXPECT_EQ(client.spoken(), Speaks::kClassicOnly);
    EXPECT_EQ(client.health.state(client.servers[0]), HealthTable::State::kUp);

    SocketExchange next(client.servers, client.pool, client.health, client.clock, kDefaultDialect,
                        nullptr, nullptr, &client.meta);
    Request second = look();
    next.run(Purpose::kOpen, &second, 1);
    ASSERT_FALSE(second.failure);
    EXPECT_EQ(server.connections(), 3U);
}

TEST(MetaServer, ServerThatClosesEveryConnectionFailsAndIsNotTakenForClassic) {
    FakeServer server([](Visitor& visitor) { visitor.read_lines(1); });
    Client client(server.server());
    Request request = look();
    EXPECT_EQ(client.run(request).kind, FailureKind::kClosed);
    EXPECT_EQ(server.connections(), 2U);
    EXPECT_EQ(client.spoken(), Speaks::kUnknown);
}

TEST(MetaServer, ServerKnownToSpeakMetaIsNotAskedAgainWhenItCloses) {
    FakeServer server([](Visitor& visitor) { visitor.read_lines(1); });
    Client client(server.server());
    client.meta.note(client.servers[0], Speaks::kMeta);
    Request request = look();
    EXPECT_EQ(client.run(request).kind, FailureKind::kClosed);
    EXPECT_EQ(server.connections(), 1U);
}

TEST(MetaServer, WordsOfAServerThatRefusesTheConnectionAreNoted) {
    FakeServer server([](Visitor& visitor) {
        visitor.say("ERROR Too many open connections\r\n");
        visitor.read_lines(3);
    });
    Client client(server.server());
    Request request = look();
    EXPECT_EQ(client.run(request).kind, FailureKind::kTooManyConnections);
}

TEST(MetaServer, ServerOfAnotherProtocolIsNamed) {
    FakeServer server([](Visitor& visitor) {
        visitor.read_lines(1);
        visitor.say("-ERR unknown command 'mn'\r\n");
        visitor.listen_until_closed();
    });
    Client client(server.server());
    Request request = look();
    EXPECT_EQ(client.run(request).kind, FailureKind::kSpeaksRedis);
}

TEST(MetaServer, ProxyIsNeverAskedForMeta) {
    std::string heard;
    FakeServer server([&heard](Visitor& visitor) {
        while (visitor.read_lines(1, &heard) && visitor.say("END\r\n")) {
        }
    });
    Server proxy = server.server();
    proxy.proxy = true;
    Client client(proxy);
    Request request = look();
    ASSERT_FALSE(client.run(request));
    EXPECT_EQ(heard, "gets s\r\n");
}

TEST(MetaServer, KeptConnectionIsClassicAgainWhenMetaIsSwitchedOff) {
    Memcached memcached;
    ASSERT_TRUE(memcached.is_running());
    Client client(memcached.server());
    Request first;
    first.add(Command::set("s", "value", 7, 0));
    ASSERT_FALSE(client.run(first));
    SocketExchange without(client.servers, client.pool, client.health, client.clock);
    Request second = look();
    without.run(Purpose::kOpen, &second, 1);
    ASSERT_FALSE(second.failure);
    EXPECT_EQ(second.connection, first.connection);
    EXPECT_EQ(second.replies[0].value, "value");
}

}  // namespace
}  // namespace memcache_session

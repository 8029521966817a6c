// Whole phases with memcached servers that want TLS, a user, or both.
#ifdef MEMCACHE_SESSION_TLS

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/net/dialect.h"
#include "src/net/socket_exchange.h"
#include "src/net/tls_failure.h"
#include "tests/unit/local_servers.h"
#include "tests/unit/tls_peers.h"

namespace memcache_session {
namespace {

using namespace std::chrono_literals;
using testing::Certificates;
using testing::FakeServer;
using testing::Folder;
using testing::Memcached;
using testing::Visitor;

constexpr auto kTimeout = 2000ms;

struct Client {
    explicit Client(std::vector<Server> pool_of_servers) : servers(std::move(pool_of_servers)) {}

    // Stores an item on the server, and reads it. Returns the failure.
    Failure use(uint32_t server = 0) {
        request = Request();
        request.server = server;
        request.add(Command::set("k", "value", 0, 0));
        request.add(Command::read("k"));
        exchange.run(Purpose::kOpen, &request, 1);
        if (!request.failure) {
            EXPECT_EQ(request.replies[1].value, "value");
        }
        return request.failure;
    }

    Request request;
    SystemClock clock;
    WorkerDialect dialect;
    std::vector<Server> servers;
    HealthTable health{HealthTable::Memory::kPrivate};
    ConnectionPool pool;
    Probes probes{health, clock, dialect};
    SocketExchange exchange{servers, pool, health, clock, dialect, &probes};
};

std::string text_of(Failure failure) {
    return describe(failure, kTimeout);
}

class TlsServers : public ::testing::Test {
protected:
    std::vector<std::string> tls_options() const {
        return {"-Z", "-o",
                "ssl_chain_cert=" + certificates_.certificate + ",ssl_key=" + certificates_.key};
    }
    Server with_tls(Server server) const {
        server.endpoint.transport = Endpoint::Transport::kTls;
        server.tls = testing::tls_server(certificates_.cafile).tls;
        return server;
    }
    Server with_login(Server server, const std::string& user, const std::string& password) const {
        auto login = std::make_shared<Login>();
        login->user = user;
        login->password_file = certificates_.folder.write("password", password);
        server.login = login;
        return server;
    }
    std::string users() const {
        return certificates_.folder.write("users", "another:word\nsessions:s3cret\n");
    }

    Certificates certificates_;
};

TEST_F(TlsServers, ItemIsStoredAndReadOnAKeptConnection) {
    Memcached memcached("127.0.0.1", tls_options());
    if (!memcached.is_running()) {
        FAIL() << "memcached was built without TLS";
    }
    Client client({with_tls(memcached.server())});
    ConnectionId first = 0;
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(client.use()) << text_of(client.request.failure);
        first = i == 0 ? client.request.connection : first;
        EXPECT_EQ(client.request.connection, first);
    }
}

TEST_F(TlsServers, CommandBehindALargeBlockIsAnsweredAtOnce) {
    Memcached memcached("127.0.0.1", tls_options());
    Client client({with_tls(memcached.server(10000))});
    std::vector<size_t> sizes = {16300, 20000, 65536, 70000, 900000};
    for (const size_t records : {1, 2}) {  // the end of the block lies across two records, too
        for (size_t head = 0; head < 50; ++head) {
            sizes.push_back(records * 16384 - head);
        }
    }
    for (const size_t size : sizes) {
        const std::string large(size, 'v');
        client.request = Request();
        client.request.add(Command::set("large", large, 0, 0));
        client.request.add(Command::read("large"));
        client.exchange.run(Purpose::kStore, &client.request, 1);
        ASSERT_FALSE(client.request.failure) << text_of(client.request.failure);
        EXPECT_TRUE(client.request.replies[1].value == large);
    }
}

// It gives such a client sessions, and refuses to resume them.
TEST_F(TlsServers, ServerThatAsksForACertificateTakesClientsWithout) {
    std::vector<std::string> options = tls_options();
    options.back() += ",ssl_verify_mode=1,ssl_ca_cert=" + certificates_.cafile;
    Memcached memcached("127.0.0.1", options);
    Server server = with_tls(memcached.server());
    server.persistent = false;
    Client client({server});
    for (int i = 0; i < 4; ++i) {
        EXPECT_FALSE(client.use()) << i << text_of(client.request.failure);
    }
}

TEST_F(TlsServers, UserIsToldToThePlainServerAndOverTls) {
    for (const bool tls : {false, true}) {
        std::vector<std::string> options = tls ? tls_options() : std::vector<std::string>();
        options.insert(options.end(), {"-Y", users()});
        Memcached memcached("127.0.0.1", options);
        const Server plain = memcached.server();
        const Server server = tls ? with_tls(plain) : plain;
        for (const bool persistent : {true, false}) {
            Server good = with_login(server, "sessions", "s3cret\n");
            good.persistent = persistent;
            Client client({good});
            EXPECT_FALSE(client.use()) << text_of(client.request.failure);
            EXPECT_FALSE(client.use()) << text_of(client.request.failure);
        }
        Client wrong({with_login(server, "sessions", "another word")});
        EXPECT_EQ(wrong.use().kind, FailureKind::kLoginRefused);
        Client none({server});
        EXPECT_EQ(none.use().kind, FailureKind::kWantsAuthentication);
    }
}

TEST_F(TlsServers, ServerThatWantsNoUserKeepsNoPassword) {
    Memcached memcached;
    Client client({with_login(memcached.server(), "sessions", "s3cret")});
    EXPECT_FALSE(client.use()) << text_of(client.request.failure);
    client.request = Request();
    client.request.add(Command::read("memcache_session.login"));
    client.exchange.run(Purpose::kOpen, &client.request, 1);
    EXPECT_EQ(client.request.replies[0].kind, ReplyKind::kMiss);
}

TEST_F(TlsServers, PasswordFileIsReadForEachNewConnection) {
    Memcached memcached("127.0.0.1", {"-Y", users()});
    Server server = with_login(memcached.server(), "sessions", "wrong");
    server.persistent = false;
    server.retry_interval = Duration(0);
    EXPECT_EQ(Client({server}).use().kind, FailureKind::kLoginRefused);
    certificates_.folder.write("password", "s3cret\r\n");
    EXPECT_FALSE(Client({server}).use());
    for (const char* malformed : {"", "\n", "two\twords", "\x7f"}) {
        certificates_.folder.write("password", malformed);
        const Failure failure = Client({server}).use();
        EXPECT_EQ(failure.kind, FailureKind::kPasswordFile);
        EXPECT_EQ(failure.system_error, kMalformedFile);
    }
    certificates_.folder.write("password", std::string(kSecretMax + 1, 'p'));
    EXPECT_EQ(Client({server}).use().system_error, kMalformedFile);
    unlink(server.login->password_file.c_str());
    const Failure failure = Client({server}).use();
    EXPECT_EQ(failure.kind, FailureKind::kPasswordFile);
    EXPECT_EQ(failure.system_error, ENOENT);
}

TEST_F(TlsServers, WrongWordsOfAServerDoNotShowThePassword) {
    FakeServer echo([](Visitor& visitor) {
        std::string said;
        visitor.read_lines(2, &said);
        visitor.say("-ERR unknown command, with args beginning with: " + said);
        visitor.listen_until_closed();
    });
    Client client({with_login(echo.server(), "sessions", "s3cret")});
    EXPECT_EQ(client.use().kind, FailureKind::kSpeaksRedis);
    EXPECT_EQ(text_of(client.request.failure).find("s3cret"), std::string::npos);
    EXPECT_EQ(client.request.said, "");
}

TEST_F(TlsServers, BareErrorToTheLoginIsToldAsOne) {
    FakeServer proxy([](Visitor& visitor) {
        std::string said;
        visitor.read_lines(2, &said);
        visitor.say("ERROR\r\n");
        visitor.listen_until_closed();
    });
    Client client({with_login(proxy.server(), "sessions", "s3cret")});
    EXPECT_EQ(client.use().kind, FailureKind::kUnknownCommand);
}

TEST_F(TlsServers, FullServerThatWantsNoUserIsUsed) {
    Memcached memcached("127.0.0.1", {"-M", "-m", "2"});
    Client filling({memcached.server()});
    const std::string block(size_t{500} << 10, 'b');
    for (int i = 0; i < 20; ++i) {
        filling.request = Request();
        const std::string key = "block" + std::to_string(i);
        filling.request.add(Command::set(key, block, 0, 0));
        filling.exchange.run(Purpose::kOpen, &filling.request, 1);
    }
    ASSERT_TRUE(is_error(filling.request.replies[0]));
    Client client({with_login(memcached.server(), "sessions", "s3cret")});
    client.request.add(Command::read("block0"));
    client.exchange.run(Purpose::kOpen, &client.request, 1);
    EXPECT_FALSE(client.request.failure) << text_of(client.request.failure);
}

TEST_F(TlsServers, TlsServerIsRecognizedByAPlainClient) {
    Memcached memcached("127.0.0.1", tls_options());
    Client client({memcached.server()});
    EXPECT_TRUE(is_closing(client.use())) << text_of(client.request.failure);
}

TEST_F(TlsServers, PlainServerBehindTlsEndsAtTheTimeoutAtTheLatest) {
    Memcached memcached;
    Client client({with_tls(memcached.server(300))});
    const FailureKind kind = client.use().kind;
    EXPECT_TRUE(kind == FailureKind::kHandshakeTimeout || kind == FailureKind::kSpeaksPlainText)
        << text_of(client.request.failure);
}

TEST_F(TlsServers, HandshakesAreDoneInParallelWithinTheTimeout) {
    const FakeServer::Behaviour stall = [](Visitor& visitor) { visitor.listen_until_closed(); };
    FakeServer silent[] = {FakeServer(stall), FakeServer(stall), FakeServer(stall)};
    Memcached memcached("127.0.0.1", tls_options());
    Client client({with_tls(silent[0].server(400)), with_tls(silent[1].server(400)),
                   with_tls(silent[2].server(400)), with_tls(memcached.server(400))});
    Request requests[4];
    for (uint32_t i = 0; i < 4; ++i) {
        requests[i].server = i;
        requests[i].add(Command::read("k"));
    }
    const auto began = std::chrono::steady_clock::now();
    client.exchange.run(Purpose::kOpen, requests, 4);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 800ms);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(requests[i].failure.kind, FailureKind::kHandshakeTimeout);
    }
    EXPECT_FALSE(requests[3].failure) << text_of(requests[3].failure);
}

TEST_F(TlsServers, NothingButAHandshakeIsSentToWhomIsNotTrusted) {
    std::string heard;
    FakeServer plain([&heard](Visitor& visitor) { heard = visitor.listen_until_closed(); });
    {
        Server server = with_login(with_tls(plain.server(300)), "sessions", "s3cret");
        Client client({server});
        EXPECT_EQ(client.use().kind, FailureKind::kHandshakeTimeout);
    }
    while (heard.empty()) {
        usleep(1000);
    }
    EXPECT_EQ(heard[0], 0x16);  // a record of a handshake
    const size_t length =
        static_cast<unsigned char>(heard[3]) * 256U + static_cast<unsigned char>(heard[4]);
    EXPECT_EQ(heard.size(), 5 + length);
    EXPECT_EQ(heard.find("s3cret"), std::string::npos);
}

TEST_F(TlsServers, CertificateThatIsReplacedOnDiskIsUsedForNewConnections) {
    Memcached memcached("127.0.0.1", tls_options());
    const std::string good = certificates_.folder.file("good.pem");
    certificates_.authority.write_own(good);
    testing::Authority("other").write_own(certificates_.cafile);
    Server server = with_tls(memcached.server());
    server.retry_interval = Duration(0);
    Client client({server});
    EXPECT_EQ(client.use().kind, FailureKind::kCertificate);
    rename(good.c_str(), certificates_.cafile.c_str());
    EXPECT_FALSE(client.use()) << text_of(client.request.failure);
}

TEST_F(TlsServers, ProbeSpeaksTlsAndTellsTheUser) {
    std::vector<std::string> options = tls_options();
    options.insert(options.end(), {"-Y", users()});
    Memcached memcached("127.0.0.1", options);
    Server server = with_login(with_tls(memcached.server()), "sessions", "s3cret");
    server.retry_interval = 100ms;
    Client client({server});
    client.exchange.mark_down(0, {FailureKind::kTimeout, 0});
    bool is_up = false;
    for (int i = 0; i < 300 && !is_up; ++i) {
        is_up = client.exchange.usable(0);
        client.probes.look();
        usleep(10000);
    }
    EXPECT_TRUE(is_up);
}

TEST_F(TlsServers, PoolsWithOtherSettingsShareNoConnection) {
    Memcached memcached("127.0.0.1", tls_options());
    Server strict = with_tls(memcached.server());
    Server lax = strict;
    lax.endpoint.access = "other";
    Client client({strict, lax});
    EXPECT_FALSE(client.use(0));
    const ConnectionId first = client.request.connection;
    EXPECT_FALSE(client.use(1));
    EXPECT_NE(client.request.connection, first);
}

}  // namespace
}  // namespace memcache_session

#endif

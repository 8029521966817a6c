#include "src/pool/save_path.h"

#include <chrono>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "src/net/socket.h"
#include "src/net/tls_failure.h"
#include "src/pool/source.h"

namespace memcache_session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint16_t kDefaultPort = 11311;

std::vector<Server> servers_of(std::string_view save_path) {
    auto result = parse_save_path(save_path, kDefaultPort);
    EXPECT_TRUE(result.ok()) << save_path << ": "
                             << (result.ok() ? std::string() : result.status().message());
    return result.ok() ? result.value().servers() : std::vector<Server>();
}

Server server_of(std::string_view save_path) {
    const std::vector<Server> servers = servers_of(save_path);
    EXPECT_EQ(servers.size(), 1U) << save_path;
    return servers.size() == 1 ? servers[0] : Server();
}

// Returns the message of the refusal. The test fails if the save_path is not refused.
std::string message_of(std::string_view save_path) {
    const auto result = parse_save_path(save_path, kDefaultPort);
    if (result.ok()) {
        ADD_FAILURE() << save_path << " was accepted";
        return {};
    }
    EXPECT_EQ(result.status().code(), Code::kInvalidArgument);
    return result.status().message();
}

void expect_refused(std::string_view save_path, size_t offset, const std::string& shown,
                    const std::string& reason) {
    const std::string message = message_of(save_path);
    const std::string start = "save_path at offset " + std::to_string(offset) + ", " + shown + ": ";
    EXPECT_EQ(message.substr(0, start.size()), start) << save_path;
    EXPECT_NE(message.find(reason, start.size()), std::string::npos) << message;
}

TEST(SavePath, TcpServerWithDefaults) {
    const Server server = server_of("tcp://10.0.0.1:11211");
    EXPECT_EQ(server.endpoint.host, "10.0.0.1");
    EXPECT_EQ(server.endpoint.port, 11211);
    EXPECT_FALSE(server.endpoint.is_unix());
    EXPECT_FALSE(server.persistent);
    EXPECT_EQ(server.weight, 1U);
    EXPECT_EQ(server.timeout, seconds(1));
    EXPECT_EQ(server.retry_interval, seconds(15));
}

TEST(SavePath, EveryParameter) {
    const Server server =
        server_of("tcp://h:1?persistent=1&weight=7&timeout=2.5&retry_interval=0.25&udp_port=11212");
    EXPECT_TRUE(server.persistent);
    EXPECT_EQ(server.weight, 7U);
    EXPECT_EQ(server.timeout, milliseconds(2500));
    EXPECT_EQ(server.retry_interval, milliseconds(250));
}

TEST(SavePath, ListKeepsItsOrderWhateverSeparates) {
    for (const char* list :
         {"tcp://a:1,tcp://b:2,tcp://c:3", "tcp://a:1 tcp://b:2 tcp://c:3",
          "tcp://a:1, tcp://b:2 ,tcp://c:3", ",  tcp://a:1,,tcp://b:2\ttcp://c:3, ",
          "\n    tcp://a:1\r\n    tcp://b:2\n    tcp://c:3\n"}) {
        const std::vector<Server> servers = servers_of(list);
        ASSERT_EQ(servers.size(), 3U) << list;
        EXPECT_EQ(servers[0].endpoint.host, "a");
        EXPECT_EQ(servers[1].endpoint.port, 2);
        EXPECT_EQ(servers[2].endpoint.host, "c");
    }
}

TEST(SavePath, ParametersBelongToTheirOwnServer) {
    const std::vector<Server> servers =
        servers_of("tcp://a:1?persistent=1&weight=3,tcp://b:2?timeout=.5");
    ASSERT_EQ(servers.size(), 2U);
    EXPECT_TRUE(servers[0].persistent);
    EXPECT_FALSE(servers[1].persistent);
    EXPECT_EQ(servers[1].weight, 1U);
    EXPECT_EQ(servers[1].timeout, milliseconds(500));
}

TEST(SavePath, PortMayBeMissingAndASlashMayFollow) {
    for (const char* list : {"tcp://h", "tcp://h/", "tcp://h/?weight=1", "h", "h?weight=1"}) {
        EXPECT_EQ(server_of(list).endpoint.port, kDefaultPort) << list;
        EXPECT_EQ(server_of(list).endpoint.host, "h") << list;
    }
    for (const char* list : {"tcp://h:5/", "tcp://h:5/?weight=1", "tcp://h:5?", "TCP://h:5"}) {
        EXPECT_EQ(server_of(list).endpoint.port, 5) << list;
    }
}

TEST(SavePath, HostIsKeptAsWritten) {
    for (const char* host : {"Cache-1.Example.COM", "mc_1", "localhost", "cache.internal.",
                             "3com.net", "10.0.0.255"}) {
        EXPECT_EQ(server_of("tcp://" + std::string(host) + ":1").endpoint.host, host);
    }
}

TEST(SavePath, BareServersAsPhpMemcachedWritesThem) {
    const std::vector<Server> servers =
        servers_of("127.0.0.1:11211, cache:11212:33,[::1]:11213:2, other?timeout=3");
    ASSERT_EQ(servers.size(), 4U);
    EXPECT_EQ(servers[0].endpoint.host, "127.0.0.1");
    EXPECT_EQ(servers[0].endpoint.port, 11211);
    EXPECT_EQ(servers[1].weight, 33U);
    EXPECT_EQ(servers[2].endpoint.host, "::1");
    EXPECT_EQ(servers[2].endpoint.port, 11213);
    EXPECT_EQ(servers[2].weight, 2U);
    EXPECT_EQ(servers[3].endpoint.port, kDefaultPort);
    EXPECT_EQ(servers[3].timeout, seconds(3));
}

TEST(SavePath, BareSocketsAsPhpMemcachedWritesThem) {
    for (const char* list :
         {"/run/mc.sock", "/run/mc.sock:0", "/run/mc.sock:0?weight=3", "/run/mc.sock:0:3"}) {
        const Server server = server_of(list);
        EXPECT_TRUE(server.endpoint.is_unix()) << list;
        EXPECT_EQ(server.endpoint.host, "/run/mc.sock") << list;
        EXPECT_EQ(server.endpoint.port, 0) << list;
        EXPECT_EQ(server.weight, std::string_view(list).back() == '3' ? 3U : 1U) << list;
    }
    EXPECT_EQ(servers_of("a:1:2,/run/mc.sock:0:3?persistent=1,b").size(), 3U);
    for (const char* list : {"/run/mc.sock:", "/run/mc.sock:1", "/run/mc.sock:00",
                             "/run/mc.sock:11211:3", "/run/mc.sock:0/", "/run/mc.sock/:0/"}) {
        expect_refused(list, 0, "\"" + std::string(list) + "\"", "only :0 and :0:weight");
    }
    for (const char* list : {"/", "/run/", "/run/:0", "//run/x.sock", "/:0:3"}) {
        expect_refused(list, 0, "\"" + std::string(list) + "\"",
                       "the path of the socket is missing");
    }
    expect_refused("/run/mc.sock:0:0", 0, "\"/run/mc.sock:0:0\"", "the weight is");
    expect_refused("/run/mc.sock:0:2?weight=2", 17, "\"weight=2\"", "given twice");
}

TEST(SavePath, PhpMemcachedsOldFormsAreAnsweredWithTheNewOnes) {
    expect_refused("PERSISTENT=1 hello:11211,world:11211", 0, "\"PERSISTENT=1\"",
                   "write host:port?persistent=1");
    for (const char* list : {"--SERVER=a:1/?2 --SERVER=b:1", "--SOCKET=\"/run/mc.sock\""}) {
        EXPECT_NE(message_of(list).find("write host:port:weight"), std::string::npos) << list;
    }
}

TEST(SavePath, Ipv6AddressInBrackets) {
    const Server server = server_of("tcp://[2001:db8::7]:11211?weight=2");
    EXPECT_EQ(server.endpoint.host, "2001:db8::7");
    EXPECT_EQ(server.endpoint.port, 11211);
    EXPECT_EQ(server_of("tcp://[::1]").endpoint.port, kDefaultPort);
    EXPECT_EQ(server_of("tcp://[::1]/").endpoint.port, kDefaultPort);
    EXPECT_EQ(server_of("[fe80::1%eth0]:5").endpoint.host, "fe80::1%eth0");
    EXPECT_EQ(server_of("tcp://[::ffff:10.0.0.1]:5").endpoint.host, "::ffff:10.0.0.1");
}

TEST(SavePath, UnixSocketWithAndWithoutItsPort) {
    for (const char* list : {"unix:///run/memcached.sock", "unix:///run/memcached.sock:0",
                             "unix:/run/memcached.sock", "UNIX:///run/memcached.sock:0?"}) {
        const Server server = server_of(list);
        EXPECT_TRUE(server.endpoint.is_unix()) << list;
        EXPECT_EQ(server.endpoint.host, "/run/memcached.sock") << list;
        EXPECT_EQ(server.endpoint.port, 0) << list;
    }
    const Server server = server_of("unix:///run/memcached@1.sock:0?persistent=1&weight=2");
    EXPECT_EQ(server.endpoint.host, "/run/memcached@1.sock");
    EXPECT_TRUE(server.persistent);
    EXPECT_EQ(server.weight, 2U);
}

TEST(SavePath, UnixPathAsLongAsTheSystemAllows) {
    const std::string longest = "/" + std::string(sizeof(sockaddr_un::sun_path) - 2, 's');
    EXPECT_EQ(server_of("unix://" + longest).endpoint.host, longest);
    const std::string message = message_of("unix://" + longest + "s");
    EXPECT_NE(message.find("at offset 7"), std::string::npos) << message;
    EXPECT_NE(message.find(std::to_string(longest.size()) + " bytes"), std::string::npos);
}

TEST(SavePath, PersistentInTheWordsOfPhpIni) {
    for (const char* on : {"1", "on", "yes", "true", "True"}) {
        EXPECT_TRUE(server_of("h:1?persistent=" + std::string(on)).persistent) << on;
    }
    for (const char* off : {"0", "off", "no", "false"}) {
        EXPECT_FALSE(server_of("h:1?persistent=" + std::string(off)).persistent) << off;
    }
    for (const char* other : {"", "2", "-1", "01", "y", "oui"}) {
        const std::string piece = "persistent=" + std::string(other);
        expect_refused("h:1?" + piece, 4, "\"" + piece + "\"", "persistent is 0 or 1");
    }
    expect_refused("h:1?persistent", 4, "\"persistent\"", "persistent is 0 or 1");
}

TEST(SavePath, WeightFromOneToTheLimit) {
    EXPECT_EQ(server_of("h:1?weight=" + std::to_string(kWeightMax)).weight, kWeightMax);
    EXPECT_EQ(server_of("h:1:" + std::to_string(kWeightMax)).weight, kWeightMax);
    for (const std::string& weight :
         {std::string("-1"), std::string("0"), std::string(), std::string("+1"), std::string("1.5"),
          std::string("1x"), std::string("4294967297"), std::to_string(kWeightMax + 1)}) {
        expect_refused("tcp://h:1?weight=" + weight, 10, "\"weight=" + weight + "\"",
                       "from 1 to " + std::to_string(kWeightMax));
    }
    expect_refused("a:1,h:1:0", 4, "\"h:1:0\"", "the weight is a whole number from 1");
    expect_refused("h:1:", 0, "\"h:1:\"", "the weight is a whole number from 1");
}

TEST(SavePath, TimeoutInSecondsWithinItsLimits) {
    EXPECT_EQ(server_of("h:1?timeout=0.001").timeout, kTimeoutMin);
    EXPECT_EQ(server_of("h:1?timeout=3600").timeout, kTimeoutMax);
    EXPECT_EQ(server_of("h:1?timeout=1.0000019").timeout, std::chrono::microseconds(1000001));
    for (const char* timeout : {"abc", "0", "0.0009", "-1", "", ".", "1s", "1e3", "1.2.3",
                                "3600.000001", "99999999999999999999", "nan", "inf", "0x10"}) {
        const std::string message = message_of("h:1?timeout=" + std::string(timeout));
        EXPECT_NE(message.find("at offset 4, \"timeout="), std::string::npos) << message;
        EXPECT_NE(message.find("in seconds, from 0.001 to 3600"), std::string::npos) << message;
    }
}

TEST(SavePath, DecimalCommaIsASeparatorAndRefused) {
    expect_refused("h:1?timeout=1,5", 14, "\"5\"", "neither a host name");
}

TEST(SavePath, RetryIntervalInSecondsOrForTheLongest) {
    EXPECT_EQ(server_of("h:1?retry_interval=0").retry_interval, Duration(0));
    EXPECT_EQ(server_of("h:1?retry_interval=86400").retry_interval, kRetryIntervalMax);
    EXPECT_EQ(server_of("h:1?retry_interval=-1").retry_interval, kRetryIntervalMax);
    for (const char* interval : {"-2", "abc", "", "86401", "-"}) {
        const std::string piece = "retry_interval=" + std::string(interval);
        expect_refused("h:1?" + piece, 4, "\"" + piece + "\"", "from 0 to 86400, or -1");
    }
}

TEST(SavePath, LimitsInMessagesAreTheLimits) {
    EXPECT_EQ(kTimeoutMin, milliseconds(1));
    EXPECT_EQ(kTimeoutMax, seconds(3600));
    EXPECT_EQ(kRetryIntervalMax, seconds(86400));
}

TEST(SavePath, ProxyIsASwitchForAllServersOrNone) {
    EXPECT_TRUE(server_of("tcp://h:1?proxy=1").proxy);
    EXPECT_FALSE(server_of("tcp://h:1?proxy=0").proxy);
    EXPECT_FALSE(server_of("tcp://h:1").proxy);
    expect_refused("tcp://h:1?proxy=2", 10, "\"proxy=2\"", "0 or 1");
    EXPECT_EQ(servers_of("a:1?proxy=1,b:1?proxy=1").size(), 2U);
    EXPECT_EQ(servers_of("a:1?proxy=0,b:1").size(), 2U);
    expect_refused("a:1?proxy=1,b:1", 12, "\"b:1\"", "for all servers or for none");
    expect_refused("a:1,b:1,c:1?proxy=1", 8, "\"c:1?proxy=1\"", "for all servers or for none");
}

TEST(SavePath, UdpPortIsCheckedAndIgnored) {
    EXPECT_EQ(server_of("tcp://h:1?udp_port=0").endpoint.port, 1);
    EXPECT_EQ(server_of("tcp://h:1?udp_port=65535").endpoint.port, 1);
    expect_refused("tcp://h:1?udp_port=65536", 10, "\"udp_port=65536\"", "from 0 to 65535");
    expect_refused("tcp://h:1?udp_port=", 10, "\"udp_port=\"", "from 0 to 65535");
}

TEST(SavePath, UnknownParameterIsNamedWithoutItsValue) {
    const std::string message = message_of("tcp://h:1?weight=1&key=hunter2");
    EXPECT_EQ(message,
              "save_path at offset 19, \"key\": this parameter is unknown; allowed are persistent, "
              "weight, timeout, retry_interval, proxy, udp_port, user and password_file");
    expect_refused("h:1?Weight=1", 4, "\"Weight\"", "this parameter is unknown");
    expect_refused("h:1?weight=1&amp;timeout=1", 13, "\"amp;timeout\"",
                   "this parameter is unknown");
    expect_refused("h:1?=1", 4, "\"\"", "this parameter is unknown");
}

TEST(SavePath, ParameterGivenTwiceIsRefused) {
    for (const char* name : {"persistent", "weight", "timeout", "retry_interval", "udp_port"}) {
        const std::string piece = std::string(name) + "=1";
        expect_refused("h:1?" + piece + "&" + piece, 5 + piece.size(), "\"" + piece + "\"",
                       "given twice");
    }
    expect_refused("h:1:2?weight=2", 6, "\"weight=2\"", "given twice");
}

TEST(SavePath, EmptyParametersAreSkipped) {
    EXPECT_EQ(server_of("h:1?&weight=2&&timeout=3&").weight, 2U);
}

TEST(SavePath, ListWithoutAServerIsRefused) {
    for (const char* list : {"", " ", ",", " ,\n, "}) {
        const std::string message = message_of(list);
        EXPECT_NE(message.find("at offset 0"), std::string::npos) << message;
        EXPECT_NE(message.find("no server"), std::string::npos) << message;
    }
    EXPECT_FALSE(parse_save_path({}, kDefaultPort).ok());
}

TEST(SavePath, UnknownSchemeIsRefused) {
    expect_refused("http://h:1", 0, "\"http://\"", "allowed are tcp://, tls:// and unix://");
    expect_refused("tcp://a:1,udp://h:1", 10, "\"udp://\"",
                   "allowed are tcp://, tls:// and unix://");
    expect_refused("://h:1", 0, "\"://\"", "this scheme is unknown");
    expect_refused("file:///run/x.sock", 0, "\"file://\"", "this scheme is unknown");
}

TEST(SavePath, PortOutOfRangeIsRefusedAtItsOffset) {
    for (const char* port :
         {"99999", "65536", "0", "-1", "+1", "abc", "1x", "1/x", "18446744073709551617"}) {
        expect_refused("tcp://a:1, tcp://h:" + std::string(port), 19,
                       "\"" + std::string(port) + "\"", "from 1 to 65535");
    }
    expect_refused("tcp://h:", 0, "\"tcp://h:\"", "from 1 to 65535");
    expect_refused("tcp://h:1:2", 8, "\"1:2\"", "from 1 to 65535");
    expect_refused("tcp://[::1]:", 0, "\"tcp://[::1]:\"", "from 1 to 65535");
}

TEST(SavePath, MissingHostIsRefused) {
    for (const char* list : {"tcp://", "tcp://:11211", "tcp:///", "tcp://?weight=1", ":11211"}) {
        expect_refused(list, 0, "\"" + std::string(list) + "\"", "the host is missing");
    }
}

TEST(SavePath, WhatIsNoHostIsRefused) {
    for (const std::string& host :
         {std::string("a!b"), std::string("a;b"), std::string("a%20b"), std::string(".a"),
          std::string("a..b"), std::string("-a"), std::string("10.0.0"), std::string("10.0.0.256"),
          std::string("12"), std::string("..."), std::string("a#b"), std::string("a=b"),
          std::string("a[b]")}) {
        expect_refused("tcp://" + host + ":1", 6, "\"" + host + "\"", "neither a host name");
    }
    EXPECT_EQ(server_of("tcp://" + std::string(253, 'h') + ":1").endpoint.host.size(), 253U);
    EXPECT_NE(message_of("tcp://" + std::string(254, 'h') + ":1").find("neither"),
              std::string::npos);
}

TEST(SavePath, WhatIsNoIpv6AddressIsRefused) {
    for (const char* host : {"[::1", "[]", "[]:1", "[1.2.3.4]:1", "[::g]:1", "[:::]:1", "[::1%]:1",
                             "[::1%a/b]:1", "[host]:1"}) {
        expect_refused("tcp://" + std::string(host), 6, "\"" + std::string(host) + "\"",
                       "not an IPv6 address in brackets");
    }
    for (const char* host :
         {"::1", "::1:11211", "2001:db8::7", "fe80::1:11211", "::zz", "1:2:3:4:5:6:7:8"}) {
        expect_refused("tcp://" + std::string(host), 6, "\"" + std::string(host) + "\"",
                       "written in brackets");
    }
    expect_refused("tcp://[::1]x:1", 11, "\"x:1\"", "behind a host");
}

TEST(SavePath, PathBehindAHostIsRefused) {
    expect_refused("tcp://h/x", 7, "\"/x\"", "behind a host");
    expect_refused("tcp://h:1//", 8, "\"1/\"", "from 1 to 65535");
    expect_refused("h/", 0, "\"h/\"", "behind unix: only");
}

TEST(SavePath, WhatIsNoSocketPathIsRefused) {
    for (const char* list : {"unix:", "unix://", "unix:///", "unix://run/x.sock", "unix:x.sock",
                             "unix:///:0", "unix:///run/", "unix://?weight=1"}) {
        expect_refused(list, 0, "\"" + std::string(list) + "\"", "three slashes");
    }
}

TEST(SavePath, ControlCharactersAreRefusedAndEscaped) {
    expect_refused(std::string_view("tcp://h\0:1", 10), 7, "\"\\x00\"", "control characters");
    expect_refused("tcp://h:1\x7f", 9, "\"\\x7f\"", "control characters");
    expect_refused("unix:///run/\x01x", 12, "\"\\x01\"", "control characters");
    expect_refused("tcp://h\xc3\xa9:1", 6, "\"h\\xc3\\xa9\"", "neither a host name");
    expect_refused("tcp://\"\\:1", 6, "\"\\x22\\x5c\"", "neither a host name");
}

TEST(SavePath, LongPieceIsCutInTheMessage) {
    const std::string message = message_of("tcp://" + std::string(10000, '!') + ":1");
    EXPECT_LT(message.size(), 250U);
    EXPECT_NE(message.find("!!!...\""), std::string::npos);
}

TEST(SavePath, PasswordIsNeverInTheMessage) {
    for (const char* list :
         {"tcp://user:hunter2@h:1", "user:hunter2@h:1", "tcp://a:1,tcp://user:hunter2@h:1",
          "tcp://user:hunter2@hunter2@h:1", "tcp://user:hunter2,hunter2@h:1",
          "tcp://user:hunter2 hunter2@h:1", "tcp://user:hunter2@hunter2,hunter2@h:1",
          "tcp://user:hunter2://hunter2@h:1", "http://user:hunter2@h:1", "tcp://hunter2@h:1",
          "tcp://user:hunter2@h:99999", "tcp://user:\x01hunter2@h:1",
          "tcp://h:1?auth=u:hunter2@h:1"}) {
        const std::string message = message_of(list);
        EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
        EXPECT_NE(message.find("***@\"h:"), std::string::npos) << message;
        EXPECT_NE(message.find("user names and passwords"), std::string::npos) << message;
    }
}

TEST(SavePath, SameServerTwiceIsRefused) {
    expect_refused("tcp://h:1,tcp://g:1 tcp://h:1?weight=2", 20, "\"tcp://h:1?weight=2\"",
                   "given twice");
    expect_refused("h,tcp://H:11311", 2, "\"tcp://H:11311\"", "given twice");
    expect_refused("unix:///run/x,unix:///run/x:0", 14, "\"unix:///run/x:0\"", "given twice");
    EXPECT_EQ(servers_of("tcp://h:1,tcp://h:2,unix:///run/x,unix:///run/X").size(), 4U);
}

TEST(SavePath, AsManyServersAsTheLimitAndNoMore) {
    std::string list;
    for (size_t i = 0; i < kServersMax; ++i) list += "tcp://h:" + std::to_string(i + 1) + ",";
    EXPECT_EQ(servers_of(list).size(), kServersMax);
    expect_refused(list + "tcp://g:1", list.size(), "\"tcp://g:1\"",
                   "more than " + std::to_string(kServersMax));
}

TEST(SavePath, TooLongAListIsRefusedUnread) {
    EXPECT_EQ(server_of("h:1" + std::string(kSavePathLengthMax - 3, ' ')).endpoint.port, 1);
    EXPECT_NE(message_of("h:1" + std::string(kSavePathLengthMax - 2, ' ')).find("longer than"),
              std::string::npos);
}

TEST(SavePath, OtherHandlersPathsAreRefused) {
    for (const char* list :
         {"/var/lib/php/sessions/", "2;0700;/tmp/sessions", "N;/tmp/sessions",
          "tcp://a:1;tcp://b:2", "seed[]=a:1&seed[]=b:1", "tcp://a:6379?database=1"}) {
        EXPECT_FALSE(parse_save_path(list, kDefaultPort).ok()) << list;
    }
}

TEST(SavePath, EveryCutOfAListIsReadOrRefusedWithinItsBounds) {
    const std::string list =
        "tcp://[::1]:11211/?persistent=1&weight=10&timeout=1.5&retry_interval=-1&udp_port=0, "
        "unix:///run/x.sock:0?weight=2\n10.0.0.1:11211:3,cache,/run/y.sock:0:7";
    for (size_t begin = 0; begin < list.size(); ++begin) {
        for (size_t length = 0; begin + length <= list.size(); ++length) {
            const std::string part = list.substr(begin, length);
            const auto result = parse_save_path(part, kDefaultPort);
            if (result.ok()) {
                EXPECT_FALSE(result.value().empty()) << part;
                continue;
            }
            const std::string& message = result.status().message();
            const std::string prefix = "save_path at offset ";
            ASSERT_EQ(message.substr(0, prefix.size()), prefix);
            EXPECT_LE(std::stoul(message.substr(prefix.size())), part.size()) << message;
        }
    }
}

TEST(SavePath, SourcesStandBesideServersInTheirPlaces) {
    const auto result =
        parse_save_path("a,dns+tcp://Web.example:7?weight=2&refresh=2.5,b elasticache://c "
                        "Elasticache+TCP://d:1/?timeout=3",
                        kDefaultPort);
    ASSERT_TRUE(result.ok()) << result.status().message();
    EXPECT_EQ(result.value().size(), 2U);
    const auto& sources = result.value().sources();
    ASSERT_EQ(sources.size(), 3U);
    EXPECT_EQ(sources[0].place, 1U);
    EXPECT_EQ(sources[0].source.name(), "dns+tcp://Web.example:7");
    EXPECT_EQ(sources[0].source.server.weight, 2U);
    EXPECT_EQ(sources[0].source.refresh, std::chrono::milliseconds(2500));
    EXPECT_EQ(sources[1].place, 2U);
    EXPECT_EQ(sources[1].source.name(), "elasticache://c:11311");
    EXPECT_EQ(sources[1].source.refresh, std::chrono::seconds(10));
    EXPECT_EQ(sources[2].source.name(), "elasticache://d:1");
    EXPECT_EQ(sources[2].source.server.timeout, std::chrono::seconds(3));
}

// What this build cannot do is refused with the reason.
TEST(SavePath, SourcesWithTlsAndOfServicesAreTakenWhereTheyCanBeUsed) {
    const std::tuple<const char*, bool, const char*> cases[] = {
        {"dns+tls://a:11311", kHasTls, "without TLS"},
        {"elasticache+tls://a:1", kHasTls, "without TLS"},
        {"srv+tcp://_memcached._tcp.example", kAsksForServices, "SRV records"},
        {"srv+tls://_memcached._tcp.example", kHasTls && kAsksForServices, "built"},
    };
    for (const auto& [save_path, is_possible, words] : cases) {
        const auto result = parse_save_path(save_path, kDefaultPort);
        ASSERT_EQ(result.ok(), is_possible) << save_path;
        if (is_possible) {
            EXPECT_EQ(result.value().sources()[0].source.name(), save_path);
        } else {
            EXPECT_NE(result.status().message().find(words), std::string::npos)
                << result.status().message();
        }
    }
}

TEST(SavePath, NameOfServicesHasAnUnderscoreAndNoPort) {
    for (const char* const save_path : {"srv+tcp://example", "srv+tcp://_a._tcp.example:2"}) {
        const auto result = parse_save_path(save_path, kDefaultPort);
        ASSERT_FALSE(result.ok()) << save_path;
        const char* const words = kAsksForServices ? "_memcached._tcp" : "SRV records";
        EXPECT_NE(result.status().message().find(words), std::string::npos)
            << result.status().message();
    }
}

TEST(SavePath, SameNameIsOneSourceWithTlsAndWithout) {
    const auto result = parse_save_path("dns+tcp://a,dns+tls://A", kDefaultPort);
    ASSERT_FALSE(result.ok());
    const char* const words = kHasTls ? "this name is given twice" : "without TLS";
    EXPECT_NE(result.status().message().find(words), std::string::npos)
        << result.status().message();
}

TEST(SavePath, WrongSourceIsRefused) {
    const std::pair<const char*, const char*> cases[] = {
        {"dns+tcp://10.0.0.1", "this is an address"},
        {"dns+tcp://[::1]:2", "this is an address"},
        {"dns+udp://a", "this scheme is unknown"},
        {"tcp://a?refresh=2", "this one is a server itself"},
        {"dns+tcp://a?refresh=0.9", "from 1 to 300"},
        {"dns+tcp://a?refresh=301", "from 1 to 300"},
        {"dns+tcp://a,dns+tcp://A", "this name is given twice"},
        {"dns+tcp://a?proxy=1,b", "proxy=1"},
        {"b,dns+tcp://a?proxy=1", "proxy=1"},
        {"dns+tcp://a?verify_peer=0", "tls:// only"},
        {"dns+tcp://a?colour=red", "allowed are refresh, persistent"},
    };
    for (const auto& [save_path, words] : cases) {
        const auto result = parse_save_path(save_path, kDefaultPort);
        ASSERT_FALSE(result.ok()) << save_path;
        EXPECT_NE(result.status().message().find(words), std::string::npos)
            << result.status().message();
    }
    std::string many;
    for (size_t i = 0; i <= ServerList::kSourcesMax; ++i) {
        EXPECT_EQ(many.empty() || parse_save_path(many, kDefaultPort).ok(), true);
        many += "dns+tcp://a" + std::to_string(i) + ",";
    }
    EXPECT_FALSE(parse_save_path(many, kDefaultPort).ok());
}

}  // namespace
}  // namespace memcache_session

#include "src/pool/security_parameters.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "src/net/tls_failure.h"
#include "src/pool/pool.h"
#include "src/pool/save_path.h"

namespace memcache_session {
namespace {

std::vector<Server> servers_of(std::string_view save_path) {
    const Result<ServerList> list = parse_save_path(save_path, 11211);
    EXPECT_TRUE(list.ok()) << (list.ok() ? std::string() : list.status().message());
    return list.ok() ? list.value().servers() : std::vector<Server>(1);
}

std::string refusal_of(std::string_view save_path) {
    const Result<ServerList> list = parse_save_path(save_path, 11211);
    EXPECT_FALSE(list.ok()) << save_path;
    return list.ok() ? std::string() : list.status().message();
}

void expect_refused(std::string_view save_path, const std::string& reason) {
    const std::string message = refusal_of(save_path);
    EXPECT_NE(message.find(reason), std::string::npos) << message;
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
}

TEST(SecurityParameters, UserAndItsPasswordFileAreGivenTogether) {
    const Server server = servers_of("tcp://h:1?user=sessions&password_file=/etc/password")[0];
    ASSERT_NE(server.login, nullptr);
    EXPECT_EQ(server.login->user, "sessions");
    EXPECT_EQ(server.login->password_file, "/etc/password");
    EXPECT_EQ(server.tls, nullptr);
    EXPECT_NE(servers_of("unix:///run/x?user=u&password_file=/p")[0].login, nullptr);
    EXPECT_EQ(servers_of("h:1")[0].login, nullptr);
    EXPECT_EQ(servers_of("h:1")[0].endpoint.access, "");
    expect_refused("tcp://h:1?weight=2&user=sessions",
                   "\"user\": user and password_file are given");
    expect_refused("tcp://h:1?password_file=/hunter2&weight=2", "\"password_file\": user and");
}

TEST(SecurityParameters, UserHasNoBlanksAndABoundedLength) {
    expect_refused("tcp://h:1?user=a%20hunter2&password_file=/p", "no blanks");
    const std::string longest(128, 'u');
    EXPECT_EQ(servers_of("h:1?user=" + longest + "&password_file=/p")[0].login->user, longest);
    expect_refused("h:1?user=" + longest + "u&password_file=/p", "at most 128 bytes");
}

TEST(SecurityParameters, PathHasABoundedLength) {
    const std::string longest = "/" + std::string(1022, 'p');
    EXPECT_EQ(servers_of("h:1?user=u&password_file=" + longest)[0].login->password_file, longest);
    expect_refused("h:1?user=u&password_file=" + longest + "p",
                   "\"password_file\": the path of the file has more than 1023 bytes");
}

TEST(SecurityParameters, SecretsAreRefusedWithoutBeingQuoted) {
    expect_refused("tcp://h:1?password=hunter2", "name the file by password_file");
    expect_refused("tls://h:1?passphrase=hunter2", kHasTls ? "passphrase_file" : "without TLS");
    expect_refused("tcp://h:1?user=u&password_file=hunter2", "must be absolute");
    expect_refused("tcp://h:1?user=u&password_file=/p&password_file=/hunter2", "given twice");
}

TEST(SecurityParameters, ValuesArePercentDecoded) {
    const auto user_of = [](const std::string& text) {
        return servers_of("h:1?password_file=/p&user=" + text)[0].login->user;
    };
    EXPECT_EQ(user_of("a%2Cb%26%3d%40+"), "a,b&=@+");
    for (const char* wrong : {"%", "%2", "%2g", "%0a", "%00", "%7F", ""}) {
        expect_refused("h:1?password_file=/p&user=hunter2" + std::string(wrong) +
                           (*wrong == '\0' ? "&user=" : ""),
                       *wrong == '\0' ? "is empty" : "hexadecimal");
    }
}

TEST(SecurityParameters, ThoseOfTlsAreRefusedWithoutIt) {
    expect_refused("tcp://h:1?cafile=/etc/ca.pem", "for tls:// only");
    expect_refused("h:1?stream[verify_peer]=0", "for tls:// only");
    expect_refused("unix:///run/x?min_version=1.3", "for tls:// only");
}

#ifdef MEMCACHE_SESSION_TLS

TEST(SecurityParameters, TlsVerifiesByDefault) {
    const Server server = servers_of("tls://cache.example")[0];
    EXPECT_TRUE(server.endpoint.is_tls());
    EXPECT_EQ(server.name(), "cache.example:11211");
    ASSERT_NE(server.tls, nullptr);
    EXPECT_TRUE(server.tls->verify_peer);
    EXPECT_TRUE(server.tls->verify_peer_name);
    EXPECT_EQ(server.tls->min_version, TlsVersion::k12);
    EXPECT_EQ(server.tls->cafile, "");
}

TEST(SecurityParameters, EveryNameIsUnderstoodInBothSpellings) {
    const std::string plain = "tls://h?cafile=/a&capath=/b&verify_peer=0&verify_peer_name=off"
                              "&peer_name=p&local_cert=/c&local_pk=/k&passphrase_file=/f"
                              "&ciphers=X:!Y&min_version=1.3&weight=2";
    const std::string bracketed =
        "TLS://h?stream[cafile]=/a&stream[capath]=/b&stream[verify_peer]=0"
        "&stream[verify_peer_name]=off&stream[peer_name]=p&stream[local_cert]=/c"
        "&stream[local_pk]=/k&stream[passphrase_file]=/f&stream[ciphers]=X:!Y"
        "&stream[min_version]=1.3&weight=2";
    for (const std::string& text : {plain, bracketed}) {
        const Server server = servers_of(text)[0];
        ASSERT_NE(server.tls, nullptr);
        EXPECT_EQ(server.tls->cafile, "/a");
        EXPECT_EQ(server.tls->capath, "/b");
        EXPECT_FALSE(server.tls->verify_peer);
        EXPECT_FALSE(server.tls->verify_peer_name);
        EXPECT_EQ(server.tls->peer_name, "p");
        EXPECT_EQ(server.tls->local_cert, "/c");
        EXPECT_EQ(server.tls->local_pk, "/k");
        EXPECT_EQ(server.tls->passphrase_file, "/f");
        EXPECT_EQ(server.tls->ciphers, "X:!Y");
        EXPECT_EQ(server.tls->min_version, TlsVersion::k13);
        EXPECT_EQ(server.weight, 2U);
    }
    EXPECT_EQ(servers_of(plain)[0].endpoint, servers_of(bracketed)[0].endpoint);
}

TEST(SecurityParameters, WrongOnesAreRefused) {
    expect_refused("tls://h?min_version=1.1", "1.2 or 1.3");
    expect_refused("tls://h?verify_peer=2", "0 or 1");
    expect_refused("tls://h?cafile=ca.pem", "must be absolute");
    expect_refused("tls://h?cafile=/a&stream[cafile]=/b", "given twice");
    expect_refused("tls://h?stream[weight]=2", "unknown");
    expect_refused("tls://h?stream[cafile=/a", "unknown");
    expect_refused("tls://h?wieght=2", "min_version");
    expect_refused("tls://h?verify_peer=1&local_pk=/k&cafile=/a", "\"local_pk\": local_pk and");
    expect_refused("tls://h?weight=2&passphrase_file=/k", "\"passphrase_file\": local_pk and");
    expect_refused("tls:///run/x.sock", "host is missing");
}

TEST(SecurityParameters, NameOfThePeerHasABoundedLength) {
    const std::string longest(255, 'n');
    EXPECT_EQ(servers_of("tls://h?peer_name=" + longest)[0].tls->peer_name, longest);
    expect_refused("tls://h?peer_name=" + longest + "n", "peer_name has at most 255 bytes");
}

TEST(SecurityParameters, EachOneTellsConnectionsApart) {
    const std::vector<std::string> texts = {
        "tcp://h",
        "tls://h",
        "tls://h?cafile=/a",
        "tls://h?capath=/a",
        "tls://h?verify_peer=0",
        "tls://h?verify_peer_name=0",
        "tls://h?peer_name=/a",
        "tls://h?ciphers=/a",
        "tls://h?min_version=1.3",
        "tls://h?local_cert=/a",
        "tls://h?local_cert=/a&local_pk=/b",
        "tls://h?local_cert=/a&passphrase_file=/b",
        "tls://h?user=a&password_file=/b",
        "tcp://h?user=a&password_file=/b",
        "tcp://h?user=a&password_file=/c",
        "tcp://h?user=c&password_file=/b",
    };
    for (size_t i = 0; i < texts.size(); ++i) {
        for (size_t k = 0; k < texts.size(); ++k) {
            EXPECT_EQ(servers_of(texts[i])[0].endpoint == servers_of(texts[k])[0].endpoint, i == k)
                << texts[i] << " " << texts[k];
        }
    }
}

TEST(SecurityParameters, OneAddressIsOneServerAndOnePlaceWhateverItsTransport) {
    expect_refused("tcp://h:1,tls://h:1", "given twice");
    expect_refused("tls://h:1,tls://h:1?verify_peer=0", "given twice");
    const auto order_of = [](std::string_view save_path) {
        const auto pool = make_pool(parse_save_path(save_path, 11211).value(), {});
        const PreferenceList list = pool.value()->preference_list("some session", "some session");
        std::vector<uint32_t> order;
        for (size_t position = 0; position < list.size(); ++position) {
            order.push_back(list[position]);
        }
        return order;
    };
    const std::vector<uint32_t> plain = order_of("tcp://a:1,tcp://b:1,tcp://c:1,tcp://d:1");
    EXPECT_EQ(order_of("tls://a:1,tls://b:1?user=u&password_file=/p,tcp://c:1,tls://d:1?ciphers=X"),
              plain);
}

#else

TEST(SecurityParameters, TlsIsRefusedByABuildWithoutIt) {
    expect_refused("tls://h?cafile=/a", "was built without TLS");
}

#endif

}  // namespace
}  // namespace memcache_session

#include "src/net/endpoint.h"

#include <gtest/gtest.h>

namespace memcache_session {
namespace {

TEST(Endpoint, NameOfAHostIsHostAndPort) {
    EXPECT_EQ(Endpoint::tcp("cache.example", 11211).name(), "cache.example:11211");
    EXPECT_EQ(Endpoint::tcp("10.0.0.1", 1).name(), "10.0.0.1:1");
}

TEST(Endpoint, NameOfAnIPv6AddressHasBrackets) {
    EXPECT_EQ(Endpoint::tcp("::1", 11211).name(), "[::1]:11211");
}

TEST(Endpoint, NameOfAUnixSocketIsItsPath) {
    EXPECT_EQ(Endpoint::unix_socket("/run/memcached.sock").name(), "/run/memcached.sock");
}

TEST(Endpoint, HostPortAndTransportTellEndpointsApart) {
    const Endpoint endpoint = Endpoint::tcp("a", 1);
    EXPECT_TRUE(endpoint == Endpoint::tcp("a", 1));
    for (const Endpoint& other :
         {Endpoint::tcp("b", 1), Endpoint::tcp("a", 2), Endpoint::unix_socket("a")}) {
        EXPECT_TRUE(endpoint != other) << other.name();
        EXPECT_NE(endpoint.hash(), other.hash()) << other.name();
    }
}

TEST(Endpoint, TransportAndAccessTellConnectionsApart) {
    const Endpoint plain = Endpoint::tcp("a", 1);
    Endpoint encrypted = plain;
    encrypted.transport = Endpoint::Transport::kTls;
    Endpoint of_a_user = encrypted;
    of_a_user.access = "user";
    EXPECT_TRUE(plain != encrypted);
    EXPECT_TRUE(encrypted != of_a_user);
    EXPECT_NE(plain.hash(), encrypted.hash());
    EXPECT_NE(encrypted.hash(), of_a_user.hash());
    EXPECT_EQ(of_a_user.name(), "a:1");
}

TEST(Endpoint, CaseCountsInPathsAndNotInHostNames) {
    EXPECT_TRUE(Endpoint::tcp("Cache.Example", 1) == Endpoint::tcp("cACHE.eXAMPLE", 1));
    EXPECT_EQ(Endpoint::tcp("Cache.Example", 1).hash(), Endpoint::tcp("cACHE.eXAMPLE", 1).hash());
    EXPECT_TRUE(Endpoint::unix_socket("/A") != Endpoint::unix_socket("/a"));
    EXPECT_NE(Endpoint::unix_socket("/A").hash(), Endpoint::unix_socket("/a").hash());
}

}  // namespace
}  // namespace memcache_session

#include "src/net/endpoint.h"

#include <gtest/gtest.h>

namespace memcache_session {
namespace {

Endpoint tcp(const char* host, uint16_t port) {
    return {Endpoint::Transport::kTcp, host, port};
}

Endpoint unix_socket(const char* path) {
    return {Endpoint::Transport::kUnix, path, 0};
}

TEST(Endpoint, NameOfAHostIsHostAndPort) {
    EXPECT_EQ(tcp("cache.example", 11211).name(), "cache.example:11211");
    EXPECT_EQ(tcp("10.0.0.1", 1).name(), "10.0.0.1:1");
}

TEST(Endpoint, NameOfAnIPv6AddressHasBrackets) {
    EXPECT_EQ(tcp("::1", 11211).name(), "[::1]:11211");
}

TEST(Endpoint, NameOfAUnixSocketIsItsPath) {
    EXPECT_EQ(unix_socket("/run/memcached.sock").name(), "/run/memcached.sock");
}

TEST(Endpoint, EqualEndpointsHaveEqualHashes) {
    EXPECT_EQ(tcp("cache.example", 11211), tcp("Cache.EXAMPLE", 11211));
    EXPECT_EQ(tcp("cache.example", 11211).hash(), tcp("Cache.EXAMPLE", 11211).hash());
    EXPECT_EQ(unix_socket("/a").hash(), unix_socket("/a").hash());
}

TEST(Endpoint, DiffersByEachOfItsFields) {
    const Endpoint endpoint = tcp("/a", 0);
    for (const Endpoint& other : {tcp("/b", 0), tcp("/a", 1), unix_socket("/a")}) {
        EXPECT_NE(endpoint, other);
        EXPECT_NE(endpoint.hash(), other.hash());
    }
}

TEST(Endpoint, PathsDifferByTheCaseOfLetters) {
    EXPECT_NE(unix_socket("/A"), unix_socket("/a"));
}

}  // namespace
}  // namespace memcache_session

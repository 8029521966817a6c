#include "src/net/server.h"

#include <gtest/gtest.h>

namespace memcache_session {
namespace {

Server named(const char* host, uint16_t port) {
    Server server;
    server.host = host;
    server.port = port;
    return server;
}

TEST(Server, NameOfAHostIsHostAndPort) {
    EXPECT_EQ(named("cache.example", 11211).name(), "cache.example:11211");
    EXPECT_EQ(named("10.0.0.1", 1).name(), "10.0.0.1:1");
}

TEST(Server, NameOfAnIPv6AddressHasBrackets) {
    EXPECT_EQ(named("::1", 11211).name(), "[::1]:11211");
}

TEST(Server, NameOfAUnixSocketIsItsPath) {
    Server server = named("/run/memcached.sock", 0);
    server.is_unix = true;
    EXPECT_EQ(server.name(), "/run/memcached.sock");
}

}  // namespace
}  // namespace memcache_session

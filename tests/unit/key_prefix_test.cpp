#include "src/worker/key_prefix.h"

#include <gtest/gtest.h>

namespace memcache_session {
namespace {

TEST(KeyPrefix, StaticKeyComesFirstAndHostOnlyIfAskedFor) {
    Settings settings;
    EXPECT_EQ(key_prefix(settings, "example.com"), "");
    settings.prefix_static_key = "shop.";
    EXPECT_EQ(key_prefix(settings, "example.com"), "shop.");
    settings.prefix_host_key = true;
    EXPECT_EQ(key_prefix(settings, "Example.com"), "shop.Example.com");
    EXPECT_EQ(key_prefix(settings, ""), "shop.");
}

TEST(KeyPrefix, WwwIsRemovedInAnyCase) {
    Settings settings;
    settings.prefix_host_key = true;
    EXPECT_EQ(key_prefix(settings, "www.example.com"), "www.example.com");
    settings.prefix_host_key_remove_www = true;
    EXPECT_EQ(key_prefix(settings, "WWW.example.com"), "example.com");
    EXPECT_EQ(key_prefix(settings, "www2.example.com"), "www2.example.com");
    EXPECT_EQ(key_prefix(settings, "ww"), "ww");
}

TEST(KeyPrefix, LastTwoLabelsAreKept) {
    Settings settings;
    settings.prefix_host_key = true;
    settings.prefix_host_key_remove_subdomain = true;
    EXPECT_EQ(key_prefix(settings, "a.b.example.com"), "example.com");
    EXPECT_EQ(key_prefix(settings, "example.com"), "example.com");
    EXPECT_EQ(key_prefix(settings, "localhost"), "localhost");
    EXPECT_EQ(key_prefix(settings, ".com"), ".com");
    EXPECT_EQ(key_prefix(settings, ".example.com"), ".example.com");
}

}  // namespace
}  // namespace memcache_session

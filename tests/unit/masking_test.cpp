#include "src/worker/masking.h"

#include <gtest/gtest.h>

#include <string>

namespace memcache_session {
namespace {

std::string visible(std::string_view text) {
    std::string shown;
    VisiblePieces pieces(text);
    for (std::string_view piece = pieces.next(); !piece.empty(); piece = pieces.next()) {
        shown += piece;
    }
    return shown;
}

TEST(Masking, ListWithoutSecretsIsShownAsItIs) {
    for (const char* list : {"", "tcp://a:1?weight=2&timeout=1,unix:///run/x.sock:0", "a:1 b:2",
                             "tcp://a:1?persistent=1&retry_interval=-1&udp_port=0&proxy=1"}) {
        EXPECT_EQ(visible(list), list);
    }
}

TEST(Masking, TextBeforeAnAtIsHidden) {
    EXPECT_EQ(visible("tcp://user:secret@h:1"), "tcp://***@h:1");
    EXPECT_EQ(visible("user:secret@h:1"), "***@h:1");
    EXPECT_EQ(visible("tcp://a:1,tcp://user:se,c/r et@h:1"), "tcp://a:1,tcp://***@h:1");
    EXPECT_EQ(visible("tcp://a@b@h:1,tcp://c@h:2"), "tcp://***@h:1,tcp://***@h:2");
}

TEST(Masking, CertificatesAreShownAndWhatOpensThemIsNot) {
    EXPECT_EQ(visible("tls://h:1?cafile=/a&stream[capath]=/b&verify_peer=0&min_version=1.3"),
              "tls://h:1?cafile=/a&stream[capath]=/b&verify_peer=0&min_version=1.3");
    EXPECT_EQ(visible("tls://h:1?user=u&password_file=/p&local_cert=/c&local_pk=/k,tls://g:1"),
              "tls://h:1?user=***&password_file=***&local_cert=/c&local_pk=***,tls://g:1");
    EXPECT_EQ(visible("tls://h:1?stream[passphrase_file]=/p&stream[x]=y"),
              "tls://h:1?stream[passphrase_file]=***&stream[x]=***");
}

TEST(Masking, ValueOfAnUnknownParameterIsHidden) {
    EXPECT_EQ(visible("tcp://h:1?auth=secret&weight=2"), "tcp://h:1?auth=***&weight=2");
    EXPECT_EQ(visible("h:1?Weight=secret,g:1"), "h:1?Weight=***,g:1");
}

}  // namespace
}  // namespace memcache_session

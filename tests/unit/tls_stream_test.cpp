#ifdef MEMCACHE_SESSION_TLS

#include "src/net/tls_stream.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "src/net/tls_failure.h"
#include "tests/unit/tls_peers.h"

namespace memcache_session {
namespace {

using testing::Authority;
using testing::Certificates;
using testing::Names;
using testing::shake_hands;
using testing::tls_server;
using testing::TlsPeer;
using Direction = Stream::Direction;
using State = Transfer::State;
using Step = Stream::Step;

// A client and a server that have shaken hands.
class TlsStreamTest : public ::testing::TestWithParam<int> {
protected:
    TlsStreamTest() { connect(); }

    void connect() {
        stream_ = std::make_unique<TlsStream>(peer_.connect(), server_, contexts_);
        EXPECT_EQ(shake_hands(*stream_, peer_), Step::kDone);
    }

    // Sends, and returns what the server has got.
    std::string send(std::string_view text) {
        EXPECT_EQ(stream_->send(&text, 1).count, text.size());
        return peer_.hear();
    }

    // Receives until nothing more is there, `size` bytes at a time.
    std::string receive(size_t size = 4096) {
        std::string text;
        std::string part(size, '\0');
        Transfer got;
        while ((got = stream_->receive(part.data(), size)).state == State::kBytes) {
            text.append(part, 0, got.count);
        }
        end_ = got;
        return text;
    }

    bool poll_reports(short events) const {
        pollfd polled{stream_->socket(), events, 0};
        return poll(&polled, 1, 0) == 1;
    }

    Certificates certificates_;
    TlsPeer peer_{certificates_.certificate, certificates_.key, GetParam()};
    Server server_ = tls_server(certificates_.cafile);
    TlsContexts contexts_;
    std::unique_ptr<TlsStream> stream_;
    Transfer end_;
};

INSTANTIATE_TEST_SUITE_P(Versions, TlsStreamTest, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) {
                             return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

TEST_P(TlsStreamTest, PiecesOfACommandAreOneRecord) {
    const std::string_view pieces[] = {"set k 0 0 5\r\n", "value", "\r\n"};
    EXPECT_EQ(stream_->send(pieces, 3).count, 20U);
    peer_.pull();
    char bytes[64];
    peer_.accept();  // with TLS 1.3, the end of the handshake came with the command
    EXPECT_EQ(SSL_read(peer_.tls(), bytes, sizeof bytes), 20);
}

TEST_P(TlsStreamTest, DecryptedBytesArePendingThoughPollDoesNotReportThem) {
    send("get k\r\n");
    peer_.say("0123456789");
    peer_.push();
    char bytes[4];
    EXPECT_EQ(stream_->receive(bytes, sizeof bytes).count, 4U);
    EXPECT_FALSE(poll_reports(POLLIN));
    EXPECT_TRUE(stream_->has_pending());
    EXPECT_EQ(receive(4), "456789");
    EXPECT_FALSE(stream_->has_pending());
    EXPECT_EQ(end_.state, State::kNothingYet);
}

TEST_P(TlsStreamTest, RecordsThatCameTogetherAreReceivedTogether) {
    send("get k\r\n");
    peer_.say("first ");
    peer_.say("second");
    peer_.push();
    char bytes[64];
    const Transfer got = stream_->receive(bytes, sizeof bytes);
    EXPECT_EQ(std::string_view(bytes, got.count), "first second");
    EXPECT_FALSE(stream_->has_pending());
}

TEST_P(TlsStreamTest, PartOfARecordIsNothingAndNotPending) {
    send("get k\r\n");
    peer_.push();
    receive();
    peer_.say("whole");
    const std::string record = peer_.take_outgoing();
    for (size_t i = 0; i + 1 < record.size(); ++i) {
        peer_.push(record.substr(i, 1));
        EXPECT_EQ(receive(), "") << i;
        EXPECT_EQ(end_.state, State::kNothingYet);
        EXPECT_FALSE(stream_->has_pending());
    }
    peer_.push(record.substr(record.size() - 1));
    EXPECT_EQ(receive(), "whole");
}

TEST_P(TlsStreamTest, PartlySentPiecesMayMoveAndChange) {
    std::string value(3 << 20, '\0');
    for (size_t i = 0; i < value.size(); ++i) {
        value[i] = static_cast<char>(i * 7 + i / 251);
    }
    std::string heard;
    std::string rest = value;
    int waits = 0;
    while (!rest.empty()) {
        auto moved = std::make_unique<std::string>(rest);
        const std::string_view pieces[] = {std::string_view(*moved).substr(0, moved->size() / 2),
                                           std::string_view(*moved).substr(moved->size() / 2)};
        const Transfer sent = stream_->send(pieces, 2);
        moved->assign(moved->size(), 'x');  // the stream has copied what it took
        if (sent.state == State::kNothingYet) {
            ++waits;
            EXPECT_NE(stream_->interest(Direction::kSend) & POLLOUT, 0);
            heard += peer_.hear();
        }
        ASSERT_NE(sent.state, State::kBroken);
        rest.erase(0, sent.count);
    }
    EXPECT_GT(waits, 0);
    for (int i = 0; i < 100 && heard.size() < value.size(); ++i) {
        heard += peer_.hear();
        receive();  // passes on what was taken
    }
    EXPECT_TRUE(heard == value);
}

TEST_P(TlsStreamTest, BytesThatWereTakenAreSentByReceiving) {
    const std::string block(size_t{1} << 16, 'b');
    const std::string_view piece = block;
    size_t taken = 0;
    for (Transfer sent; (sent = stream_->send(&piece, 1)).state == State::kBytes;) {
        taken += sent.count;
    }
    EXPECT_EQ(stream_->interest(Direction::kReceive), POLLIN | POLLOUT);
    size_t heard = 0;
    for (int i = 0; i < 100 && heard < taken; ++i) {
        heard += peer_.hear().size();
        receive();
    }
    EXPECT_EQ(heard, taken);
    EXPECT_EQ(stream_->interest(Direction::kReceive), POLLIN);
}

// The pages of this process that are in memory, in bytes.
size_t resident_size() {
    size_t pages = 0;
    size_t resident_pages = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident_pages;
    return resident_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

TEST_P(TlsStreamTest, MemoryIsBoundedThoughThePeerIsAlwaysBehind) {
    constexpr size_t kMegabyte = size_t{1} << 20;
    const std::string block(size_t{1} << 16, 'b');
    const std::string_view piece = block;
    const size_t before = resident_size();
    char bytes[size_t{1} << 15];
    peer_.accept();
    for (size_t taken = 0; taken < 64 * kMegabyte;) {
        const Transfer sent = stream_->send(&piece, 1);
        ASSERT_NE(sent.state, State::kBroken);
        taken += sent.count;
        if (sent.state == State::kNothingYet) {
            ASSERT_GT(read(peer_.socket(), bytes, sizeof bytes), 0);
        }
    }
    EXPECT_LT(resident_size(), before + 16 * kMegabyte);
}

TEST_P(TlsStreamTest, RequestsWhoseRepliesAreNotReadEndTheConnection) {
    send("get k\r\n");
    peer_.push();
    receive();
    const bool is_tls12 = GetParam() == TLS1_2_VERSION;
    for (int rounds = 0; rounds < 200 && end_.state != State::kBroken; ++rounds) {
        for (int i = 0; i < 500; ++i) {
            is_tls12 ? SSL_renegotiate(peer_.tls())
                     : SSL_key_update(peer_.tls(), SSL_KEY_UPDATE_REQUESTED);
            SSL_do_handshake(peer_.tls());
        }
        peer_.push();
        EXPECT_EQ(receive(), "");
    }
    ERR_clear_error();
    EXPECT_EQ(end_.state, State::kBroken);
    EXPECT_EQ(stream_->why_broken(end_.error).kind, FailureKind::kTlsProtocol);
    EXPECT_EQ(stream_->why_broken(end_.error).system_error, kUnreadReplies);
    EXPECT_NE(describe(stream_->why_broken(0), std::chrono::seconds(1)).find("reads no reply"),
              std::string::npos);
    EXPECT_FALSE(stream_->has_pending());
}

TEST_P(TlsStreamTest, CloseAfterAReplyIsToldAfterTheReply) {
    send("get k\r\n");
    peer_.say("END\r\n");
    SSL_shutdown(peer_.tls());
    peer_.push();
    char bytes[64];
    EXPECT_EQ(stream_->receive(bytes, sizeof bytes).count, 5U);
    EXPECT_FALSE(poll_reports(POLLIN));
    EXPECT_TRUE(stream_->has_pending());
    EXPECT_EQ(stream_->receive(bytes, sizeof bytes).state, State::kClosed);
    EXPECT_FALSE(stream_->has_pending());
}

TEST_P(TlsStreamTest, ConnectionThatIsClosedWithoutAWordIsClosed) {
    send("get k\r\n");
    peer_.push();
    receive();  // with TLS 1.3, the tickets
    shutdown(peer_.socket(), SHUT_WR);
    EXPECT_EQ(receive(), "");
    EXPECT_EQ(end_.state, State::kClosed);
}

TEST_P(TlsStreamTest, SendingToAClosedConnectionRaisesNoSignal) {
    shutdown(peer_.socket(), SHUT_RDWR);
    const std::string_view text = "get k\r\n";
    const Transfer sent = stream_->send(&text, 1);  // SIGPIPE would end this process
    EXPECT_EQ(sent.state, State::kBroken);
    EXPECT_EQ(sent.error, EPIPE);
}

TEST_P(TlsStreamTest, SpoiltRecordIsAFailureAfterTheGoodOnes) {
    send("get k\r\n");
    peer_.push();
    receive();
    peer_.say("good");
    const std::string good = peer_.take_outgoing();
    peer_.say("spoilt");
    std::string spoilt = peer_.take_outgoing();
    spoilt.back() = static_cast<char>(spoilt.back() ^ 1);
    peer_.push(good + spoilt);
    char bytes[64];
    EXPECT_EQ(stream_->receive(bytes, sizeof bytes).count, 4U);
    EXPECT_TRUE(stream_->has_pending());
    EXPECT_EQ(stream_->receive(bytes, sizeof bytes).state, State::kBroken);
    EXPECT_EQ(stream_->why_broken(EPROTO).kind, FailureKind::kTlsProtocol);
    EXPECT_FALSE(stream_->has_pending());
    EXPECT_EQ(ERR_peek_error(), 0U);
    const std::string_view text = "x";
    EXPECT_EQ(stream_->send(&text, 1).state, State::kBroken);
}

TEST_P(TlsStreamTest, SecondConnectionResumesTheFirst) {
    EXPECT_FALSE(stream_->is_resumed());
    send("get k\r\n");
    peer_.push();  // with TLS 1.3, the tickets
    receive();
    for (int i = 0; i < 3; ++i) {
        connect();
        EXPECT_TRUE(stream_->is_resumed());
        EXPECT_EQ(send("get k\r\n"), "get k\r\n");
        peer_.push();
        receive();
    }
}

TEST_P(TlsStreamTest, SessionOfAnotherServerOrOtherSettingsIsNotResumed) {
    send("get k\r\n");
    peer_.push();
    receive();
    const Endpoint first = server_.endpoint;
    server_.endpoint.port = 1;
    connect();
    EXPECT_FALSE(stream_->is_resumed());
    server_.endpoint = first;
    server_.endpoint.access += " ";
    connect();
    EXPECT_FALSE(stream_->is_resumed());
}

TEST_P(TlsStreamTest, SessionIsForgottenWhenTheAuthoritiesAreReadAnew) {
    send("get k\r\n");
    peer_.push();
    receive();
    certificates_.authority.write_own(certificates_.cafile);
    connect();
    EXPECT_FALSE(stream_->is_resumed());
}

TEST_P(TlsStreamTest, ErrorsOfOthersStayInTheQueueAndDoNotDisturb) {
    send("get k\r\n");
    peer_.push();
    receive();
    TlsPeer other_peer(certificates_.certificate, certificates_.key);
    const SocketHandle socket = other_peer.connect();
    Server other = tls_server("");
    auto settings = std::make_shared<TlsSettings>();
    settings->capath = certificates_.folder.file("");
    other.tls = settings;
    EXPECT_EQ(BIO_new_file("/nonexistent/file", "r"), nullptr);
    const unsigned long error = ERR_peek_last_error();
    ASSERT_NE(error, 0U);
    TlsStream(socket, other, contexts_);
    EXPECT_EQ(ERR_peek_last_error(), error);
    char byte = 0;
    EXPECT_EQ(stream_->receive(&byte, 1).state, State::kNothingYet);
    const std::string_view text = "get k\r\n";
    EXPECT_EQ(stream_->send(&text, 1).state, State::kBytes);
    shutdown(peer_.socket(), SHUT_WR);
    EXPECT_EQ(stream_->receive(&byte, 1).state, State::kClosed);
    EXPECT_EQ(ERR_peek_last_error(), error);
    ERR_clear_error();
}

TEST_P(TlsStreamTest, ChildOfAForkClosesWithoutAWord) {
    send("get k\r\n");
    peer_.push();
    receive();
    const pid_t child = fork();
    if (child == 0) {
        stream_.reset();
        _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(send("get again\r\n"), "get again\r\n");
    peer_.say("END\r\n");
    peer_.push();
    EXPECT_EQ(receive(), "END\r\n");
}

TEST(TlsStream, NewKeysAreAnsweredThoughTheSocketIsFull) {
    Certificates certificates;
    TlsPeer peer(certificates.certificate, certificates.key);
    TlsContexts contexts;
    TlsStream stream(peer.connect(), tls_server(certificates.cafile), contexts);
    ASSERT_EQ(shake_hands(stream, peer), Step::kDone);
    const std::string block(size_t{1} << 16, 'b');
    const std::string_view piece = block;
    size_t taken = 0;
    Transfer sent = stream.send(&piece, 1);
    taken += sent.count;
    peer.accept();
    for (; (sent = stream.send(&piece, 1)).state == State::kBytes;) {
        taken += sent.count;
    }
    SSL_key_update(peer.tls(), SSL_KEY_UPDATE_REQUESTED);
    peer.say("under a new key");
    peer.push();
    char bytes[64];
    const Transfer got = stream.receive(bytes, sizeof bytes);
    EXPECT_EQ(std::string_view(bytes, got.count), "under a new key");
    EXPECT_EQ(stream.interest(Direction::kReceive), POLLIN | POLLOUT);
    size_t heard = 0;
    for (int i = 0; i < 100 && heard < taken; ++i) {
        heard += peer.hear().size();
        EXPECT_EQ(stream.receive(bytes, sizeof bytes).state, State::kNothingYet);
    }
    EXPECT_EQ(heard, taken);
    const std::string_view last = "under our new key";
    EXPECT_EQ(stream.send(&last, 1).count, last.size());
    EXPECT_EQ(peer.hear(), last);
}

TEST(TlsStream, RequestForANewHandshakeIsDeclined) {
    Certificates certificates;
    TlsPeer peer(certificates.certificate, certificates.key, TLS1_2_VERSION);
    TlsContexts contexts;
    TlsStream stream(peer.connect(), tls_server(certificates.cafile), contexts);
    ASSERT_EQ(shake_hands(stream, peer), Step::kDone);
    peer.accept();
    SSL_renegotiate(peer.tls());
    SSL_do_handshake(peer.tls());
    peer.push();
    char byte = 0;
    EXPECT_EQ(stream.receive(&byte, 1).state, State::kNothingYet);
    EXPECT_EQ(stream.interest(Direction::kReceive), POLLIN);
    EXPECT_FALSE(stream.has_pending());
    const std::string_view text = "get k\r\n";
    EXPECT_EQ(stream.send(&text, 1).count, text.size());
}

// What becomes of a handshake with a server that has this certificate.
// OpenSSL skips requests for a handshake, as many as there are.
TEST(TlsStream, StepOfTheHandshakeEndsThoughTheServerFloodsIt) {
    const std::string_view request("\x16\x03\x03\x00\x04\x00\x00\x00\x00", 9);
    std::string flood;
    while (flood.size() < TlsWire::kReceiveSize) {
        flood += request;
    }
    int sockets[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
    std::atomic<bool> is_over = false;
    std::thread server([&] {
        size_t sent = 0;
        while (!is_over) {
            const ssize_t count =
                send(sockets[1], flood.data() + sent, flood.size() - sent, MSG_NOSIGNAL);
            sent = (sent + static_cast<size_t>(std::max<ssize_t>(count, 0))) % flood.size();
        }
    });
    const Certificates certificates;
    TlsContexts contexts;
    {
        TlsStream stream(sockets[0], tls_server(certificates.cafile), contexts);
        for (int steps = 0; steps < 100; ++steps) {
            EXPECT_EQ(stream.establish(), Step::kPending);
        }
    }
    is_over = true;
    server.join();
    close(sockets[1]);
}

struct Verification {
    Names names;
    std::string host;
    std::string peer_name;
    bool verify_peer;
    bool verify_peer_name;
    int code;  // X509_V_OK: the handshake is done
};

TEST(TlsStream, PeerIsVerifiedBeforeAByteIsSentToIt) {
    constexpr const char* kNamesOfOthers = "DNS:other.example,IP:192.0.2.1";
    const Verification cases[] = {
        {{}, "127.0.0.1", "", true, true, X509_V_OK},
        {{}, "localhost", "", true, true, X509_V_OK},
        {{}, "localhost.", "", true, true, X509_V_OK},
        {{"IP:fe80::1"}, "fe80::1%eth0", "", true, true, X509_V_OK},
        {{}, "localhost", "%", true, true, X509_V_ERR_HOSTNAME_MISMATCH},
        {{}, "192.0.2.1", "localhost", true, true, X509_V_OK},
        {{kNamesOfOthers}, "127.0.0.1", "", true, true, X509_V_ERR_IP_ADDRESS_MISMATCH},
        {{kNamesOfOthers}, "localhost", "", true, true, X509_V_ERR_HOSTNAME_MISMATCH},
        {{kNamesOfOthers}, "localhost", "", true, false, X509_V_OK},
        {{kNamesOfOthers}, "localhost", "", false, true, X509_V_ERR_HOSTNAME_MISMATCH},
        {{"DNS:*.x.example"}, "a.x.example", "", true, true, X509_V_OK},
        {{"DNS:*.x.example"}, "a.b.x.example", "", true, true, X509_V_ERR_HOSTNAME_MISMATCH},
        {{"DNS:a*.x.example"}, "ab.x.example", "", true, true, X509_V_ERR_HOSTNAME_MISMATCH},
        {{"DNS:localhost", -7200, -3600}, "localhost", "", true, true, X509_V_ERR_CERT_HAS_EXPIRED},
        {{"DNS:localhost", 3600, 7200}, "localhost", "", true, true, X509_V_ERR_CERT_NOT_YET_VALID},
        {{"DNS:localhost", -7200, -3600}, "localhost", "", false, true, X509_V_OK},
        {{kNamesOfOthers, -7200, -3600}, "localhost", "", false, false, X509_V_OK},
    };
    for (const Verification& one : cases) {
        SCOPED_TRACE(one.names.subject + " " + one.host);
        Certificates certificates;
        const std::string certificate = certificates.folder.file("its.pem");
        certificates.authority.issue(one.names, certificate, certificate);
        TlsPeer peer(certificate, certificate);
        Server server = tls_server(certificates.cafile, one.host);
        auto settings = std::make_shared<TlsSettings>(*server.tls);
        settings->peer_name = one.peer_name;
        settings->verify_peer = one.verify_peer;
        settings->verify_peer_name = one.verify_peer_name;
        server.tls = settings;
        TlsContexts contexts;
        TlsStream stream(peer.connect(), server, contexts);
        const Step step = shake_hands(stream, peer);
        EXPECT_EQ(step, one.code == X509_V_OK ? Step::kDone : Step::kFailed);
        if (step == Step::kFailed) {
            EXPECT_EQ(stream.why_broken(0).kind, FailureKind::kCertificate);
            EXPECT_EQ(stream.why_broken(0).system_error, one.code);
            EXPECT_EQ(peer.hear(), "");
        }
        EXPECT_EQ(ERR_peek_error(), 0U);
    }
}

TEST(TlsStream, CertificateOfAnUnknownAuthorityOrOfNoneIsRefused) {
    Certificates certificates;
    const Authority other("other");
    const std::string foreign = certificates.folder.file("foreign.pem");
    other.issue({}, foreign, foreign);
    TlsContexts contexts;
    TlsPeer peer(foreign, foreign);
    TlsStream stream(peer.connect(), tls_server(certificates.cafile), contexts);
    EXPECT_EQ(shake_hands(stream, peer), Step::kFailed);
    EXPECT_EQ(stream.why_broken(0).system_error, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);

    TlsPeer known(certificates.certificate, certificates.key);
    Server server = tls_server("");  // the system trusts neither
    TlsStream with_system(known.connect(), server, contexts);
    EXPECT_EQ(shake_hands(with_system, known), Step::kFailed);
    EXPECT_EQ(with_system.why_broken(0).kind, FailureKind::kCertificate);
}

TEST(TlsStream, ServerThatWantsAClientsCertificateRefusesOneWithout) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Certificates certificates;
        TlsPeer peer(certificates.certificate, certificates.key, version);
        SSL_CTX_load_verify_locations(peer.context(), certificates.cafile.c_str(), nullptr);
        SSL_CTX_set_verify(peer.context(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           nullptr);
        TlsContexts contexts;
        Server server = tls_server(certificates.cafile);
        {
            TlsStream stream(peer.connect(), server, contexts);
            shake_hands(stream, peer);
            // With TLS 1.3 the client is done first, and learns it in place of a reply.
            const std::string_view text = "get k\r\n";
            stream.send(&text, 1);
            peer.accept();
            char byte = 0;
            EXPECT_EQ(stream.receive(&byte, 1).state, State::kBroken);
            EXPECT_EQ(stream.why_broken(EPROTO).kind, FailureKind::kTlsAlert);
            EXPECT_EQ(peer.hear(), "");
        }
        const std::string own = certificates.folder.file("client.pem");
        certificates.authority.issue({}, own, own);
        auto settings = std::make_shared<TlsSettings>(*server.tls);
        settings->local_cert = own;
        server.tls = settings;
        TlsStream stream(peer.connect(), server, contexts);
        EXPECT_EQ(shake_hands(stream, peer), Step::kDone);
        const std::string_view text = "get k\r\n";
        stream.send(&text, 1);
        EXPECT_EQ(peer.hear(), text);
    }
}

TEST(TlsStream, OlderVersionThanTheLeastAllowedIsRefused) {
    Certificates certificates;
    TlsPeer peer(certificates.certificate, certificates.key, TLS1_2_VERSION);
    Server server = tls_server(certificates.cafile);
    auto settings = std::make_shared<TlsSettings>(*server.tls);
    settings->min_version = TlsVersion::k13;
    server.tls = settings;
    TlsContexts contexts;
    TlsStream stream(peer.connect(), server, contexts);
    EXPECT_EQ(shake_hands(stream, peer), Step::kFailed);
    EXPECT_EQ(stream.why_broken(0).kind, FailureKind::kTlsAlert);
    EXPECT_NE(describe(stream.why_broken(0), std::chrono::seconds(1)).find("min_version"),
              std::string::npos);
}

TEST(TlsStream, ServerWithoutTlsIsRecognizedByItsFirstWords) {
    const std::pair<std::string, FailureKind> cases[] = {
        {"ERROR\r\n", FailureKind::kSpeaksPlainText},
        {"CLIENT_ERROR unauthenticated\r\n", FailureKind::kSpeaksPlainText},
        {"ER", FailureKind::kSpeaksPlainText},  // and closes
        {"HTTP/1.1 400 Bad Request\r\n\r\n", FailureKind::kSpeaksHttp},
        {"SSH-2.0-OpenSSH_9.2\r\n", FailureKind::kSpeaksSsh},
        {"-ERR unknown command\r\n", FailureKind::kSpeaksRedis},
        {"", FailureKind::kHandshakeClosed},
        {std::string("\x17\x03\x03\x00\x02xx", 7), FailureKind::kTlsProtocol},
        {std::string("\x15\x03\x03\x00\x02\x02\x28", 7), FailureKind::kTlsAlert},
    };
    Certificates certificates;
    for (const auto& [words, kind] : cases) {
        SCOPED_TRACE(words);
        TlsPeer peer(certificates.certificate, certificates.key);
        TlsContexts contexts;
        TlsStream stream(peer.connect(), tls_server(certificates.cafile), contexts);
        EXPECT_EQ(stream.establish(), Step::kPending);
        if (!words.empty()) {
            peer.push(words);
        }
        shutdown(peer.socket(), SHUT_WR);
        EXPECT_EQ(stream.establish(), Step::kFailed);
        EXPECT_EQ(stream.why_broken(0).kind, kind);
        EXPECT_EQ(ERR_peek_error(), 0U);
    }
}

}  // namespace
}  // namespace memcache_session

#endif

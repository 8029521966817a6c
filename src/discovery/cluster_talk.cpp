#include "src/discovery/cluster_talk.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "src/base/clock.h"
#include "src/discovery/cluster_reply.h"
#include "src/net/connect_attempt.h"
#include "src/net/dialect.h"
#include "src/net/server_words.h"
#include "src/net/socket.h"

namespace memcache_session {
namespace {

using Problem = AskFailure::Problem;

// How long a wait lasts before `stop` is looked at.
constexpr Duration kStopInterval = std::chrono::milliseconds(50);
constexpr size_t kPieceSize = 4096;

// One connection, and what is said on it.
class Talk {
public:
    Talk(const Server& server, TimePoint deadline, const std::atomic<bool>& stop)
        : server_(server), deadline_(deadline), stop_(stop) {}

    AskFailure connect();
    // Sets `reply` to the reply to the command.
    AskFailure ask(std::string_view command, ClusterReply* reply);

private:
    // Waits for the events, until then at most. False if they have not come.
    bool wait(SocketHandle socket, short events, TimePoint until) const;
    AskFailure send(std::string_view command);
    AskFailure receive(ClusterReply* reply);
    AskFailure after(const Transfer& transfer, Stream::Direction direction);

    const Server& server_;
    const TimePoint deadline_;
    const std::atomic<bool>& stop_;
    SystemClock clock_;
    WorkerDialect dialect_;
    ConnectAttempt attempt_{clock_, dialect_};
    std::unique_ptr<Connection> connection_;
};

AskFailure of_server(FailureKind kind, int error = 0) {
    return {Problem::kServer, {kind, error}};
}

bool Talk::wait(SocketHandle socket, short events, TimePoint until) const {
    const TimePoint now = clock_.now();
    const Duration left = std::min(std::max(until - now, Duration(0)), kStopInterval);
    pollfd polled{socket, events, 0};
    return poll_for(&polled, 1, left) > 0;
}

AskFailure Talk::connect() {
    ConnectAttempt::State state = attempt_.start(server_, deadline_, false);
    while (state == ConnectAttempt::State::kPending) {
        if (stop_) {
            return {Problem::kStopped, {}};
        }
        if (wait(attempt_.socket(), attempt_.events(), attempt_.wake_at())) {
            state = attempt_.on_ready();
        } else if (attempt_.wake_at() <= clock_.now()) {
            state = attempt_.on_time();
        }
    }
    if (state == ConnectAttempt::State::kFailed) {
        return {Problem::kServer, attempt_.failure()};
    }
    connection_ = attempt_.take();
    return {};
}

// What to do after a transfer that took no bytes: wait, unless it has failed or no time is left.
AskFailure Talk::after(const Transfer& transfer, Stream::Direction direction) {
    Stream& stream = connection_->stream();
    switch (transfer.state) {
        case Transfer::State::kClosed:
            return of_server(FailureKind::kClosed);
        case Transfer::State::kBroken:
            return {Problem::kServer, stream.why_broken(transfer.error)};
        case Transfer::State::kBytes:
        case Transfer::State::kNothingYet:
            break;
    }
    if (stop_) {
        return {Problem::kStopped, {}};
    }
    if (clock_.now() >= deadline_) {
        return of_server(FailureKind::kTimeout);
    }
    wait(stream.socket(), stream.interest(direction), deadline_);
    return {};
}

AskFailure Talk::send(std::string_view command) {
    while (!command.empty()) {
        const Transfer sent = connection_->stream().send(&command, 1);
        if (sent.state == Transfer::State::kBytes) {
            command.remove_prefix(sent.count);
        } else if (const AskFailure failure = after(sent, Stream::Direction::kSend)) {
            return failure;
        }
    }
    return {};
}

AskFailure Talk::receive(ClusterReply* reply) {
    std::string received;
    std::array<char, kPieceSize> piece;
    while (received.size() <= kClusterReplyMax + kPieceSize) {
        const Transfer transfer = connection_->stream().receive(piece.data(), piece.size());
        if (transfer.state != Transfer::State::kBytes) {
            if (const AskFailure failure = after(transfer, Stream::Direction::kReceive)) {
                return failure;
            }
            continue;
        }
        received.append(piece.data(), transfer.count);
        *reply = parse_cluster_reply(received);
        if (reply->state == ClusterReply::State::kMalformed) {
            const FailureKind kind = kind_of_service(received, FailureKind::kMalformed);
            return kind == FailureKind::kMalformed ? AskFailure{Problem::kMalformed, {}}
                                                   : of_server(kind);
        }
        if (reply->state != ClusterReply::State::kIncomplete) {
            return {};
        }
    }
    return {Problem::kTooLong, {}};
}

AskFailure Talk::ask(std::string_view command, ClusterReply* reply) {
    const AskFailure failure = send(command);
    return failure ? failure : receive(reply);
}

ClusterTalk talk_at(const Server& server, TimePoint deadline, const std::atomic<bool>& stop) {
    Talk talk(server, deadline, stop);
    ClusterReply reply;
    AskFailure failure = talk.connect();
    if (!failure) {
        failure = talk.ask(kClusterCommand, &reply);
    }
    const bool knows_no_config =
        reply.state == ClusterReply::State::kRefused || reply.state == ClusterReply::State::kNone;
    if (!failure && knows_no_config) {
        failure = talk.ask(kOldClusterCommand, &reply);
    }
    if (!failure && reply.state != ClusterReply::State::kNodes) {
        failure = {Problem::kNoCluster, {}};
    }
    return {failure, reply.version, std::move(reply.nodes)};
}

}  // namespace

ClusterTalk talk_to_cluster(const Server& server, const std::vector<std::string>& addresses,
                            const std::atomic<bool>& stop) {
    const TimePoint end = SystemClock().now() + server.timeout;
    ClusterTalk talk;
    talk.failure = of_server(FailureKind::kConnectTimeout);
    Server at = server;
    for (size_t i = 0; i < std::min(addresses.size(), kAddressesMax); ++i) {
        const TimePoint now = SystemClock().now();
        const auto left = static_cast<int64_t>(std::min(addresses.size(), kAddressesMax) - i);
        at.address = addresses[i];
        talk = talk_at(at, now + std::max(Duration(0), end - now) / left, stop);
        if (talk.failure.problem != Problem::kServer) {
            break;
        }
    }
    return talk;
}

}  // namespace memcache_session

#include "src/net/server_greeting.h"

#include <string_view>

#include "src/base/text.h"
#include "src/net/server_words.h"

namespace memcache_session {

namespace {

constexpr std::string_view kStored = "STORED\r\n";
constexpr std::string_view kRefusal = "CLIENT_ERROR";
constexpr std::string_view kUnknown = "ERROR\r\n";
constexpr std::string_view kOutOfMemory = "SERVER_ERROR out of memory";

// An item that expired in 1970.
constexpr std::string_view kLoginCommand = "set memcache_session.login 0 2592001 ";

}  // namespace

Greeting::State ServerGreeting::advance(Stream& stream) {
    State state = State::kDone;
    if (stage_ == Stage::kEstablishing) {
        state = establish(stream);
    }
    if (state == State::kDone && stage_ == Stage::kSending) {
        state = send_login(stream);
    }
    if (state == State::kDone && stage_ == Stage::kReceiving) {
        state = receive_reply(stream);
    }
    return state;
}

Greeting::State ServerGreeting::establish(Stream& stream) {
    switch (stream.establish()) {
        case Stream::Step::kPending:
            return State::kPending;
        case Stream::Step::kFailed:
            return failed(stream.why_broken(0));
        case Stream::Step::kDone:
            break;
    }
    return prepare_login();
}

Greeting::State ServerGreeting::prepare_login() {
    if (!server_.login) {
        stage_ = Stage::kDone;
        return State::kDone;
    }
    Secret password;
    if (const int error = read_secret(server_.login->password_file, &password)) {
        return failed({FailureKind::kPasswordFile, error});
    }
    const std::string& user = server_.login->user;
    const size_t size = user.size() + 1 + password.text().size();
    std::string text;
    text.reserve(kLoginCommand.size() + size + 32);  // so that no copy is left in memory
    text.append(kLoginCommand).append(std::to_string(size)).append("\r\n");
    text.append(user).append(" ").append(password.text()).append("\r\n");
    command_.set(text.data(), text.size());
    const Secret wiped_at_the_end(std::move(text));
    stage_ = Stage::kSending;
    return State::kDone;
}

Greeting::State ServerGreeting::send_login(Stream& stream) {
    while (sent_size_ < command_.text().size()) {
        const std::string_view rest = std::string_view(command_.text()).substr(sent_size_);
        const Transfer sent = stream.send(&rest, 1);
        if (sent.state != Transfer::State::kBytes) {
            return after(stream, sent);
        }
        sent_size_ += sent.count;
    }
    stage_ = Stage::kReceiving;
    return State::kDone;
}

Greeting::State ServerGreeting::receive_reply(Stream& stream) {
    while (reply_size_ < reply_.size()) {
        const Transfer received =
            stream.receive(reply_.data() + reply_size_, reply_.size() - reply_size_);
        if (received.state != Transfer::State::kBytes) {
            return after(stream, received);
        }
        reply_size_ += received.count;
        const std::string_view reply(reply_.data(), reply_size_);
        if (reply.find('\n') != std::string_view::npos) {
            break;
        }
    }
    return judge();
}

Greeting::State ServerGreeting::judge() {
    const std::string_view reply(reply_.data(), reply_size_);
    // A server that wants no user takes the login for an item, for which it may have no room.
    if (reply == kStored || starts_with(reply, kOutOfMemory)) {
        stage_ = Stage::kDone;
        return State::kDone;
    }
    if (starts_with(reply, kRefusal)) {
        return failed({FailureKind::kLoginRefused, 0});
    }
    if (reply == kUnknown) {
        return failed({FailureKind::kUnknownCommand, 0});
    }
    return failed({kind_of_service(reply, FailureKind::kMalformed), 0});
}

Greeting::State ServerGreeting::failed(Failure failure) {
    failure_ = failure;
    return State::kFailed;
}

Greeting::State ServerGreeting::after(Stream& stream, const Transfer& transfer) {
    switch (transfer.state) {
        case Transfer::State::kBytes:
        case Transfer::State::kNothingYet:
            return State::kPending;
        case Transfer::State::kClosed:
            return failed({FailureKind::kClosed, 0});
        case Transfer::State::kBroken:
            break;
    }
    return failed(stream.why_broken(transfer.error));
}

short ServerGreeting::interest(const Stream& stream) const {
    return stream.interest(stage_ == Stage::kSending ? Stream::Direction::kSend
                                                     : Stream::Direction::kReceive);
}

Failure ServerGreeting::on_timeout() const {
    return {stage_ == Stage::kEstablishing ? FailureKind::kHandshakeTimeout : FailureKind::kTimeout,
            0};
}

}  // namespace memcache_session

#include "src/net/incoming.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "src/net/server_words.h"

namespace memcache_session {

void Incoming::begin(const Protocol& protocol, Request* request) {
    protocol_ = &protocol;
    request_ = request;
    request_->answered = 0;
    request_->said = {};
    bytes_.clear();
    parsed_ = 0;
    needed_ = 0;
}

size_t Incoming::wanted_capacity() const {
    const size_t capacity = bytes_.capacity();
    const bool is_full = bytes_.free_size() == 0;
    if (needed_ == 0) {
        return std::max(kReceiveSize, is_full ? 2 * capacity : capacity);
    }
    const size_t whole = parsed_ + needed_ + kLineLengthMax;  // the next reply may be a line
    return std::min(whole, is_full ? std::max(kTrustedLength, 2 * capacity) : kTrustedLength);
}

bool Incoming::make_room() {
    const size_t wanted = wanted_capacity();
    if (wanted <= bytes_.capacity()) {
        return true;
    }
    // The bytes move, so the views of the replies must follow them.
    const auto offset_of = [this](std::string_view view) {
        return view.empty() ? 0 : static_cast<size_t>(view.data() - bytes_.content().data());
    };
    std::array<size_t, kCommandsMax> offsets{};
    for (size_t i = 0; i < request_->answered; ++i) {
        offsets[i] = offset_of(request_->replies[i].value);
    }
    const size_t said_offset = offset_of(request_->said);
    if (!bytes_.reserve(wanted)) {
        return false;
    }
    for (size_t i = 0; i < request_->answered; ++i) {
        std::string_view& value = request_->replies[i].value;
        value = bytes_.content().substr(offsets[i], value.size());
    }
    request_->said = bytes_.content().substr(said_offset, request_->said.size());
    return true;
}

Incoming::Progress Incoming::parse(size_t count) {
    bytes_.append_written(count);
    while (!has_all_replies()) {
        const std::string_view rest = bytes_.content().substr(parsed_);
        if (rest.empty() || rest.size() < needed_) {
            return Progress::kMissing;
        }
        const Command& command = request_->commands[request_->answered];
        const ParsedReply parsed = protocol_->parse(command, rest);
        if (parsed.state == ParsedReply::State::kIncomplete) {
            needed_ = parsed.total;
            return Progress::kMissing;
        }
        if (parsed.state == ParsedReply::State::kMalformed) {
            request_->answered = 0;
            return Progress::kMalformed;
        }
        request_->replies[request_->answered++] = parsed.reply;
        if (is_error(parsed.reply) && request_->said.empty()) {
            request_->said = first_line(rest);
        }
        parsed_ += parsed.consumed;
        needed_ = 0;
        if (protocol_->loses_step(command, parsed.reply)) {
            return Progress::kLostStep;
        }
    }
    if (parsed_ < bytes_.size()) {
        request_->answered = 0;
        return Progress::kMalformed;
    }
    return Progress::kAll;
}

void Incoming::note_words() {
    if (request_->said.empty()) {
        request_->said = first_line(bytes_.content().substr(parsed_));
    }
}

}  // namespace memcache_session

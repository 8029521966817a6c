#include "src/net/incoming.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "src/net/server_words.h"

namespace memcache_session {

void Incoming::begin(const Protocol& protocol, Request* request, bool probes) {
    protocol_ = &protocol;
    probes_ = probes;
    probe_ = {};
    request_ = request;
    request_->answered = 0;
    request_->said = {};
    trim();
    parsed_ = 0;
    needed_ = 0;
}

void Incoming::trim() {
    if (bytes_.capacity() > kReceiveSize) {
        budget_.give_back(taken());
        bytes_.free();
    }
    bytes_.clear();
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

// What was taken from the budget.
size_t Incoming::taken() const {
    return bytes_.capacity() - std::min(bytes_.capacity(), kReceiveSize);
}

bool Incoming::has_budget_for(size_t capacity) const {
    return capacity <= std::max(bytes_.capacity(), kReceiveSize) + budget_.left();
}

// Both fit into 32 bits: see kReplyLengthMax and kReceiveMax.
Failure Incoming::too_large(size_t reply_size) const {
    return {FailureKind::kTooLarge, 0, static_cast<uint32_t>(reply_size),
            static_cast<uint32_t>(budget_.max())};
}

bool Incoming::make_room() {
    const size_t wanted = wanted_capacity();
    if (wanted <= bytes_.capacity()) {
        return true;
    }
    if (!has_budget_for(wanted)) {
        failure_ = too_large(std::max(needed_, wanted));
        return false;
    }
    const size_t taken_before = taken();
    if (!move_to(wanted)) {
        failure_ = {FailureKind::kBroken, ENOMEM};
        return false;
    }
    budget_.take(taken() - taken_before);
    return true;
}

// The bytes move, so the views of the replies must follow them. False when there is no memory.
bool Incoming::move_to(size_t capacity) {
    const auto offset_of = [this](std::string_view view) {
        return view.empty() ? 0 : static_cast<size_t>(view.data() - bytes_.content().data());
    };
    std::array<size_t, kCommandsMax> offsets{};
    for (size_t i = 0; i < request_->answered; ++i) {
        offsets[i] = offset_of(request_->replies[i].value);
    }
    const size_t said_offset = offset_of(request_->said);
    if (!bytes_.reserve(capacity)) {
        return false;
    }
    for (size_t i = 0; i < request_->answered; ++i) {
        std::string_view& value = request_->replies[i].value;
        value = bytes_.content().substr(offsets[i], value.size());
    }
    request_->said = bytes_.content().substr(said_offset, request_->said.size());
    return true;
}

Incoming::Progress Incoming::unusable(Failure failure) {
    failure_ = failure;
    return Progress::kUnusable;
}

// kAll: the reply to the probe is there.
Incoming::Progress Incoming::parse_probe() {
    probe_ = parse_probe_reply(bytes_.content());
    if (probe_.state == ParsedReply::State::kIncomplete) {
        return Progress::kMissing;
    }
    if (probe_.state == ParsedReply::State::kMalformed) {
        return unusable({FailureKind::kMalformed, 0});
    }
    probes_ = false;
    parsed_ = probe_.consumed;
    if (probe_.has_text) {
        request_->said = first_line(bytes_.content());
    }
    return Progress::kAll;
}

// kAll: the next reply is there.
Incoming::Progress Incoming::parse_reply() {
    const std::string_view rest = bytes_.content().substr(parsed_);
    if (rest.empty() || rest.size() < needed_) {
        return Progress::kMissing;
    }
    const Command& command = request_->commands[request_->answered];
    const ParsedReply parsed = protocol_->parse(command, rest);
    if (parsed.total > command.reply_max) {
        return unusable(
            {FailureKind::kTooLong, 0, static_cast<uint32_t>(parsed.total), command.reply_max});
    }
    if (parsed.state == ParsedReply::State::kIncomplete) {
        needed_ = parsed.total;
        // A reply that cannot fit in the end is refused at once.
        return has_budget_for(parsed_ + needed_) ? Progress::kMissing
                                                 : unusable(too_large(needed_));
    }
    if (parsed.state == ParsedReply::State::kMalformed) {
        request_->answered = 0;
        return unusable({FailureKind::kMalformed, 0});
    }
    request_->replies[request_->answered++] = parsed.reply;
    if (is_error(parsed.reply) && request_->said.empty()) {
        request_->said = first_line(rest);
    }
    parsed_ += parsed.consumed;
    needed_ = 0;
    return protocol_->loses_step(command, parsed.reply) ? Progress::kLostStep : Progress::kAll;
}

Incoming::Progress Incoming::parse(size_t count) {
    bytes_.append_written(count);
    Progress progress = probes_ ? parse_probe() : Progress::kAll;
    while (progress == Progress::kAll && !has_all_replies()) {
        progress = parse_reply();
    }
    if (progress == Progress::kAll && parsed_ < bytes_.size()) {
        request_->answered = 0;
        return unusable({FailureKind::kMalformed, 0});
    }
    return progress;
}

void Incoming::note_words() {
    if (request_->said.empty()) {
        request_->said = first_line(bytes_.content().substr(parsed_));
    }
}

}  // namespace memcache_session

#include "src/net/outgoing.h"

#include <cassert>

namespace memcache_session {

void Outgoing::prepare(const Protocol& protocol, const Request& request, std::string_view prefix) {
    next_ = 0;
    count_ = 0;
    sent_size_ = 0;
    if (!prefix.empty()) {
        pieces_[count_++] = prefix;
    }
    for (size_t i = 0; i < request.command_count; ++i) {
        char* space = &space_[i * kCommandSpaceMax];
        count_ += protocol.encode(request.commands[i], space, &pieces_[count_]);
    }
    assert(count_ <= pieces_.size());
}

Transfer Outgoing::send(Stream& stream) {
    assert(!is_sent());
    const Transfer transfer = stream.send(&pieces_[next_], count_ - next_);
    sent_size_ += transfer.count;
    size_t rest = transfer.count;
    while (next_ < count_ && rest >= pieces_[next_].size()) {
        rest -= pieces_[next_++].size();
    }
    if (next_ < count_) {
        pieces_[next_].remove_prefix(rest);
    }
    return transfer;
}

}  // namespace memcache_session

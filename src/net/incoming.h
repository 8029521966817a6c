// The replies to one request as they arrive.
#pragma once

#include <cstddef>

#include "src/base/buffer.h"
#include "src/net/exchange.h"
#include "src/net/meta_probe.h"
#include "src/net/receive_budget.h"
#include "src/wire/protocol.h"

namespace memcache_session {

// The room for replies at first, in bytes. A longer reply costs a second receive.
constexpr size_t kReceiveSize = size_t{16} << 10;

// How much memory a server gets at once for a length that it announces. Beyond that the room grows
// with the bytes that have arrived, so a false length costs no memory.
constexpr size_t kTrustedLength = size_t{8} << 20;

// Receives into free_space() after make_room(), then calls parse(). Used for request after request:
// the replies of one request live until the next begin(). The first kReceiveSize bytes of memory
// are kept for the next request, and only what is beyond them is taken from the budget.
class Incoming {
public:
    enum class Progress {
        kMissing,   // replies are missing
        kAll,       // all replies are there, and no byte more
        kLostStep,  // the bytes after the last reply of the request belong to no known command
        kUnusable,  // the next reply cannot be used, and failure() says why; if the bytes are no
                    // reply, none of the replies counts
    };

    // `budget` outlives the object.
    explicit Incoming(ReceiveBudget& budget) : budget_(budget) {}
    ~Incoming() { budget_.give_back(taken()); }
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    // Forgets all bytes and the replies of `request`, which receives the new replies. If it
    // `probes`, the reply to kMetaProbe comes before them.
    void begin(const Protocol& protocol, Request* request, bool probes = false);

    // Forgets all bytes, and frees the memory beyond kReceiveSize.
    void trim();

    // Makes room for the rest of the present reply, as far as its length is trusted, and for at
    // least one byte. False, and failure() says why, if there is no memory or the whole reply would
    // take more than is left of the budget.
    [[nodiscard]] bool make_room();

    Failure failure() const { return failure_; }

    char* free_space() { return bytes_.free_space(); }
    size_t free_size() const { return bytes_.free_size(); }

    // Adds the replies that are complete to the request, and notes the line of the first error.
    // REQUIRES: `count` bytes were written to free_space(), at most free_size().
    Progress parse(size_t count);

    // Whether the server has answered kMetaProbe, and how.
    bool has_probe_reply() const { return probe_.state == ParsedReply::State::kComplete; }
    bool speaks_meta() const { return probe_.speaks_meta; }

    // Notes the words of a server that has failed: its first line that is no reply.
    void note_words();

    bool is_empty() const { return bytes_.size() == 0; }
    bool has_all_replies() const { return request_->answered == request_->command_count; }

    // Whether some replies came, and nothing of the next one.
    bool ends_with_a_reply() const { return request_->answered > 0 && parsed_ == bytes_.size(); }

private:
    size_t wanted_capacity() const;
    size_t taken() const;
    Failure too_large(size_t reply_size) const;
    bool has_budget_for(size_t capacity) const;
    bool move_to(size_t capacity);
    Progress parse_probe();
    Progress parse_reply();
    Progress unusable(Failure failure);

    ReceiveBudget& budget_;
    const Protocol* protocol_ = nullptr;
    Request* request_ = nullptr;
    Failure failure_;
    Buffer bytes_;
    bool probes_ = false;  // the reply to kMetaProbe has not come yet
    ProbeReply probe_;
    size_t parsed_ = 0;  // the length of the complete replies, in bytes
    size_t needed_ = 0;  // the length of the reply that follows them; 0: unknown
};

}  // namespace memcache_session

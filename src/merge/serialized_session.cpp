#include "src/merge/serialized_session.h"

#include <cassert>

#include "src/merge/serialized_reader.h"

namespace memcache_session {

using Member = SerializedSession::Member;

// Fills the index of one text. Nested arrays and objects wait in a list, not on the stack.
class SerializedIndexer {
public:
    SerializedIndexer(SerializedSession* session, std::string_view text, SerializeHandler handler)
        : session_(session), reader_(text) {
        session_->text_ = text;
        session_->handler_ = handler;
    }

    // False if the text cannot be read.
    bool run() {
        if (!open_root()) {
            return false;
        }
        while (!open_.empty()) {
            const bool is_read = is_read_to_its_end(open_.back()) ? close() : read_member();
            if (!is_read) {
                return false;
            }
        }
        return reader_.at_end();
    }

private:
    // An array or object whose end has not come.
    struct Open {
        Member member;        // whose value it is; within an object: kNoMember
        size_t members_left;  // kPhp's variables: not counted
        bool is_indexed;      // whether its members are: an array that is within no object
        bool is_counted;      // false for kPhp's variables, which end with the text
    };

    static constexpr Member kNoMember = SerializedSession::kNoMember;

    bool is_read_to_its_end(const Open& open) const {
        return open.is_counted ? open.members_left == 0 : reader_.at_end();
    }

    bool open_root() {
        session_->entries_.emplace_back();
        if (session_->handler_ == SerializeHandler::kPhp || reader_.at_end()) {
            open_.push_back({SerializedSession::kRoot, 0, true, false});
            return true;
        }
        const ValueHead head = reader_.read_value();
        open_.push_back({SerializedSession::kRoot, head.members, true, true});
        return head.kind == ValueHead::Kind::kArray;
    }

    // Reads a key, and its value up to the first member that is nested in it.
    bool read_member() {
        Open& around = open_.back();
        const bool is_indexed = around.is_indexed;
        const auto key_begin = static_cast<uint32_t>(reader_.position());
        if (!(around.is_counted ? reader_.read_key() : reader_.read_variable_name())) {
            return false;
        }
        around.members_left -= around.is_counted ? 1 : 0;
        Member member = kNoMember;
        if (is_indexed) {
            member = static_cast<Member>(session_->entries_.size());
            if (member > kSerializedMembersMax) {
                return false;
            }
            const auto value_begin = static_cast<uint32_t>(reader_.position());
            session_->entries_.push_back({key_begin, value_begin, 0, 0});
        }
        const ValueHead head = reader_.read_value();
        switch (head.kind) {
            case ValueHead::Kind::kUnreadable:
                return false;
            case ValueHead::Kind::kReference:
                session_->has_references_ = true;
                [[fallthrough]];
            case ValueHead::Kind::kScalar:
                end_value(member);
                return true;
            case ValueHead::Kind::kArray:
                open_.push_back({member, head.members, is_indexed, true});
                break;
            case ValueHead::Kind::kObject:
                open_.push_back({member, head.members, false, true});
                break;
        }
        return open_.size() <= kSerializedDepthMax;
    }

    bool close() {
        const Open closed = open_.back();
        open_.pop_back();
        if (closed.is_counted && !reader_.read_end()) {
            return false;
        }
        end_value(closed.member);
        return true;
    }

    void end_value(Member member) {
        if (member != kNoMember) {
            session_->entries_[member].value_end = static_cast<uint32_t>(reader_.position());
            session_->entries_[member].next = static_cast<Member>(session_->entries_.size());
        }
    }

    SerializedSession* session_;
    SerializedReader reader_;
    std::vector<Open> open_;
};

std::optional<SerializedSession> SerializedSession::read(std::string_view text,
                                                         SerializeHandler handler) {
    if (text.size() > kSerializedLengthMax) {
        return std::nullopt;
    }
    std::optional<SerializedSession> session(std::in_place);
    if (!SerializedIndexer(&*session, text, handler).run()) {
        return std::nullopt;
    }
    return session;
}

bool SerializedSession::is_array(Member member) const {
    return member == kRoot || text_[entries_[member].value_begin] == 'a';
}

std::optional<size_t> SerializedSession::list_length(Member array) const {
    assert(is_array(array));
    size_t length = 0;
    for (Member i = first(array); i != next(array); i = next(i)) {
        if (!(key(i) == ArrayKey::of(static_cast<int64_t>(length)))) {
            return std::nullopt;
        }
        ++length;
    }
    return length;
}

ArrayKey SerializedSession::key(Member member) const {
    const std::string_view written = key_text(member);
    if (written.back() == '|') {
        return ArrayKey::of_variable(written.substr(0, written.size() - 1));
    }
    if (written[0] == 'i') {
        const std::string_view digits = written.substr(2, written.size() - 3);
        return ArrayKey::of(parse_canonical_integer(digits).value_or(0));
    }
    const size_t begin = written.find('"') + 1;
    return ArrayKey::of_array(written.substr(begin, written.size() - begin - 2));
}

std::string_view SerializedSession::key_text(Member member) const {
    assert(member != kRoot);
    const Entry& entry = entries_[member];
    return text_.substr(entry.key_begin, entry.value_begin - entry.key_begin);
}

std::string_view SerializedSession::value(Member member) const {
    const Entry& entry = entries_[member];
    return text_.substr(entry.value_begin, entry.value_end - entry.value_begin);
}

}  // namespace memcache_session

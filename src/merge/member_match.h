// Which members of three arrays have the same key.
#pragma once

#include <cstdint>
#include <vector>

#include "src/merge/serialized_session.h"

namespace memcache_session {

// The three texts of a merge, indexed. No pointer is null.
struct IndexedTexts {
    const SerializedSession* base;
    const SerializedSession* ours;
    const SerializedSession* theirs;
};

// The members that one key has in the three texts. kNoMember: that text has none.
struct MatchedMember {
    SerializedSession::Member base = SerializedSession::kNoMember;
    SerializedSession::Member ours = SerializedSession::kNoMember;
    SerializedSession::Member theirs = SerializedSession::kNoMember;
};

// Finds members by their key. It keeps its memory from array to array.
class MemberIndex {
public:
    // The session must outlive the index.
    explicit MemberIndex(const SerializedSession& session) : session_(session) {}

    // Takes the members of an array; kNoMember: of none. False if a key occurs twice.
    [[nodiscard]] bool fill(SerializedSession::Member array);

    // kNoMember if no member has the key.
    SerializedSession::Member find(const ArrayKey& key) const;

private:
    // Sorted by rank, then by key: comparing ranks needs no look at the text.
    struct Ranked {
        uint64_t rank;
        SerializedSession::Member member;
    };

    static uint64_t rank_of(const ArrayKey& key);

    const SerializedSession& session_;
    std::vector<Ranked> members_;
};

// The indexes of the texts must outlive it.
class MemberMatcher {
public:
    explicit MemberMatcher(const IndexedTexts& texts)
        : texts_(texts), base_(*texts.base), ours_(*texts.ours), theirs_(*texts.theirs) {}

    // Matches the members of three arrays. The result has those of theirs in their order, then
    // those that only ours has, in our order. Members that only the base has are left out. Null if
    // a key occurs twice in one array. The result is valid until the next call.
    // REQUIRES: of.ours and of.theirs are not kNoMember; of.base may be.
    const std::vector<MatchedMember>* match(const MatchedMember& of);

private:
    IndexedTexts texts_;
    MemberIndex base_;
    MemberIndex ours_;
    MemberIndex theirs_;
    std::vector<MatchedMember> matched_;
};

}  // namespace memcache_session

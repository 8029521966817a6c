#include "src/merge/member_match.h"

#include <algorithm>
#include <cassert>

#include "src/base/fingerprint.h"

namespace memcache_session {

using Member = SerializedSession::Member;

namespace {

constexpr Member kNoMember = SerializedSession::kNoMember;

// It need not be secret: keys that are made to have one rank cost comparisons, nothing else.
constexpr uint64_t kRankKey = 0x1d8e4e27c47d124f;

}  // namespace

bool MemberIndex::fill(Member array) {
    members_.clear();
    if (array == kNoMember) {
        return true;
    }
    const Member end = session_.next(array);
    for (Member i = session_.first(array); i != end; i = session_.next(i)) {
        members_.push_back({rank_of(session_.key(i)), i});
    }
    const auto is_before = [this](const Ranked& a, const Ranked& b) {
        return a.rank != b.rank ? a.rank < b.rank : session_.key(a.member) < session_.key(b.member);
    };
    if (!std::is_sorted(members_.begin(), members_.end(), is_before)) {
        std::sort(members_.begin(), members_.end(), is_before);
    }
    const auto are_equal = [this](const Ranked& a, const Ranked& b) {
        return a.rank == b.rank && session_.key(a.member) == session_.key(b.member);
    };
    return std::adjacent_find(members_.begin(), members_.end(), are_equal) == members_.end();
}

Member MemberIndex::find(const ArrayKey& key) const {
    const uint64_t rank = rank_of(key);
    const auto precedes = [this, rank](const Ranked& a, const ArrayKey& sought) {
        return a.rank != rank ? a.rank < rank : session_.key(a.member) < sought;
    };
    const auto found = std::lower_bound(members_.begin(), members_.end(), key, precedes);
    const bool is_found =
        found != members_.end() && found->rank == rank && session_.key(found->member) == key;
    return is_found ? found->member : kNoMember;
}

// Integers rank in their order, so that a list is sorted as it is.
uint64_t MemberIndex::rank_of(const ArrayKey& key) {
    return key.is_integer ? static_cast<uint64_t>(key.integer) + (uint64_t{1} << 63)
                          : fingerprint_of(key.name, kRankKey).hash;
}

const std::vector<MatchedMember>* MemberMatcher::match(const MatchedMember& of) {
    assert(of.ours != kNoMember && of.theirs != kNoMember);
    const SerializedSession& ours = *texts_.ours;
    const SerializedSession& theirs = *texts_.theirs;
    if (!base_.fill(of.base) || !ours_.fill(of.ours) || !theirs_.fill(of.theirs)) {
        return nullptr;
    }
    matched_.clear();
    const Member theirs_end = theirs.next(of.theirs);
    for (Member i = theirs.first(of.theirs); i != theirs_end; i = theirs.next(i)) {
        const ArrayKey key = theirs.key(i);
        matched_.push_back({base_.find(key), ours_.find(key), i});
    }
    const Member ours_end = ours.next(of.ours);
    for (Member i = ours.first(of.ours); i != ours_end; i = ours.next(i)) {
        const ArrayKey key = ours.key(i);
        if (theirs_.find(key) == kNoMember) {
            matched_.push_back({base_.find(key), i, kNoMember});
        }
    }
    return &matched_;
}

}  // namespace memcache_session

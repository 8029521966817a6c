#include "src/merge/session_merge.h"

#include "src/merge/conflict_path.h"
#include "src/merge/enum_references.h"
#include "src/merge/member_match.h"

namespace memcache_session {
namespace {

using Member = SerializedSession::Member;
using Obstacle = SessionMerge::Obstacle;

constexpr Member kNoMember = SerializedSession::kNoMember;

// Writes the result member by member. Arrays that are being merged wait in a list, not on the
// stack.
class MergeWriter {
public:
    MergeWriter(const IndexedTexts& texts, SerializeHandler handler, SessionMerge* merge)
        : texts_(texts), handler_(handler), merge_(merge), matcher_(texts) {}

    // False if an array that had to be merged has a key twice.
    bool run() {
        constexpr Member kRoot = SerializedSession::kRoot;
        if (!open({kRoot, kRoot, kRoot})) {
            return false;
        }
        while (!levels_.empty()) {
            if (!step()) {
                return false;
            }
        }
        return true;
    }

private:
    enum class Choice { kRemoved, kOurs, kTheirs, kMerged };

    struct Kept {
        MatchedMember member;
        Choice choice;  // not kRemoved
    };

    // An array of the result that is being written: its members are at the end of kept_.
    struct Level {
        size_t first;
        size_t next;
    };

    Choice choose(const MatchedMember& member);
    bool is_merged_by_key(const MatchedMember& member) const;
    bool open(const MatchedMember& array);
    bool step();
    void add_conflict(const MatchedMember& member);
    bool is_variables() const { return levels_.empty() && handler_ == SerializeHandler::kPhp; }

    ArrayKey key_of(const MatchedMember& member) const {
        return member.ours != kNoMember ? texts_.ours->key(member.ours)
                                        : texts_.theirs->key(member.theirs);
    }

    IndexedTexts texts_;
    SerializeHandler handler_;
    SessionMerge* merge_;
    MemberMatcher matcher_;
    std::vector<Kept> kept_;
    std::vector<Level> levels_;
};

bool are_equal(const SerializedSession& a, Member in_a, const SerializedSession& b, Member in_b) {
    if (in_a == kNoMember || in_b == kNoMember) {
        return in_a == in_b;
    }
    return a.value(in_a) == b.value(in_b);
}

MergeWriter::Choice MergeWriter::choose(const MatchedMember& member) {
    const auto& [base, ours, theirs] = texts_;
    const Choice of_ours = member.ours == kNoMember ? Choice::kRemoved : Choice::kOurs;
    const Choice of_theirs = member.theirs == kNoMember ? Choice::kRemoved : Choice::kTheirs;
    if (are_equal(*theirs, member.theirs, *base, member.base)) {
        return of_ours;
    }
    if (are_equal(*ours, member.ours, *base, member.base) ||
        are_equal(*ours, member.ours, *theirs, member.theirs)) {
        return of_theirs;
    }
    if (is_merged_by_key(member)) {
        return Choice::kMerged;
    }
    add_conflict(member);
    return of_ours;
}

// Whether a member that both sides changed is an array whose keys mean the same on both sides.
bool MergeWriter::is_merged_by_key(const MatchedMember& member) const {
    const auto& [base, ours, theirs] = texts_;
    if (member.ours == kNoMember || !ours->is_array(member.ours) || member.theirs == kNoMember ||
        !theirs->is_array(member.theirs)) {
        return false;
    }
    if (member.base == kNoMember) {
        return true;
    }
    if (!base->is_array(member.base)) {
        return false;
    }
    const std::optional<size_t> length = base->list_length(member.base);
    const bool is_list = length.value_or(0) > 0;
    return !is_list || (ours->list_length(member.ours) == length &&
                        theirs->list_length(member.theirs) == length);
}

// Chooses for all members first, because the text of an array begins with their number.
bool MergeWriter::open(const MatchedMember& array) {
    const std::vector<MatchedMember>* const members = matcher_.match(array);
    if (members == nullptr) {
        return false;
    }
    const size_t first = kept_.size();
    for (const MatchedMember& member : *members) {
        const Choice choice = choose(member);
        if (choice != Choice::kRemoved) {
            kept_.push_back({member, choice});
        }
    }
    if (!is_variables()) {
        merge_->text += "a:" + std::to_string(kept_.size() - first) + ":{";
    }
    levels_.push_back({first, first});
    return true;
}

// Writes one member, or the end of an array.
bool MergeWriter::step() {
    Level& level = levels_.back();
    if (level.next == kept_.size()) {
        kept_.resize(level.first);
        levels_.pop_back();
        if (!is_variables()) {
            merge_->text += '}';
        }
        return true;
    }
    const Kept kept = kept_[level.next++];
    const bool is_ours = kept.choice == Choice::kOurs;
    const SerializedSession& side = is_ours ? *texts_.ours : *texts_.theirs;
    const Member member = is_ours ? kept.member.ours : kept.member.theirs;
    merge_->text += side.key_text(member);
    if (kept.choice == Choice::kMerged) {
        return open(kept.member);
    }
    merge_->text += side.value(member);
    return true;
}

// The member belongs to the array that is written next, in the innermost member of the levels.
void MergeWriter::add_conflict(const MatchedMember& member) {
    ++merge_->conflicts;
    if (merge_->conflict_paths.size() == kConflictPathsMax) {
        return;
    }
    std::vector<ArrayKey> keys;
    for (const Level& level : levels_) {
        keys.push_back(key_of(kept_[level.next - 1].member));
    }
    keys.push_back(key_of(member));
    merge_->conflict_paths.push_back(conflict_path(keys));
}

// The outcome if the session cannot be taken apart: one conflict, of everything.
SessionMerge conflict_of_all(Obstacle obstacle) {
    SessionMerge merge;
    merge.obstacle = obstacle;
    merge.conflicts = 1;
    merge.conflict_paths.push_back(conflict_path({}));
    return merge;
}

// `*written_out`: has the text of the index, if an enum is in it more than once.
std::optional<SerializedSession> read_text(std::string_view text, SerializeHandler handler,
                                           std::string* written_out) {
    std::optional<SerializedSession> session = SerializedSession::read(text, handler);
    if (!session || !session->has_references()) {
        return session;
    }
    std::optional<std::string> without = with_enums_written_out(text, handler);
    if (!without) {
        return session;
    }
    *written_out = std::move(*without);
    std::optional<SerializedSession> read = SerializedSession::read(*written_out, handler);
    return read ? read : session;
}

SessionMerge merge_texts(const SessionTexts& texts, SerializeHandler handler) {
    std::string written_out[3];
    const auto base = read_text(texts.base, handler, &written_out[0]);
    const auto ours = read_text(texts.ours, handler, &written_out[1]);
    const auto theirs = read_text(texts.theirs, handler, &written_out[2]);
    if (!base || !ours || !theirs) {
        return conflict_of_all(Obstacle::kUnreadable);
    }
    if (base->has_references() || ours->has_references() || theirs->has_references()) {
        return conflict_of_all(Obstacle::kReference);
    }
    SessionMerge merge;
    merge.text.reserve(ours->value(SerializedSession::kRoot).size() +
                       theirs->value(SerializedSession::kRoot).size());
    if (!MergeWriter({&*base, &*ours, &*theirs}, handler, &merge).run()) {
        return conflict_of_all(Obstacle::kUnreadable);
    }
    return merge;
}

}  // namespace

SessionMerge merge_sessions(const SessionTexts& texts, SerializeHandler handler,
                            OnConflict on_conflict) {
    SessionMerge merge;
    if (texts.theirs == texts.base) {
        merge.text = texts.ours;
    } else if (texts.ours == texts.base || texts.ours == texts.theirs) {
        merge.text = texts.theirs;
    } else {
        merge = merge_texts(texts, handler);
    }
    const bool is_taken_apart = merge.obstacle == Obstacle::kNone;
    merge.is_merged = merge.conflicts == 0 || (is_taken_apart && on_conflict == OnConflict::kLast);
    if (!merge.is_merged) {
        merge.text.clear();
    }
    return merge;
}

}  // namespace memcache_session

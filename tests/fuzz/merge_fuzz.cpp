// libFuzzer entry: merges of any three texts. The first byte of an input has the handler and where
// the texts come from: from choices of the input (draw_sessions()), or from its bytes, with 0xff
// between the texts.
//
// Checked:
// - A result can be read again.
// - Each value in it comes from the side that the rules of session_merge.h say.
// - Conflicts are counted and shown.
// - A result that is merged once more with either side stays as it is.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/text.h"
#include "src/merge/conflict_path.h"
#include "src/merge/session_merge.h"
#include "tests/fuzz/drawn_sessions.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/require.h"

namespace memcache_session::fuzz {
namespace {

using Member = SerializedSession::Member;
using Obstacle = SessionMerge::Obstacle;

constexpr char kSeparator = '\xff';
constexpr Member kNoMember = SerializedSession::kNoMember;

// A member of one of the texts, or its lack.
struct Place {
    const SerializedSession* session;
    Member member;

    bool is_there() const { return member != kNoMember; }
    bool is_array() const { return is_there() && session->is_array(member); }
};

bool operator==(const Place& a, const Place& b) {
    if (!a.is_there() || !b.is_there()) {
        return a.is_there() == b.is_there();
    }
    return a.session->value(a.member) == b.session->value(b.member);
}

struct Places {
    Place base;
    Place ours;
    Place theirs;
    Place result;
};

Place find(const Place& array, const ArrayKey& key) {
    if (!array.is_array()) {
        return {array.session, kNoMember};
    }
    const SerializedSession& session = *array.session;
    const Member end = session.next(array.member);
    for (Member i = SerializedSession::first(array.member); i != end; i = session.next(i)) {
        if (session.key(i) == key) {
            return {&session, i};
        }
    }
    return {array.session, kNoMember};
}

// Returns the number of conflicts in an array that was merged.
size_t check_array(const Places& arrays);

std::vector<ArrayKey> keys_of(const Place& array) {
    std::vector<ArrayKey> keys;
    const Member end = array.session->next(array.member);
    for (Member i = SerializedSession::first(array.member); i != end; i = array.session->next(i)) {
        keys.push_back(array.session->key(i));
    }
    return keys;
}

// Whether a side has changed the length of a list, or the order of its keys.
bool is_moved_list(const Place& base, const Place& ours, const Place& theirs) {
    if (!base.is_array()) {
        return false;
    }
    const std::vector<ArrayKey> keys = keys_of(base);
    for (size_t i = 0; i < keys.size(); ++i) {
        if (!(keys[i] == ArrayKey::of(static_cast<int64_t>(i)))) {
            return false;
        }
    }
    return !keys.empty() && (keys_of(ours) != keys || keys_of(theirs) != keys);
}

size_t check_member(const Places& members) {
    const auto& [base, ours, theirs, result] = members;
    if (theirs == base) {
        require(result == ours, "a change of ours alone is kept");
    } else if (ours == base || ours == theirs) {
        require(result == theirs, "a change of theirs alone is kept");
    } else if (ours.is_array() && theirs.is_array() && (!base.is_there() || base.is_array()) &&
               !is_moved_list(base, ours, theirs)) {
        require(result.is_array(), "an array that both changed is merged");
        return check_array(members);
    } else {
        require(result == ours, "ours wins in a conflict");
        return 1;
    }
    return 0;
}

size_t check_array(const Places& arrays) {
    size_t conflicts = 0;
    const auto check_keys_of = [&](const Place& array, const Place& without,
                                   const Place& without_too) {
        const Member end = array.session->next(array.member);
        for (Member i = SerializedSession::first(array.member); i != end;
             i = array.session->next(i)) {
            const ArrayKey key = array.session->key(i);
            if (find(without, key).is_there() || find(without_too, key).is_there()) {
                continue;  // was, or will be, checked there
            }
            conflicts += check_member({find(arrays.base, key), find(arrays.ours, key),
                                       find(arrays.theirs, key), find(arrays.result, key)});
        }
    };
    const Place nothing{nullptr, kNoMember};
    check_keys_of(arrays.theirs, nothing, nothing);
    check_keys_of(arrays.ours, arrays.theirs, nothing);
    check_keys_of(arrays.result, arrays.theirs, arrays.ours);
    return conflicts;
}

void check_values(const SessionTexts& texts, SerializeHandler handler, const SessionMerge& merge) {
    const auto base = SerializedSession::read(texts.base, handler);
    const auto ours = SerializedSession::read(texts.ours, handler);
    const auto theirs = SerializedSession::read(texts.theirs, handler);
    const auto result = SerializedSession::read(merge.text, handler);
    require(result.has_value(), "the result can be read");
    require(base && ours && theirs, "only what can be read is merged");
    constexpr Member kRoot = SerializedSession::kRoot;
    const size_t conflicts =
        check_array({{&*base, kRoot}, {&*ours, kRoot}, {&*theirs, kRoot}, {&*result, kRoot}});
    require(conflicts == merge.conflicts, "each conflict is counted");
}

void check_conflicts(const SessionMerge& merge) {
    const std::vector<std::string>& paths = merge.conflict_paths;
    require(paths.size() == std::min(merge.conflicts, kConflictPathsMax), "conflicts are named");
    for (const std::string& path : paths) {
        require(starts_with(path, "$_SESSION"), "a path begins with $_SESSION");
        require(path.size() <= kConflictPathLengthMax, "a path is short");
        require(printable(path) == path, "a path is printable");
    }
    if (merge.obstacle != Obstacle::kNone) {
        require(merge.conflicts == 1 && paths[0] == "$_SESSION", "an obstacle is one conflict");
        require(!merge.is_merged && merge.text.empty(), "nobody wins an obstacle");
    }
}

void check(const SessionTexts& texts, SerializeHandler handler) {
    const SessionMerge merge = merge_sessions(texts, handler, OnConflict::kLast);
    const SessionMerge strict = merge_sessions(texts, handler, OnConflict::kFail);
    require(strict.is_merged == (merge.conflicts == 0), "kFail refuses a conflict");
    require(strict.text == (strict.is_merged ? merge.text : ""), "kFail has the same result");
    require(strict.conflict_paths == merge.conflict_paths, "the mode does not change conflicts");
    check_conflicts(merge);
    if (merge.obstacle != Obstacle::kNone) {
        return;
    }
    require(merge.is_merged, "kLast has a result unless there is an obstacle");
    if (texts.base != texts.ours && texts.base != texts.theirs && texts.ours != texts.theirs) {
        check_values(texts, handler, merge);
    }
    const SessionTexts with_ours{texts.base, texts.ours, merge.text};
    require(merge_sessions(with_ours, handler, OnConflict::kLast).text == merge.text,
            "ours merged again changes nothing");
    const SessionTexts with_theirs{texts.base, merge.text, texts.theirs};
    require(merge_sessions(with_theirs, handler, OnConflict::kLast).text == merge.text,
            "theirs merged again changes nothing");
}

// The bytes up to the next separator.
std::string_view take_text(std::string_view* rest) {
    const size_t length = std::min(rest->find(kSeparator), rest->size());
    const std::string_view text = rest->substr(0, length);
    rest->remove_prefix(std::min(length + 1, rest->size()));
    return text;
}

}  // namespace
}  // namespace memcache_session::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace memcache_session;
    using namespace memcache_session::fuzz;
    if (size == 0) {
        return 0;
    }
    const auto handler =
        data[0] % 2 == 0 ? SerializeHandler::kPhp : SerializeHandler::kPhpSerialize;
    if (data[0] / 2 % 2 == 0) {
        std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
        const std::string_view base = take_text(&rest);
        const std::string_view ours = take_text(&rest);
        check({base, ours, rest}, handler);
    } else {
        Input input(data + 1, size - 1);
        const DrawnSessions drawn = draw_sessions(&input, handler);
        check({drawn.base, drawn.ours, drawn.theirs}, handler);
    }
    return 0;
}

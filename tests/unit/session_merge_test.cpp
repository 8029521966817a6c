// The three-way merge of sessions, rule by rule. tests/merge compares it with a model in PHP.
#include "src/merge/session_merge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/merge/conflict_path.h"

namespace memcache_session {
namespace {

using Paths = std::vector<std::string>;
using Obstacle = SessionMerge::Obstacle;
using std::string_literals::operator""s;

struct MergeRow {
    const char* what;
    std::string base;
    std::string ours;
    std::string theirs;
    std::string result;  // with kLast
    Paths conflicts;
};

void expect_merge(const MergeRow& row, SerializeHandler handler) {
    const SessionTexts texts{row.base, row.ours, row.theirs};
    const SessionMerge last = merge_sessions(texts, handler, OnConflict::kLast);
    EXPECT_TRUE(last.is_merged) << row.what;
    EXPECT_EQ(last.text, row.result) << row.what;
    EXPECT_EQ(last.conflicts, row.conflicts.size()) << row.what;
    EXPECT_EQ(last.conflict_paths, row.conflicts) << row.what;

    const SessionMerge strict = merge_sessions(texts, handler, OnConflict::kFail);
    EXPECT_EQ(strict.is_merged, row.conflicts.empty()) << row.what;
    EXPECT_EQ(strict.text, row.conflicts.empty() ? row.result : "") << row.what;
    EXPECT_EQ(strict.conflicts, row.conflicts.size()) << row.what;
    EXPECT_EQ(strict.conflict_paths, row.conflicts) << row.what;
}

// One conflict, of everything. kLast refuses it too: it would overwrite what only theirs changed.
void expect_obstacle(const SessionTexts& texts, Obstacle obstacle) {
    for (const OnConflict on_conflict : {OnConflict::kFail, OnConflict::kLast}) {
        const SessionMerge merge = merge_sessions(texts, SerializeHandler::kPhp, on_conflict);
        EXPECT_FALSE(merge.is_merged) << texts.ours;
        EXPECT_EQ(merge.text, "") << texts.ours;
        EXPECT_EQ(merge.obstacle, obstacle) << texts.ours;
        EXPECT_EQ(merge.conflicts, 1U) << texts.ours;
        EXPECT_EQ(merge.conflict_paths, Paths{"$_SESSION"}) << texts.ours;
    }
}

TEST(SessionMerge, VariablesOfTheHandlerPhp) {
    const MergeRow rows[] = {
        {"nothing changed", "a|i:1;", "a|i:1;", "a|i:1;", "a|i:1;", {}},
        {"ours alone", "a|i:1;", "a|i:2;", "a|i:1;", "a|i:2;", {}},
        {"theirs alone", "a|i:1;", "a|i:1;", "a|i:2;", "a|i:2;", {}},
        {"different ones", "a|i:1;b|i:1;", "a|i:2;b|i:1;", "a|i:1;b|i:2;", "a|i:2;b|i:2;", {}},
        {"both alike", "a|i:1;b|i:1;", "a|i:2;b|i:1;", "a|i:2;b|i:2;", "a|i:2;b|i:2;", {}},
        {"both differ", "a|i:1;", "a|i:2;", "a|i:3;", "a|i:2;", {"$_SESSION['a']"}},
        {"both added", "", "a|i:1;", "b|i:1;", "b|i:1;a|i:1;", {}},
        {"both added one", "", "a|i:1;", "a|i:2;", "a|i:1;", {"$_SESSION['a']"}},
        {"both added alike", "", "a|i:1;b|N;", "a|i:1;c|N;", "a|i:1;c|N;b|N;", {}},
        {"ours removed, theirs added", "a|i:1;", "", "a|i:1;b|N;", "b|N;", {}},
        {"theirs removed, ours added", "a|i:1;", "a|i:1;b|N;", "", "b|N;", {}},
        {"both removed one", "a|N;b|N;c|N;", "b|N;", "c|N;", "", {}},
        {"ours removed, theirs changed", "a|i:1;", "b|N;", "a|i:2;", "b|N;", {"$_SESSION['a']"}},
        {"theirs removed, ours changed",
         "a|i:1;",
         "a|i:2;",
         "b|N;",
         "b|N;a|i:2;",
         {"$_SESSION['a']"}},
        {"removed and added again", "a|i:1;b|N;", "b|N;a|i:2;", "a|i:1;b|b:1;", "a|i:2;b|b:1;", {}},
        {"null is a value", "a|i:1;", "a|N;b|N;", "c|N;", "c|N;a|N;b|N;", {"$_SESSION['a']"}},
        {"false is not null",
         "a|i:1;b|N;",
         "a|b:0;b|N;",
         "a|N;b|N;",
         "a|b:0;b|N;",
         {"$_SESSION['a']"}},
        {"minus zero is not zero", "a|d:1;", "a|d:-0;", "a|d:0;", "a|d:-0;", {"$_SESSION['a']"}},
        {"nan is nan",
         "a|d:NAN;b|N;",
         "a|d:NAN;b|i:1;",
         "a|d:NAN;c|N;",
         "a|d:NAN;c|N;b|i:1;",
         {"$_SESSION['b']"}},
        {"an empty name, and one with a mark",
         "|i:1;!a|i:1;",
         "|i:2;!a|i:1;",
         "|i:1;!a|i:2;",
         "|i:2;!a|i:2;",
         {}},
        {"a name of digits", "5|i:1;b|N;", "5|i:2;b|N;", "5|i:3;", "5|i:2;", {"$_SESSION['5']"}},
    };
    for (const MergeRow& row : rows) {
        expect_merge(row, SerializeHandler::kPhp);
    }
}

TEST(SessionMerge, VariablesOfTheHandlerPhpSerialize) {
    const MergeRow rows[] = {
        {"both added",
         "",
         "a:1:{s:1:\"a\";N;}",
         "a:1:{s:1:\"b\";N;}",
         "a:2:{s:1:\"b\";N;s:1:\"a\";N;}",
         {}},
        {"nothing left", "a:2:{i:0;N;i:1;N;}", "a:1:{i:0;N;}", "a:1:{i:1;N;}", "a:0:{}", {}},
        {"integers as names",
         "a:2:{i:-3;N;i:7;N;}",
         "a:2:{i:-3;b:1;i:7;b:0;}",
         "a:2:{i:-3;b:0;i:7;N;}",
         "a:2:{i:-3;b:1;i:7;b:0;}",
         {"$_SESSION[-3]"}},
        {"a string of digits is an integer",
         "a:1:{i:5;N;}",
         "a:1:{s:1:\"5\";i:1;}",
         "a:2:{i:5;N;i:6;N;}",
         "a:2:{s:1:\"5\";i:1;i:6;N;}",
         {}},
        {"05, -0 and 2^63 are no integers",
         "a:2:{i:5;N;i:0;N;}",
         "a:4:{i:5;N;i:0;N;s:2:\"05\";N;s:2:\"-0\";N;}",
         "a:3:{i:5;N;i:0;N;s:19:\"9223372036854775808\";N;}",
         "a:5:{i:5;N;i:0;N;s:19:\"9223372036854775808\";N;s:2:\"05\";N;s:2:\"-0\";N;}",
         {}},
    };
    for (const MergeRow& row : rows) {
        expect_merge(row, SerializeHandler::kPhpSerialize);
    }
}

TEST(SessionMerge, ArraysByKey) {
    const MergeRow rows[] = {
        {"different keys",
         "c|a:2:{i:0;N;s:1:\"k\";N;}",
         "c|a:2:{i:0;i:1;s:1:\"k\";N;}",
         "c|a:2:{i:0;N;s:1:\"k\";i:2;}",
         "c|a:2:{i:0;i:1;s:1:\"k\";i:2;}",
         {}},
        {"one key",
         "c|a:1:{s:1:\"n\";i:1;}",
         "c|a:1:{s:1:\"n\";i:2;}",
         "c|a:1:{s:1:\"n\";i:3;}",
         "c|a:1:{s:1:\"n\";i:2;}",
         {"$_SESSION['c']['n']"}},
        {"two appends",
         "c|a:1:{i:3;N;}",
         "c|a:2:{i:3;N;i:4;i:7;}",
         "c|a:2:{i:3;N;i:4;i:8;}",
         "c|a:2:{i:3;N;i:4;i:7;}",
         {"$_SESSION['c'][4]"}},
        {"theirs first",
         "c|a:1:{i:3;N;}",
         "c|a:2:{s:1:\"o\";N;i:3;N;}",
         "c|a:2:{s:1:\"t\";N;i:3;N;}",
         "c|a:3:{s:1:\"t\";N;i:3;N;s:1:\"o\";N;}",
         {}},
        {"deep",
         "a|a:1:{i:1;a:2:{i:2;a:2:{i:3;N;i:4;N;}i:5;N;}}",
         "a|a:1:{i:1;a:2:{i:2;a:2:{i:3;b:1;i:4;N;}i:5;N;}}",
         "a|a:1:{i:1;a:2:{i:2;a:2:{i:3;N;i:4;b:1;}i:5;b:0;}}",
         "a|a:1:{i:1;a:2:{i:2;a:2:{i:3;b:1;i:4;b:1;}i:5;b:0;}}",
         {}},
        {"added by both",
         "",
         "c|a:2:{i:0;N;s:1:\"o\";N;}",
         "c|a:2:{s:1:\"t\";N;i:0;N;}",
         "c|a:3:{s:1:\"t\";N;i:0;N;s:1:\"o\";N;}",
         {}},
        {"added by both, different",
         "",
         "c|a:1:{i:0;i:1;}",
         "c|a:1:{i:0;i:2;}",
         "c|a:1:{i:0;i:1;}",
         {"$_SESSION['c'][0]"}},
        {"null before",
         "c|N;",
         "c|a:1:{i:0;i:1;}",
         "c|a:1:{i:1;i:2;}",
         "c|a:1:{i:0;i:1;}",
         {"$_SESSION['c']"}},
        {"emptied and changed",
         "c|a:2:{i:1;N;i:2;N;}",
         "c|a:0:{}",
         "c|a:2:{i:1;N;i:2;i:1;}",
         "c|a:0:{}",
         {"$_SESSION['c'][2]"}},
        {"emptied by halves",
         "c|a:2:{i:1;N;i:2;N;}",
         "c|a:1:{i:1;N;}",
         "c|a:1:{i:2;N;}",
         "c|a:0:{}",
         {}},
        {"array and scalar", "c|a:1:{i:0;N;}", "c|i:1;", "c|a:0:{}", "c|i:1;", {"$_SESSION['c']"}},
        {"removed and changed within",
         "c|a:1:{i:0;N;}b|N;",
         "b|N;",
         "c|a:1:{i:0;i:1;}b|N;",
         "b|N;",
         {"$_SESSION['c']"}},
        {"order alone, and a change",
         "c|a:2:{i:1;N;i:2;N;}",
         "c|a:2:{i:2;N;i:1;N;}",
         "c|a:2:{i:1;N;i:2;i:5;}",
         "c|a:2:{i:1;N;i:2;i:5;}",
         {}},
        {"order alone",
         "c|a:2:{i:0;N;i:1;N;}b|N;",
         "c|a:2:{i:1;N;i:0;N;}b|N;",
         "c|a:2:{i:0;N;i:1;N;}b|b:1;",
         "c|a:2:{i:1;N;i:0;N;}b|b:1;",
         {}},
    };
    for (const MergeRow& row : rows) {
        expect_merge(row, SerializeHandler::kPhp);
    }
}

// The text of an array with the keys 0, 1, 2 and so on, as the variable `l`.
std::string list_of(const std::vector<int>& elements) {
    std::string members;
    for (size_t i = 0; i < elements.size(); ++i) {
        members += "i:" + std::to_string(i) + ";i:" + std::to_string(elements[i]) + ';';
    }
    return "l|a:" + std::to_string(elements.size()) + ":{" + members + '}';
}

TEST(SessionMerge, AListOfWhichOneSideMovedElementsIsInConflictAsAWhole) {
    const std::string base = list_of({1, 2, 3});
    const struct {
        const char* what;
        std::string ours;
        std::string theirs;
    } rows[] = {
        {"shift and pop", list_of({2, 3}), list_of({1, 2})},
        {"shift and append", list_of({2, 3}), list_of({1, 2, 3, 4})},
        {"shift and another value", list_of({2, 3}), list_of({1, 2, 9})},
        {"two appends", list_of({1, 2, 3, 4}), list_of({1, 2, 3, 5})},
        {"one append beside two", list_of({1, 2, 3, 4}), list_of({1, 2, 3, 4, 5})},
        {"append and another value", list_of({1, 2, 3, 4}), list_of({9, 2, 3})},
        {"emptied and another value", list_of({}), list_of({9, 2, 3})},
        {"order and another value", "l|a:3:{i:2;i:3;i:1;i:2;i:0;i:1;}", list_of({9, 2, 3})},
        {"removed within and append", "l|a:2:{i:0;i:1;i:2;i:3;}", list_of({1, 2, 3, 4})},
        {"a name and another value", "l|a:4:{i:0;i:1;i:1;i:2;i:2;i:3;s:1:\"k\";N;}",
         list_of({9, 2, 3})},
    };
    for (const auto& row : rows) {
        expect_merge({row.what, base, row.ours, row.theirs, row.ours, {"$_SESSION['l']"}},
                     SerializeHandler::kPhp);
        expect_merge({row.what, base, row.theirs, row.ours, row.theirs, {"$_SESSION['l']"}},
                     SerializeHandler::kPhp);
    }
}

TEST(SessionMerge, AListThatKeepsItsKeysIsMergedByKey) {
    const std::string base = list_of({1, 2, 3});
    const std::string shifted = list_of({2, 3});
    const MergeRow rows[] = {
        {"elements", base, list_of({9, 2, 3}), list_of({1, 2, 8}), list_of({9, 2, 8}), {}},
        {"one element",
         base,
         list_of({9, 2, 3}),
         list_of({8, 2, 3}),
         list_of({9, 2, 3}),
         {"$_SESSION['l'][0]"}},
        {"both alike", base, shifted + "a|N;", shifted + "b|N;", shifted + "b|N;a|N;", {}},
        {"one side", base, shifted, base + "b|N;", shifted + "b|N;", {}},
        {"an empty array is no list",
         "l|a:0:{}",
         "l|a:1:{s:1:\"o\";N;}",
         "l|a:1:{s:1:\"t\";N;}",
         "l|a:2:{s:1:\"t\";N;s:1:\"o\";N;}",
         {}},
        {"keys from 1 are no list",
         "l|a:2:{i:1;N;i:2;N;}",
         "l|a:1:{i:2;N;}",
         "l|a:3:{i:1;N;i:2;N;i:3;N;}",
         "l|a:2:{i:2;N;i:3;N;}",
         {}},
    };
    for (const MergeRow& row : rows) {
        expect_merge(row, SerializeHandler::kPhp);
    }
    const auto deep = [](const std::string& list) { return "d|a:1:{s:1:\"k\";" + list + '}'; };
    const auto value = [](const std::vector<int>& elements) { return list_of(elements).substr(2); };
    expect_merge({"deep",
                  deep(value({1, 2})),
                  deep(value({2})),
                  deep(value({1})),
                  deep(value({2})),
                  {"$_SESSION['d']['k']"}},
                 SerializeHandler::kPhp);
}

TEST(SessionMerge, ObjectsAreAtoms) {
    const std::string base = "o|O:1:\"A\":2:{s:1:\"p\";i:1;s:1:\"q\";i:1;}b|N;";
    const std::string ours = "o|O:1:\"A\":2:{s:1:\"p\";i:2;s:1:\"q\";i:1;}b|N;";
    const std::string theirs = "o|O:1:\"A\":2:{s:1:\"p\";i:1;s:1:\"q\";i:2;}b|N;";
    expect_merge({"both changed it", base, ours, theirs, ours, {"$_SESSION['o']"}},
                 SerializeHandler::kPhp);
    const MergeRow rows[] = {
        {"one changed it", base, ours, base + "c|N;", ours + "c|N;", {}},
        {"enums",
         "e|E:3:\"S:A\";b|N;",
         "e|E:3:\"S:B\";b|N;",
         "e|E:3:\"S:A\";b|i:1;",
         "e|E:3:\"S:B\";b|i:1;",
         {}},
        {"C:",
         "e|C:1:\"X\":1:{1}b|N;",
         "e|C:1:\"X\":1:{2}b|N;",
         "e|C:1:\"X\":1:{3}b|i:1;",
         "e|C:1:\"X\":1:{2}b|i:1;",
         {"$_SESSION['e']"}},
    };
    for (const MergeRow& row : rows) {
        expect_merge(row, SerializeHandler::kPhp);
    }
}

TEST(SessionMerge, ReferencesMakeADifferenceAConflictOfAll) {
    const std::string plain = "a|i:1;b|i:1;";
    const std::string changed = "a|i:2;b|i:1;";
    const std::string with_reference = "a|i:1;b|R:1;";
    const std::string texts[][3] = {{with_reference, changed, plain},
                                    {plain, with_reference, changed},
                                    {plain, changed, with_reference},
                                    {plain, changed, "a|i:1;b|C:1:\"X\":4:{r:1;}"}};
    for (const auto& [base, ours, theirs] : texts) {
        expect_obstacle({base, ours, theirs}, Obstacle::kReference);
    }
    expect_merge({"theirs alone", with_reference, with_reference, changed, changed, {}},
                 SerializeHandler::kPhp);
    expect_merge({"ours alone", plain, with_reference, plain, with_reference, {}},
                 SerializeHandler::kPhp);
}

// PHP counts values: the array of kPhpSerialize is the first one, and `r:` is one itself.
TEST(SessionMerge, ACaseOfAnEnumMayBeThereMoreThanOnce) {
    const std::string a = "E:3:\"S:A\";";
    const MergeRow of_php[] = {
        {"the first of two is removed",
         "x|" + a + "y|r:1;",
         "y|" + a,
         "x|" + a + "y|r:1;z|i:1;",
         "y|" + a + "z|i:1;",
         {}},
        {"written otherwise, it has not changed",
         "x|" + a + "y|r:1;",
         "y|" + a + "x|r:1;",
         "x|" + a + "y|r:1;z|i:1;",
         "x|" + a + "y|" + a + "z|i:1;",
         {}},
        {"within arrays and objects",
         "o|O:1:\"C\":2:{s:1:\"p\";i:1;s:1:\"q\";" + a + "}l|a:1:{i:0;r:3;}",
         "o|O:1:\"C\":2:{s:1:\"p\";i:1;s:1:\"q\";" + a + "}l|a:1:{i:0;r:3;}m|r:3;",
         "l|a:1:{i:0;" + a + "}",
         "l|a:1:{i:0;" + a + "}m|" + a,
         {}},
    };
    for (const MergeRow& row : of_php) {
        expect_merge(row, SerializeHandler::kPhp);
    }
    expect_merge({"the array counts",
                  "a:1:{i:5;i:0;}",
                  "a:3:{i:5;i:0;i:6;" + a + "i:7;r:3;}",
                  "a:1:{i:8;i:1;}",
                  "a:3:{i:8;i:1;i:6;" + a + "i:7;" + a + "}",
                  {}},
                 SerializeHandler::kPhpSerialize);
}

TEST(SessionMerge, OtherReferencesBesideAnEnumAreAnObstacle) {
    const std::string a = "x|E:3:\"S:A\";";
    for (const std::string& text :
         {a + "y|R:1;", a + "y|r:2;", a + "y|r:3;", a + "y|r:0;", a + "y|r:1;z|r:2;",
          a + "o|O:1:\"C\":0:{}y|r:2;", a + "y|r:1;c|C:1:\"X\":1:{1}",
          "c|C:1:\"X\":1:{1}" + a + "y|r:2;"}) {
        expect_obstacle({"b|i:1;", text, "b|i:2;"}, Obstacle::kReference);
    }
}

// Each reference is a few bytes, and the name of an enum may be long.
TEST(SessionMerge, EnumsThatWouldMakeATextTooLongAreAnObstacle) {
    std::string text = "x|E:100000:\"" + std::string(99998, 'S') + ":A\";";
    for (int i = 0; i < 100; ++i) {
        text += "v" + std::to_string(i) + "|r:1;";
    }
    expect_obstacle({"b|i:1;", text, "b|i:2;"}, Obstacle::kReference);
}

TEST(SessionMerge, WhatCannotBeReadIsAConflictOfAll) {
    const std::string good[] = {"a|i:1;", "a|i:2;", "a|i:1;b|N;"};
    const std::string bad[] = {"a|i:1", "a|i:01;", "!u|a|i:1;", "a", "a:1:{s:1:\"a\";i:1;}"};
    for (const std::string& text : bad) {
        for (size_t side = 0; side < 3; ++side) {
            std::string texts[] = {good[0], good[1], good[2]};
            texts[side] = text;
            expect_obstacle({texts[0], texts[1], texts[2]}, Obstacle::kUnreadable);
        }
    }
}

TEST(SessionMerge, AKeyThatIsThereTwiceCannotBeRead) {
    const SessionTexts unreadable[] = {
        {"a|N;a|N;", "a|i:1;", "a|i:2;"},
        {"a|a:0:{}", "a|a:2:{i:1;N;i:1;N;}", "a|a:1:{i:2;N;}"},
        {"a|a:0:{}", "a|a:1:{i:2;N;}", "a|a:2:{i:1;N;s:1:\"1\";N;}"},
    };
    for (const SessionTexts& texts : unreadable) {
        expect_obstacle(texts, Obstacle::kUnreadable);
    }
    expect_merge({"nowhere to look",
                  "a|a:2:{i:1;N;i:1;N;}b|N;c|N;",
                  "a|a:2:{i:1;N;i:1;N;}b|i:1;c|N;",
                  "a|a:2:{i:1;N;i:1;N;}b|N;c|i:1;",
                  "a|a:2:{i:1;N;i:1;N;}b|i:1;c|i:1;",
                  {}},
                 SerializeHandler::kPhp);
}

TEST(SessionMerge, AnArrayOfManyKeysIsMergedInAnyOrder) {
    std::string base;
    std::string ours;
    std::string theirs;
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
        const std::string name = "v" + std::to_string(i * 7919 % 1000) + '|';
        base += name + "N;";
        ours = name + (i % 2 == 0 ? "i:1;" : "N;") + ours;
        theirs += name + (i % 2 == 1 ? "i:2;" : "N;");
        expected += name + (i % 2 == 0 ? "i:1;" : "i:2;");
    }
    expect_merge({"a thousand", base, ours, theirs, expected, {}}, SerializeHandler::kPhp);
}

TEST(SessionMerge, AtMostFourConflictsAreNamedAndAllAreCounted) {
    const SessionMerge merge = merge_sessions(
        {"", "a|i:1;b|i:1;c|i:1;d|i:1;e|i:1;f|i:1;", "f|i:2;e|i:2;d|i:2;c|i:2;b|i:2;a|i:2;"},
        SerializeHandler::kPhp, OnConflict::kFail);
    EXPECT_EQ(merge.conflicts, 6U);
    EXPECT_EQ(merge.conflict_paths,
              (Paths{"$_SESSION['f']", "$_SESSION['e']", "$_SESSION['d']", "$_SESSION['c']"}));
    EXPECT_FALSE(merge.is_merged);
}

TEST(SessionMerge, PathsNameEachLevel) {
    const auto text = [](const std::string& value) {
        return "cart|a:1:{s:5:\"items\";a:2:{i:3;i:1;i:7;a:1:{s:1:\"n\";" + value + "}}}";
    };
    const SessionMerge merge = merge_sessions({text("i:1;"), text("i:2;"), text("i:3;")},
                                              SerializeHandler::kPhp, OnConflict::kFail);
    EXPECT_EQ(merge.conflict_paths, Paths{"$_SESSION['cart']['items'][7]['n']"});
}

TEST(ConflictPath, IsPrintable) {
    const auto named = [](const std::string& name) {
        return conflict_path({ArrayKey::of_variable(name)});
    };
    EXPECT_EQ(conflict_path({}), "$_SESSION");
    EXPECT_EQ(named(""), "$_SESSION['']");
    EXPECT_EQ(named("it's \\"), "$_SESSION['it\\'s \\\\']");
    EXPECT_EQ(named("a\nb\0c\x1b"s), "$_SESSION['a?b?c?']");
    EXPECT_EQ(named("Stra\xc3\x9f"
                    "e\xff"),
              "$_SESSION['Stra\xc3\x9f"
              "e?']");
    EXPECT_EQ(conflict_path({ArrayKey::of(INT64_MIN)}), "$_SESSION[-9223372036854775808]");
}

TEST(ConflictPath, IsShort) {
    const std::string longest(kConflictKeyLengthMax, 'k');
    EXPECT_EQ(conflict_path({ArrayKey::of_variable(longest)}), "$_SESSION['" + longest + "']");
    EXPECT_EQ(conflict_path({ArrayKey::of_variable(longest + "x")}),
              "$_SESSION['" + longest + "...']");
    EXPECT_EQ(conflict_path({ArrayKey::of_variable(longest.substr(1) + "\xc3\x9f")}),
              "$_SESSION['" + longest.substr(1) + "...']");
    EXPECT_EQ(conflict_path({ArrayKey::of_variable(longest.substr(1) + "\n\n")}),
              "$_SESSION['" + longest.substr(1) + "?...']");
    std::vector<ArrayKey> keys;
    for (size_t i = 0; i < kSerializedDepthMax; ++i) {
        keys.push_back(ArrayKey::of(100000));
    }
    size_t longest_path = 0;
    for (size_t length = 0; length < 8; ++length) {
        keys[0] = ArrayKey::of_variable(longest.substr(0, length));
        longest_path = std::max(longest_path, conflict_path(keys).size());
    }
    EXPECT_EQ(longest_path, kConflictPathLengthMax);
    const std::string path = conflict_path(keys);
    EXPECT_EQ(path.substr(path.size() - 13), "[100000][...]");
    const std::string hostile(10000, '\'');
    EXPECT_LE(conflict_path({6, ArrayKey::of_variable(hostile)}).size(), kConflictPathLengthMax);
}

}  // namespace
}  // namespace memcache_session

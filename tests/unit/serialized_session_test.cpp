// What is understood of PHP's serialized text, and what is refused.
#include "src/merge/serialized_session.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace memcache_session {
namespace {

using std::string_literals::operator""s;

bool is_read(const std::string& text, SerializeHandler handler) {
    return SerializedSession::read(text, handler).has_value();
}

// Whether it is read as a value: of a variable, of an array's member and of a property.
bool is_value(const std::string& value) {
    const bool of_variable = is_read("v|" + value, SerializeHandler::kPhp);
    const bool of_member =
        is_read("a:1:{s:1:\"v\";" + value + "}", SerializeHandler::kPhpSerialize);
    const bool of_property = is_read("v|O:8:\"stdClass\":2:{s:1:\"a\";" + value + "s:1:\"b\";N;}",
                                     SerializeHandler::kPhp);
    EXPECT_EQ(of_member, of_variable) << value;
    EXPECT_EQ(of_property, of_variable) << value;
    return of_variable;
}

std::string nested(size_t depth) {
    std::string text;
    for (size_t i = 0; i < depth; ++i) text += "a:1:{i:0;";
    text += "N;";
    return text + std::string(depth, '}');
}

TEST(SerializedSession, EveryKindOfValueIsRead) {
    const std::string values[] = {
        "N;",
        "b:0;",
        "b:1;",
        "i:0;",
        "i:-5;",
        "i:9223372036854775807;",
        "i:-9223372036854775808;",
        "d:0;",
        "d:-0;",
        "d:0.1;",
        "d:1.0E+25;",
        "d:1.0E-10;",
        "d:NAN;",
        "d:INF;",
        "d:-INF;",
        "s:0:\"\";",
        "s:3:\"a\"b\";",
        "s:4:\"\0|;}\";"s,
        "E:11:\"Suit:Hearts\";",
        "E:15:\"App\\Suit:Hearts\";",
        "a:0:{}",
        "a:3:{i:0;N;i:-7;b:1;s:1:\"k\";a:0:{}}",
        "O:8:\"stdClass\":0:{}",
        "O:3:\"A\\B\":3:{s:6:\"\0A\\B\0p\";i:1;s:4:\"\0*\0q\";N;s:1:\"r\";a:1:{i:0;N;}}"s,
        "O:1:\"S\":2:{i:0;i:5;i:1;O:1:\"T\":0:{}}",
        "C:1:\"X\":0:{}",
        "C:1:\"X\":5:{a\"};|}",
        "R:1;",
        "r:3;",
        "C:11:\"ArrayObject\":4:{r:1;}",
    };
    for (const std::string& value : values) {
        EXPECT_TRUE(is_value(value)) << value;
    }
}

TEST(SerializedSession, WhatPhpDoesNotWriteIsRefused) {
    const std::string values[] = {
        "",
        ";",
        "N",
        "n;",
        "b:2;",
        "b:;",
        "i:;",
        "i:-;",
        "i:+5;",
        "i:05;",
        "i:-0;",
        "i: 5;",
        "i:5",
        "i:9223372036854775808;",
        "d:;",
        "d:.;",
        "d:-;",
        "d:1e;",
        "d:1e+;",
        "d:1x;",
        "d:nan;",
        "d:+INF;",
        "d:0x1;",
        "s:1:\"\";",
        "s:1:\"ab\";",
        "s:1:'a';",
        "s:-1:\"\";",
        "s:99999999999999999999:\"a\";",
        "s:1:\"a\"",
        "S:1:\"a\";",
        "E:4:\"Suit\";",
        "E:5:\"Suit:\";",
        "E:3:\":Ac\";",
        "E:3:\"S:A\"",
        "a:1:{}",
        "a:0:{i:0;N;}",
        "a:1:{i:0;}",
        "a:1:{N;N;}",
        "a:1:{d:0;N;}",
        "a:1:{b:1;N;}",
        "a:1:{i:0;N;",
        "a:1:{i:05;N;}",
        "a:-1:{}",
        "a:4000000000:{}",
        "a:0:{};",
        "O:0:\"\":0:{}",
        "O:1:\"a b\":0:{}",
        "O:3:\"a b\":0:{}",
        "O:1:\"A\":1:{}",
        "O:1:\"A\":0:{",
        "O:1:\"A\":1:{a:0:{}N;}",
        "o:0:{}",
        "C:1:\"X\":5:{abcd}",
        "C:1:\"X\":3:{abcd}",
        "C:1:\"X\":99:{}",
        "R:;",
        "r:x;",
        "R:-1;",
        "}",
    };
    for (const std::string& value : values) {
        EXPECT_FALSE(is_value(value)) << value;
    }
}

TEST(SerializedSession, ATextCutAnywhereIsRefused) {
    const std::string text =
        "a:3:{s:4:\"cart\";a:2:{i:0;d:1.5;i:1;b:1;}i:7;O:1:\"A\":1:{s:1:\"p\";N;}"
        "i:8;C:1:\"X\":3:{abc}}";
    ASSERT_TRUE(is_read(text, SerializeHandler::kPhpSerialize));
    for (size_t length = 1; length < text.size(); ++length) {
        EXPECT_FALSE(is_read(text.substr(0, length), SerializeHandler::kPhpSerialize)) << length;
    }
    EXPECT_FALSE(is_read(text + "N;", SerializeHandler::kPhpSerialize));
}

TEST(SerializedSession, AnEmptyTextIsASessionWithoutVariables) {
    for (const SerializeHandler handler :
         {SerializeHandler::kPhp, SerializeHandler::kPhpSerialize}) {
        const auto session = SerializedSession::read("", handler);
        ASSERT_TRUE(session);
        EXPECT_TRUE(session->is_array(SerializedSession::kRoot));
        EXPECT_EQ(session->next(SerializedSession::kRoot), 1U);
    }
}

TEST(SerializedSession, TheHandlersAreNotMistakenForEachOther) {
    EXPECT_FALSE(is_read("a:1:{s:1:\"v\";i:1;}", SerializeHandler::kPhp));
    EXPECT_FALSE(is_read("v|i:1;", SerializeHandler::kPhpSerialize));
    EXPECT_FALSE(is_read("N;", SerializeHandler::kPhpSerialize));
    EXPECT_FALSE(is_read("b:0;", SerializeHandler::kPhpSerialize));
    EXPECT_FALSE(is_read("O:1:\"A\":0:{}", SerializeHandler::kPhpSerialize));
}

TEST(SerializedSession, MembersOfArraysAreFoundAndThoseOfObjectsAreNot) {
    const std::string text = "cart|a:2:{s:1:\"n\";a:1:{i:5;i:9;}s:2:\"12\";N;}"
                             "user|O:1:\"U\":1:{s:1:\"a\";a:1:{i:0;N;}}!x|b:1;";
    const auto session = SerializedSession::read(text, SerializeHandler::kPhp);
    ASSERT_TRUE(session);
    const auto cart = SerializedSession::first(SerializedSession::kRoot);
    EXPECT_EQ(session->key(cart).name, "cart");
    EXPECT_EQ(session->key_text(cart), "cart|");
    EXPECT_TRUE(session->is_array(cart));
    const auto n = SerializedSession::first(cart);
    EXPECT_EQ(session->key(n).name, "n");
    EXPECT_EQ(session->value(n), "a:1:{i:5;i:9;}");
    EXPECT_EQ(session->key(SerializedSession::first(n)).integer, 5);
    const auto twelve = session->next(n);
    EXPECT_TRUE(session->key(twelve).is_integer);
    EXPECT_EQ(session->key(twelve).integer, 12);
    EXPECT_EQ(session->next(twelve), session->next(cart));
    const auto user = session->next(cart);
    EXPECT_FALSE(session->is_array(user));
    const auto marked = session->next(user);
    EXPECT_EQ(marked, user + 1);
    EXPECT_EQ(session->key(marked).name, "!x");
    EXPECT_EQ(session->value(marked), "b:1;");
    EXPECT_EQ(session->next(marked), session->next(SerializedSession::kRoot));
}

TEST(SerializedSession, NamesOfVariablesAreStrings) {
    const auto session = SerializedSession::read("12|N;|N;a b\n|N;", SerializeHandler::kPhp);
    ASSERT_TRUE(session);
    const auto number = SerializedSession::first(SerializedSession::kRoot);
    EXPECT_FALSE(session->key(number).is_integer);
    EXPECT_EQ(session->key(number).name, "12");
    const auto empty = session->next(number);
    EXPECT_EQ(session->key(empty).name, "");
    EXPECT_EQ(session->key(session->next(empty)).name, "a b\n");
}

TEST(SerializedSession, TheMarkerOfUndefinedVariablesIsRefused) {
    EXPECT_FALSE(is_read("!u|v|i:1;", SerializeHandler::kPhp));
    EXPECT_FALSE(is_read("v|i:1;!u|", SerializeHandler::kPhp));
}

TEST(SerializedSession, ReferencesAreNoticed) {
    const struct {
        const char* text;
        bool has_references;
    } rows[] = {
        {"a|i:1;b|R:1;", true},
        {"a|O:1:\"A\":0:{}b|r:1;", true},
        {"a|a:1:{i:0;a:1:{i:0;R:2;}}", true},
        {"a|O:1:\"A\":1:{s:1:\"p\";r:1;}", true},
        {"a|C:1:\"X\":4:{r:1;}", true},
        {"a|C:1:\"X\":3:{R:1}", true},
        {"a|C:1:\"X\":7:{xR:1;xx}", true},
        {"a|C:1:\"X\":4:{r:x;}", false},
        {"a|C:1:\"X\":2:{r:}", false},
        {"a|s:4:\"R:1;\";", false},
        {"a|a:1:{s:4:\"r:1;\";N;}", false},
        {"R:1|i:1;", false},
    };
    for (const auto& row : rows) {
        const auto session = SerializedSession::read(row.text, SerializeHandler::kPhp);
        ASSERT_TRUE(session) << row.text;
        EXPECT_EQ(session->has_references(), row.has_references) << row.text;
    }
}

TEST(SerializedSession, DepthIsLimited) {
    // The variables themselves are the first level.
    EXPECT_TRUE(is_read("v|" + nested(kSerializedDepthMax - 1), SerializeHandler::kPhp));
    EXPECT_FALSE(is_read("v|" + nested(kSerializedDepthMax), SerializeHandler::kPhp));
    EXPECT_TRUE(is_read(nested(kSerializedDepthMax), SerializeHandler::kPhpSerialize));
    EXPECT_FALSE(is_read(nested(kSerializedDepthMax + 1), SerializeHandler::kPhpSerialize));
    EXPECT_FALSE(is_read("v|" + nested(1000000), SerializeHandler::kPhp));
}

TEST(SerializedSession, TheNumberOfMembersIsLimited) {
    // The variable and the inner array are members too.
    const auto text = [](size_t members, const std::string& head) {
        std::string elements;
        for (size_t i = 0; i < members - 2; ++i) {
            elements += "i:" + std::to_string(i) + ";N;";
        }
        return "v|" + head + "1:{i:0;a:" + std::to_string(members - 2) + ":{" + elements + "}}";
    };
    EXPECT_TRUE(is_read(text(kSerializedMembersMax, "a:"), SerializeHandler::kPhp));
    EXPECT_FALSE(is_read(text(kSerializedMembersMax + 1, "a:"), SerializeHandler::kPhp));
    EXPECT_TRUE(is_read(text(2 * kSerializedMembersMax, "O:1:\"A\":"), SerializeHandler::kPhp));
}

TEST(SerializedSession, AListHasKeysFromZeroInOrder) {
    const struct {
        const char* text;
        std::optional<size_t> length;
    } rows[] = {
        {"v|a:0:{}", 0},
        {"v|a:1:{i:0;N;}", 1},
        {"v|a:2:{i:0;a:2:{i:5;N;i:6;N;}s:1:\"1\";N;}w|N;", 2},
        {"v|a:1:{i:1;N;}", std::nullopt},
        {"v|a:2:{i:1;N;i:0;N;}", std::nullopt},
        {"v|a:2:{i:0;N;i:2;N;}", std::nullopt},
        {"v|a:2:{i:0;N;i:0;N;}", std::nullopt},
        {"v|a:2:{i:0;N;s:1:\"k\";N;}", std::nullopt},
    };
    for (const auto& row : rows) {
        const auto session = SerializedSession::read(row.text, SerializeHandler::kPhp);
        ASSERT_TRUE(session) << row.text;
        EXPECT_EQ(session->list_length(SerializedSession::first(SerializedSession::kRoot)),
                  row.length)
            << row.text;
    }
}

TEST(SerializedSession, LengthIsLimited) {
    const auto text = [](size_t length) {
        const size_t of_the_rest = std::string("v|s:0000000:\"\";").size();
        const std::string digits = std::to_string(length - of_the_rest);
        return "v|s:" + digits + ":\"" + std::string(length - of_the_rest, 'x') + "\";";
    };
    ASSERT_EQ(text(kSerializedLengthMax).size(), kSerializedLengthMax);
    EXPECT_TRUE(is_read(text(kSerializedLengthMax), SerializeHandler::kPhp));
    EXPECT_FALSE(is_read(text(kSerializedLengthMax + 1), SerializeHandler::kPhp));
}

}  // namespace
}  // namespace memcache_session

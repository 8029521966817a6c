// What sources answer: read from bytes, and put into the one order.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "src/discovery/cluster_reply.h"
#include "src/discovery/dns_answer.h"
#include "src/discovery/node_list.h"

namespace memcache_session {
namespace {

using State = ClusterReply::State;

constexpr const char* kNodes = "12\nb.example|10.0.0.2|11211 A.example.|10.0.0.9|11212\n";

std::string cluster_reply(const std::string& value,
                          const std::string& begin = "CONFIG cluster 0 ") {
    return begin + std::to_string(value.size()) + "\r\n" + value + "\r\nEND\r\n";
}

// A DNS message in its parts, which a test can spoil.
std::string number(size_t value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

std::string label(const std::string& text) {
    return static_cast<char>(text.size()) + text;
}

std::string header(size_t flags, size_t answers) {
    return number(7) + number(flags) + number(1) + number(answers) + number(0) + number(0);
}

const std::string kQuestion = label("_memcached") + label("_tcp") + label("example") +
                              std::string(1, '\0') + number(33) + number(1);
// The name of the question, and within it "example".
const std::string kSameName = number(0xc00c);
const std::string kExample = number(0xc000 + 12 + 11 + 5);

std::string record(const std::string& target, size_t port, size_t type = 33) {
    const std::string data = number(10) + number(5) + number(port) + target;
    return kSameName + number(type) + number(1) + std::string(4, '\0') + number(data.size()) + data;
}

TEST(NodeList, OrderIsThatOfNamesWhateverTheAnswer) {
    std::vector<Node> nodes = {{"c", "10.0.0.1", 1}, {"a", "10.0.0.3", 2}, {"a", "10.0.0.3", 1}};
    const NodeList list(nodes);
    std::sort(nodes.begin(), nodes.end(), [](const Node& a, const Node& b) {
        return std::tie(a.name, a.port) < std::tie(b.name, b.port);
    });
    EXPECT_EQ(list.nodes(), nodes);
    std::reverse(nodes.begin(), nodes.end());
    EXPECT_EQ(NodeList(nodes).nodes(), list.nodes());
}

TEST(NodeList, AddressesAreOrderedAsNumbers) {
    const NodeList list({{"", "10.0.0.10", 1},
                         {"", "::1", 1},
                         {"", "10.0.0.9", 2},
                         {"", "10.0.0.9", 1},
                         {"", "9.255.255.255", 1}});
    EXPECT_EQ(list.text(),
              "- 9.255.255.255 1\n- 10.0.0.9 1\n- 10.0.0.9 2\n- 10.0.0.10 1\n- ::1 1\n");
}

TEST(NodeList, NodeThatHasAnotherAddressKeepsItsPlace) {
    const NodeList before({{"a", "10.0.0.1", 1}, {"b", "10.0.0.2", 1}, {"c", "10.0.0.3", 1}});
    const NodeList after({{"c", "10.0.0.3", 1}, {"b", "10.0.0.200", 1}, {"a", "10.0.0.1", 1}});
    ASSERT_EQ(after.nodes().size(), 3U);
    EXPECT_EQ(after.nodes()[1].name, before.nodes()[1].name);
    EXPECT_EQ(after.nodes()[1].address, "10.0.0.200");
}

TEST(NodeList, NodeThatIsThereTwiceCountsOnce) {
    EXPECT_EQ(NodeList({{"a", "10.0.0.1", 1}, {"a", "10.0.0.2", 1}}).nodes().size(), 1U);
    EXPECT_EQ(NodeList({{"", "10.0.0.1", 1}, {"", "10.0.0.1", 1}}).nodes().size(), 1U);
    EXPECT_EQ(NodeList({{"a", "10.0.0.1", 1}, {"b", "10.0.0.1", 1}}).nodes().size(), 2U);
}

TEST(NodeList, TextIsReadAgainAndNothingElse) {
    const NodeList list({{"a.example", "10.0.0.1", 11211}, {"", "::1", 65535}}, 5);
    const std::string text = list.text();
    const auto read = NodeList::from_text(text, 5);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->nodes(), list.nodes());
    EXPECT_EQ(read->version(), 5U);
    for (size_t size = 0; size < text.size(); ++size) {
        const auto part = NodeList::from_text(std::string_view(text).substr(0, size), 5);
        EXPECT_EQ(part.has_value(), size == 0 || text[size - 1] == '\n') << size;
    }
    for (const char* bad :
         {"a 10.0.0.1 0\n", "a 10.0.0.1 65536\n", "a 10.0.0 1\n", "A 10.0.0.1 1\n",
          "a.  10.0.0.1 1\n", "10.0.0.1 10.0.0.1 1\n", "\n", "- 0:0::1 1\n"}) {
        EXPECT_FALSE(NodeList::from_text(bad, 0)) << bad;
    }
}

TEST(NodeList, SummaryNamesTheFirstOfMany) {
    std::vector<Node> nodes;
    for (char name = 'a'; name <= 'j'; ++name) {
        nodes.push_back({std::string(1, name), "10.0.0.1", 1});
    }
    EXPECT_EQ(NodeList(nodes).summary(), "a:1, b:1, c:1, d:1, e:1, f:1, g:1, h:1 and 2 more");
    EXPECT_EQ(NodeList({{"", "::1", 2}}).summary(), "[::1]:2");
}

TEST(ClusterReply, NodesAndVersionAreRead) {
    for (const char* begin : {"CONFIG cluster 0 ", "VALUE AmazonElastiCache:cluster 0 "}) {
        const ClusterReply reply = parse_cluster_reply(cluster_reply(kNodes, begin));
        ASSERT_EQ(reply.state, State::kNodes);
        EXPECT_EQ(reply.version, 12U);
        ASSERT_EQ(reply.nodes.size(), 2U);
        EXPECT_EQ(reply.nodes[0], (Node{"b.example", "10.0.0.2", 11211}));
        EXPECT_EQ(reply.nodes[1], (Node{"a.example", "10.0.0.9", 11212}));
    }
}

TEST(ClusterReply, AddressMayBeMissingOrBeTheHost) {
    const ClusterReply reply =
        parse_cluster_reply(cluster_reply("1\na||1 10.0.0.7||2 10.0.0.8|10.0.0.8|3\n"));
    ASSERT_EQ(reply.state, State::kNodes);
    EXPECT_EQ(reply.nodes[0], (Node{"a", "", 1}));
    EXPECT_EQ(reply.nodes[1], (Node{"", "10.0.0.7", 2}));
    EXPECT_EQ(reply.nodes[2], (Node{"", "10.0.0.8", 3}));
}

TEST(ClusterReply, CutAtEveryByteIsIncomplete) {
    const std::string whole = cluster_reply(kNodes);
    for (size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(parse_cluster_reply(std::string_view(whole).substr(0, size)).state,
                  State::kIncomplete)
            << size;
    }
}

TEST(ClusterReply, OtherRepliesAreToldApart) {
    EXPECT_EQ(parse_cluster_reply("END\r\n").state, State::kNone);
    EXPECT_EQ(parse_cluster_reply("ERROR\r\n").state, State::kRefused);
    EXPECT_EQ(parse_cluster_reply("CLIENT_ERROR x\r\n").state, State::kRefused);
    EXPECT_EQ(parse_cluster_reply("SERVER_ERROR x\r\n").state, State::kRefused);
    EXPECT_EQ(parse_cluster_reply(cluster_reply("3\n\n")).state, State::kNodes) << "none";
}

TEST(ClusterReply, NonsenseIsMalformed) {
    const std::string good = cluster_reply(kNodes);
    const std::string bad[] = {
        "HTTP/1.1 400 Bad Request\r\n",
        "CONFIG cluster 0 99999999999\r\n",
        "CONFIG cluster 0 -1\r\n",
        "CONFIG cluster x 5\r\n",
        std::string(300, 'x'),
        good + "more",
        cluster_reply("x\na||1\n"),
        cluster_reply("1"),
        cluster_reply("1\na||0\n"),
        cluster_reply("1\na||65536\n"),
        cluster_reply("1\na|1\n"),
        cluster_reply("1\n||1\n"),
        cluster_reply("1\na|10.0.0|1\n"),
        cluster_reply("1\na b|10.0.0.1|1\n"),
        cluster_reply("1\na||1\nb||1\n"),
        "CONFIG cluster 0 2\r\n1\nEND\r\n",
    };
    for (const std::string& one : bad) {
        EXPECT_EQ(parse_cluster_reply(one).state, State::kMalformed) << one;
    }
}

TEST(ClusterReply, MoreNodesThanAListHoldsAreRefused) {
    std::string nodes = "1\n";
    for (size_t i = 0; i < NodeList::kNodesMax; ++i) {
        nodes += "a" + std::to_string(i) + "||1 ";
    }
    EXPECT_EQ(parse_cluster_reply(cluster_reply(nodes + "\n")).state, State::kNodes);
    EXPECT_EQ(parse_cluster_reply(cluster_reply(nodes + "b||1\n")).state, State::kMalformed);
}

TEST(ServiceRecords, TargetsAndPortsAreRead) {
    const auto records =
        parse_service_records(header(0x8180, 3) + kQuestion + record(label("B") + kExample, 11211) +
                              record(label("a") + label("other") + std::string(1, '\0'), 7) +
                              record(std::string(1, '\0'), 0));
    ASSERT_TRUE(records);
    ASSERT_EQ(records->size(), 2U) << "the root is no server";
    EXPECT_EQ((*records)[0].target, "b.example");
    EXPECT_EQ((*records)[0].port, 11211);
    EXPECT_EQ((*records)[1].target, "a.other");
}

TEST(ServiceRecords, RecordsOfOtherTypesAreSkipped) {
    const auto records =
        parse_service_records(header(0x8180, 2) + kQuestion + record(label("x") + kExample, 1, 5) +
                              record(label("a") + kExample, 2));
    ASSERT_TRUE(records);
    ASSERT_EQ(records->size(), 1U);
    EXPECT_EQ((*records)[0].port, 2);
}

TEST(ServiceRecords, CutAtEveryByteIsRefused) {
    const std::string whole =
        header(0x8180, 2) + kQuestion + record(label("a") + kExample, 1) + record(kExample, 2);
    ASSERT_TRUE(parse_service_records(whole));
    for (size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_service_records(std::string_view(whole).substr(0, size))) << size;
    }
}

TEST(ServiceRecords, NonsenseIsRefused) {
    const std::string loop = number(0xc000 + 12 + kQuestion.size() + 18);  // points to itself
    const std::string begin = kQuestion + record(label("a") + kExample, 1);
    EXPECT_FALSE(parse_service_records(header(0x0180, 1) + begin)) << "a question";
    EXPECT_FALSE(parse_service_records(header(0x8380, 1) + begin)) << "truncated";
    EXPECT_FALSE(parse_service_records(header(0x8183, 1) + begin)) << "no such name";
    EXPECT_FALSE(parse_service_records(header(0x8180, 1) + kQuestion + record(loop, 1)));
    EXPECT_FALSE(parse_service_records(header(0x8180, 1) + kQuestion + record(kExample, 0)));
    EXPECT_FALSE(
        parse_service_records(header(0x8180, 1) + kQuestion + record(label("a b") + kExample, 1)));
    EXPECT_FALSE(
        parse_service_records(header(0x8180, 1) + kQuestion + record(label("a.b") + kExample, 1)));
    EXPECT_FALSE(parse_service_records(
        header(0x8180, 1) + kQuestion +
        record(label("10") + label("0") + label("0") + label("1") + std::string(1, '\0'), 1)))
        << "an address is no name";
    EXPECT_FALSE(parse_service_records(header(0x8180, 1) + kQuestion +
                                       record(number(0x8000) + kExample, 1)));
}

}  // namespace
}  // namespace memcache_session

// Compares with a table that was recorded from the real pecl/memcache. data/pecl_placement.txt says
// how to read it, and tools/record_placement how it was made.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "src/pool/placement.h"

namespace memcache_session {
namespace {

struct RecordedPool {
    std::string title;
    PlacementSettings settings;
    std::vector<Server> servers;
    std::set<uint32_t> dead;
    std::vector<std::string> orders;  // one for each id
};

struct RecordedTable {
    std::vector<std::string> ids;
    std::vector<RecordedPool> pools;
};

std::string url_decoded(const std::string& text) {
    std::string decoded;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            decoded.push_back(static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)));
            i += 2;
        } else {
            decoded.push_back(text[i]);
        }
    }
    return decoded;
}

// Reads a server as save_path does: brackets and `:0` are not part of the host.
Server server_of(const std::string& url) {
    Server server;
    const std::string rest = url.substr(url.find("://") + 3);
    const size_t colon = rest.rfind(':');
    server.endpoint.host = rest.substr(0, colon);
    if (url.rfind("unix:", 0) == 0) {
        server.endpoint.transport = Endpoint::Transport::kUnix;
    } else {
        server.endpoint.port = static_cast<uint16_t>(std::stoi(rest.substr(colon + 1)));
    }
    if (server.endpoint.host.front() == '[') {
        server.endpoint.host = server.endpoint.host.substr(1, server.endpoint.host.size() - 2);
    }
    return server;
}

RecordedPool pool_of(const std::string& line) {
    RecordedPool pool;
    pool.title = line.substr(0, 100);
    std::istringstream words(line);
    std::string word, strategy, function, attempts_max;
    words >> word >> strategy >> function >> attempts_max;
    pool.settings.strategy = strategy == "consistent" ? Strategy::kConsistent : Strategy::kStandard;
    pool.settings.hash_function = function == "crc32" ? HashFunction::kCrc32 : HashFunction::kFnv;
    while (words >> word) {
        if (word == "dead") {
            pool.dead.insert(static_cast<uint32_t>(pool.servers.size() - 1));
            continue;
        }
        pool.servers.push_back(server_of(word));
        words >> pool.servers.back().weight;
    }
    return pool;
}

RecordedTable read_table() {
    RecordedTable table;
    std::ifstream file(TEST_DATA_DIR "/pecl_placement.txt");
    std::string line;
    while (std::getline(file, line)) {
        if (line.empty() || line[0] == '#') {
            continue;
        }
        if (line.rfind("id ", 0) == 0) {
            table.ids.push_back(url_decoded(line.substr(3)));
        } else if (line.rfind("pool ", 0) == 0) {
            table.pools.push_back(pool_of(line));
        } else {
            std::istringstream words(line);
            for (std::string order; words >> order;) {
                table.pools.back().orders.push_back(order);
            }
        }
    }
    return table;
}

// Writes the order as the table does.
std::string written(const std::vector<uint32_t>& order, const std::set<uint32_t>& dead) {
    const std::string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string text;
    for (const uint32_t server : order) {
        text.push_back(dead.count(server) != 0 ? '.' : digits[server]);
    }
    return text;
}

TEST(RecordedPlacement, TableHasPoolsOfEverySize) {
    const RecordedTable table = read_table();
    EXPECT_EQ(table.ids.size(), 200u);
    std::set<size_t> sizes;
    size_t with_dead = 0;
    for (const RecordedPool& pool : table.pools) {
        sizes.insert(pool.servers.size());
        with_dead += pool.dead.empty() ? 0 : 1;
    }
    for (const size_t size : {1, 2, 3, 7, 40}) {
        EXPECT_EQ(sizes.count(size), 1u) << size;
    }
    EXPECT_EQ(with_dead, 4u);
}

TEST(RecordedPlacement, EveryListIsThatOfPeclMemcache) {
    const RecordedTable table = read_table();
    ASSERT_FALSE(table.pools.empty());
    size_t short_lists = 0;
    for (const RecordedPool& pool : table.pools) {
        auto placement = Placement::create(pool.settings, pool.servers);
        ASSERT_EQ(pool.orders.size(), table.ids.size()) << pool.title;
        std::vector<uint32_t> order;
        for (size_t i = 0; i < table.ids.size(); ++i) {
            placement->preference_list(table.ids[i], &order);
            const size_t length = pool.orders[i].size();
            ASSERT_GE(length, 1u) << pool.title;
            ASSERT_LE(length, order.size()) << pool.title;
            EXPECT_EQ(written(order, pool.dead).substr(0, length), pool.orders[i])
                << pool.title << "\nid " << table.ids[i];
            // The rest are servers without a bucket, which pecl/memcache never reaches.
            EXPECT_TRUE(std::is_sorted(order.begin() + static_cast<ptrdiff_t>(length), order.end()))
                << pool.title << "\nid " << table.ids[i];
            short_lists += length < order.size() ? 1 : 0;
        }
    }
    EXPECT_EQ(short_lists, 4 * table.ids.size());  // of four pools
}

}  // namespace
}  // namespace memcache_session

// Compares with the servers that libmemcached gives a client, and with the points of its rings. The
// client is set up as its users do: with servers from a text like php-memcached's
// session.save_path, or by a configuration string. CMakeLists.txt leaves this file out where there
// is no libmemcached, and says so.
#include "src/pool/libmemcached_placement.h"

#include <gtest/gtest.h>
#include <libmemcached/memcached.h>

#include <cfloat>
#include <climits>
#include <memory>
#include <random>
#include <string>
#include <vector>

// What libmemcached keeps of a point. Its headers declare the type without its members.
struct memcached_continuum_item_st {
    uint32_t index;
    uint32_t value;
};

namespace memcache_session {
namespace {

struct FreeClient {
    void operator()(memcached_st* client) const { memcached_free(client); }
};
using Client = std::unique_ptr<memcached_st, FreeClient>;

constexpr uint32_t kWeights[] = {1, 2, 3, 10};

Server server(const std::string& host, uint16_t port, uint32_t weight = 1) {
    Server result;
    result.endpoint.host = host;
    result.endpoint.port = port;
    result.weight = weight;
    return result;
}

std::vector<Server> pool(size_t count, bool mixed_weights) {
    std::vector<Server> servers;
    for (size_t i = 0; i < count; ++i) {
        // Every third server has memcached's default port, which libmemcached omits in the ring.
        const uint16_t port = i % 3 == 0 ? 11211 : static_cast<uint16_t>(11300 + i);
        servers.push_back(
            server("10.0.0." + std::to_string(i + 1), port, mixed_weights ? kWeights[i % 4] : 1));
    }
    return servers;
}

Client client_from_server_list(const std::vector<Server>& servers) {
    std::string text;
    for (const Server& each : servers) {
        text += each.endpoint.host + ":" + std::to_string(each.endpoint.port) + ":" +
                std::to_string(each.weight) + ",";
    }
    text.pop_back();
    Client client(memcached_create(nullptr));
    memcached_server_list_st list = memcached_servers_parse(text.c_str());
    EXPECT_EQ(memcached_server_push(client.get(), list), MEMCACHED_SUCCESS);
    memcached_server_list_free(list);
    return client;
}

std::string key_number(int number) {
    return "session" + std::to_string(number * 7919);
}

// The position of the server that the client would ask. If names are equal, the first counts.
size_t asked_server(memcached_st* client, const std::vector<Server>& servers,
                    const std::string& key) {
    memcached_return_t answer;
    const memcached_instance_st* instance =
        memcached_server_by_key(client, key.data(), key.size(), &answer);
    if (instance == nullptr) {
        ADD_FAILURE() << memcached_strerror(client, answer);
        return servers.size();
    }
    for (size_t i = 0; i < servers.size(); ++i) {
        if (servers[i].endpoint.host == memcached_server_name(instance) &&
            servers[i].endpoint.port == memcached_server_port(instance)) {
            return i;
        }
    }
    ADD_FAILURE() << memcached_server_name(instance) << " is not in the pool";
    return servers.size();
}

void expect_same(Strategy strategy, const std::vector<Server>& servers, memcached_st* client) {
    PlacementSettings settings;
    settings.strategy = strategy;
    const auto placement = Placement::create(settings, servers);
    std::vector<uint32_t> order;
    for (int i = 0; i < 1000; ++i) {
        placement->preference_list(key_number(i), &order);
        const size_t first = asked_server(client, servers, key_number(i));
        ASSERT_EQ(order.size(), servers.size());
        for (size_t j = 0; j < order.size(); ++j) {
            ASSERT_EQ(order[j], (first + j) % servers.size()) << key_number(i);
        }
    }
}

TEST(KetamaPlacement, AgreesWithLibmemcachedClientsOfWeightedKetama) {
    for (const size_t count : {1, 2, 3, 7, 40}) {
        for (const bool mixed_weights : {false, true}) {
            const auto servers = pool(count, mixed_weights);
            const Client client = client_from_server_list(servers);
            memcached_behavior_set(client.get(), MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
            expect_same(Strategy::kKetama, servers, client.get());
        }
    }
}

TEST(KetamaPlacement, UnweightedAgreesWithLibmemcachedClientsOfPlainKetama) {
    for (const size_t count : {1, 2, 3, 7, 40}) {
        for (const bool mixed_weights : {false, true}) {
            const auto servers = pool(count, mixed_weights);
            const Client client = client_from_server_list(servers);
            memcached_behavior_set(client.get(), MEMCACHED_BEHAVIOR_KETAMA, 1);
            expect_same(Strategy::kKetamaUnweighted, servers, client.get());
        }
    }
}

TEST(KetamaPlacement, AgreesWithAClientThatChoseKetamaBeforeItsServers) {
    const auto servers = pool(7, true);
    Client client(memcached_create(nullptr));
    memcached_behavior_set(client.get(), MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
    for (const Server& each : servers) {
        memcached_server_add_with_weight(client.get(), each.endpoint.host.c_str(),
                                         each.endpoint.port, each.weight);
    }
    expect_same(Strategy::kKetama, servers, client.get());
}

TEST(KetamaPlacement, PlacesIpv6AndUnixSockets) {
    std::vector<Server> servers = {server("::1", 11211), server("10.0.0.1", 11212),
                                   server("/run/memcached.sock", 0)};
    servers[2].endpoint.transport = Endpoint::Transport::kUnix;
    Client client(memcached_create(nullptr));
    memcached_server_add(client.get(), "::1", 11211);
    memcached_server_add(client.get(), "10.0.0.1", 11212);
    memcached_server_add_unix_socket(client.get(), "/run/memcached.sock");
    memcached_behavior_set(client.get(), MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
    expect_same(Strategy::kKetama, servers, client.get());
}

TEST(KetamaPlacement, WeightCounts) {
    PlacementSettings settings;
    settings.strategy = Strategy::kKetama;
    auto servers = pool(2, false);
    servers[1].weight = 9;
    const auto placement = Placement::create(settings, servers);
    int second = 0;
    std::vector<uint32_t> order;
    for (int i = 0; i < 1000; ++i) {
        placement->preference_list(key_number(i), &order);
        second += order[0] == 1 ? 1 : 0;
    }
    EXPECT_GT(second, 800);
    EXPECT_LT(second, 980);
}

using Random = std::mt19937;

uint32_t below(uint32_t end, Random* random) {
    return static_cast<uint32_t>((*random)() % end);
}

// Any text of up to 40 bytes that libmemcached hashes as a name.
std::string random_name(Random* random) {
    static constexpr char kCharacters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
    std::string name;
    for (uint32_t size = 1 + below(40, random); size > 0; --size) {
        name.push_back(kCharacters[below(sizeof kCharacters - 1, random)]);
    }
    return name;
}

Endpoint random_endpoint(Random* random) {
    const auto number = [random] { return std::to_string(below(256, random)); };
    Endpoint endpoint;
    endpoint.port = static_cast<uint16_t>(below(3, random) == 0 ? 11211 : 1 + below(65535, random));
    switch (below(4, random)) {
        case 0:
            endpoint.host = random_name(random);
            break;
        case 1:
            endpoint.host = "2001:db8::" + number();
            break;
        case 2:
            endpoint.host = "/" + random_name(random);
            endpoint.port = 0;
            endpoint.transport = Endpoint::Transport::kUnix;
            break;
        default:
            endpoint.host = "10." + number() + "." + number() + "." + number();
    }
    return endpoint;
}

std::vector<Server> random_pool(Random* random) {
    std::vector<Server> servers(1 + below(below(4, random) == 0 ? 100 : 12, random));
    const uint32_t weights[] = {1, 4, kWeightMax};
    const uint32_t weight_max = weights[below(3, random)];
    for (Server& each : servers) {
        each.endpoint = random_endpoint(random);
        each.weight = 1 + below(weight_max, random);
    }
    return servers;
}

Client client_of(const std::vector<Server>& servers) {
    Client client(memcached_create(nullptr));
    for (const Server& each : servers) {
        const char* const host = each.endpoint.host.c_str();
        EXPECT_EQ(
            each.endpoint.is_unix()
                ? memcached_server_add_unix_socket_with_weight(client.get(), host, each.weight)
                : memcached_server_add_with_weight(client.get(), host, each.endpoint.port,
                                                   each.weight),
            MEMCACHED_SUCCESS);
    }
    return client;
}

// Modula is the distribution of a client to which nothing else was said.
void distribute_by(Strategy strategy, memcached_st* client) {
    if (strategy != Strategy::kModula) {
        memcached_behavior_set(client,
                               strategy == Strategy::kKetama ? MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED
                                                             : MEMCACHED_BEHAVIOR_KETAMA,
                               1);
    }
}

// libmemcached sorts points by value alone, so that points of one value may have any order there.
void expect_same_points(const std::vector<LibmemcachedPlacement::Point>& ring,
                        const memcached_st* client) {
    ASSERT_EQ(ring.size(), client->ketama.continuum_points_counter);
    for (size_t i = 0; i < ring.size(); ++i) {
        const memcached_continuum_item_st& point = client->ketama.continuum[i];
        ASSERT_EQ(ring[i].value, point.value) << i;
        const bool shares_its_value = (i > 0 && ring[i - 1].value == point.value) ||
                                      (i + 1 < ring.size() && ring[i + 1].value == point.value);
        if (!shares_its_value) {
            ASSERT_EQ(ring[i].server, point.index) << i;
        }
    }
}

// An x87 processor computes with more digits than floats have, and libmemcached does not round
// them: there some of its servers have a text more or less than on all other machines.
constexpr bool kLibmemcachedRounds = FLT_EVAL_METHOD == 0;

TEST(KetamaPlacement, HasEachPointOfLibmemcachedForRandomPools) {
    uint64_t sum = 0;  // of all points, to be the same on all machines
    for (uint32_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        const auto servers = random_pool(&random);
        for (const Strategy strategy : {Strategy::kKetama, Strategy::kKetamaUnweighted}) {
            const Client client = client_of(servers);
            distribute_by(strategy, client.get());
            const LibmemcachedPlacement placement(strategy, servers);
            for (const LibmemcachedPlacement::Point& point : placement.ring()) {
                sum = sum * 31 + point.value + point.server;
            }
            if (kLibmemcachedRounds || strategy == Strategy::kKetamaUnweighted) {
                expect_same_points(placement.ring(), client.get());
            }
        }
        if (HasFatalFailure()) {
            return;
        }
    }
    EXPECT_EQ(sum, 8189369805155301086u);
}

// The first server of a random key, of any bytes, in random pools. Where `char` has no sign (arm,
// s390x), libmemcached itself puts keys with other bytes than ASCII elsewhere than on x86, whose
// rule is ours.
TEST(LibmemcachedPlacement, PutsRandomKeysWhereLibmemcachedPutsThem) {
    for (uint32_t seed = 1000; seed < 1100; ++seed) {
        Random random(seed);
        const auto servers = random_pool(&random);
        for (const Strategy strategy :
             {Strategy::kKetama, Strategy::kKetamaUnweighted, Strategy::kModula}) {
            const Client client = client_of(servers);
            distribute_by(strategy, client.get());
            const LibmemcachedPlacement placement(strategy, servers);
            std::vector<uint32_t> order;
            for (int i = 0; i < 200; ++i) {
                std::string key;
                for (uint32_t size = 1 + below(250, &random); size > 0; --size) {
                    key.push_back(static_cast<char>(below(CHAR_MIN < 0 ? 256 : 128, &random)));
                }
                placement.first_servers(key, 1, &order);
                ASSERT_EQ(order[0], memcached_generate_hash(client.get(), key.data(), key.size()))
                    << seed << " " << i;
            }
        }
    }
}

// libmemcached itself would end the process if it were asked.
TEST(KetamaPlacement, TakesMoreServersThanLibmemcachedCan) {
    const auto servers = pool(kServersMax, true);
    EXPECT_GT(LibmemcachedPlacement(Strategy::kKetama, servers).ring().size(), 150 * kServersMax);
    EXPECT_EQ(LibmemcachedPlacement(Strategy::kKetamaUnweighted, servers).ring().size(),
              100 * kServersMax);
}

TEST(ModulaPlacement, AgreesWithAnOrdinaryLibmemcachedClient) {
    for (const size_t count : {1, 2, 3, 7, 40}) {
        const auto servers = pool(count, count == 7);
        std::string configuration;
        for (const Server& each : servers) {
            configuration +=
                "--SERVER=" + each.endpoint.host + ":" + std::to_string(each.endpoint.port) + " ";
        }
        const Client client(memcached(configuration.data(), configuration.size() - 1));
        ASSERT_NE(client, nullptr) << configuration;
        expect_same(Strategy::kModula, servers, client.get());
    }
}

// So the session id alone is to be given to the placement.
TEST(LibmemcachedPlacement, AgreesWithAClientThatPutsAPrefixBeforeItsKeys) {
    for (const Strategy strategy :
         {Strategy::kKetama, Strategy::kKetamaUnweighted, Strategy::kModula}) {
        const auto servers = pool(7, false);
        const Client client = client_from_server_list(servers);
        distribute_by(strategy, client.get());
        memcached_callback_set(client.get(), MEMCACHED_CALLBACK_PREFIX_KEY, "memc.sess.key.");
        expect_same(strategy, servers, client.get());

        PlacementSettings settings;
        settings.strategy = strategy;
        EXPECT_FALSE(Placement::create(settings, servers)->hashes_prefix());
    }
}

}  // namespace
}  // namespace memcache_session

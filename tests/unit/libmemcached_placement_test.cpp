// Compares with the servers that libmemcached gives a client. The client is set up as its users do:
// with servers from a text like php-memcached's session.save_path, or by a configuration string.
#ifdef HAVE_LIBMEMCACHED

#include <gtest/gtest.h>
#include <libmemcached/memcached.h>

#include <memory>
#include <string>
#include <vector>

#include "src/pool/placement.h"

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
    ASSERT_TRUE(placement.ok()) << placement.status().message();
    std::vector<uint32_t> order;
    for (int i = 0; i < 1000; ++i) {
        placement.value()->preference_list(key_number(i), &order);
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
    ASSERT_TRUE(placement.ok());
    int second = 0;
    std::vector<uint32_t> order;
    for (int i = 0; i < 1000; ++i) {
        placement.value()->preference_list(key_number(i), &order);
        second += order[0] == 1 ? 1 : 0;
    }
    EXPECT_GT(second, 800);
    EXPECT_LT(second, 980);
}

// libmemcached itself would abort the process if it were asked.
TEST(KetamaPlacement, RefusesMoreServersThanLibmemcachedCanTake) {
    PlacementSettings settings;
    settings.strategy = Strategy::kKetama;
    EXPECT_TRUE(Placement::create(settings, pool(100, true)).ok());
    const auto placement = Placement::create(settings, pool(101, true));
    ASSERT_FALSE(placement.ok());
    EXPECT_EQ(placement.status().code(), Code::kInvalidArgument);
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
        if (strategy != Strategy::kModula) {
            memcached_behavior_set(client.get(),
                                   strategy == Strategy::kKetama
                                       ? MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED
                                       : MEMCACHED_BEHAVIOR_KETAMA,
                                   1);
        }
        memcached_callback_set(client.get(), MEMCACHED_CALLBACK_PREFIX_KEY, "memc.sess.key.");
        expect_same(strategy, servers, client.get());

        PlacementSettings settings;
        settings.strategy = strategy;
        EXPECT_FALSE(Placement::create(settings, servers).value()->hashes_prefix());
    }
}

TEST(LibmemcachedPlacement, NamesTheServerThatLibmemcachedRefuses) {
    PlacementSettings settings;
    settings.strategy = Strategy::kKetama;
    const std::string host(5000, 'h');
    const auto placement = Placement::create(settings, {server("10.0.0.1", 1), server(host, 2)});
    ASSERT_FALSE(placement.ok());
    EXPECT_EQ(placement.status().code(), Code::kInvalidArgument);
    EXPECT_NE(placement.status().message().find(host), std::string::npos);
}

}  // namespace
}  // namespace memcache_session

#endif

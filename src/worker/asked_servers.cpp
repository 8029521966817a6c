#include "src/worker/asked_servers.h"

#include <limits>
#include <string_view>

#include "src/base/text.h"
#include "src/net/server_words.h"
#include "src/replica/members.h"
#include "src/wire/line.h"

namespace memcache_session {
namespace {

struct Figure {
    std::string_view name;
    uint64_t AskedServer::*field;
};

constexpr Figure kFiguresAsked[] = {
    {"uptime", &AskedServer::uptime},
    {"curr_items", &AskedServer::items},
    {"evictions", &AskedServer::evictions},
    {"bytes", &AskedServer::bytes},
    {"limit_maxbytes", &AskedServer::bytes_max},
    {"curr_connections", &AskedServer::connections},
    {"get_hits", &AskedServer::hits},
    {"get_misses", &AskedServer::misses},
};

// `line`: "STAT <name> <value>".
void take_line(std::string_view line, AskedServer* server) {
    take_field(&line);
    const std::string_view name = take_field(&line);
    if (name == "version") {
        server->version = printable(line);
        return;
    }
    for (const Figure& figure : kFiguresAsked) {
        if (figure.name == name) {
            const auto value = parse_number(line, std::numeric_limits<uint64_t>::max());
            server->*figure.field = value.value_or(0);
        }
    }
}

AskedServer answer_of(const Request& request, const Server& server) {
    AskedServer answer;
    if (!request.failure && request.replies[0].kind == ReplyKind::kHit) {
        return parse_statistics(request.replies[0].value);
    }
    Failure failure = failure_of(request);
    if (!failure) {
        failure = {FailureKind::kUnknownCommand, 0};
    }
    answer.error = printable(describe(failure, server.timeout, words_of(request)));
    return answer;
}

}  // namespace

AskedServer parse_statistics(std::string_view lines) {
    AskedServer server;
    while (!lines.empty()) {
        const size_t end = lines.find('\n');
        std::string_view line = lines.substr(0, end);
        lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        take_line(line, &server);
    }
    return server;
}

std::vector<AskedServer> ask_servers(const Pool& pool, Exchange& exchange) {
    std::vector<AskedServer> answers(pool.servers.size());
    std::vector<Request> requests;
    for (uint32_t server = 0; server < pool.servers.size(); ++server) {
        if (pool.servers[server].proxy) {
            answers[server].error = "a proxy is not asked";
        } else if (!exchange.usable(server)) {
            answers[server].error =
                printable("not asked, because it is down: " +
                          describe(exchange.why_down(server), pool.servers[server].timeout));
        } else {
            Request& request = requests.emplace_back();
            request.server = server;
            request.add(Command::statistics());
        }
    }
    if (!requests.empty()) {
        exchange.run(Purpose::kStatus, requests.data(), requests.size());
    }
    for (const Request& request : requests) {
        answers[request.server] = answer_of(request, pool.servers[request.server]);
    }
    return answers;
}

}  // namespace memcache_session

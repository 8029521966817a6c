#include "src/pool/server_parameters.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include "src/base/text.h"
#include "src/pool/save_path.h"
#include "src/pool/security_parameters.h"

namespace memcache_session {
namespace {

constexpr std::string_view kWeight = "weight";

// Stricter than a switch of php.ini, which may also be empty or any number.
std::optional<bool> parse_strict_switch(std::string_view text) {
    if (text == "0" || text == "1") {
        return text == "1";
    }
    return parse_switch_word(text);
}

std::optional<ParseError> set_timeout(std::string_view parameter, std::string_view value,
                                      Server* server) {
    const std::optional<Duration> timeout = parse_seconds(value, kTimeoutMax);
    if (!timeout || *timeout < kTimeoutMin) {
        return ParseError{parameter, "the timeout is in seconds, from 0.001 to 3600"};
    }
    server->timeout = *timeout;
    return std::nullopt;
}

std::optional<ParseError> set_retry_interval(std::string_view parameter, std::string_view value,
                                             Server* server) {
    const std::optional<Duration> interval =
        value == "-1" ? kRetryIntervalMax : parse_seconds(value, kRetryIntervalMax);
    if (!interval) {
        return ParseError{parameter, "retry_interval is in seconds, from 0 to 86400, or -1"};
    }
    server->retry_interval = *interval;
    return std::nullopt;
}

std::optional<ParseError> set_refresh(std::string_view parameter, std::string_view value,
                                      Source* entry) {
    const std::optional<Duration> refresh = parse_seconds(value, kRefreshMax);
    if (entry->kind == SourceKind::kNone) {
        return ParseError{parameter, "refresh is for names whose servers are asked for, as in "
                                     "dns+tcp://; this one is a server itself"};
    }
    if (!refresh || *refresh < kRefreshMin) {
        return ParseError{parameter, "refresh is in seconds, from 1 to 300"};
    }
    entry->refresh = *refresh;
    return std::nullopt;
}

// The name of a parameter as it is written.
std::string_view name_of(std::string_view parameter) {
    return parameter.substr(0, parameter.find('='));
}

ParseError unknown(std::string_view name, const Source& entry) {
    if (name == "password" || name == "passphrase") {
        return {name, "a secret does not belong here, because PHP shows session.save_path; write "
                      "it into a file, and name the file by " +
                          std::string(name) + "_file"};
    }
    std::string allowed = "persistent, weight, timeout, retry_interval, proxy, udp_port, user and "
                          "password_file";
    if (entry.kind != SourceKind::kNone) {
        allowed.insert(0, "refresh, ");
    }
    if (entry.server.endpoint.is_tls()) {
        allowed.append(", and for TLS ").append(kTlsParameters);
    }
    return {name, "this parameter is unknown; allowed are " + allowed};
}

std::optional<ParseError> parse_parameter(std::string_view parameter, Source* entry,
                                          SecurityParameters* security) {
    Server* const server = &entry->server;
    const std::string_view written = name_of(parameter);
    const std::string_view value = parameter.substr(std::min(written.size() + 1, parameter.size()));
    const std::string_view name = without_brackets(written);

    if (SecurityParameters::has(name)) {
        return security->set(parameter, name, value);
    }
    if (name.size() < written.size()) {
        return unknown(written, *entry);
    }
    if (name == "persistent") {
        return set_switch(parameter, name, value, &server->persistent);
    }
    if (name == kWeight) {
        return parse_weight(value, parameter, server);
    }
    if (name == "timeout") {
        return set_timeout(parameter, value, server);
    }
    if (name == "retry_interval") {
        return set_retry_interval(parameter, value, server);
    }
    if (name == "refresh") {
        return set_refresh(parameter, value, entry);
    }
    if (name == "proxy") {
        return set_switch(parameter, name, value, &server->proxy);
    }
    if (name == "udp_port") {
        if (parse_port_number(value)) {
            return std::nullopt;
        }
        return ParseError{parameter, "udp_port is a number from 0 to 65535"};
    }
    return unknown(name, *entry);
}

}  // namespace

std::optional<ParseError> set_switch(std::string_view parameter, std::string_view name,
                                     std::string_view value, bool* target) {
    const std::optional<bool> on = parse_strict_switch(value);
    if (!on) {
        return ParseError{parameter, std::string(name) + " is 0 or 1"};
    }
    *target = *on;
    return std::nullopt;
}

std::optional<uint16_t> parse_port_number(std::string_view digits) {
    const auto number = parse_whole_number(digits, std::numeric_limits<uint16_t>::max());
    return number ? std::optional<uint16_t>(static_cast<uint16_t>(*number)) : std::nullopt;
}

std::optional<ParseError> parse_weight(std::string_view digits, std::string_view piece,
                                       Server* server) {
    const uint64_t weight = parse_whole_number(digits, kWeightMax).value_or(0);
    if (weight == 0) {
        return ParseError{piece,
                          "the weight is a whole number from 1 to " + std::to_string(kWeightMax)};
    }
    server->weight = static_cast<uint32_t>(weight);
    return std::nullopt;
}

std::optional<ParseError> parse_parameters(std::string_view query, bool weight_given,
                                           Source* entry) {
    SecurityParameters security;
    std::set<std::string_view> seen;
    if (weight_given) {
        seen.insert(kWeight);
    }
    while (!query.empty()) {
        const size_t end = std::min(query.find('&'), query.size());
        const std::string_view parameter = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (parameter.empty()) {
            continue;
        }
        if (std::optional<ParseError> error = parse_parameter(parameter, entry, &security)) {
            return error;
        }
        const std::string_view name = name_of(parameter);
        if (!seen.insert(without_brackets(name)).second) {
            return ParseError{SecurityParameters::has(without_brackets(name)) ? name : parameter,
                              "this parameter is given twice"};
        }
    }
    return security.finish(&entry->server);
}

}  // namespace memcache_session

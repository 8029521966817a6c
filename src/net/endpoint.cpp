#include "src/net/endpoint.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/base/fnv.h"
#include "src/base/text.h"

namespace memcache_session {

namespace {

uint64_t word_at(const char* bytes) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

// Eight bytes at a time, in each of which `bits` are set first. The last eight overlap those before
// them.
uint64_t mixed_in(uint64_t hash, const std::string& text, uint64_t bits) {
    constexpr size_t step = sizeof(uint64_t);
    for (size_t at = 0; at + step < text.size(); at += step) {
        hash = fnv64_mixed(hash ^ hash >> 32, word_at(text.data() + at) | bits);
    }
    char short_text[step] = {};
    if (text.size() < step) {
        text.copy(short_text, step);
    }
    const char* const last = text.size() < step ? short_text : text.data() + text.size() - step;
    hash = fnv64_mixed(hash ^ hash >> 32, word_at(last) | bits);
    return fnv64_mixed(hash ^ hash >> 32, text.size());
}

}  // namespace

Endpoint Endpoint::tcp(std::string host, uint16_t port) {
    return {Transport::kTcp, std::move(host), port, {}};
}

Endpoint Endpoint::unix_socket(std::string path) {
    return {Transport::kUnix, std::move(path), 0, {}};
}

bool Endpoint::operator==(const Endpoint& other) const {
    if (transport != other.transport || port != other.port || access != other.access) {
        return false;
    }
    return host == other.host || (!is_unix() && equals_ignoring_case(host, other.host));
}

// The bit that tells small from capital letters is set in host names, where it does not count.
uint64_t Endpoint::hash() const {
    const uint64_t case_bits = is_unix() ? 0 : 0x2020202020202020ULL;
    uint64_t hash =
        fnv64_mixed(kFnv64Start, uint64_t{port} << 8 | static_cast<uint64_t>(transport));
    hash = mixed_in(hash, host, case_bits);
    return access.empty() ? hash : mixed_in(hash, access, 0);
}

std::string Endpoint::name() const {
    if (is_unix()) {
        return host;
    }
    const bool has_colons = host.find(':') != std::string::npos;
    return (has_colons ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace memcache_session

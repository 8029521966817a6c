#include "src/pool/save_path.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/text.h"
#include "src/pool/parse_error.h"
#include "src/pool/server_url.h"

namespace memcache_session {
namespace {

constexpr size_t kQuotedLengthMax = 64;
constexpr std::string_view kSeparators = ", \t\n\v\f\r";
constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string quote(std::string_view piece) {
    std::string quoted = "\"";
    for (const char c : piece.substr(0, kQuotedLengthMax)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte > 0x7e || c == '"' || c == '\\') {
            quoted += "\\x";
            quoted += kHexDigits[byte >> 4];
            quoted += kHexDigits[byte & 0x0f];
        } else {
            quoted += c;
        }
    }
    quoted += piece.size() > kQuotedLengthMax ? "...\"" : "\"";
    return quoted;
}

// The error at `piece`, a part of the save_path, that is shown as `shown`.
Status error_at(std::string_view save_path, std::string_view piece, const std::string& shown,
                const std::string& reason) {
    const auto offset = static_cast<size_t>(piece.data() - save_path.data());
    return {Code::kInvalidArgument,
            "save_path at offset " + std::to_string(offset) + ", " + shown + ": " + reason};
}

Status error_at(std::string_view save_path, const ParseError& error) {
    return error_at(save_path, error.piece, quote(error.piece), error.reason);
}

// The servers as they are written.
std::vector<std::string_view> split(std::string_view save_path) {
    std::vector<std::string_view> urls;
    size_t begin = save_path.find_first_not_of(kSeparators);
    while (begin != std::string_view::npos) {
        const size_t end = std::min(save_path.find_first_of(kSeparators, begin), save_path.size());
        urls.push_back(save_path.substr(begin, end - begin));
        begin = save_path.find_first_not_of(kSeparators, end);
    }
    return urls;
}

// A password may contain anything, even separators and @. So if there may be one, only the text
// behind the last @ of all is quoted. Call this before any other check that quotes.
Status check_passwords(std::string_view save_path, const std::vector<std::string_view>& urls) {
    const auto last = std::find_if(urls.rbegin(), urls.rend(), [](std::string_view url) {
        return !is_unix_url(url) && url.find('@') != std::string_view::npos;
    });
    if (last == urls.rend()) {
        return {};
    }
    const std::string_view behind = last->substr(last->rfind('@') + 1);
    return error_at(save_path, *last, "***@" + quote(behind),
                    "user names and passwords are not allowed in a server's address");
}

Status check_control_characters(std::string_view save_path,
                                const std::vector<std::string_view>& urls) {
    for (const std::string_view url : urls) {
        const auto found = std::find_if(url.begin(), url.end(), is_control);
        if (found != url.end()) {
            const auto at = static_cast<size_t>(found - url.begin());
            return error_at(save_path, {url.substr(at, 1), "control characters are not allowed"});
        }
    }
    return {};
}

}  // namespace

Result<ServerList> parse_save_path(std::string_view save_path, uint16_t default_port) {
    if (save_path.size() > kSavePathLengthMax) {
        return Status(Code::kInvalidArgument,
                      "save_path is longer than " + std::to_string(kSavePathLengthMax) + " bytes");
    }
    const std::vector<std::string_view> urls = split(save_path);
    if (urls.empty()) {
        return error_at(save_path,
                        {save_path, "the list has no server; write tcp://host:port, with a comma "
                                    "between two servers"});
    }
    if (Status status = check_passwords(save_path, urls); !status.ok()) {
        return status;
    }
    if (Status status = check_control_characters(save_path, urls); !status.ok()) {
        return status;
    }
    ServerList list;
    for (const std::string_view url : urls) {
        Source entry;
        if (const auto error = parse_server_url(url, default_port, &entry)) {
            return error_at(save_path, *error);
        }
        if (const Status status = list.add(std::move(entry)); !status.ok()) {
            return error_at(save_path, {url, status.message()});
        }
    }
    return list;
}

}  // namespace memcache_session

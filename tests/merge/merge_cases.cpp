// Merges the sessions that it reads from its input, for tests/merge/compare.php:
//
//     batch:   number of cases, cases
//     case:    1 for handler php_serialize or 0 for php, 1 for kLast or 0 for kFail, the lengths of
//              base, ours and theirs, these texts
//     answer:  whether merged, obstacle, conflicts, number of paths, the length of the result, the
//              result, and for each path its length and the path
//
// Numbers have 32 bits, the lowest byte first. The answers to a batch are written when all of it
// was read, so that neither side waits for the other to read.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "src/merge/session_merge.h"

namespace memcache_session {
namespace {

struct Case {
    SerializeHandler handler = SerializeHandler::kPhp;
    OnConflict on_conflict = OnConflict::kFail;
    std::string base;
    std::string ours;
    std::string theirs;
};

// False at the end of the input. An input that ends within something ends the program.
bool read_bytes(std::string* bytes, size_t size, bool may_end = false) {
    bytes->resize(size);
    const size_t count = std::fread(bytes->data(), 1, size, stdin);
    if (count == size) {
        return true;
    }
    if (!may_end || count != 0) {
        std::fputs("merge_cases: the input ends within a case\n", stderr);
        std::exit(EXIT_FAILURE);
    }
    return false;
}

uint32_t number_at(const std::string& bytes, size_t place) {
    uint32_t number = 0;
    for (size_t i = 4; i > 0; --i) {
        number = number << 8 | static_cast<unsigned char>(bytes[place * 4 + i - 1]);
    }
    return number;
}

void append_number(std::string* out, size_t number) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        *out += static_cast<char>(number >> shift & 0xff);
    }
}

Case read_case() {
    std::string head;
    read_bytes(&head, 5 * 4);
    Case read;
    if (number_at(head, 0) == 1) read.handler = SerializeHandler::kPhpSerialize;
    if (number_at(head, 1) == 1) read.on_conflict = OnConflict::kLast;
    read_bytes(&read.base, number_at(head, 2));
    read_bytes(&read.ours, number_at(head, 3));
    read_bytes(&read.theirs, number_at(head, 4));
    return read;
}

void append_answer(std::string* out, const SessionMerge& merge) {
    append_number(out, merge.is_merged ? 1 : 0);
    append_number(out, static_cast<size_t>(merge.obstacle));
    append_number(out, merge.conflicts);
    append_number(out, merge.conflict_paths.size());
    append_number(out, merge.text.size());
    *out += merge.text;
    for (const std::string& path : merge.conflict_paths) {
        append_number(out, path.size());
        *out += path;
    }
}

}  // namespace
}  // namespace memcache_session

int main() {
    using namespace memcache_session;
    std::string head;
    while (read_bytes(&head, 4, true)) {
        std::vector<Case> cases(number_at(head, 0));
        for (Case& read : cases) read = read_case();
        std::string answers;
        for (const Case& one : cases) {
            const SessionTexts texts{one.base, one.ours, one.theirs};
            append_answer(&answers, merge_sessions(texts, one.handler, one.on_conflict));
        }
        std::fwrite(answers.data(), 1, answers.size(), stdout);
        std::fflush(stdout);
    }
    return 0;
}

// Drives a fuzz target where libFuzzer is not at hand: runs every file of a corpus, then changed
// copies of them. A target that is not satisfied aborts. The same arguments make the same inputs
// every time, so a debugger shows the one that failed.
//
//     reply_parser_fuzz [-runs=N] [corpus folder or file]...
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr uint64_t kRunsDefault = 100000;
constexpr size_t kInputLengthMax = 4096;

using Random = std::mt19937_64;

size_t below(Random* random, size_t limit) {
    return static_cast<size_t>((*random)() % limit);
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> read_corpus(const std::vector<std::string>& arguments) {
    std::vector<std::filesystem::path> paths;
    for (const std::string& argument : arguments) {
        if (!std::filesystem::is_directory(argument)) {
            paths.emplace_back(argument);
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator(argument)) {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> corpus;
    for (const auto& path : paths) corpus.push_back(read_file(path));
    if (corpus.empty()) corpus.emplace_back();
    return corpus;
}

// One to four changes: a byte set, bytes taken out, bytes doubled, the end of another input put on.
std::string changed(const std::vector<std::string>& corpus, Random* random) {
    std::string input = corpus[below(random, corpus.size())];
    for (size_t changes = 1 + below(random, 4); changes > 0; --changes) {
        const size_t at = below(random, input.size() + 1);
        const size_t length = std::min(below(random, 16), input.size() - at);
        switch (below(random, 4)) {
            case 0:
                if (at < input.size()) input[at] = static_cast<char>((*random)() & 0xff);
                break;
            case 1:
                input.erase(at, length);
                break;
            case 2:
                input.insert(at, input.substr(at, length) + static_cast<char>((*random)() & 0xff));
                break;
            default: {
                const std::string& other = corpus[below(random, corpus.size())];
                input.resize(at);
                input += other.substr(below(random, other.size() + 1));
            }
        }
    }
    if (input.size() > kInputLengthMax) input.resize(kInputLengthMax);
    return input;
}

void run(const std::string& input) {
    // A block of exactly this size: a sanitizer sees a read beyond it.
    const std::vector<uint8_t> bytes(input.begin(), input.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    uint64_t runs = kRunsDefault;
    const std::string runs_option = "-runs=";
    if (!arguments.empty() && arguments[0].compare(0, runs_option.size(), runs_option) == 0) {
        runs = std::strtoull(arguments[0].c_str() + runs_option.size(), nullptr, 10);
        arguments.erase(arguments.begin());
    }
    const std::vector<std::string> corpus = read_corpus(arguments);
    for (const std::string& input : corpus) run(input);
    Random random(1);
    for (uint64_t i = 0; i < runs; ++i) run(changed(corpus, &random));
    std::cout << corpus.size() << " files and " << runs << " changed copies run\n";
    return 0;
}

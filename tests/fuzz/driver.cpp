// Drives a fuzz target where libFuzzer is not at hand: runs every file of a corpus, then changed
// copies of them, and bytes that are drawn. A target that is not satisfied aborts, and the input is
// kept in a file. The options are those of libFuzzer that have these names; others are ignored.
//
//     reply_parser_fuzz [OPTION]... [corpus folder or file]...
//
//     -runs=N              how many inputs are made; 0: the corpus alone
//     -max_total_time=N    ends after N seconds, however many inputs were run
//     -seed=N              of the inputs; 0: drawn, and printed
//     -artifact_prefix=P   the file of a failed input is P, and a name behind it
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
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
constexpr size_t kDrawnLengthMax = 512;
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

std::string drawn(Random* random) {
    std::string input(below(random, kDrawnLengthMax), '\0');
    std::generate(input.begin(), input.end(),
                  [&] { return static_cast<char>((*random)() & 0xff); });
    return input;
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

// The input that runs now, for keep_input().
const std::vector<uint8_t>* running = nullptr;
std::string artifact;

void run(const std::string& input) {
    // A block of exactly this size: a sanitizer sees a read beyond it.
    const std::vector<uint8_t> bytes(input.begin(), input.end());
    running = &bytes;
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    running = nullptr;
}

// Writes the input that has failed, by calls that a signal handler may make.
void keep_input(int signal_number) {
    std::signal(signal_number, SIG_DFL);
    const int file = open(artifact.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (running != nullptr && file >= 0 &&
        write(file, running->data(), running->size()) == static_cast<ssize_t>(running->size())) {
        const char text[] = "the input is kept in the file of -artifact_prefix\n";
        static_cast<void>(!write(STDERR_FILENO, text, sizeof text - 1));
    }
    std::raise(signal_number);
}

struct Options {
    uint64_t runs = kRunsDefault;
    uint64_t seconds_max = 0;  // 0: no limit
    uint64_t seed = 1;
    std::string artifact_prefix = "./";
    std::vector<std::string> corpus;
};

Options parse(const std::vector<std::string>& arguments) {
    Options options;
    bool has_runs = false;
    for (const std::string& argument : arguments) {
        const size_t equals = argument.find('=');
        const std::string name = argument.substr(0, equals);
        const std::string text = equals == std::string::npos ? "" : argument.substr(equals + 1);
        const uint64_t number = std::strtoull(text.c_str(), nullptr, 10);
        if (name == "-runs") {
            options.runs = number;
            has_runs = true;
        } else if (name == "-max_total_time") {
            options.seconds_max = number;
        } else if (name == "-seed") {
            options.seed = number != 0 ? number : std::random_device()();
        } else if (name == "-artifact_prefix") {
            options.artifact_prefix = text;
        } else if (argument[0] != '-') {
            options.corpus.push_back(argument);
        }
    }
    if (options.seconds_max > 0 && !has_runs) {
        options.runs = UINT64_MAX;
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = parse({argv + 1, argv + argc});
    const std::string name = std::filesystem::path(argv[0]).filename();
    std::cout << name << " -seed=" << options.seed << std::endl;
    artifact = options.artifact_prefix + "crash-" + name + "-" + std::to_string(options.seed);
    for (const int signal_number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        std::signal(signal_number, keep_input);
    }
    const std::vector<std::string> corpus = read_corpus(options.corpus);
    for (const std::string& input : corpus) run(input);
    Random random(options.seed);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds_max);
    uint64_t made = 0;
    while (made < options.runs &&
           (options.seconds_max == 0 || std::chrono::steady_clock::now() < end)) {
        run(made % 2 == 0 ? changed(corpus, &random) : drawn(&random));
        ++made;
    }
    std::cout << corpus.size() << " files and " << made << " other inputs run\n";
    return 0;
}

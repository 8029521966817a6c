#include "tests/sim/histories.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace memcache_session::sim {

namespace {

constexpr uint64_t kProgressEvery = 20000;  // histories

struct Range {
    uint64_t first;
    uint64_t count;
    const NamedRule* without;  // or null
};

// Whether the rule keeps this promise: nothing is broken with it.
bool needs(const NamedRule& rule, const Scenario& scenario, const Violation& violation) {
    if (violation.promise.compare(0, rule.promise.size(), rule.promise) != 0) {
        return false;
    }
    switch_rule(rule, true);
    const bool passes = !play(scenario, nullptr).violation;
    switch_rule(rule, false);
    return passes;
}

// The seeds at `begin`, `begin` + `step`, and so on, of the range.
Tally play_share(const Range& range, uint64_t begin, uint64_t step) {
    Tally tally;
    for (uint64_t offset = begin; offset < range.count; offset += step) {
        const Scenario scenario = make_scenario(range.first + offset);
        const Outcome outcome = play(scenario, nullptr);
        ++tally.histories;
        tally.steps += outcome.steps;
        tally.successes += outcome.successes;
        tally.faults += outcome.faults;
        if (outcome.violation &&
            (range.without == nullptr || needs(*range.without, scenario, outcome.violation))) {
            tally.failed.push_back({scenario.seed, outcome.violation});
            if (range.without != nullptr) {
                break;
            }
            std::fprintf(stderr, "seed %llu fails\n",
                         static_cast<unsigned long long>(scenario.seed));
        }
        if (range.without == nullptr && begin == 0 && tally.histories % kProgressEvery == 0) {
            std::fprintf(stderr, "%llu of %llu histories\n",
                         static_cast<unsigned long long>(tally.histories * step),
                         static_cast<unsigned long long>(range.count));
        }
    }
    return tally;
}

// A tally as text, for the pipe from a child. The texts of violations hold no control characters.
void write_tally(std::FILE* out, const Tally& tally) {
    for (const Failed& failed : tally.failed) {
        std::fprintf(out, "F\t%llu\t%s\t%s\n", static_cast<unsigned long long>(failed.seed),
                     failed.violation.promise.c_str(), failed.violation.text.c_str());
    }
    std::fprintf(out, "T\t%llu\t%llu\t%llu\t%llu\n",
                 static_cast<unsigned long long>(tally.histories),
                 static_cast<unsigned long long>(tally.steps),
                 static_cast<unsigned long long>(tally.successes),
                 static_cast<unsigned long long>(tally.faults));
}

void add_line(const std::string& line, Tally* total) {
    std::vector<std::string> fields;
    for (size_t begin = 0; begin <= line.size();) {
        const size_t end = std::min(line.find('\t', begin), line.size());
        fields.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    const auto number = [&](size_t field) {
        return std::strtoull(fields[field].c_str(), nullptr, 10);
    };
    if (fields.size() == 4 && fields[0] == "F") {
        total->failed.push_back({number(1), {fields[2], fields[3]}});
    } else if (fields.size() == 5 && fields[0] == "T") {
        total->histories += number(1);
        total->steps += number(2);
        total->successes += number(3);
        total->faults += number(4);
    }
}

Tally play_shares(const Range& range, unsigned jobs) {
    if (jobs <= 1) {
        return play_share(range, 0, 1);
    }
    Tally total;
    std::vector<std::FILE*> pipes;
    std::vector<pid_t> children;
    for (unsigned job = 0; job < jobs; ++job) {
        int ends[2];
        if (pipe(ends) != 0) {
            std::perror("pipe");
            std::exit(2);
        }
        const pid_t child = fork();
        if (child < 0) {
            std::perror("fork");
            std::exit(2);
        }
        if (child == 0) {
            close(ends[0]);
            std::FILE* out = fdopen(ends[1], "w");
            write_tally(out, play_share(range, job, jobs));
            std::fclose(out);
            _exit(0);
        }
        close(ends[1]);
        children.push_back(child);
        pipes.push_back(fdopen(ends[0], "r"));
    }
    for (unsigned job = 0; job < jobs; ++job) {
        char* line = nullptr;
        size_t size = 0;
        for (ssize_t length; (length = getline(&line, &size, pipes[job])) > 0;) {
            add_line(std::string(line, static_cast<size_t>(length) - 1), &total);
        }
        std::free(line);
        std::fclose(pipes[job]);
        int status = 0;
        waitpid(children[job], &status, 0);
        if (status != 0) {
            total.failed.push_back(
                {0,
                 {"crash", "a process of the simulation died, status " + std::to_string(status)}});
        }
    }
    std::sort(total.failed.begin(), total.failed.end(),
              [](const Failed& a, const Failed& b) { return a.seed < b.seed; });
    return total;
}

}  // namespace

Tally play_range(uint64_t first, uint64_t count, unsigned jobs) {
    return play_shares({first, count, nullptr}, jobs);
}

Tally play_without(const NamedRule& rule, uint64_t first, uint64_t count, unsigned jobs) {
    switch_rule(rule, false);
    Tally tally = play_shares({first, count, &rule}, jobs);
    switch_rule(rule, true);
    return tally;
}

}  // namespace memcache_session::sim

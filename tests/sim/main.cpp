// Plays histories of many clients over simulated servers, and shows those that break a promise.
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <random>
#include <string>

#include "tests/sim/histories.h"
#include "tests/sim/recorded_seeds.h"
#include "tests/sim/rule_table.h"
#include "tests/sim/shrink.h"
#include "tests/sim/world.h"

namespace memcache_session::sim {

namespace {

constexpr const char* kUsage =
    "simulate [--histories N] [--first SEED] [--jobs J]  plays N histories (3000), one for each\n"
    "                                       seed from SEED (1) on. --first random draws SEED,\n"
    "                                       and --first merging one with processes that merge,\n"
    "                                       --first changing one with a pool that changes\n"
    "simulate --recorded                    plays the seeds that broke a promise at one time\n"
    "simulate --seed SEED [--trace]         plays one, and shows the shortest history that breaks\n"
    "                                       the same promise; --trace: shows the whole history\n"
    "simulate --without RULE [--histories N] ...\n"
    "                                       looks for a history that needs the rule\n"
    "simulate --rules [--search N]          shows that every rule is needed, by its seed in\n"
    "                                       rule_table.cpp or by a search among N\n"
    "The last line is \"N passed, N failed\". The exit status is 0 if none failed.\n";

// Smaller seeds have been played many times; larger ones are a nuisance to type.
constexpr uint64_t kDrawnSeedMin = 10'000'000;
constexpr uint64_t kDrawnSeedEnd = 1'000'000'000'000;

struct Options {
    uint64_t histories = 3000;
    uint64_t first_seed = 1;
    uint64_t search = 0;
    unsigned jobs = 1;
    uint64_t shown = 1;
    bool one = false;
    bool trace = false;
    bool recorded = false;
    bool all_rules = false;
    const NamedRule* without = nullptr;
};

uint64_t draw_seed() {
    std::random_device device;
    const uint64_t drawn = static_cast<uint64_t>(device()) << 32 | device();
    return kDrawnSeedMin + drawn % (kDrawnSeedEnd - kDrawnSeedMin);
}

bool parse_number(const std::string& text, uint64_t* number) {
    const char* end = text.data() + text.size();
    const auto [next, error] = std::from_chars(text.data(), end, *number);
    return error == std::errc() && next == end;
}

// Options that stand alone. False if `name` is none of them.
bool parse_switch(const std::string& name, Options* options) {
    if (name == "--trace") {
        options->trace = true;
    } else if (name == "--rules") {
        options->all_rules = true;
    } else if (name == "--recorded") {
        options->recorded = true;
    } else {
        return false;
    }
    return true;
}

bool parse_option(const std::string& name, const std::string& text, Options* options) {
    if (name == "--without") {
        options->without = find_rule(text);
        if (options->without == nullptr) {
            std::fprintf(stderr, "simulate: there is no rule %s\n", text.c_str());
        }
        return options->without != nullptr;
    }
    if (name == "--first" && (text == "random" || text == "merging" || text == "changing")) {
        options->first_seed = draw_seed() + (text == "merging"    ? kMergingSeedMin
                                             : text == "changing" ? kChangingSeedMin
                                                                  : 0);
        return true;
    }
    uint64_t number = 0;
    if (!parse_number(text, &number)) {
        return false;
    }
    if (name == "--histories") {
        options->histories = number;
    } else if (name == "--first") {
        options->first_seed = number;
    } else if (name == "--search") {
        options->search = number;
    } else if (name == "--show") {
        options->shown = number;
    } else if (name == "--jobs" && number > 0) {
        options->jobs = static_cast<unsigned>(number);
    } else if (name == "--seed") {
        options->one = true;
        options->first_seed = number;
    } else {
        return false;
    }
    return true;
}

bool parse(int argc, char** argv, Options* options) {
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (parse_switch(name, options)) {
            continue;
        }
        if (++i >= argc || !parse_option(name, argv[i], options)) {
            return false;
        }
    }
    return true;
}

void show_scenario(const Scenario& scenario) {
    std::printf("  %s\n", describe(scenario.settings).c_str());
    for (const Event& event : scenario.events) {
        std::printf("  %s\n", describe(event).c_str());
    }
}

void show_shortest(const Scenario& scenario, const Violation& violation) {
    const Scenario shortest = shrink(scenario, violation);
    std::printf("the shortest history that still does so:\n");
    show_scenario(shortest);
    play(shortest, stdout);
}

int conclude(uint64_t passed, uint64_t failed) {
    std::printf("%" PRIu64 " passed, %" PRIu64 " failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}

// Seed 0 stands for a process of the simulation that died.
void show_failed(const Failed& failed) {
    std::printf("seed %" PRIu64 ": %s: %s\n", failed.seed, failed.violation.promise.c_str(),
                failed.violation.text.c_str());
    if (failed.seed != 0) {
        std::printf("replay it by: simulate --seed %" PRIu64
                    "; once mended, it belongs in tests/sim/recorded_seeds.cpp\n",
                    failed.seed);
    }
}

int play_one(const Options& options) {
    const Scenario scenario = make_scenario(options.first_seed);
    if (options.trace) {
        show_scenario(scenario);
    }
    const Outcome outcome = play(scenario, options.trace ? stdout : nullptr);
    if (!outcome.violation) {
        return conclude(1, 0);
    }
    std::printf("seed %" PRIu64 ": %s: %s\n", options.first_seed, outcome.violation.promise.c_str(),
                outcome.violation.text.c_str());
    if (!options.trace) {
        show_shortest(scenario, outcome.violation);
    }
    return conclude(0, 1);
}

int play_many(const Options& options) {
    std::printf("first seed %" PRIu64 "\n", options.first_seed);
    std::fflush(stdout);  // it is needed most if this process dies
    const Tally tally = play_range(options.first_seed, options.histories, options.jobs);
    uint64_t shown = 0;
    for (const Failed& failed : tally.failed) {
        show_failed(failed);
        if (shown++ < options.shown && failed.seed != 0) {
            show_shortest(make_scenario(failed.seed), failed.violation);
        }
    }
    std::printf("%" PRIu64 " histories from seed %" PRIu64 ": %" PRIu64 " steps, %" PRIu64
                " faults, %" PRIu64 " calls that succeeded\n",
                tally.histories, options.first_seed, tally.steps, tally.faults, tally.successes);
    return conclude(tally.histories - tally.failed.size(), tally.failed.size());
}

int play_recorded() {
    uint64_t failures = 0;
    for (size_t i = 0; i < kRecordedSeedCount; ++i) {
        const RecordedSeed& recorded = kRecordedSeeds[i];
        const Outcome outcome = play(make_scenario(recorded.seed), nullptr);
        if (outcome.violation) {
            ++failures;
            show_failed({recorded.seed, outcome.violation});
        } else {
            std::printf("seed %" PRIu64 " passes: %s\n", recorded.seed, recorded.showed);
        }
    }
    return conclude(kRecordedSeedCount - failures, failures);
}

int show_need(const Options& options) {
    const NamedRule& rule = *options.without;
    const Tally tally = play_without(rule, options.first_seed, options.histories, options.jobs);
    if (tally.failed.empty()) {
        std::printf("%s: no history needs it\n", std::string(rule.name).c_str());
        return conclude(0, 1);
    }
    const Failed& example = tally.failed.front();
    std::printf("without %s seed %" PRIu64 ": %s: %s\n", std::string(rule.name).c_str(),
                example.seed, example.violation.promise.c_str(), example.violation.text.c_str());
    switch_rule(rule, false);
    show_shortest(make_scenario(example.seed), example.violation);
    return conclude(1, 0);
}

int play_rules(const Options& options) {
    uint64_t needed = 0;
    uint64_t not_needed = 0;
    for (size_t i = 0; i < kRuleCount; ++i) {
        const NamedRule& rule = kRules[i];
        const bool search = options.search > 0;
        const Tally tally =
            search ? play_without(rule, options.first_seed, options.search, options.jobs)
                   : play_without(rule, rule.failing_seed, 1, 1);
        const bool found = !tally.failed.empty();
        std::printf("without %-28s %s\n", std::string(rule.name).c_str(),
                    found ? ("seed " + std::to_string(tally.failed.front().seed) + ": " +
                             tally.failed.front().violation.promise)
                                .c_str()
                          : "no failure found");
        std::fflush(stdout);
        needed += found ? 1 : 0;
        not_needed += found ? 0 : 1;
    }
    return conclude(needed, not_needed);
}

}  // namespace

int run(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, &options)) {
        std::fputs(kUsage, stderr);
        return 2;
    }
    if (options.recorded) {
        return play_recorded();
    }
    if (options.all_rules) {
        return play_rules(options);
    }
    if (options.without != nullptr) {
        return show_need(options);
    }
    return options.one ? play_one(options) : play_many(options);
}

}  // namespace memcache_session::sim

int main(int argc, char** argv) {
    return memcache_session::sim::run(argc, argv);
}

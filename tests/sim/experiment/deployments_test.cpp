// Runs of plans for jobs, users, teams and exits: in an idle system, the simulated figure by which
// the algorithm judges its plan is the planned one, to 1e-9.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <deque>
#include <functional>
#include <set>

#include "../engine/recorded.h"
#include "analysis/request_log.h"
#include "examples.h"
#include "models/base/random.h"
#include "sim/experiment/compile.h"
#include "sim/study/isolate.h"
#include "tests/partition/between.h"

namespace offcut::experiment::deployments_test {
namespace {

using engine::about;
using partition::Between;
using partition::Plan;

constexpr std::uint64_t kCases = 200;

/// A scenario with its plan and what its run measured.
struct Case {
  Experiment experiment;
  Plan plan;
  analysis::RunSummary run = {};
  std::vector<double> latencies = {};  // In order of arrival.
};

Experiment experiment_with(const std::string& scenario, const std::string& table) {
  static const scenario::Registries registries;
  const TemporaryFolder folder;
  folder.write("net.csv", table);
  return prepare(scenario::read_scenario(folder.write("my.yaml", scenario), {}, registries),
                 registries);
}

/// Runs all cases, each in a process of its own.
void run_all(std::deque<Case>& cases) {
  std::vector<study::IsolatedJob> jobs;
  for (const Case& planned : cases) {
    jobs.emplace_back([&planned](const engine::ProgressSink&) {
      const CompiledRun run = compile(planned.experiment, {planned.plan});
      analysis::RequestLog log("", run.simulation);
      std::map<std::int64_t, double> latencies;
      analysis::RunSummary summary;
      summary.record = engine::simulate(run.simulation,
                                        {.request =
                                             [&](const engine::RequestRecord& request) {
                                               log.add(request);
                                               latencies[request.request] = request.latency().si();
                                             }},
                                        *run.controller);
      log.finish(summary);
      std::string text = fmt::format("{}", latencies.size());
      for (const auto& [request, latency] : latencies) {
        text += fmt::format(" {:.17g}", latency);
      }
      return text + " " + analysis::to_json(summary);
    });
  }
  const std::vector<std::string> results = study::run_isolated(jobs, 2);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const char* place = results[i].c_str();
    char* end = nullptr;
    for (long count = std::strtol(place, &end, 10); count > 0; --count) {
      cases[i].latencies.push_back(std::strtod(end, &end));
    }
    analysis::from_json(end, cases[i].run);
    cases[i].run.plans = {cases[i].plan};
  }
}

/// Draws a chain of layers as a layer table, with times on a phone and on a server.
std::string random_table(Between& between) {
  std::string table = "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n";
  table += fmt::format("image,,{},0,0,0,0\n", between(1, 90));
  std::string last = "image";
  for (int layer = between(1, 7); layer > 0; --layer) {
    const std::string name = fmt::format("l{}", layer);
    table += fmt::format("{},{},{},{},0,{},{}\n", name, last, between(0, 90), between(0, 20),
                         between(0, 40) / 8.0, between(0, 40) / 32.0);
    last = name;
  }
  return table;
}

std::string two_tiers(int devices, int up, int latency, const std::string& plan,
                      const std::string& workload, int requests, int down = 40) {
  return fmt::format(
      "offcut: 1\nstop: {{requests: {}}}\nmodel: {{layers: net.csv}}\n"
      "tiers: {{phone: {{is: column:phone, count: {}}}, edge: {{is: column:server}}}}\n"
      "network: {{phone-edge: {{up: {} B/s, down: {} B/s, latency: {} ms, transport: none}}}}\n"
      "plan: {{{}, compare: none}}\nworkload: {{{}}}\n",
      requests, devices, up, down, latency, plan, workload);
}

/// Draws cases, runs them, and checks that each measured what its plan promises.
void check_cases(const std::string& name, partition::Measure measure,
                 const std::function<Experiment(Between&)>& draw,
                 const std::function<void(const Case&)>& check = {}) {
  std::deque<Case> cases;
  for (std::uint64_t i = 0; i < kCases; ++i) {
    RandomStream random = random_stream(761, name, i);
    Between between{random};
    Experiment experiment = draw(between);
    const scenario::PlanChoice& own = experiment.scenario.models.front().plan;
    const auto outcome = plan_all(experiment.models.front(), own, {own.algorithm}).front();
    if (!std::holds_alternative<Plan>(outcome)) {
      FAIL(name << ", case " << i << ": " << partition::refusal_text(outcome));
    }
    cases.push_back({std::move(experiment), std::get<Plan>(outcome)});
  }
  run_all(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(name << ", case " << i);
    const Case& done = cases[i];
    CHECK(done.plan.measure == measure);
    const auto measured = done.run.measured(measure);
    REQUIRE(measured);
    CHECK(measured->si() == about(done.plan.promise.si()));
    if (check) {
      check(done);
    }
  }
}

}  // namespace

TEST_CASE("deployments: jps, the makespan of a burst of jobs") {
  check_cases("jps", partition::Measure::makespan, [](Between& between) {
    const int jobs = between(1, 12);
    return experiment_with(
        two_tiers(1, between(5, 60), between(0, 900), fmt::format("algorithm: jps, jobs: {}", jobs),
                  fmt::format("arrivals: burst, size: {}", jobs), jobs),
        random_table(between));
  });
}

TEST_CASE("deployments: iao, each user's latency on its share of the server") {
  check_cases(
      "iao", partition::Measure::longest_latency,
      [](Between& between) {
        const int users = between(1, 6);
        return experiment_with(two_tiers(users, between(5, 60), between(0, 900),
                                         fmt::format("algorithm: iao, units: {}, serial: {}",
                                                     between(0, 9), between(0, 4) / 4.0),
                                         "arrivals: burst, size: 1", users),
                               random_table(between));
      },
      [](const Case& done) {
        // All arrive at once and in the order of their devices.
        const partition::Deployment& users = *done.plan.deployment;
        for (std::size_t user = 0; user < users.sequence.size(); ++user) {
          CHECK(done.latencies.at(user) ==
                about(users.variants[users.sequence[user]].cost.latency().si()));
        }
        CHECK(done.run.record.tiers[1].machines == done.run.record.tiers[1].parts);
      });
}

TEST_CASE("deployments: throughput, the time between the answers to a burst") {
  // Answers share their link, so that those of a burst bunch; here, they are never the longest
  // stage.
  check_cases("throughput", partition::Measure::period, [](Between& between) {
    return experiment_with(two_tiers(1, between(5, 60), between(0, 900), "algorithm: throughput",
                                     "arrivals: burst, size: 20", 20, 1'000'000),
                           random_table(between));
  });
}

TEST_CASE("deployments: pipeline, the period of a burst and the latency of its first request") {
  check_cases(
      "pipeline", partition::Measure::period,
      [](Between& between) {
        return experiment_with(
            two_tiers(1, 10, 0,
                      fmt::format("algorithm: pipeline, devices: {}, others: {}, bandwidth: {} B/s",
                                  between(1, 5), between(0, 2), between(4, 60)),
                      "arrivals: burst, size: 20", 20),
            random_table(between));
      },
      [](const Case& done) { CHECK(done.latencies.front() == about(done.plan.latency().si())); });
}

/// A scenario of one tier on which a network of the zoo runs once.
Experiment one_tier(const std::string& network, const std::string& plan) {
  return experiment_with(
      fmt::format("offcut: 1\nstop: {{requests: 1}}\nmodel: {{zoo: {}}}\n"
                  "tiers: {{device: {{is: raspberry-pi-3b}}}}\n"
                  "plan: {{{}, compare: none}}\nworkload: {{arrivals: burst, size: 1}}\n",
                  network, plan),
      "");
}

TEST_CASE("deployments: spatial, tiles on several devices, then the rest on one") {
  bool helped = false;
  check_cases(
      "spatial", partition::Measure::latency,
      [](Between& between) {
        return one_tier(
            between(0, 1) == 0 ? "lenet5" : "seeds-cnn",
            fmt::format("algorithm: spatial, rows: {}, columns: {}, devices: {}, "
                        "bandwidth: {} Mbit/s",
                        between(1, 3), between(1, 3), between(1, 6), std::pow(10, between(0, 4))));
      },
      [&](const Case& done) { helped |= done.run.record.teams.front().down_messages > 0; });
  CHECK(helped);
}

TEST_CASE("deployments: tensor-parallel, layers on several devices") {
  bool helped = false;
  check_cases(
      "tensor-parallel", partition::Measure::latency,
      [](Between& between) {
        return one_tier(between(0, 1) == 0 ? "lenet5" : "seeds-cnn",
                        fmt::format("algorithm: tensor-parallel, devices: {}, bandwidth: {} "
                                    "Mbit/s, latency: {} us",
                                    between(1, 6), std::pow(10, between(0, 5)), between(0, 50)));
      },
      [&](const Case& done) {
        const engine::RunRecord& record = done.run.record;
        helped |= record.teams.front().up_messages > 0;
        CHECK(record.tiers[0].machines == done.plan.deployment->team->machines);
        // The links carry what the steps say, and each step is a computation.
        Bytes sent, received;
        std::int64_t steps = 0;
        for (const partition::TeamPhase& phase : done.plan.deployment->team->phases) {
          for (const partition::TeamStrand& strand : phase) {
            for (const partition::TeamStep& step : strand) {
              sent += step.kind == partition::TeamStep::Kind::send ? step.bytes : Bytes(0);
              received += step.kind == partition::TeamStep::Kind::receive ? step.bytes : Bytes(0);
              steps += step.kind == partition::TeamStep::Kind::compute ? 1 : 0;
            }
          }
        }
        CHECK(record.teams.front().up.si() == about(sent.si()));
        CHECK(record.teams.front().down.si() == about(received.si()));
        CHECK(record.tiers[0].served == steps);
      });
  CHECK(helped);
}

TEST_CASE("deployments: edgent, requests leave at the exits with their probabilities") {
  std::deque<Case> cases;
  for (const double leaves : {0.0, 0.3, 0.94, 1.0}) {
    Experiment experiment = experiment_with(
        fmt::format("offcut: 1\nstop: {{requests: 4000}}\nmodel: {{zoo: branchy-lenet5}}\n"
                    "tiers: {{device: {{is: raspberry-pi-3b}}, cloud: {{is: t4}}}}\n"
                    "network: {{device-cloud: {{is: lte, transport: none}}}}\n"
                    "plan: {{algorithm: edgent, exits: {{exit1_prob: {{leaves: {}}}}}, compare: "
                    "none}}\nworkload: {{arrivals: closed-loop, think: 100 s}}\n",
                    leaves),
        "");
    const std::vector<Plan> plans = own_plans_of(experiment);
    cases.push_back({std::move(experiment), plans.front()});
  }
  run_all(cases);
  for (const Case& done : cases) {
    const partition::Deployment& exits = *done.plan.deployment;
    REQUIRE(exits.variants.size() == 2);
    std::array<double, 2> counts = {};
    for (const double latency : done.latencies) {
      const bool first = latency == about(exits.variants[0].cost.latency().si());
      CHECK((first || latency == about(exits.variants[1].cost.latency().si())));
      ++counts[first ? 0 : 1];
    }
    // Within four standard deviations of a binomial distribution.
    const double share = exits.odds[0];
    CHECK(std::abs(counts[0] - 4000 * share) <= 4 * std::sqrt(4000 * share * (1 - share)));
  }
}

TEST_CASE("deployments: what machines that are shared, or that help, can't have") {
  const auto refusal = [](const std::string& device, const std::string& edge,
                          const std::string& plan) {
    const Experiment e = experiment_with(
        fmt::format("offcut: 1\nstop: {{requests: 1}}\nmodel: {{layers: net.csv}}\n"
                    "tiers: {{phone: {{is: column:phone{}}}, edge: {{is: column:server{}}}}}\n"
                    "network: {{phone-edge: {{up: 9 B/s, down: 9 B/s, latency: 0 s}}}}\n"
                    "plan: {{{}, compare: none}}\nworkload: {{arrivals: burst}}\n",
                    device, edge, plan),
        kThreeLayers);
    try {
      plan_runs(e);
    } catch (const InputError& error) {
      return error.diagnostics().front().message;
    }
    return std::string();
  };
  CHECK(refusal("", "", "algorithm: iao, users: 3") ==
        "plan.users: a run needs a device for each of the 3 users, and 'phone' has 1; set "
        "tiers.phone.count to 3, or leave 'users' out");
  CHECK(refusal(", count: 3", "", "algorithm: iao, users: 3").empty());
  CHECK(refusal("", ", count: 2", "algorithm: iao") ==
        "plan.algorithm: 'iao' declines: its users share one machine of 'edge', which can have no "
        "count above 1");
  CHECK(refusal("", ", count: 2", "algorithm: pipeline").empty());
  CHECK(refusal(", count: 2", ", count: 2, sites: 2", "algorithm: pipeline") ==
        "plan.algorithm: 'pipeline' declines: devices that work on one request can't be spread "
        "over sites");
}

}  // namespace offcut::experiment::deployments_test

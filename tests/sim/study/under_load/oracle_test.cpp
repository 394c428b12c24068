// The choice of cuts and policies compared with the simulation of all combinations, on small random
// systems: two models with three cuts each, and four policies on each of two tiers, 144 in all.
// They are compared on other arrivals than those on which the choice was verified.
//
// OFFCUT_UNDER_LOAD=1-100 tries these systems instead of the first few.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cstdlib>

#include "sim/experiment/plan_runs.h"
#include "sim/study/under_load/choose.h"
#include "tests/temporary_folder.h"

namespace offcut::study::oracle_test {
namespace {

const scenario::Registries& registries() {
  static const scenario::Registries all;
  return all;
}

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : stream_(random_stream(seed, "system under load")) {}

  double between(double low, double high) {
    return low + (high - low) * boost::random::uniform_01<double>()(stream_);
  }
  std::size_t count(std::size_t low, std::size_t high) {
    return boost::random::uniform_int_distribution<std::size_t>(low, high)(stream_);
  }

 private:
  RandomStream stream_;
};

/// A system, as the files of its scenario.
struct System {
  std::string scenario;
  std::vector<std::string> tables;
};

/// Returns the layer table of a model of that size, and its time on the edge.
std::pair<std::string, double> table(Draw& draw, double size) {
  std::string text = "layer,inputs,output_bytes,param_bytes,macs,phone_s,edge_s,edge_s@4\n";
  text += fmt::format("image,,{:.0f},0,0,0,0,0\n", size * draw.between(2e4, 2e5));
  const double gain = draw.between(0.2, 0.9);  // Of batches.
  double on_edge = 0;
  for (const auto& [name, input, bytes] :
       {std::tuple("a", "image", size * draw.between(2e3, 8e4)), std::tuple("b", "a", 40.0)}) {
    const double phone = size * draw.between(0.01, 0.06);
    const double edge = phone / draw.between(3, 15);
    on_edge += edge;
    text += fmt::format("{},{},{:.0f},0,1,{},{},{}\n", name, input, bytes, phone, edge,
                        edge * (1 + 3 * gain));
  }
  return {text, on_edge};
}

System draw_system(std::uint64_t seed) {
  Draw draw(seed);
  const double sizes[] = {1, draw.between(0.15, 0.7)};
  System system;
  double on_edge[2];
  for (std::size_t i = 0; i < 2; ++i) {
    auto [text, time] = table(draw, sizes[i]);
    system.tables.push_back(std::move(text));
    on_edge[i] = time;
  }
  const std::size_t devices = draw.count(2, 8);
  const std::size_t servers = draw.count(1, 2);
  const double share = draw.between(0.3, 0.8);  // Of requests for the smaller model.
  const double rate = draw.between(0.4, 1.3) * static_cast<double>(servers) /
                      ((1 - share) * on_edge[0] + share * on_edge[1]);
  const auto deadline = [&](double size) {
    return draw.count(0, 1) == 0 ? ""
                                 : fmt::format(", deadline: {} s", size * draw.between(0.1, 0.4));
  };
  system.scenario = fmt::format(
      "offcut: 1\nseed: {}\nstop: {{requests: 100000}}\n"
      "models: {{big: {{layers: big.csv}}, small: {{layers: small.csv}}}}\n"
      "tiers:\n"
      "  device: {{is: column:phone, count: {}}}\n"
      "  edge: {{is: column:edge, count: {}, noise: {{kind: lognormal, cv: {}}}}}\n"
      "network: {{device-edge: {{up: {} Mbit/s, down: 50 Mbit/s, latency: {} ms}}}}\n"
      "plan: {{algorithm: multi-tier, under: load, scheduling: choose, compare: none}}\n"
      "workload:\n  classes:\n"
      "    urgent: {{model: small, arrivals: poisson, rate: {} /s, per: all{}}}\n"
      "    rest: {{model: big, arrivals: poisson, rate: {} /s, per: all, priority: 1{}}}\n",
      seed, devices, servers, draw.between(0, 0.6), draw.between(4, 60), draw.between(1, 15),
      rate * share, deadline(sizes[1]), rate * (1 - share), deadline(sizes[0]));
  return system;
}

/// Returns four policies for each tier: four queues on the device; two queues on the edge, with
/// batches or without.
std::vector<TierPolicies> four_policies(std::uint64_t seed) {
  const auto queue = [](const char* name) {
    return scheduling::Choice<scheduling::QueueKind>{registries().queues.find(name), {}, {}};
  };
  const char* const others[] = {"sjf", "edf", "priority"};
  scheduling::Choice<scheduling::BatchingKind> batches{
      registries().batching.find("timeout"), {}, {}};
  batches.parameters = defaults(batches.kind->parameters);
  batches.parameters.set("max", 4.0);
  return {{{queue("fifo"), queue("sjf"), queue("edf"), queue("priority")}, {{}}, {{}}, {{}}},
          {{queue("fifo"), queue(others[seed % 3])}, {{}, batches}, {{}}, {{}}}};
}

/// Returns all combinations of cuts and policies.
std::vector<Configuration> all_combinations(const experiment::Experiment& experiment,
                                            const std::vector<TierPolicies>& policies) {
  std::vector<std::vector<partition::Plan>> cuts;  // By model.
  for (const experiment::PreparedModel& model : experiment.models) {
    cuts.emplace_back();
    for (const partition::Assignment& tier_of :
         {partition::Assignment{1, 1}, partition::Assignment{0, 1}, partition::Assignment{0, 0}}) {
      partition::Plan plan{.algorithm = "oracle", .tier_of = tier_of};
      plan.cost = partition::evaluate(model.problem, tier_of);
      cuts.back().push_back(plan);
    }
  }
  std::vector<Configuration> all;
  for (const partition::Plan& big : cuts[0]) {
    for (const partition::Plan& small : cuts[1]) {
      for (const auto& device_queue : policies[0].queues) {
        for (const auto& edge_queue : policies[1].queues) {
          for (const auto& batching : policies[1].batching) {
            all.push_back(
                {{big, small}, {{device_queue, {}, {}, {}}, {edge_queue, batching, {}, {}}}});
          }
        }
      }
    }
  }
  return all;
}

struct Comparison {
  double best = 0, chosen = 0, idle = 0;
};

Comparison compare(std::uint64_t seed, std::int64_t requests) {
  const TemporaryFolder folder;
  const System system = draw_system(seed);
  folder.write("big.csv", system.tables[0]);
  folder.write("small.csv", system.tables[1]);
  experiment::Experiment experiment =
      experiment::read_experiment(folder.write("system.yaml", system.scenario), {}, registries());
  const std::vector<TierPolicies> policies = four_policies(seed);
  const LoadChoice choice =
      choose_under_load(experiment, registries(),
                        {.budget = Seconds(3), .policies = policies, .most_requests = requests});
  std::vector<Configuration> all = all_combinations(experiment, policies);
  REQUIRE(all.size() == 144);
  const LoadModel model(experiment);
  std::vector<const Cut*> idle;
  std::vector<Cut> cuts;
  for (const partition::Plan& plan : experiment::own_plans(experiment)) {
    cuts.push_back(cut_of(experiment.models[cuts.size()], plan));
  }
  for (const Cut& cut : cuts) {
    idle.push_back(&cut);
  }
  const DelayGoal goal = delay_goal(experiment, model, idle);
  all.push_back(choice.chosen);
  all.push_back({{cuts[0].plan, cuts[1].plan},
                 {{policies[0].queues[0], {}, {}, {}}, {policies[1].queues[0], {}, {}, {}}}});
  PerSecond rate;
  for (const Stream& stream : model.streams()) {
    rate += stream.rate;
  }
  experiment.scenario.seed += 1'000'000;  // Other arrivals.
  const std::vector<SimulatedDelay> delays =
      simulate_all(experiment, all, goal, 4 * requests, rate, {});
  Comparison result{.best = delays.front().mean.si()};
  for (const SimulatedDelay& delay : delays) {
    result.best = std::min(result.best, delay.mean.si());
  }
  result.chosen = delays[144].mean.si();
  result.idle = delays[145].mean.si();
  return result;
}

/// Returns the systems to try, "1-12" or those of the environment.
std::pair<std::uint64_t, std::uint64_t> systems() {
  const char* given = std::getenv("OFFCUT_UNDER_LOAD");
  std::uint64_t first = 1, last = 12;
  if (given != nullptr) {
    char* end = nullptr;
    first = std::strtoull(given, &end, 10);
    last = *end == '-' ? std::strtoull(end + 1, nullptr, 10) : first;
  }
  return {first, last};
}

}  // namespace

TEST_CASE("under load: the choice is as good as the best of all combinations" *
          doctest::test_suite("slow")) {
  constexpr double kNear = 1.05;   // Within 5 % of the best.
  constexpr double kNoise = 1.02;  // Of means on other arrivals.
  const auto [first, last] = systems();
  std::size_t near = 0, count = 0;
  double worst = 1, gain = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Comparison result = compare(seed, 5000);
    INFO("system ", seed, ": best ", result.best, " s, chosen ", result.chosen, " s, idle plans ",
         result.idle, " s");
    ++count;
    near += result.chosen <= kNear * result.best ? 1 : 0;
    worst = std::max(worst, result.chosen / result.best);
    gain += result.idle / result.chosen;
    CHECK(result.chosen <= kNoise * result.idle);
    if (result.chosen > kNear * result.best) {
      MESSAGE("system ", seed, " is ", result.chosen / result.best, " times the best");
    }
  }
  MESSAGE(near, " of ", count, " systems within 5 % of the best; the worst is ", worst,
          " times the best; idle plans in the order of arrival take ",
          gain / static_cast<double>(count), " times as long in the mean");
  CHECK(static_cast<double>(near) >= 0.95 * static_cast<double>(count) - 0.5);
}

}  // namespace offcut::study::oracle_test

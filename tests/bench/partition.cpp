// Measures the cost of planning: multi-tier on three tiers from the beginning, again after each
// change of the bandwidth, and the same problem as one plain minimum cut.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "models/base/cpu_time.h"
#include "models/cost/roofline.h"
#include "models/zoo/network.h"
#include "partition/graph_problem.h"
#include "partition/solvers/multi_tier_cut.h"

namespace offcut::bench {
namespace {

constexpr double kMilli = 1e3;

/// Returns the times on a Pi 4, a Jetson Orin and a T4, roughly those of the catalogue.
std::vector<partition::TierTimes> tier_times(const Graph& graph) {
  const auto device = [](double gflops, double gigabytes, double overhead) {
    return cost::Device{.peak = FlopsPerSecond(gflops * 1e9),
                        .memory_bandwidth = BytesPerSecond(gigabytes * 1e9),
                        .efficiency = {0.5, 0.1, 0.4, 0.5},
                        .layer_overhead = Seconds(overhead)};
  };
  std::vector<partition::TierTimes> tiers;
  for (const auto& [name, tier] : {std::pair("device", device(96, 6, 20e-6)),
                                   {"edge", device(5000, 200, 15e-6)},
                                   {"cloud", device(8000, 320, 10e-6)}}) {
    tiers.push_back({name, {}});
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      tiers.back().seconds.push_back(cost::layer_time(tier, graph.layer(id).work));
    }
  }
  return tiers;
}

constexpr double kMegabit = 1e6 / 8;

std::vector<partition::Hop> hops(double megabits) {
  return {
      {BytesPerSecond(megabits * kMegabit), BytesPerSecond(3 * megabits * kMegabit), Seconds(5e-3)},
      {BytesPerSecond(1000 * kMegabit), BytesPerSecond(1000 * kMegabit), Seconds(20e-3)}};
}

/// Decoder layers of 12 nodes: norm, three projections, scores, softmax, values, projection, sum,
/// norm, feed-forward, sum. Times and bytes differ from layer to layer.
partition::Problem decoder(std::size_t nodes) {
  partition::Problem problem{{.tiers = {"device", "edge", "cloud"}, .hops = hops(20)}};
  problem.tensors = {{.name = "in", .bytes = Bytes(4096)}};
  problem.seconds.resize(3);
  std::uint64_t state = 1;
  const auto draw = [&] {  // Any numbers would do.
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(state >> 40U) / 0x1p24;
  };
  // Each node of a decoder layer reads the outputs of the nodes that many places before it.
  const std::vector<std::vector<std::size_t>> reads = {{1},    {1}, {2},    {3}, {2, 3}, {1},
                                                       {1, 3}, {1}, {1, 9}, {1}, {1},    {1, 3}};
  for (LayerId layer = 0; layer < nodes; ++layer) {
    problem.layers.push_back(fmt::format("n{}", layer));
    const double work = 1e-3 * (0.1 + draw());
    for (std::size_t tier = 0; tier < 3; ++tier) {
      problem.seconds[tier].emplace_back(work / std::pow(12.0, static_cast<double>(tier)));
    }
    for (const std::size_t back : reads[layer % reads.size()]) {
      problem.tensors[layer + 1 - back].consumers.push_back(layer);
    }
    problem.tensors.push_back({.name = problem.layers.back(),
                               .producer = layer,
                               .bytes = Bytes(std::floor(1000 + 9000 * draw())),
                               .is_output = layer + 1 == nodes});
  }
  problem.check();
  return problem;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

template <class Work>
double seconds_of(Work work, int rounds) {
  std::vector<double> all;
  for (int round = 0; round < rounds; ++round) {
    const double start = thread_seconds();
    work(round);
    all.push_back(thread_seconds() - start);
  }
  return median(std::move(all));
}

void measure(const std::string& name, partition::Problem problem, int rounds) {
  const partition::MultiTierCut prepared(problem);
  const double cold =
      seconds_of([&](int) { partition::MultiTierCut(problem).solve(problem); }, rounds);
  // Bandwidths from 0.1 to 100 Mbit/s, so that the cut moves over the whole network.
  constexpr int kBandwidths = 31;
  std::vector<double> again;
  for (int i = 0; i < kBandwidths; ++i) {
    problem.hops = hops(0.1 * std::pow(10.0, 3.0 * i / (kBandwidths - 1)));
    again.push_back(seconds_of([&](int) { prepared.solve(problem); }, rounds));
  }
  const double most = *std::max_element(again.begin(), again.end());
  problem.hops = hops(20);
  const double plain = seconds_of(
      [&](int) {
        partition::plain_minimum_cut(
            {problem, partition::linear_costs(problem, problem.goal.objective)},
            partition::FlowSolver::boykov_kolmogorov);
      },
      rounds);
  fmt::print("{:<20} {:>7} {:>7} {:>7} {:>9.3f} {:>10.3f} {:>10.3f} {:>9.3f} {:>7.1f} {:>7.1f}\n",
             name, problem.layer_count(), prepared.cut_vertices(), prepared.largest_block(),
             cold * kMilli, median(again) * kMilli, most * kMilli, plain * kMilli, plain / cold,
             plain / median(again));
}

}  // namespace
}  // namespace offcut::bench

int main(int argc, char** argv) {
  using namespace offcut;
  CLI::App app("Measures the CPU time of planning on three tiers, in ms");
  std::vector<std::string> names;
  std::vector<std::size_t> nodes = {100, 300, 1000, 3000, 10000};
  int rounds = 15;
  app.add_option("--networks", names, "Built-in networks (default: all)")->delimiter(',');
  app.add_option("--nodes", nodes, "Sizes of decoder graphs")->delimiter(',');
  app.add_option("--rounds", rounds, "Rounds of each measurement, of which the median counts")
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  Registry<ops::Operator> operators;
  ops::register_operators(operators);
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  fmt::print("{:<20} {:>7} {:>7} {:>7} {:>9} {:>10} {:>10} {:>9} {:>7} {:>7}\n", "network",
             "layers", "cuts", "block", "from zero", "re-plan", "worst", "plain cut", "x",
             "x again");
  for (const auto& [name, network] : networks) {
    if (names.empty() || std::find(names.begin(), names.end(), name) != names.end()) {
      const Graph graph = network.build(operators, 1);
      bench::measure(name, partition::problem_of(graph, bench::tier_times(graph), bench::hops(20)),
                     rounds);
    }
  }
  for (const std::size_t count : nodes) {
    bench::measure(fmt::format("decoder-{}", count), bench::decoder(count), rounds);
  }
}

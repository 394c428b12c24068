// The identity with groups of devices and unlike servers: in an idle system every request takes
// what the plan of its group costs, with the times of the server that computed it, to 1e-9. Random
// networks are layer tables with a column for each kind of machine.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <sstream>

#include "../sim/engine/recorded.h"
#include "../temporary_folder.h"
#include "sim/experiment/compile.h"
#include "sim/experiment/plan_runs.h"
#include "sim/study/isolate.h"

namespace offcut::theory_tests::groups_identity_test {
namespace {

class RandomFleet {
 public:
  /// With engines, machines of each kind have a number of them, and there are more branches.
  RandomFleet(std::uint64_t seed, bool has_engines)
      : random_(random_stream(seed, "a random fleet")),
        has_engines_(has_engines),
        groups_(2 + below(2)) {}

  /// A table of a random network, with parallel branches.
  std::string network() {
    std::string text = "layer,inputs,output_bytes,param_bytes,macs";
    for (const char* column : {"a", "b", "c", "big", "small", "far"}) {
      text += fmt::format(",{}_s", column);
    }
    text += fmt::format("\ninput,,{},0,0,0,0,0,0,0,0\n", 1000 + below(200'000));
    const std::size_t layers = 3 + below(6);
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const std::size_t before = has_engines_ && layer > 0 ? below(layer) : layer - 1;
      std::string inputs = layer == 0 ? "input" : fmt::format("l{}", before);
      if (layer > 1 && below(3) == 0) {
        const std::size_t other = below(layer - 1);
        inputs += other != before ? fmt::format(" l{}", other) : "";
      }
      text += fmt::format("l{},{},{},0,0", layer, inputs, 10 + below(100'000));
      for (const double speed : {1.0, 3.0, 0.7, 0.02, 0.1, 0.01}) {
        text += fmt::format(",{}", speed * 0.001 * static_cast<double>(1 + below(100)));
      }
      text += "\n";
    }
    return text;
  }

  std::string scenario() {
    std::string text =
        "offcut: 1\nstop: {requests: 40}\nmodel: {layers: net.csv}\ntiers:\n  device:\n    "
        "groups:\n";
    for (std::size_t group = 0; group < groups_; ++group) {
      text += fmt::format(
          "      g{}: {{is: 'column:{}', count: {}, per-request: {} ms, network: {}{}}}\n", group,
          "abc"[group], 1 + below(3), below(4), access(), engines());
    }
    const char* planned[] = {"slowest", "mean", "big", "small"};
    const std::size_t sites = 1 + below(2);
    text += fmt::format(
        "  edge:\n    sites: {}\n    planned-for: {}\n    groups:\n"
        "      big: {{is: 'column:big', at-sites: [{}], cores: {}{}}}\n"
        "      small: {{is: 'column:small', count: {}, per-request: {} ms{}}}\n",
        sites, planned[below(4)],
        sites == 1      ? "1"
        : below(2) == 0 ? "1, 0"
                        : "0, 2",
        1 + below(2), engines(), sites * (1 + below(2)), below(4), engines());
    text += fmt::format("  cloud: {{is: 'column:far'{}}}\nnetwork:\n", engines());
    text += fmt::format("  edge-cloud: {{up: {} Mbit/s, down: {} Mbit/s, latency: {} ms}}\n",
                        1 + below(100), 1 + below(100), below(40));
    const char* plans[] = {"exact", "neurosurgeon", "edge-only", "cloud-only", "multi-tier"};
    text += fmt::format("plan: {{algorithm: {}, compare: none}}\n", plans[below(5)]);
    if (below(2) == 0) {
      text += "scheduling: {edge: {dispatch: round-robin}}\n";
    }
    return text + "workload: {arrivals: periodic, period: 1 s}\n";
  }

 private:
  std::size_t below(std::size_t count) {
    return boost::random::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  std::string engines() { return has_engines_ ? fmt::format(", parallel: {}", 1 + below(3)) : ""; }
  std::string access() {
    std::string text = fmt::format("{{up: {} Mbit/s, down: {} Mbit/s, latency: {} ms",
                                   1 + below(50), 1 + below(50), below(60));
    if (below(3) == 0) {
      text += ", shared: true";
    } else if (below(3) == 0) {
      text += fmt::format(", site: {{devices: 1, up: {} Mbit/s, down: 30 Mbit/s}}", 1 + below(50));
    }
    return text + (below(3) == 0 ? ", transport: tcp}" : "}");
  }

  RandomStream random_;
  bool has_engines_;
  std::size_t groups_;
};

/// Returns the expected latency of a request, on the server that computed it at the edge.
Seconds expected(const experiment::PreparedModel& model, const partition::Plan& plan,
                 std::int64_t server_group) {
  Seconds latency = plan.cost.latency();
  if (server_group >= 0) {
    const partition::Problem& own =
        model.machines[1][static_cast<std::size_t>(server_group)].problem;
    latency += partition::evaluate(own, plan.tier_of).compute[1] - plan.cost.compute[1];
  }
  return latency;
}

/// Returns the worst error of all requests, and the groups of devices and of servers that were
/// used, as bits.
std::string worst_error(const std::string& path) {
  const scenario::Registries registries;
  const experiment::Experiment experiment = experiment::read_experiment(path, {}, registries);
  const auto runs = experiment::plan_runs(experiment);
  const auto& plans = std::get<std::vector<partition::Plan>>(runs.front().outcome);
  double alone = 0;
  for (const partition::Plan& plan : plans) {
    alone = std::max(alone, plan.cost.latency().si());
  }
  // Devices send their requests one after another, once TCP has forgotten its windows.
  alone = 2 * alone + 2;
  const std::size_t devices = scenario::device_count(experiment.scenario);
  std::vector<double> first;
  for (std::size_t device = 0; device < devices; ++device) {
    first.push_back(alone * (0.3 + static_cast<double>(device)));
  }
  experiment::CompileOptions options;
  const double gap = alone * static_cast<double>(devices);
  options.arrivals.push_back(std::make_unique<engine::Schedule>(std::move(first), gap));
  const experiment::CompiledRun run = experiment::compile(experiment, plans, std::move(options));
  double worst = 0;
  std::size_t used = 0;
  const engine::Tier& edge = run.simulation.tiers[experiment.scenario.groups];
  std::vector<std::int64_t> group_of;  // By server: site by site, and there group by group.
  for (std::size_t site = 0; site < edge.sites; ++site) {
    for (std::size_t group = 0; group < edge.groups.size(); ++group) {
      group_of.insert(group_of.end(), edge.groups[group].at_site[site],
                      static_cast<std::int64_t>(group));
    }
  }
  engine::Observers observers;
  observers.request_parts = [&](const engine::RequestRecord& request,
                                const engine::RequestParts& parts) {
    const std::size_t number = experiment.model_of(0, request.device);
    const std::int64_t server = parts.tiers[1].server;
    const std::int64_t group = server < 0 ? -1 : group_of.at(static_cast<std::size_t>(server));
    const double right = expected(experiment.models[number], plans[number], group).si();
    worst = std::max(worst, request.completed() ? std::abs(request.latency().si() - right) : 1);
    const std::size_t server_bits = group < 0 ? 0 : 4 + 4 * static_cast<std::size_t>(group);
    used |= std::size_t{1} << (experiment.models[number].group + server_bits);
  };
  engine::simulate(run.simulation, observers, *run.controller);
  return fmt::format("{:.17g} {}", worst, used);
}

/// Checks so many random fleets. Returns the groups that were used in any of them.
std::size_t check_fleets(std::uint64_t count, bool have_engines) {
  const TemporaryFolder folder;
  std::vector<std::string> paths;
  std::vector<study::IsolatedJob> jobs;
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    RandomFleet fleet(seed, have_engines);
    std::filesystem::create_directories(folder.path() / std::to_string(seed));
    folder.write(fmt::format("{}/net.csv", seed), fleet.network());
    paths.push_back(folder.write(fmt::format("{}/scenario.yaml", seed), fleet.scenario()));
    jobs.emplace_back(
        [path = paths.back()](const engine::ProgressSink&) { return worst_error(path); });
  }
  const std::vector<std::string> results = study::run_isolated(jobs, 2);
  std::size_t all = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    std::size_t used = 0;
    double worst = 1;
    std::istringstream(results[i]) >> worst >> used;
    INFO(read_file(paths[i]));
    CHECK(worst < 1e-9);
    all |= used;
  }
  return all;
}

}  // namespace

TEST_CASE("identity: 200 random fleets of groups and unlike servers" *
          doctest::test_suite("slow")) {
  CHECK((check_fleets(200, false) & 0x770U) == 0x770U);  // Each group reached each kind of server.
}

TEST_CASE("identity: 200 random fleets whose groups have unlike numbers of engines" *
          doctest::test_suite("slow")) {
  CHECK((check_fleets(200, true) & 0x770U) == 0x770U);
}

}  // namespace offcut::theory_tests::groups_identity_test

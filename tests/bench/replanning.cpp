// Measures re-planning: AlexNet between a phone-class device and a server, looked up at rates drawn
// over four orders of magnitude, and for comparison by a solver call at each rate.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <cmath>

#include "models/base/cpu_time.h"
#include "models/base/random.h"
#include "models/cost/roofline.h"
#include "models/zoo/network.h"
#include "partition/graph_problem.h"
#include "sim/experiment/best_plans.h"

namespace offcut::bench {
namespace {

constexpr double kMegabit = 1e6 / 8;

partition::Problem problem_of(const std::string& network) {
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  const zoo::Network* found = networks.find(network);
  if (found == nullptr) {
    throw CLI::ValidationError("--network", "unknown network");
  }
  Registry<ops::Operator> operators;
  ops::register_operators(operators);
  const Graph graph = found->build(operators, 1);
  std::vector<partition::TierTimes> tiers;
  for (const auto& [name, gflops, gigabytes] :
       {std::tuple("device", 20.0, 3.0), {"cloud", 8000.0, 320.0}}) {
    const cost::Device device{.peak = FlopsPerSecond(gflops * 1e9),
                              .memory_bandwidth = BytesPerSecond(gigabytes * 1e9),
                              .efficiency = {0.5, 0.1, 0.4, 0.5},
                              .layer_overhead = Seconds(20e-6)};
    tiers.push_back({name, {}});
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      tiers.back().seconds.push_back(cost::layer_time(device, graph.layer(id).work));
    }
  }
  return partition::problem_of(
      graph, std::move(tiers),
      {{BytesPerSecond(6 * kMegabit), BytesPerSecond(13 * kMegabit), Seconds(0.002)}});
}

/// Returns the CPU seconds of so many re-plans, and adds the number of distinct plans to `plans`.
double seconds_of(experiment::BestPlans& plans, std::size_t replans, bool by_solver,
                  std::set<const partition::Assignment*>& found) {
  RandomStream random = random_stream(1, "re-planning");
  experiment::Conditions conditions = plans.nominal();
  const experiment::Conditions::Rates nominal = conditions.hops.front();
  std::vector<double> factors(replans);
  for (double& factor : factors) {
    factor = std::pow(10, 4 * boost::random::uniform_01<double>()(random) - 2);
  }
  if (by_solver) {
    conditions.load.wait = Seconds(1e-12);  // A second quantity that moves.
  }
  const double begin = thread_seconds();
  for (const double factor : factors) {
    conditions.hops.front().up = nominal.up * factor;
    conditions.hops.front().down = nominal.down * factor;
    found.insert(plans.best(conditions));
  }
  return thread_seconds() - begin;
}

}  // namespace
}  // namespace offcut::bench

int main(int argc, char** argv) {
  using namespace offcut;
  std::string network = "alexnet";
  std::size_t replans = 1'000'000;
  std::size_t solved = 1000;
  CLI::App app("The time of re-planning");
  app.add_option("--network", network, "the network");
  app.add_option("--replans", replans, "the number of look-ups");
  app.add_option("--solved", solved, "the number of solver calls");
  CLI11_PARSE(app, argc, argv);
  try {
    experiment::AssignmentPool pool;
    experiment::BestPlans plans(bench::problem_of(network), pool);
    std::set<const partition::Assignment*> found, found_by_solver;
    const double looked_up = bench::seconds_of(plans, replans, false, found);
    const auto calls = plans.solver_calls();
    const double by_solver = bench::seconds_of(plans, solved, true, found_by_solver);
    fmt::print(
        "{}: {} re-plans by look-up in {:.3f} s ({} plans, {} solver calls for the "
        "envelope); a solver call takes {:.1f} us\n",
        network, replans, looked_up, found.size(), calls,
        1e6 * by_solver / static_cast<double>(std::max<std::size_t>(1, solved)));
  } catch (const CLI::Error& error) {
    return app.exit(error);
  }
  return 0;
}

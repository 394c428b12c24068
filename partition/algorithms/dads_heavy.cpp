// `dads-heavy` finds a plan with a short longest stage, for many requests per second, by minimum
// cuts of weighted stages (Hu et al., DADS, INFOCOM 2019, algorithm DSH, heavy load). It is an
// approximation within a factor of the number of stages (3 on two tiers if answers have no bytes),
// and usually much closer. partition/solvers/longest_stage.h describes the weights.
// O(rounds) minimum cuts.

#include <fmt/format.h>

#include "partition/algorithm.h"
#include "partition/solvers/longest_stage.h"
#include "partition/solvers/minimum_cut.h"
#include "partition/stops.h"

namespace offcut::partition {
namespace {

Answer solve_dads_heavy(const Problem& problem, const Parameters& parameters) {
  if (!can_cut(problem, problem.tier_count())) {
    return Declined{"it can't count the time of codecs on more than two tiers"};
  }
  if (problem.has_routes()) {
    Problem asked = problem;
    asked.goal = {.objective = {.latency = 0, .bottleneck = 1},
                  .limits = {.pinned = problem.goal.limits.pinned}};
    Answer answer =
        solve_by_stops({.name = "dads-heavy", .solve = solve_dads_heavy}, asked, parameters);
    answer.bound = std::nullopt;
    answer.measure = Measure::period;
    return answer;
  }
  Answer answer =
      weigh_stages(problem, static_cast<std::size_t>(parameters.at("rounds"))).tier_of;
  answer.measure = Measure::period;
  return answer;
}

std::string note_dads_heavy(const Problem& problem, const Assignment& tier_of) {
  return fmt::format("longest stage {}", to_readable(evaluate(problem, tier_of).bottleneck));
}

}  // namespace

void register_dads_heavy(Registry<Algorithm>& registry) {
  registry.add({.name = "dads-heavy",
                .doc = "a short longest stage, for throughput, by weighted minimum cuts",
                .citation = "Hu et al., DADS, INFOCOM 2019, algorithm DSH",
                .growth = {"rounds minimum cuts"},
                .within = {.pins = true},
                .parameters = {{.name = "rounds",
                                .fallback = 50,
                                .least = 1,
                                .most = 1e6,
                                .doc = "minimum cuts that it tries"}},
                .solve = solve_dads_heavy,
                .note = note_dads_heavy,
                .branches = Branches::bounded});
}

}  // namespace offcut::partition

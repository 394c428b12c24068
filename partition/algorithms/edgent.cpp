// edgent: the most accurate exit whose best cut answers within the deadline (Li, Zeng, Zhou, Chen,
// "Edge AI", IEEE Transactions on Wireless Communications 19(1), 2020). partition/early_exit.h has
// the algorithm. The network's outputs are its exits, and the deeper one, of more layers, is the
// more accurate, as the paper assumes. O(outputs) minimum cuts.
//
// An assignment places all layers, so that of a network with one output is an answer; with several
// it says which exit it takes, and declines.

#include <fmt/format.h>

#include "partition/algorithm.h"
#include "partition/early_exit.h"
#include "partition/minimum_cut.h"

namespace offcut {
namespace {

std::vector<NetworkExit> exits_of(const Problem& problem) {
  std::vector<NetworkExit> exits;
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    if (problem.tensors[i].is_output) {
      ProblemPart part = part_up_to(problem, i);
      exits.push_back({problem.tensors[i].name, static_cast<double>(part.layers.size()),
                       std::move(part.problem)});
    }
  }
  return exits;
}

std::variant<Assignment, Declined> solve_it(const Problem& problem, const Parameters& parameters) {
  const Seconds deadline(parameters.at("deadline"));
  if (deadline == Seconds(0)) {
    return Declined{"needs 'deadline'"};
  }
  if (!can_cut(problem, problem.tier_count())) {
    return Declined{"the time that a codec takes on more than two tiers is not the cost of a cut"};
  }
  const std::vector<NetworkExit> exits = exits_of(problem);
  const auto plan = most_accurate_exit(exits, deadline);
  if (!plan) {
    return Declined{fmt::format("no exit answers within {}", to_readable(deadline))};
  }
  if (exits.size() > 1 || plan->tier_of.size() != problem.layer_count()) {
    return Declined{fmt::format("it would leave at '{}' in {}, but a plan places all layers",
                                exits[plan->exit].name, to_readable(plan->cost.latency()))};
  }
  return plan->tier_of;
}

}  // namespace

void register_edgent(Registry<Algorithm>& registry) {
  registry.add({.name = "edgent",
                .doc = "the deepest exit that some cut reaches within a deadline",
                .citation = "Li et al., Edgent, IEEE Transactions on Wireless Communications "
                            "19(1), 2020, algorithm 1",
                .parameters = {{.name = "deadline",
                                .dimension = Dimension::time,
                                .doc = "of the latency of one request in an idle system"}},
                .solve = solve_it});
}

}  // namespace offcut

// multi-tier: the cheapest assignment to any number of tiers, exactly, in one minimum cut.
//
// The cut networks in the literature have two tiers (Hu et al., INFOCOM 2019; Zhang et al.,
// "Towards real-time cooperative deep inference over the cloud and edge end devices", IMWUT 4(2),
// 2020). With a node for each layer and hop, as for ordered labels (Ishikawa, IEEE TPAMI 25(10),
// 2003), the same construction gives the optimum over all of them at once, since nothing goes back.
// See partition/minimum_cut.h for what stands for what.

#include "partition/algorithm.h"
#include "partition/minimum_cut.h"

namespace offcut {
namespace {

std::variant<Assignment, Declined> solve_it(const Problem& problem, const Parameters&) {
  if (!can_cut(problem)) {
    return Declined{"the time that a codec takes on more than two tiers is not the cost of a cut"};
  }
  return cheapest_assignment(problem);
}

}  // namespace

void register_multi_tier(Registry<Algorithm>& registry) {
  registry.add({.name = "multi-tier",
                .doc = "the optimum over all tiers, as one minimum cut",
                .citation = "Ishikawa, IEEE TPAMI 25(10), 2003, section 4, on the network of Hu et "
                            "al., DADS, INFOCOM 2019",
                .exact = true,
                .objectives = Objectives::latency,
                .solve = solve_it});
}

}  // namespace offcut

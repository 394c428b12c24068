// `multi-tier` finds the cheapest assignment to any number of tiers, exactly.
//
// The flow networks in the literature have two tiers (Hu et al., INFOCOM 2019; Zhang et al.,
// "Towards real-time cooperative deep inference over the cloud and edge end devices", IMWUT 4(2),
// 2020). With a node for each layer and hop, as for ordered labels (Ishikawa, IEEE TPAMI 25(10),
// 2003), the same construction gives the optimum over all tiers at once, because no data goes back:
// see partition/solvers/minimum_cut.h. Only blocks between cut vertices go to the solver, as in the
// second paper: see partition/solvers/multi_tier_cut.h. With routes, there is such a problem for
// each set of stops: see partition/stops.h and stop_search.h.

#include "partition/algorithm.h"
#include "partition/solvers/minimum_cut.h"
#include "partition/solvers/stop_search.h"

namespace offcut::partition {
namespace {

Answer solve_multi_tier(const Problem& problem, const Parameters&) {
  if (!can_cut(problem, problem.tier_count())) {
    return Declined{"it can't count the time of codecs on more than two tiers"};
  }
  return solve_cuts(problem);
}

}  // namespace

void register_multi_tier(Registry<Algorithm>& registry) {
  registry.add({.name = "multi-tier",
                .doc = "the optimum over all tiers, by minimum cuts between cut vertices",
                .citation = "Ishikawa, IEEE TPAMI 25(10), 2003, section 4, on the network of Hu et "
                            "al., DADS, INFOCOM 2019; Zhang et al., QDMP, IMWUT 4(2), 2020",
                .proof = Proof::optimum,
                .growth = {"maximum flows of blocks"},
                .objectives = Objectives::linear,
                .within = {.pins = true},
                .solve = solve_multi_tier,
                .ignores_stalls = true,
                .by_stops = true,
                .branches = Branches::bounded});
}

}  // namespace offcut::partition

// min-cut: the cheapest cut of a DAG between the device and one other tier, as a minimum cut (Hu,
// Bao, Wang, Liu, "Dynamic adaptive DNN surgery for inference acceleration on the edge", INFOCOM
// 2019, section IV, light load).
//
// Deviations: the paper's network counts a tensor again for each further branch that its auxiliary
// vertices miss, and lets a layer go back to the device; here a tensor counts once and nothing goes
// back. The input is on the device, the answer's way back and each hop's latency count. With more
// than two tiers, each of the others is tried, with what lies between as one hop: a relay receives
// a message whole before it sends it on, so times and latencies of the hops add up. Layers between
// are multi-tier's business.

#include "partition/algorithm.h"
#include "partition/minimum_cut.h"

namespace offcut {
namespace {

/// The device and the tier, and one hop that takes as long as all between.
Problem between_two(const Problem& problem, std::size_t tier) {
  double up = 0;
  double down = 0;
  Hop hop{};
  for (std::size_t i = 0; i < tier; ++i) {
    up += 1 / problem.hops[i].up.si();
    down += 1 / problem.hops[i].down.si();
    hop.latency += problem.hops[i].latency;
  }
  hop.up = BytesPerSecond(1 / up);
  hop.down = BytesPerSecond(1 / down);
  std::vector<CrossingTensor> tensors = problem.tensors;
  for (CrossingTensor& tensor : tensors) {
    if (tensor.coding) {
      tensor.coding->encode = {tensor.coding->encode[0], tensor.coding->encode[tier]};
      tensor.coding->decode = {tensor.coding->decode[0], tensor.coding->decode[tier]};
    }
  }
  return {.tiers = {problem.tiers[0], problem.tiers[tier]},
          .layers = problem.layers,
          .seconds = {problem.seconds[0], problem.seconds[tier]},
          .tensors = std::move(tensors),
          .hops = {hop}};
}

std::variant<Assignment, Declined> solve_it(const Problem& problem, const Parameters&) {
  Assignment best(problem.layer_count(), 0);
  Seconds least = evaluate(problem, best).latency();
  for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
    Assignment found = cheapest_assignment(between_two(problem, tier));
    for (std::size_t& of_layer : found) {
      of_layer *= tier;
    }
    const Seconds latency = evaluate(problem, found).latency();
    if (latency < least) {
      least = latency;
      best = std::move(found);
    }
  }
  return best;
}

std::string note(const Problem& problem, const Assignment&) {
  return problem.tier_count() > 2 ? "best of the device and one other tier" : "";
}

}  // namespace

void register_min_cut(Registry<Algorithm>& registry) {
  registry.add({.name = "min-cut",
                .doc = "the cheapest cut of a DAG between the device and one other tier",
                .citation = "Hu et al., DADS, INFOCOM 2019, section IV",
                .objectives = Objectives::latency,
                .solve = solve_it,
                .note = note});
}

}  // namespace offcut

// `codec-aware` chooses the cut together with the codecs of the tensors that cross it, so that the
// measured loss of accuracy stays within a budget (Li, Hu, Jiang, Wang, Wen, Zhu, "JALAD: Joint
// Accuracy- and Latency-Aware Deep Structure Decoupling for Edge-Cloud Execution", ICPADS 2018:
// minimise latency over (cut, bits) subject to accuracy loss <= budget).
//
// Deviations: the paper solves an integer programme over the layers of a chain. Here, every legal
// cut of the DAG is tried with all codecs measured at it, which is exact for few cuts, and the
// algorithm declines if there are more. Tensors may also cross unencoded, which loses nothing. With
// more than two tiers, each of the others is tried for the layers after the cut, because losses are
// measured at cuts in two parts. O(cuts * measured codecs * tiers * tensors).

#include <fmt/format.h>

#include <algorithm>

#include "partition/algorithm.h"
#include "partition/solvers/enumeration.h"
#include "partition/solvers/measured_codecs.h"

namespace offcut::partition {
namespace {

/// Returns the problem without the tiers after the second one, for the enumeration: a legal cut is
/// an assignment to the device and one other tier.
Problem in_two(Problem problem) {
  problem.tiers.resize(std::min<std::size_t>(problem.tiers.size(), 2));
  return problem;
}

struct Choice {
  CodecOf codecs;
  Seconds latency;
};

/// Returns the best codecs at a cut; among equals the first, and before all others no codecs.
Choice best_codecs(const Problem& problem, double budget, const Assignment& tier_of) {
  Choice best{{}, evaluate(problem, tier_of).latency()};
  for (AccuracyTable::Entry& way : measured_codecs(problem, tier_of)) {
    if (way.loss <= budget) {
      const Seconds latency = evaluate(with_codecs(problem, way.codecs), tier_of).latency();
      if (latency < best.latency) {
        best = {std::move(way.codecs), latency};
      }
    }
  }
  return best;
}

Answer solve_codec_aware(const Problem& problem, const Parameters& parameters) {
  if (problem.extras.accuracy.empty()) {
    return Declined{"the accuracy of codecs was not measured (plan.codec: a list of codecs)"};
  }
  const double most = parameters.at("most");
  const Problem cuts = in_two(problem);
  if (!are_at_most(cuts, most)) {
    return Declined{fmt::format(
        "there are more than {:.0f} legal cuts (the parameter 'most' sets the limit)", most)};
  }
  const double budget = parameters.at("accuracy-loss");
  Assignment best(problem.layer_count(), 0);
  Choice least = best_codecs(problem, budget, best);
  each_assignment(cuts, [&](const Assignment& cut) {
    for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
      Assignment tier_of = cut;
      std::replace(tier_of.begin(), tier_of.end(), std::size_t{1}, tier);
      Choice choice = best_codecs(problem, budget, tier_of);
      if (choice.latency < least.latency) {
        least = std::move(choice);
        best = std::move(tier_of);
      }
    }
    return true;
  });
  const auto& deadline = problem.goal.limits.deadline;
  if (deadline && least.latency > *deadline * (1 + kRounding)) {
    return Declined{fmt::format("its best plan takes {}, the deadline is {}",
                                to_readable(least.latency), to_readable(*deadline))};
  }
  Answer answer = std::move(best);
  answer.codecs = std::move(least.codecs);
  return answer;
}

std::string note_codec_aware(const Problem& problem, const Assignment&) {
  return problem.tier_count() > 2 ? "best of the device and one other tier" : "";
}

}  // namespace

void register_codec_aware(Registry<Algorithm>& registry) {
  registry.add({.name = "codec-aware",
                .doc = "the best cut together with its codecs, under a limit on lost accuracy",
                .citation = "Li et al., JALAD, ICPADS 2018",
                .growth = {"cuts codecs tiers tensors"},
                .objectives = Objectives::latency,
                .within = {.pins = true, .deadline = true},
                .takes = {.accuracy = true},
                .parameters = {{.name = "accuracy-loss",
                                .fallback = 0.01,
                                .most = 1,
                                .doc = "share of correct answers that codecs may cost"},
                               {.name = "most",
                                .fallback = 1e5,
                                .least = 1,
                                .doc = "cuts that it may try before it declines"}},
                .solve = solve_codec_aware,
                .note = note_codec_aware});
}

}  // namespace offcut::partition

// `codec-aware` chooses the cut together with the codecs of the tensors that cross it, so that the
// measured loss of accuracy stays within a budget (Li, Hu, Jiang, Wang, Wen, Zhu, "JALAD: Joint
// Accuracy- and Latency-Aware Deep Structure Decoupling for Edge-Cloud Execution", ICPADS 2018:
// minimise latency over (cut, bits) subject to accuracy loss <= budget).
//
// Deviations: the paper solves an integer programme over the layers of a chain. Here, every legal
// cut of the DAG is tried with all codecs measured at it, which is exact for few cuts, and the
// algorithm declines if there are more. Tensors may also cross unencoded, which loses nothing where
// tiers compute in floats. With more than two tiers, each of the others is tried for the layers
// after the cut, because losses are measured at cuts in two parts. O(cuts * measured codecs * tiers
// * tensors).

#include <fmt/format.h>

#include <algorithm>
#include <optional>

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
  Assignment tier_of;
  CodecOf codecs;
  Seconds latency;
};

/// Improves `best` by the codecs at a cut; among equals the first stays, and no codecs come first.
/// Only losses of faster plans are asked for, and thus measured.
void try_codecs(const Problem& problem, double budget, const Assignment& tier_of,
                std::optional<Choice>& best) {
  for (AccuracyTable::Entry& way : measured_codecs(problem, tier_of)) {
    const Seconds latency = evaluate(with_codecs(problem, way.codecs), tier_of).latency();
    if ((!best || latency < best->latency) && way.loss <= budget) {
      best = {tier_of, std::move(way.codecs), latency};
    }
  }
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
  std::optional<Choice> best;
  try_codecs(problem, budget, Assignment(problem.layer_count(), 0), best);
  each_assignment(cuts, [&](const Assignment& cut) {
    for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
      Assignment tier_of = cut;
      std::replace(tier_of.begin(), tier_of.end(), std::size_t{1}, tier);
      try_codecs(problem, budget, tier_of, best);
    }
    return true;
  });
  if (!best) {
    return Declined{fmt::format("every plan loses more than {:g} of accuracy", budget)};
  }
  const auto& deadline = problem.goal.limits.deadline;
  if (deadline && best->latency > *deadline * (1 + kRounding)) {
    return Declined{fmt::format("its best plan takes {}, the deadline is {}",
                                to_readable(best->latency), to_readable(*deadline))};
  }
  Answer answer = std::move(best->tier_of);
  answer.codecs = std::move(best->codecs);
  return answer;
}

std::string note_codec_aware(const Problem& problem, const Assignment&) {
  return problem.tier_count() > 2 ? "best of the device and one other tier" : "";
}

}  // namespace

void register_codec_aware(Registry<Algorithm>& registry) {
  registry.add(
      {.name = "codec-aware",
       .doc = "the best cut together with its codecs, under a limit on lost accuracy",
       .citation = "Li et al., JALAD, ICPADS 2018",
       .growth = {"cuts codecs tiers tensors"},
       .objectives = Objectives::latency,
       .within = {.pins = true, .deadline = true},
       .takes = {.accuracy = true},
       .parameters = {{.name = "accuracy-loss",
                       .fallback = 0.01,
                       .most = 1,
                       .doc = "share of correct answers that codecs and precisions may cost"},
                      {.name = "most",
                       .fallback = 1e5,
                       .least = 1,
                       .doc = "cuts that it may try before it declines"}},
       .solve = solve_codec_aware,
       .note = note_codec_aware});
}

}  // namespace offcut::partition

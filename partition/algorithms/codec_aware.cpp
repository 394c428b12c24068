// codec-aware: the cut and the codec of what crosses it, together, where the measured loss of
// accuracy stays within a budget (Li, Hu, Jiang, Wang, Wen, Zhu, "JALAD: Joint Accuracy- and
// Latency-Aware Deep Structure Decoupling for Edge-Cloud Execution", ICPADS 2018: minimise latency
// over (cut, bits) subject to accuracy loss <= budget).
//
// Deviations: the paper solves an integer program over the layers of a chain; here every legal cut
// of the DAG is tried with all that was measured at it, which is exact while cuts are few, and
// declined beyond. Tensors may also cross as they are, which loses nothing. With more than two
// tiers each of the others is tried as the place of the tail: losses are measured at cuts in two.
// O(cuts * measured codecs * tiers * tensors).

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "partition/algorithm.h"

namespace offcut {
namespace {

/// Visits all heads: sets of layers that hold what their members read from.
class Heads {
 public:
  explicit Heads(const Problem& problem)
      : reads_(problem.layer_count()), in_head_(problem.layer_count(), false) {
    for (const CrossingTensor& tensor : problem.tensors) {
      for (const LayerId reader : tensor.consumers) {
        if (tensor.producer) {
          reads_[reader].push_back(*tensor.producer);
        }
      }
    }
  }

  /// Calls `visit` until it returns false; returns false then.
  bool each(const std::function<bool(const std::vector<bool>&)>& visit, LayerId layer = 0) {
    if (layer == in_head_.size()) {
      return visit(in_head_);
    }
    const bool may = std::all_of(reads_[layer].begin(), reads_[layer].end(),
                                 [&](LayerId before) { return in_head_[before]; });
    for (const bool in_head : {true, false}) {
      if (may || !in_head) {
        in_head_[layer] = in_head;
        if (!each(visit, layer + 1)) {
          return false;
        }
      }
    }
    return true;
  }

 private:
  std::vector<std::vector<LayerId>> reads_;
  std::vector<bool> in_head_;
};

/// Without tensors that no codec makes smaller: they cross as they are.
CodecOf offered(const Problem& problem, const std::vector<std::size_t>& tensors,
                const CodecOf& codecs) {
  CodecOf some;
  for (const std::size_t id : tensors) {
    const CrossingTensor& tensor = problem.tensors[id];
    const std::string& codec = codecs.at(tensor.name);
    if (std::any_of(tensor.candidates.begin(), tensor.candidates.end(),
                    [&](const Coding& coding) { return coding.codec == codec; })) {
      some[tensor.name] = codec;
    }
  }
  return some;
}

struct Choice {
  CodecOf codecs;
  Seconds latency;
};

/// The best codecs at a cut; of equals the first, none before any.
Choice best_codecs(const Problem& problem, double budget, const Assignment& tier_of) {
  Choice best{{}, evaluate(problem, tier_of).latency()};
  const std::vector<std::size_t> tensors = crossing(problem, tier_of);
  std::set<std::string> names;
  for (const std::size_t id : tensors) {
    names.insert(problem.tensors[id].name);
  }
  for (const AccuracyTable::Entry& entry : problem.accuracy.at(names)) {
    if (entry.loss <= budget) {
      CodecOf codecs = offered(problem, tensors, entry.codecs);
      const Seconds latency = evaluate(with_codecs(problem, codecs), tier_of).latency();
      if (latency < best.latency) {
        best = {std::move(codecs), latency};
      }
    }
  }
  return best;
}

std::variant<Assignment, Declined> solve_it(const Problem& problem, const Parameters& parameters) {
  if (problem.accuracy.empty()) {
    return Declined{"no codec's accuracy was measured (plan.codec: a list of codecs)"};
  }
  const double most = parameters.at("most");
  Heads heads(problem);
  double count = 0;
  if (!heads.each([&](const std::vector<bool>&) { return ++count <= most; })) {
    return Declined{fmt::format(
        "there are more than {:.0f} legal cuts (the parameter 'most' sets the limit)", most)};
  }
  const double budget = parameters.at("accuracy-loss");
  Assignment best(problem.layer_count(), 0);
  Seconds least = evaluate(problem, best).latency();
  heads.each([&](const std::vector<bool>& in_head) {
    for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
      Assignment tier_of;
      for (const bool near : in_head) {
        tier_of.push_back(near ? 0 : tier);
      }
      const Seconds latency = best_codecs(problem, budget, tier_of).latency;
      if (latency < least) {
        least = latency;
        best = std::move(tier_of);
      }
    }
    return true;
  });
  return best;
}

CodecOf codecs(const Problem& problem, const Parameters& parameters, const Assignment& tier_of) {
  return best_codecs(problem, parameters.at("accuracy-loss"), tier_of).codecs;
}

std::string note(const Problem& problem, const Assignment&) {
  return problem.tier_count() > 2 ? "best of the device and one other tier" : "";
}

}  // namespace

void register_codec_aware(Registry<Algorithm>& registry) {
  registry.add({.name = "codec-aware",
                .doc = "the best cut together with its codecs, under a limit on lost accuracy",
                .citation = "Li et al., JALAD, ICPADS 2018",
                .objectives = Objectives::latency,
                .parameters = {{.name = "accuracy-loss",
                                .fallback = 0.01,
                                .most = 1,
                                .doc = "share of right answers that codecs may cost"},
                               {.name = "most",
                                .fallback = 1e5,
                                .least = 1,
                                .doc = "how many cuts it may try before it declines"}},
                .solve = solve_it,
                .note = note,
                .codecs = codecs});
}

}  // namespace offcut

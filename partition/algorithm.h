#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "partition/evaluation.h"
#include "partition/plan_figure.h"

namespace offcut::partition {

/// An algorithm's answer, with the cost that it predicts.
struct Plan {
  std::string algorithm;
  Assignment tier_of;
  Cost cost;
  std::string
      note;  // what the algorithm declares about this answer; empty where there is nothing to say
  CodecOf codecs = {};          // of the tensors that cross encoded
  std::optional<double> bound;  // no plan's objective is less; where that is proven
  std::vector<PlanFigure> figures;
};

/// What an algorithm can't do, and why. Shows in every report; never a silent fallback.
struct Declined {
  std::string reason;
};

using Outcome = std::variant<Plan, Declined>;

/// What an algorithm finds, what it proves of it, and what belongs to it.
struct Answer {
  std::variant<Assignment, Declined> found;
  std::optional<double> bound;  // as Plan::bound
  /// Beside the assignment: algorithms for many jobs or users give them unlike cuts, and the one
  /// that most of them have as the assignment.
  std::vector<PlanFigure> figures;
  /// Of an algorithm that chooses codecs: those of tensors that cross. Otherwise tensors have the
  /// problem's codings.
  std::optional<CodecOf> codecs;

  template <class T>  // an answer by itself is one without a bound
  Answer(T answer, std::optional<double> bound_ = std::nullopt)
      : found(std::move(answer)), bound(bound_) {}
};

/// Which objectives an algorithm takes: all (or it looks at none), those that are sums over layers
/// and tensors (Objective::is_linear), or nothing but the latency.
enum class Objectives { any, linear, latency };

/// The limits within which an algorithm looks for its plan. Of another, it finds out when it has
/// one.
struct Within {
  bool pins = false;
  bool memory = false;
  bool deadline = false;
};

/// The extra input of a problem that an algorithm takes into account. Its answer does not depend on
/// any other, whether the problem has it or not.
struct Takes {
  bool graph = false;     // Extras::graph
  bool accuracy = false;  // Extras::accuracy, and the candidate codings of tensors
  bool classes = false;   // Extras::classes
  bool exits = false;     // Extras::exits
};

/// What an algorithm proves of its answers.
enum class Proof {
  none,
  bound,             // nothing, unless an answer has a bound of its own
  optimum_of_chain,  // the optimum of a chain within the limits; declines what is no chain
  optimum            // the optimum over all monotone assignments within the limits
};

/// What the time of an algorithm grows with in the worst case.
enum class Effort {
  polynomial,   // a power of the number of layers
  assignments,  // the number of monotone assignments, see each_assignment()
  search        // exponential; a search that stops early with a bound
};

/// A way to choose a plan. Registered by one file of partition/algorithms/.
struct Algorithm {
  std::string name;
  std::string doc;            // one line
  std::string citation;       // paper and section, or "baseline"
  Proof proof = Proof::none;  // an answer's own bound stands instead, where it has one
  Effort effort = Effort::polynomial;
  Objectives objectives = Objectives::any;
  Within within;
  Takes takes;
  std::vector<ParameterSpec> parameters;
  std::function<Answer(const Problem&, const Parameters&)> solve;  // sees no tail: see solve()
  std::string (*note)(const Problem&, const Assignment&) = nullptr;
};

/// Whether answers are optimal where the algorithm has no bound of its own for them.
inline bool proves_optimum(const Algorithm& algorithm) {
  return algorithm.proof == Proof::optimum || algorithm.proof == Proof::optimum_of_chain;
}

void register_algorithms(
    Registry<Algorithm>& registry);  // generated from partition/algorithms/*.cpp

/// Runs the algorithm and verifies what it answers (in every build). Declined where it doesn't take
/// the objective, or its plan breaks a limit.
///
/// Algorithms need not know of tails: such a layer stays on the device, and all that it asks for is
/// that what it reads comes back. So they get a problem where the tail's layers read and make
/// nothing and are pinned, and what they read is an output. That has the same costs.
/// REQUIRES: problem.check() holds.
Outcome solve(const Algorithm& algorithm, const Problem& problem, const Parameters& parameters);

/// Recomputes validity and cost from the problem alone, on other ways than evaluate(): it walks hop
/// by hop over the layers on either side, with the plan's codecs. Throws std::logic_error naming
/// the algorithm where a plan is not monotone, leaves a layer out, or states another cost, in all
/// or in a part: seconds per tier, messages, bytes and seconds per hop and way (relative difference
/// above kRounding).
void verify(const Problem& problem, const Plan& plan);

}  // namespace offcut::partition

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
  std::string note;             // what the algorithm declares about this answer; may be empty
  CodecOf codecs = {};          // of the tensors that cross encoded
  std::optional<double> bound;  // no plan's objective is less; where that is proven
  std::vector<PlanFigure> figures;
  /// The time until all jobs or tiles are done, from an algorithm that plans several.
  std::optional<Seconds> makespan = {};
};

/// What an algorithm can't do, and why. Shows in every report; never a silent fallback.
struct Declined {
  std::string reason;
};

using Outcome = std::variant<Plan, Declined>;

/// What an algorithm finds: an assignment or a refusal, a proven bound, further figures.
struct Answer {
  std::variant<Assignment, Declined> found;
  std::optional<double> bound;  // as Plan::bound
  /// Results beside the assignment. An algorithm for many jobs or users may cut each differently:
  /// these list the cuts, and the assignment is the most frequent one.
  std::vector<PlanFigure> figures;
  /// The codecs of the tensors that cross, if the algorithm chooses them. Otherwise the problem's
  /// codings apply.
  std::optional<CodecOf> codecs;
  std::optional<Seconds> makespan = {};  // as Plan::makespan

  template <class T>  // an answer by itself is one without a bound
  Answer(T answer, std::optional<double> bound_ = std::nullopt)
      : found(std::move(answer)), bound(bound_) {}
};

/// The objectives that an algorithm accepts: any (it may ignore them), sums over layers and tensors
/// (Objective::is_linear), or the latency alone. Each value accepts less than the one before it;
/// optimum() relies on that order.
enum class Objectives { any, linear, latency };

/// The limits that an algorithm respects while it searches. solve() checks a finished plan against
/// all limits.
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

/// What an algorithm proves of its answers, from the weakest to the strongest; optimum() relies on
/// that order.
enum class Proof {
  none,
  bound,             // nothing, unless an answer has a bound of its own
  optimum_of_chain,  // the optimum of a chain within the limits; declines what is no chain
  optimum            // the optimum over all monotone assignments within the limits
};

/// How the time of an algorithm grows in the worst case, from the fastest to the slowest; optimum()
/// relies on that order.
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
  std::function<Answer(const Problem&, const Parameters&)> solve;    // sees no tail: see solve()
  std::string (*note)(const Problem&, const Assignment&) = nullptr;  // Plan::note; may be null
};

/// Whether answers are optimal where the algorithm has no bound of its own for them.
inline bool proves_optimum(const Algorithm& algorithm) {
  return algorithm.proof == Proof::optimum || algorithm.proof == Proof::optimum_of_chain;
}

/// Generated from partition/algorithms/*.cpp.
void register_algorithms(Registry<Algorithm>& registry);

/// Runs the algorithm and verifies its answer (in every build). Declined if the algorithm does not
/// accept the objective, or if its plan breaks a limit.
///
/// Algorithms need not know of tails. Layers of a tail stay on the device and only need their
/// inputs to come back, so the algorithm gets a problem of the same costs in which these layers are
/// pinned, read and make nothing, and their inputs are outputs.
/// REQUIRES: problem.check() holds.
Outcome solve(const Algorithm& algorithm, const Problem& problem, const Parameters& parameters);

/// Recomputes validity and cost from the problem alone, and differently from evaluate(): hop by hop
/// over the layers on either side, with the plan's codecs. Throws std::logic_error with the
/// algorithm's name if a plan is not monotone, leaves out a layer, or states another cost, in total
/// or in a part: seconds per tier, messages, bytes and seconds per hop and direction (relative
/// difference above kRounding).
void verify(const Problem& problem, const Plan& plan);

}  // namespace offcut::partition

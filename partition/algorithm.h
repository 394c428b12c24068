#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "partition/deployment.h"
#include "partition/evaluation.h"
#include "partition/plan_figure.h"

namespace offcut::partition {

/// An algorithm's answer and its predicted cost.
struct Plan {
  std::string algorithm;
  Assignment tier_of;
  Cost cost;
  std::string note;             // The algorithm's remark about this answer; may be empty.
  CodecOf codecs = {};          // Only tensors that cross encoded have one.
  std::optional<double> bound;  // A proven lower bound on the objective of all plans.
  std::vector<PlanFigure> figures;
  /// The time until all jobs or tiles are done, from an algorithm that plans several.
  std::optional<Seconds> makespan = {};
  /// The distribution over requests or machines; none if all requests follow the assignment, of
  /// which `cost` is the cost.
  std::optional<Deployment> deployment = {};
  Measure measure = Measure::latency;  // By which the algorithm judges the plan.
  Seconds promise = {};                // The measure's value in an idle system.

  /// Returns the latency of one request in an idle system; with variants, their mean.
  Seconds latency() const { return deployment ? deployment->latency() : cost.latency(); }
  /// Returns the cost of one request; with variants, their mean. None for a team.
  std::optional<Cost> request_cost() const { return deployment ? deployment->mean_cost() : cost; }
  /// Returns the longest stage, see Cost::bottleneck, or that of the team.
  Seconds longest_stage() const {
    return deployment && deployment->team ? partition::longest_stage(*deployment->team)
                                          : cost.bottleneck;
  }
};

/// The reason why an algorithm can't answer. Every report shows it; there is no silent fallback.
struct Declined {
  std::string reason;
  std::string parameter = {};  // The parameter whose value is the reason; empty: none.
};

/// An error in an algorithm: it threw an exception, or its answer is invalid. The reason follows
/// "NAME failed: " in reports; other algorithms still answer.
struct Failed {
  std::string reason;
};

using Outcome = std::variant<Plan, Declined, Failed>;

/// Returns why there is no plan, as it follows the algorithm's name in reports: "declines: " or
/// "failed: ", and the reason. Empty if there is a plan.
std::string refusal_text(const Outcome& outcome);

/// The result of an algorithm: an assignment or a refusal, a proven bound, further figures.
struct Answer {
  std::variant<Assignment, Declined> found;
  std::optional<double> bound;  // See Plan::bound.
  /// Results beside the assignment. An algorithm for many jobs or users may give each a cut of its
  /// own: the figures list these cuts, and the assignment is the most frequent one.
  std::vector<PlanFigure> figures;
  /// The codecs of the tensors that cross, if the algorithm chooses them. Otherwise, the codings of
  /// the problem apply.
  std::optional<CodecOf> codecs;
  std::optional<Seconds> makespan = {};       // See Plan::makespan.
  std::optional<Deployment> deployment = {};  // See Plan::deployment.
  Measure measure = Measure::latency;         // See Plan::measure.

  template <class T>  // Converts an Assignment or a Declined into an answer.
  Answer(T answer, std::optional<double> bound_ = std::nullopt)
      : found(std::move(answer)), bound(bound_) {}
};

/// The objectives that an algorithm accepts: any (it may ignore them), sums over layers and tensors
/// (Objective::is_linear), or only the latency. Each value accepts fewer than the previous one;
/// optimum() relies on that order.
enum class Objectives { any, linear, latency };

/// The limits that an algorithm keeps: if it finds no plan within them, it declines. Every plan is
/// checked against all limits; a plan that breaks one of these is an error in the algorithm.
struct Within {
  bool pins = false;
  bool memory = false;
  bool deadline = false;
};

/// The extra input of a problem that an algorithm takes into account. Its answer does not depend on
/// any other extra.
struct Takes {
  bool graph = false;     // Extras::graph.
  bool accuracy = false;  // Extras::accuracy and the candidate codings of tensors.
  bool classes = false;   // Extras::classes and Extras::devices.
  bool exits = false;     // Extras::exits.
};

/// The proof that comes with an algorithm's answers, from the weakest to the strongest; optimum()
/// relies on that order.
enum class Proof {
  none,
  bound,             // None, unless an answer has a bound of its own.
  optimum_of_chain,  // The optimum of a chain within the limits; declines other graphs.
  optimum            // The optimum over all monotone assignments within the limits.
};

/// The treatment of tiers that compute several layers of a request at the same time
/// (CostTable::is_parallel()), where the time of layers is not their sum.
enum class Branches {
  counted,   // It computes the costs of whole plans, or ignores costs.
  bounded,   // It adds up times, so it is given problems in which they add up: branches.h.
  declined,  // It adds up the times of parts of a request.
  declined_on_device  // So it does, but on the first tier alone.
};

/// The growth of an algorithm's time in the worst case, from the fastest to the slowest; optimum()
/// relies on that order.
enum class Effort {
  polynomial,   // A power of the number of layers.
  assignments,  // The number of monotone assignments, see each_assignment().
  search        // Exponential; the search may stop early with a bound.
};

/// The growth of an algorithm's time with the problem, for people and for commands that have to
/// answer soon.
struct Growth {
  std::string text = "layers";  // The text of O(...).
  /// Estimates the CPU seconds on a usual machine, within a factor of a few. It depends on the
  /// problem alone, so that a choice by it is the same on every machine. Empty: a fraction of a
  /// second for the largest models.
  std::function<double(const Problem&, const Parameters&)> seconds = {};
};

/// A plan of one tier alone, with which others are compared by default.
enum class Baseline { none, first_tier, second_tier, last_tier };

/// A way to choose a plan. Registered by one file of partition/algorithms/.
struct Algorithm {
  std::string name;
  std::string doc;            // One line.
  std::string citation;       // Paper and section, or "baseline".
  Proof proof = Proof::none;  // An answer's own bound replaces it.
  Effort effort = Effort::polynomial;
  Growth growth;
  Objectives objectives = Objectives::any;
  Within within;
  Takes takes;
  std::vector<ParameterSpec> parameters;
  std::function<Answer(const Problem&, const Parameters&)> solve;    // Sees no tail: see solve().
  std::string (*note)(const Problem&, const Assignment&) = nullptr;  // Plan::note; may be null.
  /// It needs messages whose time grows in proportion to their bytes, so it plans as if none had
  /// stalls (CostTable::has_stalls()). Its optimum is then a lower bound, and its plan need not be
  /// the best.
  bool ignores_stalls = false;
  /// It takes the cost of a message for a sum over the hops that it crosses, so that it can't see
  /// routes (CostTable::has_routes()): it is given one problem for each set of stops, see
  /// stops.h. If it proves an optimum or a bound, it keeps Problem::stops.
  bool by_stops = false;
  Branches branches = Branches::counted;
  /// The parameter that chooses this algorithm where none is named; empty: none does.
  std::string chosen_by = {};
  Baseline baseline = Baseline::none;
};

/// Returns whether answers without a bound of their own are optimal.
inline bool proves_optimum(const Algorithm& algorithm) {
  return algorithm.proof == Proof::optimum || algorithm.proof == Proof::optimum_of_chain;
}

/// Generated from partition/algorithms/*.cpp.
void register_algorithms(Registry<Algorithm>& registry);

/// Runs the algorithm and verifies its answer (in every build). Throws InputError if a file that a
/// parameter names is not valid. Declined if the algorithm does not
/// accept the objective, or if its plan breaks a limit that it does not look at. Failed if the
/// algorithm throws a std::exception, or if its answer is invalid: see InvalidPlan.
///
/// Algorithms need not know about tails. Layers of a tail stay on the device and only need their
/// inputs to come back, so the algorithm gets a problem with the same costs in which these layers
/// are pinned, read and make nothing, and their inputs are outputs.
/// REQUIRES: problem.check() holds.
Outcome solve(const Algorithm& algorithm, const Problem& problem, const Parameters& parameters);

/// A plan that is wrong. what() names its algorithm.
class InvalidPlan : public std::logic_error {
 public:
  InvalidPlan(const Plan& plan, std::string reason);

  /// A predicate of which the plan is the subject: "moves the pinned layer 'b'".
  const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

/// Throws InvalidPlan unless the plan gives each layer one of the problem's tiers, lets no tensor
/// go back, keeps the tail on the device, and gives tensors codecs that they can have.
void check_answer(const Problem& problem, const Plan& plan);

/// Recomputes validity and cost from the problem alone, and differently from evaluate(): hop by hop
/// over the layers on either side, with the plan's codecs. Throws InvalidPlan as check_answer()
/// does, and if the plan states another cost, in total or in a part: seconds per tier, messages,
/// bytes and seconds per hop and direction (relative difference above kRounding); if it breaks a
/// limit; or if its bound is above its cost.
void verify(const Problem& problem, const Plan& plan);

}  // namespace offcut::partition

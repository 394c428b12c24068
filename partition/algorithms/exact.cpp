// `exact` minimises any objective within any limits, by a mixed-integer linear programme for CBC
// (Forrest and Lougee-Heimer, "CBC user guide", INFORMS TutORials, 2005). Integer programmes for
// cuts with limits are in JointDNN (IEEE TMC 20(2), 2021, section 3.3) and JALAD (ICPADS 2018,
// section III); this one models the costs of evaluate():
//
//   x(i, h) in {0, 1}    layer i runs beyond hop h; x(i, h+1) <= x(i, h); a reader of a tensor runs
//                        no nearer than its producer; y(i, t) = x(i, t-1) - x(i, t): runs on tier t
//   z(k, h) in [0, 1]    tensor k crosses hop h: at least x(reader, h) - x(producer, h)
//   u(h), d(h) in [0, 1] messages: at least x of every last layer, of every output's producer
//   e(k, t), r(k, t)     tensor k is encoded on t: z(k, t) + x(producer, t-1) - 1; decoded there:
//                        y(reader, t) - x(producer, t-1)
//   v(h, i) in {0, 1}    stall i of a message over h, up or down: its bytes are beyond the stall's
//   q(t) in [0, 1]       the tier is a stop, where StopRule forbids that stops follow each other
//   w(t), s              the largest working memory of a layer on t; the longest stage
//
// All variables but x and v become whole by themselves, because larger values only cost more. The
// time is exponential in the worst case. If the search stops at `nodes`, it has its best plan and a
// lower bound. It uses no clock, so the same problem always has the same answer.

#include <coin/Cbc_C_Interface.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "models/base/readable.h"
#include "partition/algorithm.h"
#include "partition/solvers/linear_costs.h"
#include "partition/stops.h"

namespace offcut::partition {
namespace {

/// A linear expression: a sum of variables, each times a number, and a constant.
struct Sum {
  std::map<int, double> terms;
  double constant = 0;

  Sum& add(const Sum& other, double factor = 1) {
    for (const auto& [variable, coefficient] : other.terms) {
      terms[variable] += factor * coefficient;
    }
    constant += factor * other.constant;
    return *this;
  }
};

Sum constant_sum(double value) { return {{}, value}; }

class Programme {
 public:
  explicit Programme(const Problem& problem)
      : problem_(problem), hops_(problem.hops.size()), compute_(problem.tier_count()) {
    place_layers();
    send_tensors();
    hand_over();
    stall_messages();
    keep_stops();
    if (!problem.goal.limits.memory.empty()) {
      limit_memory();
    }
    const Objective& objective = problem.goal.objective;
    Objective sums = objective;
    sums.bottleneck = 0;
    objective_ = cost(sums);
    if (!objective.is_linear()) {
      objective_.add(longest_stage(), objective.bottleneck);
    }
    if (problem.goal.limits.deadline) {
      at_most(cost({.latency = 1}), problem.goal.limits.deadline->si());
    }
  }

  Answer solve(int nodes) {
    const Cbc model = load();
    Cbc_setMaximumNodes(model.get(), nodes);
    Cbc_solve(model.get());
    if (Cbc_isProvenInfeasible(model.get()) != 0) {
      return Declined{kNoPlan};
    }
    const double* solution = Cbc_bestSolution(model.get());
    if (solution == nullptr) {
      return Declined{fmt::format("no plan found in {} (the parameter 'nodes' sets the limit)",
                                  counted(nodes, "node"))};
    }
    Assignment tier_of(problem_.layer_count(), 0);
    for (LayerId layer = 0; layer < tier_of.size(); ++layer) {
      for (std::size_t hop = 0; hop < hops_; ++hop) {
        tier_of[layer] += solution[x_[layer][hop]] > 0.5 ? 1U : 0U;
      }
    }
    const Cost cost = evaluate(problem_, tier_of);
    if (const auto broken = broken_limit(problem_, tier_of, cost)) {  // CBC has larger tolerances.
      return Declined{"its plan breaks a limit: " + broken->reason};
    }
    if (Cbc_isProvenOptimal(model.get()) != 0) {
      return tier_of;
    }
    const double value = weigh(problem_.goal.objective, cost);
    const double bound = Cbc_getBestPossibleObjValue(model.get()) / scale_ + objective_.constant;
    return {std::move(tier_of), std::clamp(bound, 0.0, value)};
  }

 private:
  using Cbc = std::unique_ptr<Cbc_Model, decltype(&Cbc_deleteModel)>;

  // Variables and rows.

  int add_variable(double most, bool is_whole) {
    upper_.push_back(most);
    is_whole_.push_back(is_whole);
    return static_cast<int>(upper_.size()) - 1;
  }
  Sum share() { return {{{add_variable(1, false), 1}}}; }
  Sum amount() { return {{{add_variable(INFINITY, false), 1}}}; }

  /// Adds a row in units of `most`, so that tolerances mean the same in all rows.
  void at_most(Sum sum, double most) {
    const double unit = most > 0 ? most : 1;
    rows_.push_back({});
    rows_.back().add(sum, 1 / unit);
    rows_.back().constant -= most / unit;
  }
  void not_less(const Sum& left, const Sum& right) {
    Sum row = right;
    at_most(row.add(left, -1), 0);
  }

  // The model.

  /// Returns the expression that is 1 if the layer runs beyond the hop; hop -1 is before the
  /// device.
  Sum beyond(std::optional<LayerId> layer, std::ptrdiff_t hop) const {
    if (hop < 0) {
      return constant_sum(1);
    }
    if (!layer || hop >= static_cast<std::ptrdiff_t>(hops_)) {
      return {};
    }
    return {{{x_[*layer][static_cast<std::size_t>(hop)], 1}}};
  }
  Sum runs_on(LayerId layer, std::size_t tier) const {
    const auto hop = static_cast<std::ptrdiff_t>(tier);
    return beyond(layer, hop - 1).add(beyond(layer, hop), -1);
  }

  void place_layers() {
    const auto& pinned = problem_.goal.limits.pinned;
    for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
      const bool stays = std::binary_search(pinned.begin(), pinned.end(), layer);
      x_.emplace_back();
      for (std::size_t hop = 0; hop < hops_; ++hop) {
        x_.back().push_back(add_variable(stays ? 0 : 1, true));
        if (hop > 0) {
          const auto h = static_cast<std::ptrdiff_t>(hop);
          not_less(beyond(layer, h - 1), beyond(layer, h));
        }
      }
      for (std::size_t tier = 0; tier <= hops_; ++tier) {
        compute_[tier].add(runs_on(layer, tier), problem_.seconds[tier][layer].si());
      }
    }
  }

  void send_tensors() {
    std::vector<bool> is_read(problem_.layer_count(), false);
    for (const CrossingTensor& tensor : problem_.tensors) {
      if (tensor.producer && !tensor.consumers.empty()) {
        is_read[*tensor.producer] = true;
      }
    }
    for (std::size_t hop = 0; hop < hops_; ++hop) {
      const auto h = static_cast<std::ptrdiff_t>(hop);
      Sum& up = messages_up_.emplace_back(share());
      Sum& down = messages_down_.emplace_back(share());
      up_bytes_.emplace_back();
      down_bytes_.emplace_back();
      for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
        if (!is_read[layer]) {  // If any layer is beyond the hop, a last one is.
          not_less(up, beyond(layer, h));
        }
      }
      for (const CrossingTensor& tensor : problem_.tensors) {
        if (tensor.is_output && tensor.producer) {
          not_less(down, beyond(tensor.producer, h));
          down_bytes_[hop].add(beyond(tensor.producer, h), tensor.bytes.si());
        }
      }
    }
    for (const CrossingTensor& tensor : problem_.tensors) {
      if (!tensor.consumers.empty()) {
        send(tensor);
      }
    }
  }

  void send(const CrossingTensor& tensor) {
    for (std::size_t hop = 0; hop < hops_; ++hop) {
      const auto h = static_cast<std::ptrdiff_t>(hop);
      const Sum maker = beyond(tensor.producer, h);
      const Sum crosses = share();
      for (const LayerId reader : tensor.consumers) {
        Sum reached = beyond(reader, h);
        not_less(reached, maker);
        not_less(crosses, reached.add(maker, -1));
      }
      up_bytes_[hop].add(crosses, tensor.outward_bytes().si());
      if (tensor.coding && tensor.coding->encode[hop] > Seconds(0)) {
        const Sum encodes = share();
        Sum is_home = crosses;
        not_less(encodes, is_home.add(made_by(tensor, hop)).add(constant_sum(1), -1));
        compute_[hop].add(encodes, tensor.coding->encode[hop].si());
      }
    }
    for (std::size_t tier = 1; tensor.coding && tier <= hops_; ++tier) {
      const Sum decodes = share();
      for (const LayerId reader : tensor.consumers) {
        not_less(decodes,
                 runs_on(reader, tier)
                     .add(beyond(tensor.producer, static_cast<std::ptrdiff_t>(tier) - 1), -1));
      }
      compute_[tier].add(decodes, tensor.coding->decode[tier].si());
    }
  }

  /// Adds the time per request of each tier that the request reaches.
  void hand_over() {
    compute_[0].constant += problem_.per_request_on(0).si();
    for (std::size_t hop = 0; hop < hops_; ++hop) {
      compute_[hop + 1].add(messages_up_[hop], problem_.per_request_on(hop + 1).si());
    }
  }

  void stall_messages() {
    for (std::size_t hop = 0; hop < hops_; ++hop) {
      waiting_.add(messages_up_[hop], problem_.hops[hop].opening(true).si());
      add_stalls(problem_.hops[hop].stalls(true), up_bytes_[hop]);
      add_stalls(problem_.hops[hop].stalls(false), down_bytes_[hop]);
    }
  }

  /// Forbids that a tier is the next with layers after another one, see StopRule. q(t) is at least
  /// y(i, t) for each layer: y(i, next) + q(tier) <= 1 + the sum of y over the tiers between them.
  void keep_stops() {
    for (std::size_t tier = 0; tier < hops_; ++tier) {
      std::optional<Sum> uses;
      for (std::size_t next = tier + 1; next <= hops_; ++next) {
        if (problem_.stops.allows(tier, next)) {
          continue;
        }
        uses = uses ? uses : uses_of(tier);
        Sum between = constant_sum(1);
        for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
          between.add(beyond(layer, static_cast<std::ptrdiff_t>(tier)))
              .add(beyond(layer, static_cast<std::ptrdiff_t>(next) - 1), -1);
        }
        for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
          not_less(between, runs_on(layer, next).add(*uses));
        }
      }
    }
  }

  /// Returns an expression that is at least 1 if the request stops at the tier.
  Sum uses_of(std::size_t tier) {
    if (tier == 0) {
      return constant_sum(1);
    }
    Sum uses = share();
    for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
      not_less(uses, runs_on(layer, tier));
    }
    return uses;
  }

  void add_stalls(const std::vector<Stall>& stalls, const Sum& bytes) {
    double most = 0;
    for (const auto& [variable, coefficient] : bytes.terms) {
      most += std::max(coefficient, 0.0);
    }
    for (const Stall& stall : stalls) {
      if (const double excess = most - stall.after.si(); excess > 0) {
        const Sum happens{{{add_variable(1, true), 1}}};
        at_most(Sum(bytes).add(happens, -excess), stall.after.si());
        waiting_.add(happens, stall.time.si());
      }
    }
  }

  /// Returns the expression that is 1 if the tensor is made on the tier or farther out; inputs are
  /// on the device.
  Sum made_by(const CrossingTensor& tensor, std::size_t tier) const {
    return beyond(tensor.producer, static_cast<std::ptrdiff_t>(tier) - 1);
  }

  void limit_memory() {
    for (std::size_t tier = 0; tier <= hops_; ++tier) {
      const std::optional<Bytes> limit = problem_.memory_limit(tier);
      if (!limit) {
        continue;
      }
      const Sum working = amount();
      Sum all = working;
      for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
        Sum needs;
        needs.add(runs_on(layer, tier), problem_.memory[layer].working.si());
        not_less(working, needs);
        all.add(runs_on(layer, tier), problem_.memory[layer].parameters.si());
      }
      at_most(all, limit->si());
    }
  }

  Sum longest_stage() {
    Sum longest = amount();
    for (const Sum& stage : compute_) {
      not_less(longest, stage);
    }
    for (std::size_t hop = 0; hop < hops_; ++hop) {
      not_less(longest, Sum().add(up_bytes_[hop], 1 / problem_.hops[hop].rate(true).si()));
      not_less(longest, Sum().add(down_bytes_[hop], 1 / problem_.hops[hop].rate(false).si()));
    }
    return longest;
  }

  Sum cost(const Objective& objective) const {
    const LinearCosts costs = linear_costs(problem_, objective);
    Sum sum;
    for (std::size_t tier = 0; tier <= hops_; ++tier) {
      sum.add(compute_[tier], costs.second[tier]);
    }
    for (std::size_t hop = 0; hop < hops_; ++hop) {
      sum.add(up_bytes_[hop], costs.byte_up[hop]).add(down_bytes_[hop], costs.byte_down[hop]);
      // The opening of its connection and the time per request are in `waiting_` and `compute_`.
      sum.add(messages_up_[hop], costs.message[hop] + (hop == 0 ? costs.wake : 0));
      sum.add(messages_down_[hop], costs.message[hop]);
    }
    return sum.add(waiting_, price_of_waiting(problem_, objective));
  }

  // The solver.

  /// Scales the objective so that its largest coefficient is 1e6, because CBC ignores differences
  /// below about 1e-5.
  void choose_scale() {
    double most = 0;
    for (const auto& [variable, coefficient] : objective_.terms) {
      most = std::max(most, std::abs(coefficient));
    }
    scale_ = most > 0 ? 1e6 / most : 1;
  }

  Cbc load() {
    choose_scale();
    Cbc model(Cbc_newModel(), &Cbc_deleteModel);
    Cbc_setLogLevel(model.get(), 0);
    for (std::size_t i = 0; i < upper_.size(); ++i) {
      const auto term = objective_.terms.find(static_cast<int>(i));
      const double coefficient = term == objective_.terms.end() ? 0 : term->second * scale_;
      Cbc_addCol(model.get(), "", 0, upper_[i], coefficient, is_whole_[i] ? 1 : 0, 0, nullptr,
                 nullptr);
    }
    for (const Sum& row : rows_) {
      std::vector<int> columns;
      std::vector<double> coefficients;
      for (const auto& [variable, coefficient] : row.terms) {
        columns.push_back(variable);
        coefficients.push_back(coefficient);
      }
      Cbc_addRow(model.get(), "", static_cast<int>(columns.size()), columns.data(),
                 coefficients.data(), 'L', -row.constant);
    }
    Cbc_setAllowableGap(model.get(), 0);
    Cbc_setAllowableFractionGap(model.get(), 0);
    for (const auto& [name, value] :
         {std::pair("log", "0"), {"increment", "1e-9"}, {"integerTolerance", "1e-9"}}) {
      Cbc_setParameter(model.get(), name, value);
    }
    return model;
  }

  const Problem& problem_;
  std::size_t hops_;
  std::vector<double> upper_;
  std::vector<bool> is_whole_;
  std::vector<std::vector<int>> x_;  // [layer][hop].
  std::vector<Sum> rows_;            // Each must be at most 0.
  std::vector<Sum> compute_;         // Seconds per tier.
  std::vector<Sum> up_bytes_;        // Per hop.
  std::vector<Sum> down_bytes_;
  std::vector<Sum> messages_up_;
  std::vector<Sum> messages_down_;
  Sum waiting_;  // Seconds of stalls and of openings.
  Sum objective_;
  double scale_ = 1;
};

Answer solve_exact(const Problem& problem, const Parameters& parameters) {
  if (problem.hops.empty() || problem.layer_count() == 0) {
    Assignment only(problem.layer_count(), 0);  // There is nothing to decide.
    if (!cost_within_limits(problem, only)) {
      return Declined{kNoPlan};
    }
    return only;
  }
  return Programme(problem).solve(static_cast<int>(parameters.at("nodes")));
}

/// See Growth::seconds.
double seconds_of_exact(const Problem& problem, const Parameters&) {
  return 3.5e-6 * std::pow(double(problem.tensors.size()), 1.45) *
         double(problem.tier_count() * problem.tier_count());
}

}  // namespace

void register_exact(Registry<Algorithm>& registry) {
  registry.add({.name = "exact",
                .doc = "the optimum of any objective within any limits, by integer programming",
                .citation = "mixed-integer programme, solved by CBC; cf. Eshratifar et al., "
                            "JointDNN, IEEE TMC 20(2), 2021, section 3.3",
                .proof = Proof::optimum,
                .effort = Effort::search,
                .growth = {"exponential; about layers^1.5 tiers^2 in practice, until nodes",
                           seconds_of_exact},
                .within = {.pins = true, .memory = true, .deadline = true},
                .parameters = {{.name = "nodes",
                                .fallback = 100000,
                                .least = 1,
                                .most = 1e9,
                                .doc = "nodes of the search before it stops with a bound"}},
                .solve = solve_exact,
                .by_stops = true,
                .branches = Branches::bounded});
}

}  // namespace offcut::partition

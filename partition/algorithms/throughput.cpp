// `throughput` finds the plan with the shortest longest stage, exactly, by branch and bound. (The
// problem is NP-hard: Hu et al., DADS, INFOCOM 2019.)
//
// Layers are placed in their order, nearest tiers first. Stages only grow, so a branch ends when
// one is as long as the longest of the best plan so far, or when the remaining layers, spread
// evenly over the tiers, would make one as long. The search starts from dads-heavy's plan, and ends
// at once if that meets its own bound. The time is exponential in the worst case; after `most`
// steps, the algorithm declines and states the best plan's stage and the bound. O(tiers + degree)
// per step.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "partition/algorithm.h"
#include "partition/solvers/longest_stage.h"
#include "partition/solvers/minimum_cut.h"
#include "partition/stops.h"

namespace offcut::partition {
namespace {

constexpr std::size_t kRounds = 20;  // Minimum cuts for the start; more rarely help.

class StageSearch {
 public:
  StageSearch(const Problem& problem, double most)
      : problem_(problem),
        most_(most),
        reads_(problem.layer_count()),
        makes_(problem.layer_count()),
        reach_(problem.tensors.size(), 0),
        farthest_(problem.layer_count(), problem.tier_count() - 1),
        tier_of_(problem.layer_count(), 0),
        loads_{std::vector<double>(problem.tier_count()), std::vector<double>(problem.hops.size()),
               std::vector<double>(problem.hops.size())},
        left_(problem.layer_count() + 1, 0) {
    for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
      for (const LayerId reader : problem.tensors[i].consumers) {
        reads_[reader].push_back(i);
      }
      if (problem.tensors[i].producer) {
        makes_[*problem.tensors[i].producer].push_back(i);
      }
    }
    for (const LayerId layer : problem.goal.limits.pinned) {
      farthest_[layer] = 0;
    }
    loads_.compute[0] = problem.per_request_on(0).si();  // Those of other tiers count at the end.
    for (LayerId layer = problem.layer_count(); layer-- > 0;) {
      double least = problem.seconds[0][layer].si();
      for (const auto& row : problem.seconds) {
        least = std::min(least, row[layer].si());
      }
      left_[layer] = left_[layer + 1] + least;
    }
  }

  /// Returns the best plan that the search finds from `start` on, before it is out of steps.
  StagePlan improve(StagePlan start) {
    best_ = std::move(start);
    search();
    return best_;
  }
  bool out_of_steps() const { return steps_ > most_; }

 private:
  struct Loads {
    std::vector<double> compute;  // Seconds per tier.
    std::vector<double> up;       // Seconds per hop.
    std::vector<double> down;
  };

  bool done() const { return out_of_steps() || best_.longest <= best_.bound * (1 + 1e-11); }

  std::size_t made_on(const CrossingTensor& tensor) const {
    return tensor.producer ? tier_of_[*tensor.producer] : 0;
  }

  /// A layer on the way of the search, and what its place has changed.
  struct Level {
    std::size_t tier = 0;  // That it is on, or that is tried next.
    bool is_placed = false;
    Loads before;
    std::vector<std::size_t> reach_before;  // By tensor that it reads.
  };

  /// Tries all assignments in their order, one layer after the other. The way is kept here and not
  /// on the stack, which a recursion fills up with some ten thousand layers.
  void search() {
    if (problem_.layer_count() == 0) {
      judge();
      return;
    }
    std::vector<Level> way = {level_of(0)};
    while (!way.empty()) {
      const LayerId layer = way.size() - 1;
      Level& level = way.back();
      if (level.is_placed) {
        take_back(layer, level);
        ++level.tier;
      }
      if (level.tier > farthest_[layer] || done()) {
        way.pop_back();
        continue;
      }
      ++steps_;
      place(layer, level);
      if (!may_be_better(layer + 1)) {
        continue;
      }
      if (layer + 1 == problem_.layer_count()) {
        judge();
      } else {
        way.push_back(level_of(layer + 1));
      }
    }
  }

  Level level_of(LayerId layer) const {
    Level level;
    for (const std::size_t tensor : reads_[layer]) {
      level.tier = std::max(level.tier, made_on(problem_.tensors[tensor]));
    }
    return level;
  }

  void judge() {
    const Seconds longest = evaluate(problem_, tier_of_).bottleneck;
    const bool counts = !problem_.stops.is_kept || !gap_of(problem_, tier_of_);
    if (counts && longest < best_.longest) {
      best_.longest = longest;
      best_.tier_of = tier_of_;
    }
  }

  void place(LayerId layer, Level& level) {
    level.is_placed = true;
    level.before = loads_;
    level.reach_before.clear();
    tier_of_[layer] = level.tier;
    loads_.compute[level.tier] += problem_.seconds[level.tier][layer].si();
    for (const std::size_t tensor : reads_[layer]) {
      level.reach_before.push_back(reach_[tensor]);
      bring(tensor, level.tier);
    }
    for (const std::size_t tensor : makes_[layer]) {
      make(tensor, level.tier);
    }
  }

  void take_back(LayerId layer, const Level& level) {
    for (std::size_t i = 0; i < reads_[layer].size(); ++i) {
      reach_[reads_[layer][i]] = level.reach_before[i];
    }
    loads_ = level.before;
  }

  /// Sends the tensor to a reader on `tier`. Codings count only at the end, so a branch may be
  /// given up later than it could be.
  void bring(std::size_t index, std::size_t tier) {
    const CrossingTensor& tensor = problem_.tensors[index];
    for (std::size_t hop = reach_[index]; hop < tier; ++hop) {
      loads_.up[hop] += (tensor.outward_bytes() / problem_.hops[hop].rate(true)).si();
    }
    reach_[index] = std::max(reach_[index], tier);
  }

  void make(std::size_t index, std::size_t tier) {
    reach_[index] = tier;
    for (std::size_t hop = 0; problem_.tensors[index].is_output && hop < tier; ++hop) {
      loads_.down[hop] += (problem_.tensors[index].bytes / problem_.hops[hop].rate(false)).si();
    }
  }

  bool may_be_better(LayerId next) const {
    const double longest = best_.longest.si();
    const auto shorter = [&](double load) { return load < longest; };
    const double computing =
        std::accumulate(loads_.compute.begin(), loads_.compute.end(), left_[next]);
    return computing / static_cast<double>(problem_.tier_count()) < longest &&
           std::all_of(loads_.compute.begin(), loads_.compute.end(), shorter) &&
           std::all_of(loads_.up.begin(), loads_.up.end(), shorter) &&
           std::all_of(loads_.down.begin(), loads_.down.end(), shorter);
  }

  const Problem& problem_;
  double most_;
  double steps_ = 0;
  std::vector<std::vector<std::size_t>> reads_;  // The tensors per layer.
  std::vector<std::vector<std::size_t>> makes_;
  std::vector<std::size_t> reach_;     // Per tensor: the farthest tier that has it.
  std::vector<std::size_t> farthest_;  // Per layer: the last tier that it may run on.
  Assignment tier_of_;
  Loads loads_;
  std::vector<double> left_;  // Per layer: the least seconds of it and all later ones.
  StagePlan best_;
};

/// Returns the plan that the search starts from: all layers on the device if there is no better
/// one.
StagePlan start(const Problem& problem) {
  if (can_cut(problem, problem.tier_count()) && !problem.stops.is_kept) {
    return weigh_stages(problem, kRounds);
  }
  const Assignment all_here(problem.layer_count(), 0);
  return {all_here, evaluate(problem, all_here).bottleneck, Seconds(0)};
}

/// Solves a problem without routes, whose objective is the longest stage.
Answer shortest_stage(const Problem& problem, const Parameters& parameters) {
  StageSearch search(problem, parameters.at("most"));
  StagePlan best = search.improve(start(problem));
  if (search.out_of_steps()) {
    return Declined{
        fmt::format("the shortest longest stage was not found within {:.0f} steps: it is between "
                    "{} and {} (the parameter 'most' sets the limit)",
                    parameters.at("most"), to_readable(best.bound), to_readable(best.longest))};
  }
  return {std::move(best.tier_of), best.longest.si()};
}

Answer solve_throughput(const Problem& problem, const Parameters& parameters) {
  constexpr Objective kLongestStage{.latency = 0, .bottleneck = 1};
  const auto solved = [&]() -> Answer {
    if (!problem.has_routes()) {
      return shortest_stage(problem, parameters);
    }
    Problem asked = problem;
    asked.goal = {.objective = kLongestStage, .limits = {.pinned = problem.goal.limits.pinned}};
    Answer answer =
        solve_by_stops({.name = "throughput", .solve = shortest_stage}, asked, parameters);
    const bool is_open = std::holds_alternative<Assignment>(answer.found) && !answer.bound;
    return is_open ? Declined{"the shortest longest stage was not found for all sets of tiers"}
                   : std::move(answer);
  };
  Answer answer = solved();
  if (std::holds_alternative<Assignment>(answer.found)) {
    answer.measure = Measure::period;
  }
  if (!(problem.goal.objective == kLongestStage)) {
    answer.bound = std::nullopt;
  }
  return answer;
}

std::string note_throughput(const Problem& problem, const Assignment& tier_of) {
  return fmt::format("longest stage {}{}", to_readable(evaluate(problem, tier_of).bottleneck),
                     problem.is_parallel() ? "" : ", the shortest possible");
}

/// See Growth::seconds.
double seconds_of_throughput(const Problem&, const Parameters& parameters) {
  return 4e-7 * parameters.at("most");
}

}  // namespace

void register_throughput(Registry<Algorithm>& registry) {
  registry.add({.name = "throughput",
                .doc = "the shortest longest stage, for the most requests per second",
                .citation = "branch and bound; problem ECDI-H of Hu et al., DADS, INFOCOM 2019",
                .proof = Proof::bound,
                .effort = Effort::search,
                .growth = {"exponential, until most steps", seconds_of_throughput},
                .within = {.pins = true},
                .parameters = {{.name = "most",
                                .fallback = 2e6,
                                .least = 1,
                                .doc = "steps that it may take before it declines"}},
                .solve = solve_throughput,
                .note = note_throughput,
                .branches = Branches::bounded});
}

}  // namespace offcut::partition

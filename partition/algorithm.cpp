// Runs an algorithm and turns its answer into a verified plan. The cost, the bound and the note are
// added here, so that an algorithm only finds an assignment; verify() then recomputes all of it.
// Errors in an algorithm end here as Failed.

#include "partition/algorithm.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "models/base/error.h"
#include "models/base/readable.h"
#include "partition/branches.h"
#include "partition/list_schedule.h"
#include "partition/stops.h"

namespace offcut::partition {
namespace {

CodecOf codecs_of(const Problem& problem, const Assignment& tier_of) {
  CodecOf codecs;
  for (const std::size_t id : crossing(problem, tier_of)) {
    const CrossingTensor& tensor = problem.tensors[id];
    if (tensor.coding && !tensor.coding->codec.empty()) {
      codecs[tensor.name] = tensor.coding->codec;
    }
  }
  return codecs;
}

/// Returns why the algorithm can't minimise the objective; empty if it can.
std::string objective_refusal(const Algorithm& algorithm, const Objective& objective) {
  if (algorithm.objectives == Objectives::latency && !(objective == Objective{})) {
    return "it minimises only the latency";
  }
  if (algorithm.objectives == Objectives::linear && !objective.is_linear()) {
    return "it minimises sums over layers and tensors; the longest stage is not such a sum";
  }
  return "";
}

bool keeps(const Within& within, BrokenLimit::Kind kind) {
  switch (kind) {
    case BrokenLimit::Kind::pin:
      return within.pins;
    case BrokenLimit::Kind::memory:
      return within.memory;
    case BrokenLimit::Kind::deadline:
      return within.deadline;
  }
  return false;
}

/// A clause that names the limits of the problem that the algorithm does not consider.
std::string ignored_limits(const Within& within, const Limits& limits) {
  std::vector<std::string> kinds;
  const auto add = [&](const char* kind, bool is_set, bool is_within) {
    if (is_set && !is_within) {
      kinds.emplace_back(kind);
    }
  };
  add("pins", !limits.pinned.empty(), within.pins);
  add("memory", !limits.memory.empty(), within.memory);
  add("deadline", limits.deadline.has_value(), within.deadline);
  return kinds.empty() ? "" : fmt::format("; it does not consider {}", fmt::join(kinds, ", "));
}

/// Makes the time of the tail, which all plans have, a part of the device's time per request. On
/// engines, it is a stage of its own.
void settle_schedule_of_tail(Problem& problem) {
  std::vector<bool> is_here(problem.layer_count());
  for (const LayerId layer : problem.tail) {
    is_here[layer] = true;
  }
  std::vector<Seconds>& seconds = problem.seconds[0];
  problem.per_request.resize(problem.tier_count());
  problem.per_request[0] =
      schedule_end(problem, seconds, is_here, problem.engines_on(0), problem.per_request[0]);
  for (const LayerId layer : problem.tail) {
    seconds[layer] = Seconds(0);
  }
}

/// Returns a problem with the same costs and without a tail; see solve().
Problem without_tail(Problem problem) {
  if (problem.engines_on(0) > 1) {
    settle_schedule_of_tail(problem);
  }
  const std::vector<LayerId> tail = std::move(problem.tail);
  const auto is_tail = [&](LayerId layer) {
    return std::binary_search(tail.begin(), tail.end(), layer);
  };
  for (CrossingTensor& tensor : problem.tensors) {
    const bool is_made_there = tensor.producer && is_tail(*tensor.producer);
    if (std::erase_if(tensor.consumers, is_tail) > 0 && !is_made_there) {
      tensor.is_output = true;
    }
  }
  std::erase_if(problem.tensors, [&](const CrossingTensor& tensor) {
    return tensor.producer && is_tail(*tensor.producer);
  });
  auto& pinned = problem.goal.limits.pinned;
  pinned.insert(pinned.end(), tail.begin(), tail.end());
  std::sort(pinned.begin(), pinned.end());
  problem.tail.clear();
  return problem;
}

/// Returns the algorithm's answer. The tail is not its to place: it stays on the device.
Answer answer_of(const Algorithm& algorithm, const Problem& problem, const Parameters& parameters) {
  const auto solved = [&](const Problem& given) {
    return algorithm.by_stops && given.has_routes() ? solve_by_stops(algorithm, given, parameters)
                                                    : algorithm.solve(given, parameters);
  };
  if (problem.tail.empty()) {
    return solved(problem);
  }
  Answer answer = solved(without_tail(problem));
  if (auto* tier_of = std::get_if<Assignment>(&answer.found)) {
    for (const LayerId layer : problem.tail) {
      if (layer < tier_of->size()) {
        (*tier_of)[layer] = 0;
      }
    }
  }
  return answer;
}

/// Returns the problem with windows that fill any round trip. Plans cost at most as much in it.
Problem without_stalls(Problem problem) {
  for (std::size_t i = 0; i < problem.hop_count(); ++i) {
    Hop& hop = problem.hop(i);
    if (hop.tcp) {
      hop.tcp->initial_window = 1e30;
    }
  }
  return problem;
}

/// Returns whether the algorithm adds up times that run at the same time, see branches.h.
bool has_bounded_branches(const Algorithm& algorithm, const Problem& problem) {
  return algorithm.branches == Branches::bounded && problem.is_parallel();
}

/// Returns the algorithm's note and the distance to a bound below the plan's value.
std::string note_of(const Algorithm& algorithm, const Problem& problem, const Plan& plan,
                    bool is_without_stalls) {
  std::string note = algorithm.note != nullptr ? algorithm.note(problem, plan.tier_of)
                     : plan.deployment         ? partition::note_of(*plan.deployment)
                                               : "";
  const double value = weigh(problem.goal.objective, plan.cost);
  const bool is_bounded = has_bounded_branches(algorithm, problem);
  if (plan.bound && *plan.bound < value * (1 - kRounding)) {
    note +=
        fmt::format("{}{}{}: no plan costs less than {}, {} below this", note.empty() ? "" : "; ",
                    is_without_stalls ? "planned without the stalls of messages"
                    : is_bounded      ? "planned"
                                      : "stopped early",
                    is_bounded ? " with bounds of the times of branches" : "",
                    objective_text(problem.goal.objective, *plan.bound),
                    percent((value - *plan.bound) / value, 2));
  }
  return note;
}

/// Returns the exception's message on one line.
std::string text_of(const std::exception& error) {
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// Returns the first limit that the plan breaks: all variants must keep them, or the team.
std::optional<BrokenLimit> broken_limit_of(const Problem& problem, const Plan& plan) {
  if (!plan.deployment) {
    return broken_limit(problem, plan.tier_of, plan.cost);
  }
  for (const Variant& variant : plan.deployment->variants) {
    if (auto broken = broken_limit(problem, variant.tier_of, variant.cost)) {
      return broken;
    }
  }
  if (!plan.deployment->team) {
    return std::nullopt;
  }
  Problem without_deadline = problem;
  const auto deadline = std::exchange(without_deadline.goal.limits.deadline, std::nullopt);
  auto broken = broken_limit(without_deadline, plan.tier_of, plan.cost);
  if (!broken && deadline && plan.latency() > *deadline * (1 + kRounding)) {
    broken = BrokenLimit{BrokenLimit::Kind::deadline,
                         fmt::format("it takes {}, the deadline is {}", to_readable(plan.latency()),
                                     to_readable(*deadline))};
  }
  return broken;
}

/// Solves a problem whose objective the algorithm accepts. Throws InvalidPlan if the answer is
/// invalid, and any exception of the algorithm.
Outcome verified_outcome(const Algorithm& algorithm, const Problem& problem,
                         const Parameters& parameters) {
  const bool is_without_stalls = algorithm.ignores_stalls && problem.has_stalls();
  const std::optional<Problem> changed =
      is_without_stalls ? std::optional(without_stalls(problem)) : std::nullopt;
  const Problem& solved = changed ? *changed : problem;
  const auto answer_to = [&](const Problem& given) {
    return answer_of(algorithm, given, parameters);
  };
  Answer answer = has_bounded_branches(algorithm, solved)
                      ? solve_branches(algorithm, solved, answer_to)
                      : answer_to(solved);
  if (auto* declined = std::get_if<Declined>(&answer.found)) {
    return std::move(*declined);
  }
  Plan plan{.algorithm = algorithm.name,
            .tier_of = std::get<Assignment>(std::move(answer.found)),
            .codecs = answer.codecs.value_or(CodecOf()),
            .bound = answer.bound,
            .figures = std::move(answer.figures),
            .makespan = answer.makespan,
            .deployment = std::move(answer.deployment),
            .measure = answer.measure};
  check_answer(problem, plan);
  if (plan.deployment) {
    if (!plan.deployment->variants.empty() && !problem.tail.empty()) {
      return Declined{"it can't plan layers that run after the answer is back ('pin-tail')"};
    }
    plan.deployment->check(problem);
  }
  if (!answer.codecs) {
    plan.codecs = codecs_of(problem, plan.tier_of);
  }
  plan.cost = evaluate(with_codecs(problem, plan.codecs), plan.tier_of);
  plan.promise =
      measured(plan.measure, problem, plan.cost, plan.deployment ? &*plan.deployment : nullptr);
  if (const auto broken = broken_limit_of(problem, plan)) {
    if (keeps(algorithm.within, broken->kind)) {
      return Failed{"its plan breaks a limit that it claims to keep: " + broken->reason};
    }
    return Declined{fmt::format("its plan breaks a limit: {}{}", broken->reason,
                                ignored_limits(algorithm.within, problem.goal.limits))};
  }
  if (proves_optimum(algorithm) && !plan.bound) {
    plan.bound = weigh(problem.goal.objective,
                       is_without_stalls ? evaluate(solved, plan.tier_of) : plan.cost);
  }
  plan.note = note_of(algorithm, problem, plan, is_without_stalls);
  verify(problem, plan);
  return plan;
}

}  // namespace

std::string refusal_text(const Outcome& outcome) {
  if (const auto* declined = std::get_if<Declined>(&outcome)) {
    return "declines: " + declined->reason;
  }
  const auto* failed = std::get_if<Failed>(&outcome);
  return failed != nullptr ? "failed: " + failed->reason : "";
}

Outcome solve(const Algorithm& algorithm, const Problem& problem, const Parameters& parameters) {
  if (std::string reason = objective_refusal(algorithm, problem.goal.objective); !reason.empty()) {
    return Declined{std::move(reason)};
  }
  if ((algorithm.branches == Branches::declined && problem.is_parallel()) ||
      (algorithm.branches == Branches::declined_on_device && problem.engines_on(0) > 1)) {
    return Declined{"it can't count layers that run at the same time ('parallel' of a tier)"};
  }
  try {
    return verified_outcome(algorithm, problem, parameters);
  } catch (const InputError&) {
    throw;
  } catch (const InvalidPlan& error) {
    return Failed{"its plan " + error.reason()};
  } catch (const std::exception& error) {
    return Failed{"it threw an exception: " + text_of(error)};
  }
}

}  // namespace offcut::partition

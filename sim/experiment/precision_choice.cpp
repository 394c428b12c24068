// Chooses the precisions of tiers: reads the scenario once for each combination of the listed ones,
// as if the user had set them, has it planned, and keeps the one with the best plan. So a choice
// means the same as the scenario with the chosen precisions, and everything after it knows no
// lists.

#include "sim/experiment/precision_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "sim/experiment/model_cache.h"
#include "sim/experiment/plan_runs.h"
#include "sim/experiment/tier_precisions.h"

namespace offcut::experiment {
namespace {

constexpr std::size_t kMostCombinations = 256;

/// A tier, or a group of its machines, whose precision is to be chosen.
struct Listed {
  std::string tier;
  std::string path;  // Of the key.
  std::vector<std::string> names;
  Place place;
};

std::string path_of(const scenario::TierChoice& tier) {
  return fmt::format("{}.{}.precision", tier.section, tier.name);
}

void add_listed(const scenario::TierChoice& tier, std::vector<Listed>& all) {
  if (!tier.precisions.empty()) {
    all.push_back({tier.name, path_of(tier), tier.precisions, tier.precisions_place});
  }
}

std::vector<Listed> listed_of(const scenario::Scenario& scenario) {
  std::vector<Listed> all;
  for (const scenario::TierChoice& tier : scenario.tiers) {
    if (tier.machines.empty()) {
      add_listed(tier, all);
    }
    for (const scenario::TierChoice& group : tier.machines) {
      add_listed(group, all);
    }
  }
  return all;
}

/// Throws unless each model's algorithm counts accuracy.
void check_algorithms(const scenario::Scenario& scenario, const Listed& first) {
  for (const scenario::ModelChoice& model : scenario.models) {
    if (model.math == scenario::ModelChoice::Math::off) {
      throw InputError(first.place,
                       fmt::format("{}: precisions are chosen by measured accuracy, which needs "
                                   "{}.math: sampled or every",
                                   first.path, model.section));
    }
    if (!model.plan.algorithm->takes.accuracy) {
      throw InputError(
          first.place,
          fmt::format("{}: precisions are chosen by measured accuracy, which '{}' ({}) does not "
                      "count; expected the algorithm codec-aware, or one precision",
                      first.path, model.plan.algorithm->name, model.plan.path_of("algorithm")));
    }
  }
}

/// Returns all combinations of names, the first names first.
std::vector<std::vector<std::string>> combinations_of(const std::vector<Listed>& listed) {
  std::vector<std::vector<std::string>> all = {{}};
  for (const Listed& tier : listed) {
    std::vector<std::vector<std::string>> longer;
    for (const std::vector<std::string>& names : all) {
      for (const std::string& name : tier.names) {
        longer.push_back(names);
        longer.back().push_back(name);
      }
    }
    all = std::move(longer);
    if (all.size() > kMostCombinations) {
      throw InputError(tier.place,
                       fmt::format("{}: there are more than {} combinations of precisions",
                                   tier.path, kMostCombinations));
    }
  }
  return all;
}

/// Returns whether all tiers after the devices compute alike, in integers or not: the losses of
/// other combinations can't be measured (measured_accuracy.h).
bool has_alike_tails(const scenario::Scenario& scenario, const std::vector<Listed>& listed,
                     const std::vector<std::string>& names) {
  std::vector<bool> in_integers;
  for (std::size_t tier = scenario.groups; tier < scenario.tiers.size(); ++tier) {
    const scenario::TierChoice& choice = scenario.tiers[tier];
    const auto own = std::find_if(listed.begin(), listed.end(),
                                  [&](const Listed& one) { return one.path == path_of(choice); });
    in_integers.push_back(own == listed.end()
                              ? computes_in_integers(choice)
                              : names[static_cast<std::size_t>(own - listed.begin())] == "int8");
  }
  return std::adjacent_find(in_integers.begin(), in_integers.end(), std::not_equal_to<>()) ==
         in_integers.end();
}

/// The latency of an experiment's own plans, or the reason why there are none.
struct Judged {
  std::optional<Seconds> latency;
  std::string refusal;
};

Judged judge(const Experiment& experiment) {
  Judged judged{.latency = Seconds(0), .refusal = {}};
  for (const PreparedModel& model : experiment.models) {
    const scenario::PlanChoice& own = experiment.choice_of(model).plan;
    const partition::Outcome outcome = plan_all(model, own, {own.algorithm}).front();
    if (const auto* plan = std::get_if<partition::Plan>(&outcome)) {
      *judged.latency += plan->latency();
    } else {
      return {.latency = std::nullopt, .refusal = partition::refusal_text(outcome)};
    }
  }
  return judged;
}

}  // namespace

bool lists_precisions(const scenario::Scenario& scenario) { return !listed_of(scenario).empty(); }

void each_precision(const scenario::Scenario& listed_scenario, const std::string& path,
                    const std::vector<scenario::Override>& overrides,
                    const scenario::Registries& registries, ModelCache* cache,
                    const std::function<void(const std::string& text, Experiment)>& use) {
  const std::vector<Listed> listed = listed_of(listed_scenario);
  check_algorithms(listed_scenario, listed.front());
  ModelCache own;  // The models are loaded once.
  bool is_any = false;
  for (const std::vector<std::string>& names : combinations_of(listed)) {
    if (!has_alike_tails(listed_scenario, listed, names)) {
      continue;
    }
    is_any = true;
    std::vector<scenario::Override> all = overrides;
    std::string text;
    for (std::size_t i = 0; i < listed.size(); ++i) {
      // The last override of a path applies.
      all.push_back({.path = listed[i].path,
                     .value = names[i],
                     .dimension = {},
                     .given = {},
                     .stated = listed[i].place});
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", listed[i].tier, names[i]);
    }
    use(text, read_experiment(path, all, registries, cache != nullptr ? cache : &own));
  }
  if (!is_any) {
    throw InputError(listed.front().place,
                     fmt::format("{}: in no combination do all tiers after the device compute "
                                 "alike, in int8 or not, which measured losses need",
                                 listed.front().path));
  }
}

Experiment with_best_precisions(const scenario::Scenario& listed, const std::string& path,
                                const std::vector<scenario::Override>& overrides,
                                const scenario::Registries& registries, ModelCache* cache) {
  std::optional<Experiment> best;
  std::optional<Seconds> least;
  std::string refusal;
  each_precision(listed, path, overrides, registries, cache,
                 [&](const std::string& text, Experiment experiment) {
                   const Judged judged = judge(experiment);
                   if (judged.latency && (!least || *judged.latency < *least)) {
                     least = judged.latency;
                     best.emplace(std::move(experiment));
                     best->precisions = text;
                   } else if (!judged.latency && refusal.empty()) {
                     refusal = judged.refusal;
                   }
                 });
  if (!best) {
    const Listed first = listed_of(listed).front();
    throw InputError(first.place, fmt::format("{}: no precision has a plan: '{}' {}", first.path,
                                              listed.models.front().plan.algorithm->name, refusal));
  }
  best->cache = cache;
  return std::move(*best);
}

}  // namespace offcut::experiment

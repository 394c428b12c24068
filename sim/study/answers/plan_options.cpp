// Collects cuts of each model and writes them as plans of `fixed`, with the other keys of the
// scenario's own plan.

#include "sim/study/answers/plan_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "partition/algorithm.h"
#include "sim/experiment/memory_shortage.h"
#include "sim/experiment/plan_runs.h"
#include "sim/experiment/weights.h"
#include "sim/study/answers/few_changes.h"
#include "sim/study/under_load/joint_search.h"

namespace offcut::study {
namespace {

using scenario::YamlNode;

constexpr const char* kFixed = "fixed";

/// A plan of one of the scenario's models, on each group of devices that runs it.
struct ModelPlan {
  std::string text;
  std::string value;                   // YAML of its section.
  std::vector<partition::Plan> plans;  // By group.

  bool operator==(const ModelPlan& other) const {
    return std::equal(plans.begin(), plans.end(), other.plans.begin(), other.plans.end(),
                      [](const partition::Plan& a, const partition::Plan& b) {
                        return a.tier_of == b.tier_of && a.codecs == b.codecs;
                      });
  }
};

/// Returns the section's map as it is written, without the keys that choose the plan.
YamlNode section_without_choice(const YamlNode& root, const scenario::PlanChoice& plan) {
  const YamlNode* node = &root;
  for (std::size_t begin = 0; node != nullptr && begin <= plan.section.size();) {
    const std::size_t end = std::min(plan.section.find('.', begin), plan.section.size());
    node = node->find(plan.section.substr(begin, end - begin));
    begin = end + 1;
  }
  YamlNode section = node != nullptr ? *node : YamlNode{.kind = YamlNode::Kind::map};
  const std::vector<std::string> chosen = {"under", "scheduling", "minimise"};
  section.entries.remove_if([&](const YamlNode::Entry& entry) {
    return std::find(chosen.begin(), chosen.end(), entry.key) != chosen.end();
  });
  return section;
}

/// Removes the algorithm and its parameters.
void remove_algorithm(const scenario::PlanChoice& plan, YamlNode& section) {
  section.entries.remove_if([&](const YamlNode::Entry& entry) {
    const auto& specs = plan.algorithm->parameters;
    return entry.key == "algorithm" ||
           std::any_of(specs.begin(), specs.end(),
                       [&](const ParameterSpec& spec) { return spec.name == entry.key; });
  });
}

/// Returns the names for `after` that make the assignment, if any do.
std::vector<std::string> names_of_cut(const partition::Problem& problem,
                                      const partition::Assignment& tier_of) {
  std::vector<std::string> names;
  std::size_t last = 0;
  for (std::size_t tier = 0; tier + 1 < problem.tier_count(); ++tier) {
    std::string name = "input";
    for (std::size_t layer = 0; layer < tier_of.size(); ++layer) {
      if (tier_of[layer] == tier) {
        name = problem.layers[layer];
      }
      last = std::max(last, tier_of[layer]);
    }
    names.push_back(name);
  }
  names.resize(std::min(names.size(), last + 1));
  return names;
}

std::string text_of_cut(const experiment::PreparedModel& model,
                        const std::vector<std::string>& names,
                        const partition::Assignment& tier_of) {
  const std::size_t first = tier_of.empty() ? 0 : tier_of.front();
  if (std::all_of(tier_of.begin(), tier_of.end(), [&](std::size_t t) { return t == first; })) {
    return fmt::format("all on {}", model.tiers[first].name);
  }
  return fmt::format("after {}", fmt::join(names, ", "));
}

/// Collects the plans of one of the scenario's models.
class ModelPlans {
 public:
  ModelPlans(const experiment::Experiment& experiment, const scenario::Registries& registries,
             const YamlNode& root, std::size_t choice, const std::vector<partition::Plan>& own)
      : experiment_(experiment), fixed_(*registries.algorithms.find(kFixed)), choice_(choice) {
    const scenario::PlanChoice& plan = experiment.scenario.models[choice].plan;
    section_ = section_without_choice(root, plan);
    ModelPlan first{.text = plan.algorithm->name, .value = {}, .plans = {}};
    for (std::size_t i = 0; i < experiment.models.size(); ++i) {
      if (experiment.models[i].choice == choice) {
        prepared_.push_back(i);
        first.plans.push_back(own[i]);
      }
    }
    YamlNode own_section = section_;
    if (plan.algorithm->chosen_by.empty() && own_section.find("algorithm") == nullptr) {
      own_section.add("algorithm", YamlNode::scalar(plan.algorithm->name));
    }
    if (section_.find("compare") != nullptr && plan.section == "plan" &&
        experiment.scenario.models.size() > 1) {
      section_.entries.remove_if([](const YamlNode::Entry& e) { return e.key == "compare"; });
      own_section.entries.remove_if([](const YamlNode::Entry& e) { return e.key == "compare"; });
    }
    first.value = scenario::to_yaml_line(own_section);
    if (plan.algorithm->name == kFixed && !first.plans.empty()) {
      const partition::Assignment& tier_of = first.plans.front().tier_of;
      const experiment::PreparedModel& model = experiment.models[prepared_.front()];
      first.text = text_of_cut(model, names_of_cut(model.problem, tier_of), tier_of);
    }
    remove_algorithm(plan, section_);
    plans_.push_back(std::move(first));
  }

  const std::vector<std::size_t>& prepared() const { return prepared_; }
  const std::vector<ModelPlan>& plans() const { return plans_; }

  /// Adds a cut of the prepared model, unless `fixed` can't make it, a limit excludes it, or it is
  /// there.
  void add(const experiment::PreparedModel& model, const partition::Assignment& tier_of) {
    const std::vector<std::string> names = names_of_cut(model.problem, tier_of);
    ModelPlan plan{.text = text_of_cut(model, names, tier_of), .value = {}, .plans = {}};
    scenario::PlanChoice choice = experiment_.scenario.models[choice_].plan;
    choice.algorithm = &fixed_;
    choice.parameters = defaults(fixed_.parameters);
    choice.parameters.set("after", fmt::format("{}", fmt::join(names, "\n")));
    for (const std::size_t i : prepared_) {
      const experiment::PreparedModel& own = experiment_.models[i];
      std::vector<partition::Outcome> outcomes = experiment::plan_all(own, choice, {&fixed_});
      auto* made = std::get_if<partition::Plan>(&outcomes.front());
      if (made == nullptr || (&own == &model && made->tier_of != tier_of) ||
          experiment::memory_error(experiment_.scenario, own, *made)) {
        return;
      }
      plan.plans.push_back(std::move(*made));
    }
    if (std::find(plans_.begin(), plans_.end(), plan) != plans_.end()) {
      return;
    }
    YamlNode section = section_;
    section.add("algorithm", YamlNode::scalar(kFixed));
    YamlNode after{.kind = YamlNode::Kind::sequence};
    for (const std::string& name : names) {
      after.items.push_back(YamlNode::scalar(name));
    }
    section.add("after", std::move(after));
    plan.value = scenario::to_yaml_line(section);
    plans_.push_back(std::move(plan));
  }

 private:
  const experiment::Experiment& experiment_;
  const partition::Algorithm& fixed_;
  std::size_t choice_;
  YamlNode section_;                   // Without an algorithm.
  std::vector<std::size_t> prepared_;  // Indices of Experiment::models.
  std::vector<ModelPlan> plans_;
};

/// Adds the best plans by each single term in an idle system, and each tier alone.
void add_extremes(const experiment::PreparedModel& model, const partition::Algorithm& exact,
                  ModelPlans& plans) {
  for (std::size_t tier = 0; tier < model.problem.tier_count(); ++tier) {
    plans.add(model, partition::Assignment(model.problem.layer_count(), tier));
  }
  partition::Problem problem = model.problem;
  problem.extras.graph = &model.graph;
  for (const partition::Objective& objective :
       {partition::Objective{.latency = 1, .energy = 0, .money = 0},
        partition::Objective{.latency = 0, .energy = 1, .money = 0},
        partition::Objective{.latency = 0, .energy = 0, .money = 1}}) {
    problem.goal.objective = objective;
    const partition::Outcome outcome = partition::solve(exact, problem, defaults(exact.parameters));
    if (const auto* plan = std::get_if<partition::Plan>(&outcome)) {
      plans.add(model, plan->tier_of);
    }
  }
}

/// Throws InputError unless each plan is one assignment for all requests.
void check_single_assignments(const experiment::Experiment& experiment,
                              const std::vector<partition::Plan>& plans) {
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const scenario::PlanChoice& plan = experiment.choice_of(experiment.models[i]).plan;
    if (plans[i].deployment) {
      throw InputError(
          plan.algorithm_place,
          fmt::format("{}: '{}' plans more than one assignment for all requests, among which "
                      "--over plan can't choose: expected an algorithm like 'multi-tier'",
                      plan.path_of("algorithm"), plan.algorithm->name));
    }
  }
}

/// Returns the value of `plan` if all models have sections of their own: what it has for all.
std::string shared_value(const YamlNode& root) {
  YamlNode shared{.kind = YamlNode::Kind::map};
  const YamlNode* plan = root.find("plan");
  const YamlNode* compare = plan != nullptr ? plan->find("compare") : nullptr;
  if (compare != nullptr) {
    shared.add("compare", *compare);
  }
  return compare != nullptr ? scenario::to_yaml_line(shared) : "{}";
}

/// Combines plans of each model, by their positions in `models`.
PlanOption combined(const experiment::Experiment& experiment, const YamlNode& root,
                    const std::vector<ModelPlans>& models, const std::vector<std::size_t>& choice) {
  PlanOption option;
  if (models.size() > 1) {
    option.values.push_back(shared_value(root));
  }
  std::vector<const partition::Plan*> plans(experiment.models.size());
  for (std::size_t m = 0; m < models.size(); ++m) {
    const ModelPlan& plan = models[m].plans()[choice[m]];
    option.values.push_back(plan.value);
    option.text += fmt::format(
        "{}{}{}", m == 0 ? "" : "; ",
        models.size() > 1 ? fmt::format("{}: ", experiment.scenario.models[m].name) : "",
        plan.text);
    for (std::size_t i = 0; i < plan.plans.size(); ++i) {
      plans[models[m].prepared()[i]] = &plan.plans[i];
    }
  }
  for (std::size_t i = 0; i < plans.size(); ++i) {
    option.cuts.push_back(cut_of(experiment.models[i], *plans[i]));
  }
  return option;
}

/// Returns whether the plans fit the memory of the tiers together.
bool fits_memory(const experiment::Experiment& experiment, const PlanOption& option) {
  std::vector<partition::Plan> plans;
  for (const Cut& cut : option.cuts) {
    plans.push_back(cut.plan);
  }
  return !experiment.scenario.enforces_memory ||
         experiment::memory_shortages(experiment, plans).empty();
}

std::vector<ModelPlans> own_model_plans(const experiment::Experiment& experiment,
                                        const scenario::Registries& registries,
                                        const YamlNode& root,
                                        const std::vector<partition::Plan>& own) {
  check_single_assignments(experiment, own);
  std::vector<ModelPlans> models;
  for (std::size_t choice = 0; choice < experiment.scenario.models.size(); ++choice) {
    models.emplace_back(experiment, registries, root, choice, own);
  }
  return models;
}

}  // namespace

std::vector<std::string> plan_paths(const scenario::Scenario& scenario) {
  std::vector<std::string> paths = {"plan"};
  for (const scenario::ModelChoice& model : scenario.models) {
    if (scenario.models.size() > 1) {
      paths.push_back(fmt::format("models.{}.plan", model.name));
    }
  }
  return paths;
}

std::optional<PlanOption> own_plan_option(const experiment::Experiment& experiment,
                                          const std::vector<partition::Plan>& own) {
  PlanOption option;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i].deployment) {
      return std::nullopt;
    }
    option.cuts.push_back(cut_of(experiment.models[i], own[i]));
  }
  return option;
}

std::vector<PlanOption> plan_options(const experiment::Experiment& experiment,
                                     const std::vector<partition::Plan>& own, const YamlNode& root,
                                     const scenario::Registries& registries, Seconds budget,
                                     std::size_t most) {
  std::vector<ModelPlans> models = own_model_plans(experiment, registries, root, own);
  JointSearch search(experiment, registries.algorithms, own, own_policies(experiment), budget);
  search.run();
  std::vector<std::size_t> alternatives;
  for (ModelPlans& plans : models) {
    for (const std::size_t i : plans.prepared()) {
      for (const Cut* cut : search.pools()[i].cuts()) {
        plans.add(experiment.models[i], cut->plan.tier_of);
      }
      add_extremes(experiment.models[i], *registries.algorithms.find("multi-tier"), plans);
    }
    alternatives.push_back(plans.plans().size());
  }
  std::vector<PlanOption> options;
  for (const std::vector<std::size_t>& choice : few_changes(alternatives, most).choices) {
    PlanOption option = combined(experiment, root, models, choice);
    if (options.empty() || fits_memory(experiment, option)) {
      options.push_back(std::move(option));
    }
  }
  return options;
}

}  // namespace offcut::study

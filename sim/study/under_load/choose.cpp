// Searches with predictions, then with simulations, and replays the difference between the first
// and the last state kind by kind.

#include "sim/study/under_load/choose.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <span>

#include "sim/experiment/plan_runs.h"
#include "sim/scenario/policy_text.h"

namespace offcut::study {
namespace {

// Estimates of CPU time on a usual machine.
constexpr double kSecondsPerRun = 2e-3;
constexpr double kSecondsPerRequest = 3e-6;
constexpr double kPredictedShare = 0.3;  // Of the budget.

/// Simulates states, each once, as long as the budget lasts.
class SimulatedStates {
 public:
  SimulatedStates(experiment::Experiment& experiment, JointSearch& search,
                  const LoadSearchOptions& options)
      : experiment_(experiment), search_(search), options_(options) {
    for (const Stream& stream : search.model().streams()) {
      rate_ += stream.rate;
    }
    const engine::Stop stop = short_stop(experiment.scenario.stop, options.most_requests, rate_);
    const double requests =
        stop.requests ? static_cast<double>(*stop.requests) : stop.after->si() * rate_.si();
    const double budget = options.budget.si() * (1 - kPredictedShare);
    most_ = static_cast<std::size_t>(budget / (kSecondsPerRun + kSecondsPerRequest * requests));
  }

  std::size_t most() const { return most_; }
  std::size_t left() const { return most_ - std::min(most_, done_.size()); }
  std::size_t count() const { return done_.size(); }

  Configuration configuration(const JointState& state) const {
    Configuration configuration{.scheduling = state.scheduling};
    for (std::size_t i = 0; i < state.cuts.size(); ++i) {
      configuration.plans.push_back(search_.pools()[i].cuts()[state.cuts[i]]->plan);
    }
    return configuration;
  }

  bool has(const JointState& state) const { return done_.contains(search_.name_of(state)); }
  const SimulatedDelay& at(const JointState& state) const {
    return done_.at(search_.name_of(state));
  }
  double value(const JointState& state) const { return at(state).value(search_.goal()).si(); }

  /// Simulates those states that are new.
  void simulate(const std::vector<JointState>& states) {
    std::vector<std::string> names;
    std::vector<Configuration> configurations;
    for (const JointState& state : states) {
      const std::string name = search_.name_of(state);
      if (!done_.contains(name) && std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
        configurations.push_back(configuration(state));
      }
    }
    const auto before = static_cast<double>(done_.size());
    const auto all = static_cast<double>(std::max(most_, done_.size() + names.size()));
    const std::vector<SimulatedDelay> delays = simulate_all(
        experiment_, configurations, search_.goal(), options_.most_requests, rate_,
        [&](double done) {
          if (options_.progress) {
            options_.progress((before + done * static_cast<double>(names.size())) / all);
          }
        });
    for (std::size_t i = 0; i < names.size(); ++i) {
      done_.emplace(names[i], delays[i]);
    }
  }

 private:
  experiment::Experiment& experiment_;
  JointSearch& search_;
  const LoadSearchOptions& options_;
  PerSecond rate_;
  std::size_t most_ = 0;
  std::map<std::string, SimulatedDelay> done_;
};

/// Returns the state in which every tier serves requests one by one in the order of arrival, if
/// the tiers allow it.
JointState in_order_of_arrival(JointState state, const scenario::Registries& registries) {
  for (scheduling::Scheduling& policies : state.scheduling) {
    const Place place = policies.queue.chosen_at;
    policies = {};
    policies.queue = {registries.queues.find("fifo"), {}, place};
  }
  return state;
}

// A move must gain this share: a smaller one may be due to the arrivals of this one sample.
constexpr double kWorthwhile = 2e-3;

/// Returns the number of simulations that simplified() needs.
std::size_t reserve(const SimulatedStates& simulated) {
  constexpr std::size_t kMost = 32;
  return std::min(kMost, simulated.most() / 4);
}

/// Moves from the best simulated state to better ones next to it.
JointState refine(JointState best, JointSearch& search, SimulatedStates& simulated) {
  constexpr std::size_t kAtOnce = 16;
  // Neighbours that are predicted so much worse are not tried: predictions are better than that.
  constexpr double kHopeless = 1.5;
  while (simulated.left() > reserve(simulated)) {
    const double limit = kHopeless * search.predict(best).value(search.goal()).si();
    std::vector<JointState> next;
    for (JointState& other : search.neighbours(best)) {
      if (next.size() < std::min(kAtOnce, simulated.left() - reserve(simulated)) &&
          !simulated.has(other) && search.predict(other).value(search.goal()).si() <= limit) {
        next.push_back(std::move(other));
      }
    }
    if (next.empty()) {
      break;
    }
    simulated.simulate(next);
    for (JointState& other : next) {
      if (simulated.value(other) < simulated.value(best) * (1 - kWorthwhile)) {
        best = std::move(other);
      }
    }
  }
  return best;
}

/// Returns the state with as many of the first one's policies as cost nothing, so that a policy is
/// chosen for its gain alone.
JointState simplified(const JointState& chosen, const JointState& first, JointSearch& search,
                      SimulatedStates& simulated) {
  const double limit = simulated.value(chosen) * (1 + kWorthwhile);
  JointState best = chosen;
  while (simulated.left() > 0) {
    std::vector<JointState> next;
    const auto add = [&](std::size_t tier, auto part) {
      JointState other = best;
      other.scheduling[tier].*part = first.scheduling[tier].*part;
      if (search.name_of(other) != search.name_of(best) && search.is_allowed(other) &&
          (simulated.has(other) || next.size() < simulated.left())) {
        next.push_back(std::move(other));
      }
    };
    for (std::size_t tier = 0; tier < best.scheduling.size(); ++tier) {
      each_kind([&](auto, auto part) { add(tier, part); });
    }
    if (next.empty()) {
      break;
    }
    simulated.simulate(next);
    const JointState& least = *std::min_element(
        next.begin(), next.end(),
        [&](const auto& a, const auto& b) { return simulated.value(a) < simulated.value(b); });
    if (simulated.value(least) > limit) {
      break;
    }
    best = least;
  }
  return best;
}

/// Returns the states between the first one and the choice, one kind of change at a time, each with
/// its name. A kind that changes nothing has none.
std::vector<std::pair<std::string, JointState>> steps_between(const JointState& first,
                                                              const JointState& chosen,
                                                              const JointSearch& search) {
  std::vector<std::pair<std::string, JointState>> steps = {{"idle plans, own policies", first}};
  JointState next = first;
  const auto add = [&](const char* name, auto change) {
    for (std::size_t tier = 0; tier < next.scheduling.size(); ++tier) {
      change(next, tier);
    }
    // A state that does not fit together is part of the next step.
    if (search.is_allowed(next) && search.name_of(next) != search.name_of(steps.back().second)) {
      steps.emplace_back(name, next);
    }
  };
  add("+ cuts", [&](JointState& state, std::size_t) { state.cuts = chosen.cuts; });
  // Dispatch comes before queues: processor sharing needs a rule.
  add("+ dispatch", [&](JointState& state, std::size_t tier) {
    state.scheduling[tier].dispatch = chosen.scheduling[tier].dispatch;
  });
  add("+ queues", [&](JointState& state, std::size_t tier) {
    state.scheduling[tier].queue = chosen.scheduling[tier].queue;
    if (state.scheduling[tier].queue && state.scheduling[tier].queue.kind->shares) {
      state.scheduling[tier].batching = {};
    }
  });
  add("+ batches", [&](JointState& state, std::size_t tier) {
    state.scheduling[tier].batching = chosen.scheduling[tier].batching;
  });
  add("+ admission", [&](JointState& state, std::size_t tier) {
    state.scheduling[tier].admission = chosen.scheduling[tier].admission;
  });
  return steps;
}

/// Throws InputError unless each plan is one assignment for all requests, which a search can
/// change.
void check_assignments(const experiment::Experiment& experiment,
                       const std::vector<partition::Plan>& plans) {
  std::vector<Diagnostic> diagnostics;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const scenario::PlanChoice& plan = experiment.choice_of(experiment.models[i]).plan;
    if (plans[i].deployment) {
      const Diagnostic diagnostic{
          plan.algorithm_place,
          fmt::format("{}: '{}' plans more than one assignment for all requests, which planning "
                      "under load can't change: expected an algorithm like 'multi-tier'",
                      plan.path_of("algorithm"), plan.algorithm->name)};
      add_new(std::span(&diagnostic, 1), diagnostics);
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

/// Returns the map of a model's plan, or of the scenario's, in a resolved scenario.
scenario::YamlNode& node_at(scenario::YamlNode& root, const std::string& path) {
  scenario::YamlNode* node = &root;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    const auto found =
        std::find_if(node->entries.begin(), node->entries.end(),
                     [&](const scenario::YamlNode::Entry& entry) { return entry.key == key; });
    node = found != node->entries.end() ? &found->value
                                        : &node->add(key, {.kind = scenario::YamlNode::Kind::map});
    begin = end + 1;
  }
  return *node;
}

/// Lets a resolved plan read the file in place of its algorithm.
void plan_from_file(const scenario::PlanChoice& plan, const std::string& file,
                    scenario::YamlNode& resolved) {
  scenario::YamlNode& node = node_at(resolved, plan.section);
  std::vector<std::string> replaced = {"algorithm", "file",       "of",
                                       "under",     "scheduling", "minimise"};
  for (const ParameterSpec& spec : plan.algorithm->parameters) {
    replaced.push_back(spec.name);
  }
  node.entries.remove_if([&](const scenario::YamlNode::Entry& entry) {
    return std::find(replaced.begin(), replaced.end(), entry.key) != replaced.end();
  });
  scenario::YamlNode path = scenario::YamlNode::scalar(file);
  path.is_file = true;
  node.add("file", std::move(path));
  node.add("of", scenario::YamlNode::scalar(kUnderLoad));
}

}  // namespace

LoadChoice choose_under_load(experiment::Experiment& experiment,
                             const scenario::Registries& registries,
                             const LoadSearchOptions& options) {
  const std::vector<partition::Plan> idle = experiment::own_plans(experiment);
  check_assignments(experiment, idle);
  std::vector<TierPolicies> policies =
      !experiment.scenario.under_load->chooses_policies ? own_policies(experiment)
      : options.policies                                ? *options.policies
                         : candidate_policies(experiment, registries);
  JointSearch search(experiment, registries.algorithms, idle, std::move(policies),
                     options.budget * kPredictedShare);
  LoadChoice choice{.alternation = search.run()};

  SimulatedStates simulated(experiment, search, options);
  const JointState first = search.first();
  constexpr std::size_t kLeast = 4, kMost = 24;  // Of the predicted ones; a third of the budget.
  std::vector<JointState> states =
      search.best_states(std::clamp(simulated.most() / 3, kLeast, kMost));
  // The idle plans may be predicted too badly under policies that suit them.
  for (JointState& state : search.best_states(kLeast, first.cuts)) {
    states.push_back(std::move(state));
  }
  states.push_back(first);
  if (experiment.scenario.under_load->chooses_policies) {
    states.push_back(in_order_of_arrival(first, registries));
  }
  simulated.simulate(states);
  const JointState best = *std::min_element(
      states.begin(), states.end(),
      [&](const auto& a, const auto& b) { return simulated.value(a) < simulated.value(b); });
  const JointState chosen = simplified(refine(best, search, simulated), first, search, simulated);

  const auto steps = steps_between(first, chosen, search);
  std::vector<JointState> on_the_way;
  for (const auto& [name, state] : steps) {
    on_the_way.push_back(state);
  }
  simulated.simulate(on_the_way);
  for (const auto& [name, state] : steps) {
    choice.steps.push_back({name, search.predict(state), simulated.at(state)});
  }
  choice.chosen = simulated.configuration(chosen);
  for (partition::Plan& plan : choice.chosen.plans) {
    plan.algorithm = kUnderLoad;
    plan.note.clear();
    plan.bound.reset();
  }
  choice.predicted = search.predict(chosen);
  choice.simulated = simulated.at(chosen);
  choice.predictions = search.predictions();
  choice.simulations = simulated.count();
  choice.is_out_of_budget = search.is_out_of_budget() || simulated.left() == 0;
  return choice;
}

void apply(const LoadChoice& choice, const std::string& plan_file,
           experiment::Experiment& experiment) {
  scenario::Scenario& scenario = experiment.scenario;
  for (std::size_t tier = 0; tier < scenario.tiers.size(); ++tier) {
    node_at(scenario.resolved, "scheduling." + scenario.tiers[tier].name) =
        scenario::policies_node(choice.chosen.scheduling[tier]);
  }
  set_policies(choice.chosen.scheduling, experiment);
  for (const scenario::ModelChoice& model : scenario.models) {
    plan_from_file(model.plan, plan_file, scenario.resolved);
  }
  for (const char* key : {"under", "scheduling", "minimise"}) {
    node_at(scenario.resolved, "plan")
        .entries.remove_if(
            [&](const scenario::YamlNode::Entry& entry) { return entry.key == key; });
  }
  experiment.given_plans = choice.chosen.plans;
}

}  // namespace offcut::study

// Follows the links and servers with the plans of a run. Each class has a state at each device that
// sends its requests: the plan that serves, the one that is prepared, and the policy. The devices'
// own transfers and the answers feed the estimators. Each model has two problems, the believed and
// the true one, whose best plans are looked up alike.

#include "sim/experiment/moving_plans.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/random.h"
#include "partition/legs.h"
#include "partition/placement.h"
#include "sim/experiment/moving_plans_state.h"
#include "sim/experiment/weights.h"

namespace offcut::experiment {

namespace {

/// Adds the legs that some plan of the model may need.
void add_legs(const PreparedModel& model, engine::Simulation& simulation) {
  const partition::Problem& problem = model.problem;
  for (std::size_t from = 0; problem.has_routes() && from < problem.tier_count(); ++from) {
    for (std::size_t to = from + 1; to < problem.tier_count(); ++to) {
      for (const partition::Leg& leg : partition::legs_between(problem, from, to)) {
        number_of(leg, problem.hop_count(), simulation.long_legs);
      }
    }
  }
}

}  // namespace

std::string layers_text(const partition::Problem& problem, const partition::Assignment& tier_of) {
  std::string text;
  const auto layers = partition::Placement{problem.tiers, tier_of}.layers();
  for (std::size_t tier = 0; tier < layers.size(); ++tier) {
    if (!layers[tier].empty()) {
      const std::string& from = problem.layers[layers[tier].front()];
      const std::string& to = problem.layers[layers[tier].back()];
      text += fmt::format("{}{}: {}{}", text.empty() ? "" : "; ", problem.tiers[tier], from,
                          from == to ? "" : " to " + to);
    }
  }
  return text;
}

MovingPlans::MovingPlans(const std::vector<PreparedModel>& models,
                         const std::vector<partition::Plan>& plans,
                         const scenario::Adaptation* adaptation, PathTable paths,
                         engine::Simulation& simulation)
    : adaptation_(adaptation),
      seed_(simulation.seed),
      itineraries_(simulation.itineraries),
      attachment_(engine::attachment_of(simulation.tiers, simulation.hops, simulation.groups)),
      paths_(std::move(paths)) {
  for (const engine::RequestClass& request_class : simulation.classes) {
    class_names_.push_back(request_class.name);
    deadlines_.push_back(request_class.deadline);
  }
  for (const PreparedModel& model : models) {
    if (adaptation_ != nullptr) {
      add_legs(model, simulation);
    }
    models_.push_back(std::make_unique<Model>(model, simulation));
  }
  long_legs_ = simulation.long_legs;
  for (const std::vector<Paths>& ranges : paths_) {
    for (const Paths& path : ranges) {
      Model& model = *models_[path.model];
      if (model.first == nullptr) {  // Classes that run the same model have equal itineraries.
        model.first = &model.book(model.pool.address_of(plans[path.model].tier_of),
                                  &itineraries_[path.planned.front()], long_legs_);
      }
    }
  }
}

MovingPlans::~MovingPlans() = default;

// --- states

MovingPlans::Link& MovingPlans::link_of(std::size_t device, const Model& model) {
  std::unique_ptr<Link>& link = links_[device];
  if (!link) {
    link = std::make_unique<Link>();
    link->payload = model.hops.empty() ? 1 : model.hops.front().payload;
    const bool asks = adaptation_ != nullptr && adaptation_->policy.kind->uses_estimates;
    if (asks && adaptation_->estimator.kind->make != nullptr) {
      link->estimator = adaptation_->estimator.make();
    }
  }
  return *link;
}

MovingPlans::Device& MovingPlans::device_of(std::size_t request_class, std::size_t device) {
  std::unique_ptr<Device>& known = devices_[request_class * attachment_.devices() + device];
  if (known) {
    return *known;
  }
  known = std::make_unique<Device>();
  Device& state = *known;
  state.device = device;
  state.request_class = request_class;
  state.paths = &paths_at(paths_[request_class], device);
  state.model = models_[state.paths->model].get();
  state.deadline = deadlines_[request_class];
  state.link = &link_of(device, *state.model);
  state.plan = state.model->first;
  state.estimate = state.model->believed.nominal();
  state.follower = adapt::Follower(
      state.estimate.hops.empty() ? 1 : state.estimate.hops.front().up.si());
  if (adaptation_ == nullptr) {
    return state;
  }
  state.policy = adaptation_->policy.kind->make(
      adaptation_->policy.parameters,
      random_stream(seed_, fmt::format("re-planning of {}", class_names_[request_class]), device));
  if (adaptation_->load && adaptation_->policy.kind->uses_estimates) {
    state.load = adaptation_->load.make();
  }
  if (adaptation_->uploads_weights) {
    for (const std::size_t tier : *state.plan->tier_of) {
      state.beyond.push_back(tier > 0);
    }
  }
  return state;
}

// --- conditions

Conditions MovingPlans::truth_at(const Model& model, std::size_t device, Seconds now) const {
  Conditions truth;
  const double time = now.si();
  for (std::size_t level = 0; level < model.hops.size(); ++level) {
    const Model::TrueHop& hop = model.hops[level];
    const std::size_t link = attachment_.link_of(hop.number, device);
    double up = hop.up[link].at(time), down = hop.down[link].at(time);
    if (hop.site_up) {
      const std::size_t uplink = attachment_.uplink_of(device);
      up = std::min(up, (*hop.site_up)[uplink].at(time));
      down = std::min(down, (*hop.site_down)[uplink].at(time));
    }
    truth.hops.push_back({BytesPerSecond(up) / hop.payload, BytesPerSecond(down) / hop.payload,
                          Seconds(hop.latency[link].at(time))});
  }
  return truth;
}

/// Returns what the device believes now. Both directions of its first hop change in proportion.
Conditions MovingPlans::estimate_of(const Device& state, Seconds now) const {
  const adapt::PolicyKind& policy = *adaptation_->policy.kind;
  if (policy.knows_truth) {
    return truth_at(*state.model, state.device, now);
  }
  Conditions estimate = state.model->believed.nominal();
  Conditions::Rates& first = estimate.hops.front();
  if (!policy.uses_estimates) {
    return estimate;
  }
  if (adaptation_->estimator.kind->make == nullptr) {
    first = truth_at(*state.model, state.device, now).hops.front();
  } else if (const auto rate = state.link->estimator->rate()) {
    const BytesPerSecond up = *rate / state.link->payload;
    first.down = first.down * (up.si() / first.up.si());
    first.up = up;
  }
  estimate.load = state.load ? state.load->load() : adapt::Load();
  return estimate;
}

// --- decisions

const engine::Itinerary& MovingPlans::itinerary_of(std::size_t request_class, std::size_t device,
                                                   Seconds now, std::int64_t /*input*/) {
  Device& state = device_of(request_class, device);
  const Booked& before = *state.plan;
  const Conditions truth = truth_at(*state.model, device, now);
  if (adaptation_ != nullptr) {
    settle(state, now);
    decide(state, now);
    settle(state, now);
    probe(state, now);
  }
  if (state.plan != &before) {
    record_switch(state, before, truth, now);
  }
  Followed followed{.plan = appraise(state, truth),
                    .arm = {},
                    .rate = state.follower.planned_rate(),
                    .planned_on_servers = state.plan->planned_on_servers};
  if (adaptation_ != nullptr && adaptation_->policy.kind->learns) {
    const auto& arms = state.model->arms;
    const auto arm = std::find(arms.begin(), arms.end(), state.plan);
    if (arm != arms.end()) {
      followed.arm = static_cast<std::size_t>(arm - arms.begin());
    }
  }
  followed_.emplace(arrived_++, followed);
  return *state.plan->itinerary;
}

const engine::Itinerary& MovingPlans::fallback_of(std::size_t request_class, std::size_t device,
                                                  Seconds /*now*/) {
  return itineraries_[paths_at(paths_[request_class], device).fallback];
}

void MovingPlans::decide(Device& state, Seconds now) {
  Model& model = *state.model;
  if (adaptation_->policy.kind->learns && model.arms.empty()) {
    add_arms(model);
  }
  state.estimate = estimate_of(state, now);
  const adapt::Decision decision =
      state.follower.decide(*state.policy, now, state.estimate.hops.front().up.si(),
                            state.estimate.load, std::max<std::size_t>(1, model.arms.size()));
  if (decision.kind == adapt::Decision::Kind::keep) {
    return;
  }
  ++figures_.replans;
  if (decision.kind == adapt::Decision::Kind::arm) {
    wish(state, *model.arms[decision.arm], now);
  } else {
    look_up(state, now);
  }
}

/// Wishes for the best plan by the estimates, if it is worth a switch and there is one within the
/// limits.
void MovingPlans::look_up(Device& state, Seconds now) {
  Model& model = *state.model;
  BestPlans& plans = adaptation_->policy.kind->knows_truth ? model.truth : model.believed;
  const partition::Assignment* best = plans.best(state.estimate);
  if (best == nullptr || weights_shortage(model.prepared, *best)) {
    return;
  }
  // Another plan that is just as good is no reason to switch.
  const double share = std::max(adaptation_->hysteresis, partition::kRounding);
  const bool is_worth_it = best == state.plan->tier_of ||
                           plans.value(*best, state.estimate) <
                               plans.value(*state.plan->tier_of, state.estimate) * (1 - share);
  wish(state, is_worth_it ? model.book(best, nullptr, long_legs_) : *state.plan, now);
}

void MovingPlans::record_switch(const Device& state, const Booked& before, const Conditions& truth,
                                Seconds now) {
  ++figures_.switches;
  if (switched_) {
    const double payload = state.link->payload;
    switched_({.time = now,
               .device = state.device,
               .request_class = state.request_class,
               .from = before.number,
               .to = state.plan->number,
               .from_text = before.text,
               .to_text = state.plan->text,
               .estimate = state.estimate.hops.front().up * payload,
               .truth = truth.hops.front().up * payload});
  }
}

/// Compares the plan with the best one for the true conditions.
RequestPlan MovingPlans::appraise(const Device& state, const Conditions& truth) {
  Model& model = *state.model;
  RequestPlan result{.plan = state.plan->number, .regret = {}};
  const bool is_down =
      std::any_of(truth.hops.begin(), truth.hops.end(), [](const Conditions::Rates& rates) {
        return rates.up == BytesPerSecond(0) || rates.down == BytesPerSecond(0);
      });
  if (is_down || !(model.prepared.problem.goal.objective == partition::Objective())) {
    return result;
  }
  const partition::Assignment* best = model.truth.best(truth);
  if (best == nullptr) {
    return result;
  }
  Seconds regret(0);
  if (best != state.plan->tier_of) {
    const Seconds least = model.truth.cost(*best, truth).latency();
    regret = model.truth.cost(*state.plan->tier_of, truth).latency() - least;
    regret = regret < least * partition::kRounding ? Seconds(0) : regret;
  }
  result.regret = regret;
  figures_.regret += regret;
  ++figures_.judged;
  figures_.followed_best += regret == Seconds(0) ? 1 : 0;
  return result;
}

/// Chooses the plans of learning policies: the first one, and those that are best at its rate and
/// at rates farther and farther from it, by octaves.
void MovingPlans::add_arms(Model& model) {
  constexpr int kOctaves = 6;
  const auto most = static_cast<std::size_t>(adaptation_->policy.parameters.at(adapt::kArms));
  model.arms.push_back(model.first);
  const auto add = [&](double factor) {
    Conditions conditions = model.believed.nominal();
    conditions.hops.front().up = conditions.hops.front().up * factor;
    conditions.hops.front().down = conditions.hops.front().down * factor;
    const partition::Assignment* best = model.believed.best(conditions);
    if (best == nullptr || weights_shortage(model.prepared, *best)) {
      return;
    }
    const Booked* plan = &model.book(best, nullptr, long_legs_);
    if (std::find(model.arms.begin(), model.arms.end(), plan) == model.arms.end() &&
        model.arms.size() < most) {
      model.arms.push_back(plan);
    }
  };
  add(1);
  for (int octave = 1; octave <= kOctaves; ++octave) {
    add(std::ldexp(1, octave));
    add(std::ldexp(1, -octave));
  }
}

}  // namespace offcut::experiment

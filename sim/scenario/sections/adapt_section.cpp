// Reads the adaptation of plans, and those with which it is compared, which differ from it in the
// policy and the estimator. A kind that is chosen in the section has the parameters given there;
// the others have their defaults.

#include "sim/scenario/sections/adapt_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/sections/policy_reader.h"

namespace offcut::scenario {
namespace {

constexpr Bounds kTimes{0, kMostSeconds};

constexpr KeySpec kReplanningKind[] = {{.name = "is",
                                        .kind = ValueKind::name,
                                        .noun = "re-planning policy",
                                        .registry = "replanning",
                                        .doc = "The name of the policy, beside its parameters.",
                                        .example = "policy: {is: change, by: 30 %}"}};
constexpr KeyTable kReplanningKeys{.doc = "A re-planning policy with its parameters.",
                                   .keys = kReplanningKind};
constexpr KeySpec kEstimatorKind[] = {{.name = "is",
                                       .kind = ValueKind::name,
                                       .noun = "bandwidth estimator",
                                       .registry = "estimators",
                                       .doc = "The name of the estimator, beside its parameters.",
                                       .example = "estimator: {is: harmonic, transfers: 8}"}};
constexpr KeyTable kEstimatorKeys{.doc = "A bandwidth estimator with its parameters.",
                                  .keys = kEstimatorKind};
constexpr KeySpec kLoadKind[] = {{.name = "is",
                                  .kind = ValueKind::name,
                                  .noun = "load estimator",
                                  .registry = "loads",
                                  .doc = "The name of the estimator, beside its parameters.",
                                  .example = "load: {is: ratio, weight: 0.5}"}};
constexpr KeyTable kLoadEstimatorKeys{.doc = "A load estimator with its parameters.",
                                      .keys = kLoadKind};

constexpr KeySpec kProbes[] = {
    {.name = "every",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {1e-3, kMostSeconds},
     .doc = "A device sends a probe when a request arrives and it has measured nothing for so "
            "long.",
     .example = "probes: {every: 5 s, size: 50 kB}"},
    {.name = "size",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .bounds = {1, 1e12},
     .doc = "The size of a probe, which crosses the device's link beside all other messages.",
     .example = "probes: {every: 5 s, size: 50 kB}"},
};
constexpr KeyTable kProbesKeys{.doc = "Messages that a device sends to measure its link.",
                               .keys = kProbes};

constexpr KeySpec kAdapt[] = {
    {.name = "policy",
     .kind = ValueKind::name,
     .noun = "re-planning policy",
     .registry = "replanning",
     .below = &kReplanningKeys,
     .fallback = "change",
     .doc = "When a device looks up the best plan by its estimates. Policies that learn choose "
            "among a few plans instead.",
     .example = "policy: change"},
    {.name = "estimator",
     .kind = ValueKind::name,
     .noun = "bandwidth estimator",
     .registry = "estimators",
     .below = &kEstimatorKeys,
     .fallback = "ewma",
     .doc = "The estimate of the bandwidth of a device's first hop, from its own transfers and "
            "probes.",
     .example = "estimator: ewma"},
    {.name = "load",
     .kind = ValueKind::name,
     .noun = "load estimator",
     .registry = "loads",
     .below = &kLoadEstimatorKeys,
     .fallback = "none",
     .doc = "The estimate of the servers' load, from the answers. `none`: they are believed to be "
            "idle.",
     .example = "load: ratio"},
    {.name = "hysteresis",
     .kind = ValueKind::number,
     .bounds = {0, 1},
     .fallback = "0",
     .doc = "A plan is kept unless the new one is cheaper by more than this share, by the "
            "estimates.",
     .example = "hysteresis: 5 %"},
    {.name = "probes",
     .below = &kProbesKeys,
     .absent = "none",
     .doc = "Probes of devices whose plan sends nothing, or seldom.",
     .example = "probes: {every: 5 s, size: 50 kB}"},
    {.name = "weights",
     .kind = ValueKind::choice,
     .choices = "everywhere, upload",
     .noun = "place of weights",
     .fallback = "everywhere",
     .doc = "`everywhere`: all weights are on all tiers. `upload`: beyond the device, there are "
            "those of its plans so far. A device uploads the others over its first hop, and the "
            "old plan serves until they have left it.",
     .example = "weights: upload"},
    {.name = "switch-time",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kTimes,
     .fallback = "0 s",
     .doc = "The time from a decision, or from the end of the upload, until the new plan serves: a "
            "stated time for servers that fetch weights themselves. The old plan serves meanwhile.",
     .example = "switch-time: 2 s"},
    {.name = "compare",
     .kind = ValueKind::name,
     .noun = "adaptation",
     .lists = Lists::also,
     .fallback = "none",
     .doc = "Policies whose runs are added, under the same arrivals: `POLICY`, with this section's "
            "estimator, or `POLICY/ESTIMATOR`. `all`: each policy, each estimator, and both at "
            "their best. `none`: none.",
     .example = "compare: [static, per-request/last, oracle]"},
};

/// Returns the adaptation with that policy and estimator, which have the parameters of `own` if
/// they are its kinds.
Adaptation with_kinds(const Adaptation& own, const adapt::PolicyKind& policy,
                      const adapt::EstimatorKind& estimator) {
  Adaptation other = own;
  if (&policy != own.policy.kind) {
    other.policy = {&policy, defaults(policy.parameters), own.policy.chosen_at};
  }
  if (&estimator != own.estimator.kind) {
    other.estimator = {&estimator, defaults(estimator.parameters), own.estimator.chosen_at};
  }
  return other;
}

class CompareReader {
 public:
  CompareReader(const Registries& registries, const Adaptation& own, bool any_deadline)
      : registries_(registries), own_(own), any_deadline_(any_deadline) {}

  std::vector<Adaptation> read(MapReader& reader) {
    std::vector<std::string> names = {"all", "none"};
    for (const auto& [name, policy] : registries_.replanning) {
      names.push_back(name);
      for (const auto& [estimator, kind] : registries_.estimators) {
        if (policy.uses_estimates) {
          names.push_back(fmt::format("{}/{}", name, estimator));
        }
      }
    }
    for (const std::string& name : reader.some_of("compare", names)) {
      if (name == "all") {
        add_all();
      } else if (name != "none") {
        const std::size_t slash = name.find('/');
        add(*registries_.replanning.find(name.substr(0, slash)),
            slash == std::string::npos ? *own_.estimator.kind
                                       : *registries_.estimators.find(name.substr(slash + 1)));
      }
    }
    return std::move(found_);
  }

 private:
  void add_all() {
    add(*registries_.replanning.find("static"), *own_.estimator.kind);
    for (const auto& [name, policy] : registries_.replanning) {
      if (!policy.knows_truth && (any_deadline_ || !policy.needs_deadline)) {
        add(policy, *own_.estimator.kind);
      }
    }
    for (const auto& [name, estimator] : registries_.estimators) {
      add(*own_.policy.kind, estimator);
    }
    add(*registries_.replanning.find("per-request"), *registries_.estimators.find("oracle"));
    add(*registries_.replanning.find("oracle"), *own_.estimator.kind);
  }

  void add(const adapt::PolicyKind& policy, const adapt::EstimatorKind& estimator) {
    Adaptation other = with_kinds(own_, policy, estimator);
    const std::string name = other.name();
    const bool is_known = name == own_.name() ||
                          std::any_of(found_.begin(), found_.end(), [&](const Adaptation& before) {
                            return before.name() == name;
                          });
    if (!is_known) {
      found_.push_back(std::move(other));
    }
  }

  const Registries& registries_;
  const Adaptation& own_;
  bool any_deadline_;
  std::vector<Adaptation> found_;
};

/// Notes an error for each part of the scenario with which plans can't be changed in a run.
void check_adaptable(MapReader& top, ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  if (so_far.tiers_known && scenario.hops.empty()) {
    top.error("adapt", "there is a single tier, so there is nothing to plan");
  }
  if (moves_between_uplinks(scenario)) {
    top.error("adapt",
              "best plans count with the uplink of each device at the start: expected no "
              "'site' of the first hop, or no 'mobility'");
  }
  if (scenario.under_load) {
    top.error("adapt", "plans under load are made for the whole run: expected no 'under: load'");
  }
  for (const ClassChoice& requests : scenario.classes) {
    if (requests.failures.then == network::FailurePolicy::Then::next_tier) {
      top.error("adapt", fmt::format("requests of class '{}' that lose their machines go on to the "
                                     "cloud, under the plan at the start alone: expected another "
                                     "'on-failure'",
                                     requests.name));
    }
  }
  for (const ModelChoice& model : scenario.models) {
    if (!model.plan.codec.candidates.empty()) {
      top.error("adapt", fmt::format("codecs are chosen before the run: expected one codec in "
                                     "'{}', or none",
                                     model.plan.path_of("codec")));
    } else if (!model.plan.codec.none() && model.math != ModelChoice::Math::off) {
      top.error("adapt", fmt::format("the real sizes of encoded tensors are known for the plan at "
                                     "the start alone: expected '{}.math: off', or no codec",
                                     model.section));
    }
    if (!model.plan.exits.empty()) {
      top.error("adapt", fmt::format("the exits of requests are decided for the plan at the start "
                                     "alone: expected no '{}'",
                                     model.plan.path_of("exits")));
    }
    if (!model.plan.objective.is_linear()) {
      top.error("adapt", fmt::format("'{}' has the longest stage, for which no best plan can be "
                                     "looked up: expected a sum of latency, energy and money",
                                     model.plan.path_of("objective")));
    }
  }
}

}  // namespace

constinit const KeyTable kAdaptKeys{
    .doc =
        "How plans follow the links and servers during the run. The run of the scenario's own "
        "adaptation comes first; its name, `POLICY/ESTIMATOR`, is its `algorithm` in results.",
    .keys = kAdapt};

void read_adapt(MapReader& top, ReadSoFar& so_far) {
  if (top.raw("adapt") == nullptr) {
    return;
  }
  const Registries& registries = so_far.registries;
  AdaptChoice choice{.place = top.place("adapt")};
  Adaptation& own = choice.own;
  MapReader reader = top.map("adapt");
  PolicyReader kinds(reader, "is");
  own.policy = kinds.always("policy", registries.replanning);
  own.estimator = kinds.always("estimator", registries.estimators);
  own.load = kinds.choice("load", registries.loads);
  own.hysteresis = reader.number("hysteresis");
  if (reader.raw("probes") != nullptr) {
    MapReader probes = reader.map("probes");
    own.probes = Adaptation::Probes{.every = probes.quantity<Seconds>("every"),
                                    .bytes = probes.quantity<Bytes>("size")};
    probes.done();
  }
  own.uploads_weights = reader.choice("weights") == "upload";
  own.switch_time = reader.quantity<Seconds>("switch-time");
  const auto& classes = so_far.scenario.classes;
  const bool any_deadline =
      std::any_of(classes.begin(), classes.end(),
                  [](const ClassChoice& requests) { return requests.deadline < engine::kNever; });
  if (own.policy && own.estimator) {
    choice.compare = CompareReader(registries, own, any_deadline).read(reader);
    const auto needs = [&](const Adaptation& adaptation) {
      return adaptation.policy.kind->needs_deadline;
    };
    if (!any_deadline &&
        (needs(own) || std::any_of(choice.compare.begin(), choice.compare.end(), needs))) {
      reader.error(needs(own) ? "policy" : "compare",
                   "'breach' needs a deadline: expected 'deadline' in 'workload'");
    }
  } else {
    reader.ignore_rest();
  }
  reader.done();
  check_adaptable(top, so_far);
  if (own.policy && own.estimator) {
    so_far.scenario.adapt = std::move(choice);
  }
}

}  // namespace offcut::scenario

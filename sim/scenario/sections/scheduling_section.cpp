// Reads the policies of the tiers. Short forms are read as the maps for which they stand, and
// resolved.yaml has those. Combinations of policies that can't work are errors here.

#include "sim/scenario/sections/scheduling_section.h"

#include <fmt/format.h>

#include <stdexcept>

#include "sim/scenario/policy_misfits.h"
#include "sim/scenario/sections/policy_reader.h"

namespace offcut::scenario {
namespace {

constexpr std::string_view kPolicyDoc = "The name of the policy, beside its parameters.";
constexpr KeySpec kQueue[] = {{.name = "policy",
                               .kind = ValueKind::name,
                               .noun = "queue",
                               .registry = "queues",
                               .doc = kPolicyDoc,
                               .example = "queue: {policy: edf}"}};
constexpr KeySpec kBatch[] = {{.name = "policy",
                               .kind = ValueKind::name,
                               .noun = "batching policy",
                               .registry = "batching",
                               .doc = kPolicyDoc,
                               .example = "batch: {policy: timeout, max: 8}"}};
constexpr KeySpec kDispatch[] = {{.name = "policy",
                                  .kind = ValueKind::name,
                                  .noun = "dispatch rule",
                                  .registry = "dispatch",
                                  .doc = kPolicyDoc,
                                  .example = "dispatch: {policy: two-choices, choices: 3}"}};
constexpr KeySpec kAdmission[] = {{.name = "policy",
                                   .kind = ValueKind::name,
                                   .noun = "admission rule",
                                   .registry = "admission",
                                   .doc = kPolicyDoc,
                                   .example = "admission: {policy: bounded-queue, capacity: 10}"}};
constexpr KeyTable kQueueKeys{.doc = "A queue with its parameters.", .keys = kQueue};
constexpr KeyTable kBatchKeys{.doc = "A batching policy with its parameters.", .keys = kBatch};
constexpr KeyTable kDispatchKeys{.doc = "A dispatch rule with its parameters.", .keys = kDispatch};
constexpr KeyTable kAdmissionKeys{.doc = "An admission rule with its parameters.",
                                  .keys = kAdmission};

constexpr KeySpec kPolicies[] = {
    {.name = "queue",
     .kind = ValueKind::name,
     .noun = "queue",
     .registry = "queues",
     .below = &kQueueKeys,
     .fallback = "fifo",
     .doc = "The order of a queue. `processor-sharing` computes all requests at once: it takes no "
            "batches, and several servers then need a `dispatch` rule.",
     .example = "queue: edf"},
    {.name = "batch",
     .kind = ValueKind::name,
     .noun = "batching policy",
     .registry = "batching",
     .below = &kBatchKeys,
     .fallback = "none",
     .doc = "The number of requests of one class that are computed together. `none`: one. A "
            "profile or "
            "a layer table needs measured times of batches; a device that is `fitted` has none.",
     .example = "batch: {policy: timeout, max: 8, delay: 2 ms}"},
    {.name = "dispatch",
     .kind = ValueKind::name,
     .noun = "dispatch rule",
     .registry = "dispatch",
     .below = &kDispatchKeys,
     .fallback = "none",
     .doc = "Not in the first tier. The server of a site that gets a request. `none`: the servers "
            "share a queue.",
     .example = "dispatch: shortest-queue"},
    {.name = "admission",
     .kind = ValueKind::name,
     .noun = "admission rule",
     .registry = "admission",
     .below = &kAdmissionKeys,
     .fallback = "all",
     .doc = "The rule by which requests are admitted. `when-rejected` decides about the others.",
     .example = "admission: {policy: bounded-queue, capacity: 10}"},
};
constexpr KeyTable kPoliciesKeys{.doc =
                                     "The policies of a tier. A policy is a name, or a map of "
                                     "its name and its parameters.",
                                 .keys = kPolicies};
constexpr KeySpec kScheduling[] = {
    {.name = "TIER",
     .kind = ValueKind::name,
     .noun = "queue",
     .registry = "queues",
     .below = &kPoliciesKeys,
     .absent = "all of its defaults",
     .doc = "The policies of a tier; a name alone is that of its queue.",
     .example = "edge: edf"},
};

/// Makes the policy once: it alone knows whether it can be made with these parameters.
template <class Kind>
void check_made(MapReader& reader, const std::string& key, const scheduling::Choice<Kind>& choice) {
  if (!choice || choice.kind->make == nullptr) {
    return;
  }
  try {
    choice.make();
  } catch (const std::invalid_argument& error) {  // The parameters contradict each other.
    reader.error(key, error.what());
  } catch (const std::exception& error) {
    reader.error(key, fmt::format("{} '{}' threw an exception: {}", Kind::kTitle, choice.kind->name,
                                  error.what()));
  }
}

/// Checks that the policies fit each other and the tier.
void check_together(MapReader& reader, const TierChoice& tier, bool is_device) {
  const scheduling::Scheduling& chosen = tier.scheduling;
  const std::vector<PolicyMisfit> misfits = policy_misfits(tier, chosen, is_device);
  const auto report = [&](const std::string& key) {
    for (const PolicyMisfit& misfit : misfits) {
      if (misfit.key == key) {
        reader.error(key, misfit.reason);
      }
    }
  };
  report("batch");
  check_made(reader, "queue", chosen.queue);
  check_made(reader, "batch", chosen.batching);
  check_made(reader, "dispatch", chosen.dispatch);
  check_made(reader, "admission", chosen.admission);
  report("dispatch");
  report("queue");
}

void read_policies(MapReader& reader, ReadSoFar& so_far, bool is_device, TierChoice& tier) {
  const Registries& registries = so_far.registries;
  const std::size_t before = so_far.diagnostics.size();
  PolicyReader policies(reader);
  scheduling::Scheduling& chosen = tier.scheduling;
  chosen.queue = policies.choice("queue", registries.queues);
  chosen.batching = policies.choice("batch", registries.batching);
  chosen.dispatch = policies.choice("dispatch", registries.dispatch);
  chosen.admission = policies.choice("admission", registries.admission);
  reader.done();
  if (so_far.diagnostics.size() == before) {
    check_together(reader, tier, is_device);
  }
}

}  // namespace

constinit const KeyTable kSchedulingKeys{.doc = "The policies by which tiers serve requests.",
                                         .keys = kScheduling};

void read_scheduling(MapReader& top, ReadSoFar& so_far) {
  std::vector<TierChoice>& tiers = so_far.scenario.tiers;
  MapReader scheduling = top.map("scheduling");
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    const bool is_device = i < so_far.scenario.groups;
    TierChoice& tier = tiers[i];
    const YamlNode* node = scheduling.raw(tier.name);
    if (node == nullptr || node->kind == YamlNode::Kind::map) {
      MapReader reader = scheduling.map(tier.name);
      read_policies(reader, so_far, is_device, tier);
      continue;
    }
    YamlNode map{.kind = YamlNode::Kind::map, .place = node->place};  // For which the name stands.
    map.add("queue", *node);
    MapReader reader = scheduling.map_from(
        map, tier.name, scheduling.resolved().add(tier.name, {.kind = YamlNode::Kind::map}));
    read_policies(reader, so_far, is_device, tier);
  }
  if (tiers.empty()) {  // They are invalid.
    scheduling.ignore_rest();
  }
  scheduling.done();
}

}  // namespace offcut::scenario

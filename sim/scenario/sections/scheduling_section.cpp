#include "sim/scenario/sections/scheduling_section.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut::scenario {
namespace {

/// Reads one tier's policies.
class PolicyReader {
 public:
  PolicyReader(MapReader& tier, std::vector<Diagnostic>& diagnostics)
      : tier_(tier), diagnostics_(diagnostics) {}

  /// What stands at the key: a name, or a map of `policy` and parameters. `absence` is the word for
  /// what the engine does without a policy.
  template <class Kind>
  scheduling::Choice<Kind> choice(const std::string& key, const Registry<Kind>& registry,
                                  const std::string& absence) {
    scheduling::Choice<Kind> choice = read(key, Kind::kTitle, registry, absence);
    choice.chosen_at = tier_.place(key);
    return choice;
  }

 private:
  template <class Kind>
  scheduling::Choice<Kind> read(const std::string& key, std::string_view what,
                                const Registry<Kind>& registry, const std::string& absence) {
    std::vector<std::string> names = registry.names();
    if (registry.find(absence) == nullptr) {
      names.push_back(absence);
    }
    const auto kind_of = [&](const std::optional<std::string>& name) {
      return name && *name != absence ? registry.find(*name) : nullptr;
    };
    const YamlNode* node = tier_.raw(key);
    if (node != nullptr && node->kind == YamlNode::Kind::map) {
      if (node->find("policy") == nullptr) {
        tier_.error(key,
                    fmt::format("expected the {}'s name, or a map that has it as 'policy'", what));
        return {};
      }
      MapReader map = tier_.map(key, false);
      const auto name = map.one_of("policy", what, names);
      if (!name) {
        map.ignore_rest();
      }
      return chosen(kind_of(name), map);
    }
    const auto name = tier_.one_of(key, what, names, absence);
    const Kind* kind = kind_of(name);
    if (kind == nullptr || kind->parameters.empty()) {
      return {kind, {}};
    }
    // A name alone: its parameters are at their defaults, or are missing.
    const YamlNode nothing{.kind = YamlNode::Kind::map, .place = tier_.place(key)};
    YamlNode& resolved = tier_.resolved().entries.back().value;
    resolved = {.kind = YamlNode::Kind::map};
    resolved.add("policy", YamlNode::scalar(kind->name));
    MapReader map(nothing, tier_.what() + "." + key, diagnostics_, resolved);
    return chosen(kind, map);
  }

  template <class Kind>
  static scheduling::Choice<Kind> chosen(const Kind* kind, MapReader& map) {
    scheduling::Choice<Kind> choice{kind, {}};
    if (kind != nullptr) {
      choice.parameters = map.parameters(kind->parameters);
    }
    map.done();
    return choice;
  }

  MapReader& tier_;
  std::vector<Diagnostic>& diagnostics_;
};

void check_batching(MapReader& reader, const TierChoice& tier) {
  const scheduling::Scheduling& chosen = tier.scheduling;
  if (!std::holds_alternative<cost::Device>(tier.is)) {
    reader.error("batch",
                 "measured or fitted times are of single requests: batches need a device of the "
                 "catalogue or the scenario, whose speed says how long they take");
  }
  if (chosen.queue && chosen.queue.kind->shares) {
    reader.error("batch", fmt::format("under '{}' all requests are computed at once: there is "
                                      "nothing to batch",
                                      chosen.queue.kind->name));
  }
}

/// Makes the policy once: it alone knows whether it can be made with these parameters.
template <class Kind>
void check_made(MapReader& reader, const std::string& key, const scheduling::Choice<Kind>& choice) {
  if (!choice || choice.kind->make == nullptr) {
    return;
  }
  try {
    choice.make();
  } catch (const std::invalid_argument& error) {  // Its parameters contradict each other.
    reader.error(key, error.what());
  } catch (const std::exception& error) {
    reader.error(key, fmt::format("{} '{}' threw an exception: {}", Kind::kTitle, choice.kind->name,
                                  error.what()));
  }
}

/// What single policies can't know: whether they go together, and with the tier.
void check_together(MapReader& reader, const TierChoice& tier, bool is_device) {
  const scheduling::Scheduling& chosen = tier.scheduling;
  if (chosen.batching) {
    check_batching(reader, tier);
  }
  check_made(reader, "queue", chosen.queue);
  check_made(reader, "batch", chosen.batching);
  check_made(reader, "dispatch", chosen.dispatch);
  check_made(reader, "admission", chosen.admission);
  if (is_device && chosen.dispatch) {
    reader.error("dispatch",
                 "a device computes its own requests: there are no servers to choose from");
  }
  if (tier.memory && chosen.queue && chosen.queue.kind->shares) {
    reader.error("queue", fmt::format("under '{}' all models would have to be in the memory at "
                                      "once: leave out '{}.model-memory'",
                                      chosen.queue.kind->name, tier.name));
  }
  const bool many = !is_device && tier.servers > tier.sites;
  if (many && chosen.queue && chosen.queue.kind->shares && !chosen.dispatch) {
    reader.error("queue",
                 fmt::format("'{}' has no queue that several servers could serve: they need a "
                             "'dispatch' rule",
                             chosen.queue.kind->name));
  }
}

void read_policies(MapReader& reader, ReadSoFar& so_far, bool is_device, TierChoice& tier) {
  const Registries& registries = so_far.registries;
  const std::size_t before = so_far.diagnostics.size();
  PolicyReader policies(reader, so_far.diagnostics);
  scheduling::Scheduling& chosen = tier.scheduling;
  chosen.queue = policies.choice("queue", registries.queues, "fifo");
  chosen.batching = policies.choice("batch", registries.batching, "none");
  chosen.dispatch = policies.choice("dispatch", registries.dispatch, "none");
  chosen.admission = policies.choice("admission", registries.admission, "all");
  reader.done();
  if (so_far.diagnostics.size() == before) {
    check_together(reader, tier, is_device);
  }
}

}  // namespace

void read_scheduling(MapReader& top, ReadSoFar& so_far) {
  std::vector<TierChoice>& tiers = so_far.scenario.tiers;
  MapReader scheduling = top.map("scheduling", false);
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    TierChoice& tier = tiers[i];
    const YamlNode* node = scheduling.raw(tier.name);
    if (node == nullptr || node->kind == YamlNode::Kind::map) {
      MapReader reader = scheduling.map(tier.name, false);
      read_policies(reader, so_far, i == 0, tier);
      continue;
    }
    YamlNode map{.kind = YamlNode::Kind::map, .place = node->place};  // the short form's long one
    map.add("queue", *node);
    MapReader reader(map, scheduling.what() + "." + tier.name, so_far.diagnostics,
                     scheduling.resolved().add(tier.name, {.kind = YamlNode::Kind::map}));
    read_policies(reader, so_far, i == 0, tier);
  }
  if (tiers.empty()) {  // they are invalid
    scheduling.ignore_rest();
  }
  scheduling.done();
}

}  // namespace offcut::scenario

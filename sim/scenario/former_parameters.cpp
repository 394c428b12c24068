// The key tables say which keys name an entry of a registry, and the registries which parameters
// stand beside the name. Keys that the table itself declares belong to all entries, but for the
// aggregator of a strategy, which not every strategy takes.

#include "sim/scenario/former_parameters.h"

#include <algorithm>
#include <set>

#include "sim/scenario/sections/training_strategy.h"

namespace offcut::scenario {
namespace {

using Names = std::set<std::string>;

template <class Kind>
void add_parameters(const Registry<Kind>& registry, const std::string& name, Names& names) {
  if constexpr (requires(const Kind& kind) { kind.parameters.front().name; }) {
    if (const Kind* const kind = registry.find(name)) {
      for (const auto& parameter : kind->parameters) {
        names.insert(parameter.name);
      }
    }
  }
}

/// Returns the keys that belong to the choice of a strategy: an aggregator stands for a strategy.
Names parameters_of_strategy(const std::string& name, const Registries& registries) {
  Names names;
  std::string strategy = name;
  if (const training::AggregatorKind* const kind = registries.aggregators.find(name)) {
    using Schedule = training::AggregatorKind::Schedule;
    strategy = kind->schedule == Schedule::rounds ? "rounds" : "asynchronous";
    add_parameters(registries.aggregators, name, names);
  } else if (const auto* const own = registries.strategies.find(name)) {
    if (own->aggregates) {
      names.insert("aggregator");
    }
  }
  add_parameters(registries.strategies, strategy, names);
  return names;
}

Names parameters_of(std::string_view registry, const std::string& name,
                    const Registries& registries) {
  if (registry == "strategies") {
    return parameters_of_strategy(name, registries);
  }
  Names names;
  registries.visit(registry, [&](const auto& all) { add_parameters(all, name, names); });
  return names;
}

/// The map around a value of the scenario, and its keys; nulls where there is none.
struct Surroundings {
  YamlNode* map = nullptr;
  const KeyTable* table = nullptr;
};

Surroundings surroundings_of(YamlNode& scenario, const std::vector<std::string>& keys) {
  Surroundings found{&scenario, &kScenarioKeys};
  for (std::size_t i = 0; i + 1 < keys.size(); ++i) {
    const KeySpec* const spec = found.table->find(keys[i]);
    const auto entry = std::find_if(found.map->entries.begin(), found.map->entries.end(),
                                    [&](const YamlNode::Entry& own) { return own.key == keys[i]; });
    if (spec == nullptr || spec->below == nullptr || entry == found.map->entries.end()) {
      return {};
    }
    found = {&entry->value, spec->below};
  }
  return found;
}

}  // namespace

void apply_override(YamlNode& scenario, const Override& change, const std::string& file,
                    const Registries& registries) {
  const std::vector<std::string> keys = change.keys();
  const Surroundings around = keys.empty() ? Surroundings() : surroundings_of(scenario, keys);
  const YamlNode* const value = around.map != nullptr ? around.map->find(keys.back()) : nullptr;
  const bool is_name = value != nullptr && value->kind == YamlNode::Kind::scalar;
  const std::string former = is_name ? value->text : "";
  set_path(scenario, keys, change.value, change.place());
  const KeySpec* const spec = is_name ? around.table->find(keys.back()) : nullptr;
  if (spec == nullptr || spec->kind != ValueKind::name || spec->registry.empty() ||
      value->kind != YamlNode::Kind::scalar || value->text == former) {
    return;
  }
  const Names old = parameters_of(spec->registry, former, registries);
  const Names now = parameters_of(spec->registry, value->text, registries);
  around.map->entries.remove_if([&](const YamlNode::Entry& entry) {
    const bool is_parameter = old.contains(entry.key) && !now.contains(entry.key);
    return is_parameter && entry.value.place.file == file &&
           (around.table->find(entry.key) == nullptr || entry.key == "aggregator");
  });
}

}  // namespace offcut::scenario

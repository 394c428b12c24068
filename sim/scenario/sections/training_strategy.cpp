// Reads the strategy of a training job. The user names a strategy, or an aggregator, whose schedule
// then chooses the strategy; the parameters of both stand beside the name. The selection of devices
// is read here too, since the strategy says whether there is one.

#include "sim/scenario/sections/training_strategy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/scenario/sections/policy_reader.h"

namespace offcut::scenario {
namespace {

constexpr std::string_view kUsualAggregator = "fedavg";
constexpr std::string_view kUsualSelection = "uniform";

constexpr KeySpec kAggregatorName[] = {{.name = "name",
                                        .kind = ValueKind::name,
                                        .noun = "aggregator",
                                        .registry = "aggregators",
                                        .doc = "The name of the aggregator, beside its parameters.",
                                        .example = "aggregator: {name: fedavg}"}};
constexpr KeyTable kAggregatorKeys{.doc = "An aggregator with its parameters.",
                                   .keys = kAggregatorName};

constexpr KeySpec kStrategy[] = {
    {.name = "name",
     .kind = ValueKind::name,
     .noun = "strategy",
     .registry = "strategies",
     .or_registry = "aggregators",
     .doc = "The strategy, or an aggregator (`offcut list aggregators`), which stands for the "
            "strategy of its schedule: `rounds` or `asynchronous`. The parameters of both stand "
            "beside it.",
     .example = "strategy: {name: fedavg, rounds: 100}"},
    {.name = "rounds",
     .kind = ValueKind::whole,
     .bounds = {1, kMostTrainingRounds},
     .fallback = "100",
     .doc = "The most rounds; with strategies without rounds, their steps, or the updates of an "
            "asynchronous server.",
     .example = "strategy: {name: fedavg, rounds: 200}"},
    {.name = "fraction",
     .kind = ValueKind::number,
     .bounds = {1e-9, 1},
     .fallback = "1",
     .doc = "The share of the devices that take part in a round; at least one does.",
     .example = "strategy: {name: fedavg, fraction: 10 %}"},
    {.name = "local-epochs",
     .kind = ValueKind::whole,
     .bounds = {1, 1e6},
     .fallback = "1",
     .doc = "The epochs of a device over its own samples in a round.",
     .example = "strategy: {name: fedavg, local-epochs: 5}"},
    {.name = "batch",
     .kind = ValueKind::whole,
     .bounds = {0, 1e6},
     .fallback = "10",
     .doc = "The samples of a step; `0`: all that the device has.",
     .example = "strategy: {name: fedavg, batch: 20}"},
    {.name = "rate",
     .kind = ValueKind::number,
     .bounds = {1e-12, 1e6},
     .fallback = "0.1",
     .doc = "The learning rate of the devices.",
     .example = "strategy: {name: fedavg, rate: 0.05}"},
    {.name = "rate-decay",
     .kind = ValueKind::number,
     .bounds = {1e-6, 1},
     .fallback = "1",
     .doc = "The factor of the learning rate from round to round.",
     .example = "strategy: {name: fedavg, rate-decay: 0.99}"},
    {.name = "deadline",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {1e-6, kMostSeconds},
     .absent = "none",
     .doc = "The time after which a round ends. Updates that come later do not count.",
     .example = "strategy: {name: fedavg, deadline: 10 s}"},
    {.name = "partial-work",
     .kind = ValueKind::flag,
     .fallback = "false",
     .doc = "Devices that would miss the deadline do as many steps as it allows.",
     .example = "strategy: {name: fedavg, deadline: 10 s, partial-work: true}"},
    {.name = "over-selection",
     .kind = ValueKind::number,
     .bounds = {0, 100},
     .fallback = "0",
     .doc = "So many more devices are selected, as a share; the first updates count.",
     .example = "strategy: {name: fedavg, fraction: 10 %, over-selection: 30 %}"},
    {.name = "aggregator",
     .kind = ValueKind::name,
     .noun = "aggregator",
     .registry = "aggregators",
     .below = &kAggregatorKeys,
     .absent = "`fedavg`, of a strategy that aggregates",
     .doc = "How the server makes its next state of updates, if `name` is a strategy.",
     .example = "strategy: {name: rounds, aggregator: fedavg}"},
};

constexpr KeySpec kSelectionName[] = {{.name = "name",
                                       .kind = ValueKind::name,
                                       .noun = "selection",
                                       .registry = "selections",
                                       .doc = "The name of the selection, beside its parameters.",
                                       .example = "selection: {name: uniform}"}};

/// Returns the choice of an entry that the user did not name: it has its default parameters.
template <class Kind>
scheduling::Choice<Kind> with_defaults(const Kind* kind) {
  return {kind, kind != nullptr ? defaults(kind->parameters) : Parameters()};
}

void read_settings(MapReader& strategy, training::StrategySettings& settings) {
  settings.rounds = strategy.integer("rounds");
  settings.fraction = strategy.number("fraction");
  settings.local_epochs = strategy.integer("local-epochs");
  settings.batch = strategy.integer("batch");
  settings.rate = strategy.number("rate");
  settings.rate_decay = strategy.number("rate-decay");
  settings.deadline = strategy.quantity_if_given<Seconds>("deadline");
  settings.partial_work = strategy.flag("partial-work");
  settings.over_selection = strategy.number("over-selection");
  if (settings.partial_work && !settings.deadline) {
    strategy.error("partial-work", "needs 'deadline', which cuts the work of slow devices short");
  }
}

/// Takes the aggregator that stands for the strategy of its schedule.
void take_named_aggregator(MapReader& strategy, const training::AggregatorKind& kind,
                           const Registries& registries, TrainingChoice& choice) {
  using Schedule = training::AggregatorKind::Schedule;
  choice.named_by_aggregator = true;
  choice.aggregator = {&kind, strategy.parameters(kind.parameters), strategy.place("name")};
  choice.strategy =
      registries.strategies.find(kind.schedule == Schedule::rounds ? "rounds" : "asynchronous");
  if (strategy.raw("aggregator") != nullptr) {
    strategy.error("aggregator",
                   fmt::format("'{}' is an aggregator itself: expected none beside it, or 'name: "
                               "{}'",
                               kind.name, choice.strategy->name));
  }
}

/// Reads the aggregator of a strategy that the user named. The default is the mean, or the first
/// aggregator of the strategy's schedule.
void read_aggregator(MapReader& strategy, const Registries& registries, TrainingChoice& choice) {
  const training::StrategyKind& kind = *choice.strategy;
  const bool is_given = strategy.raw("aggregator") != nullptr;
  if (!kind.aggregates) {
    if (is_given) {
      strategy.error("aggregator", fmt::format("'{}' takes no aggregator", kind.name));
    }
    return;
  }
  std::vector<std::string> fitting;
  for (const auto& [name, aggregator] : registries.aggregators) {
    if (aggregator.schedule == kind.schedule) {
      fitting.push_back(name);
    }
  }
  if (!is_given) {
    const auto usual = std::find(fitting.begin(), fitting.end(), kUsualAggregator);
    if (!fitting.empty()) {
      choice.aggregator = with_defaults(
          registries.aggregators.find(usual != fitting.end() ? *usual : fitting.front()));
    }
    return;
  }
  choice.aggregator = PolicyReader(strategy, "name").always("aggregator", registries.aggregators);
  if (choice.aggregator && choice.aggregator.kind->schedule != kind.schedule) {
    strategy.error("aggregator",
                   fmt::format("'{}' does not fit the strategy '{}': expected {}",
                               choice.aggregator.kind->name, kind.name, fmt::join(fitting, ", ")));
  }
}

void read_strategy_map(MapReader& strategy, const Registries& registries, TrainingChoice& choice) {
  std::vector<std::string> names = registries.strategies.names();
  const std::vector<std::string> aggregators = registries.aggregators.names();
  names.insert(names.end(), aggregators.begin(), aggregators.end());
  const auto name = strategy.one_of("name", names);
  read_settings(strategy, choice.settings);
  if (!name) {
    if (!strategy.has("name")) {  // An unknown name leaves open which other keys are valid.
      strategy.raw("aggregator");
      strategy.done();
    }
    return;
  }
  choice.strategy = registries.strategies.find(*name);
  if (choice.strategy != nullptr) {
    read_aggregator(strategy, registries, choice);
  } else {
    take_named_aggregator(strategy, *registries.aggregators.find(*name), registries, choice);
  }
  if (choice.strategy != nullptr) {
    choice.settings.parameters = strategy.parameters(choice.strategy->parameters);
  }
  strategy.done();
}

}  // namespace

constinit const KeyTable kTrainingStrategyKeys{
    .doc =
        "The strategy, its settings and its parameters. Each strategy says which of the settings "
        "it reads (docs/distributed-training.md).",
    .keys = kStrategy};
constinit const KeyTable kTrainingSelectionKeys{.doc = "A selection with its parameters.",
                                                .keys = kSelectionName};

void read_training_strategy(MapReader& training, const Registries& registries,
                            TrainingChoice& choice) {
  const YamlNode* node = training.raw("strategy");
  choice.strategy_place = training.place("strategy");
  if (node == nullptr || node->kind != YamlNode::Kind::scalar) {
    MapReader strategy = training.map("strategy");
    read_strategy_map(strategy, registries, choice);
    return;
  }
  YamlNode map{.kind = YamlNode::Kind::map, .place = node->place};
  map.add("name", *node);
  YamlNode& resolved = training.resolved().add("strategy", {.kind = YamlNode::Kind::map});
  MapReader strategy = training.map_from(map, "strategy", resolved);
  read_strategy_map(strategy, registries, choice);
}

void read_training_selection(MapReader& training, const Registries& registries,
                             TrainingChoice& choice) {
  const bool is_given = training.raw("selection") != nullptr;
  if (choice.strategy != nullptr && !choice.strategy->aggregates) {
    if (is_given) {
      training.error("selection", fmt::format("'{}' selects no devices: all of them take part",
                                              choice.strategy->name));
    }
  } else if (is_given) {
    choice.selection = PolicyReader(training, "name").always("selection", registries.selections);
  } else {
    choice.selection = with_defaults(registries.selections.find(kUsualSelection));
  }
}

}  // namespace offcut::scenario

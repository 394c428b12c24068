// Reads the training job of a scenario. The parts of the job that need a file of their own (the
// network, the data, the strategy) are read there; this file has the section's keys, and reads how
// devices learn, how updates cross, how loading works, and when the training ends.

#include "sim/scenario/sections/training_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/named.h"
#include "models/codec/choose.h"
#include "sim/scenario/sections/training_data.h"
#include "sim/scenario/sections/training_model.h"
#include "sim/scenario/sections/training_strategy.h"
#include "sim/scenario/training_choice.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kLoading[] = {
    {.name = "from",
     .kind = ValueKind::choice,
     .choices = "memory, disk, network",
     .noun = "source",
     .fallback = "memory",
     .doc = "`memory`: samples and model are there from the start. `disk`: each device reads its "
            "samples and the model at `rate`. `network`: they come from the last tier.",
     .example = "loading: {from: network}"},
    {.name = "rate",
     .kind = ValueKind::number,
     .dimension = Dimension::bandwidth,
     .bounds = {1, 1e15},
     .absent = "required with `from: disk`",
     .doc = "The rate at which a device reads its disk.",
     .example = "loading: {from: disk, rate: 100 MB/s}"},
};
constexpr KeyTable kLoadingKeys{.doc = "The loading of samples and models before the first round.",
                                .keys = kLoading};

constexpr KeySpec kTrainingStop[] = {
    {.name = "accuracy",
     .kind = ValueKind::number,
     .bounds = {1e-9, 1},
     .absent = "none",
     .doc = "Ends the training when the model has this accuracy on the test samples; on those for "
            "training if the data set has none for tests.",
     .example = "stop: {accuracy: 95 %}"},
    {.name = "after",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {1e-9, kMostSeconds},
     .absent = "none",
     .doc = "Ends the training at this time; the round that is then under way does not count.",
     .example = "stop: {after: 1 h}"},
};
constexpr KeyTable kTrainingStopKeys{
    .doc = "When the training ends, if that is before its last round.", .keys = kTrainingStop};

constexpr KeySpec kTraining[] = {
    {.name = "model",
     .kind = ValueKind::text,
     .absent = "the scenario's only model",
     .doc = "The network that is trained: a model of the scenario, a network of `offcut list "
            "models`, or an ONNX file. Without `model` and `models`, it is the scenario's model.",
     .example = "training: {model: lenet5, dataset: digits, strategy: fedavg}"},
    {.name = "init",
     .kind = ValueKind::whole,
     .bounds = {0, 0x1p53},
     .absent = "a network of the zoo has weights of the scenario's seed, an ONNX file its own",
     .doc = "The seed of fresh weights.",
     .example = "init: 7"},
    {.name = "dataset",
     .kind = ValueKind::text,
     .doc = "The data set, as `offcut train` takes it: one of `offcut list datasets` with its "
            "parameters, or a file or folder (docs/training.md).",
     .example = "training: {dataset: digits, strategy: fedavg}"},
    {.name = "strategy",
     .kind = ValueKind::name,
     .noun = "strategy",
     .registry = "strategies",
     .or_registry = "aggregators",
     .below = &kTrainingStrategyKeys,
     .doc = "How the devices train together.",
     .example = "training: {dataset: digits, strategy: {name: fedavg, rounds: 100}}"},
    {.name = "data",
     .below = &kTrainingDataKeys,
     .absent = "all of its defaults",
     .doc = "The data of each device.",
     .example = "data: {split: iid}"},
    {.name = "selection",
     .kind = ValueKind::name,
     .noun = "selection",
     .registry = "selections",
     .below = &kTrainingSelectionKeys,
     .absent = "`uniform`, of a strategy that aggregates",
     .doc = "How the devices of a round are chosen.",
     .example = "selection: uniform"},
    {.name = "codec",
     .kind = ValueKind::text,
     .registry = "codecs",
     .absent = "updates cross as float32",
     .doc = "The codec of updates on their way to the server.",
     .example = "codec: int8"},
    {.name = "loading",
     .below = &kLoadingKeys,
     .absent = "all of its defaults",
     .doc = "The loading of samples and models before the first round.",
     .example = "loading: {from: disk, rate: 100 MB/s}"},
    {.name = "stop",
     .below = &kTrainingStopKeys,
     .absent = "after all rounds",
     .doc = "When the training ends. Without a `stop` of its own, the scenario then ends, too.",
     .example = "training: {dataset: digits, strategy: fedavg, stop: {accuracy: 95 %}}"},
    {.name = "server",
     .kind = ValueKind::name,
     .noun = "tier",
     .absent = "the last tier",
     .doc = "The tier of the server.",
     .example = "server: edge"},
    {.name = "loss",
     .kind = ValueKind::text,
     .absent = "`mse` for targets, `binary-cross-entropy` for one output, else `cross-entropy`",
     .doc = "The loss, one of `offcut list losses`.",
     .example = "loss: cross-entropy"},
    {.name = "optimizer",
     .kind = ValueKind::text,
     .fallback = "sgd",
     .doc = "The optimiser of the devices, one of `offcut list optimizers`. It begins anew in each "
            "round.",
     .example = "optimizer: \"momentum:momentum=0.9\""},
    {.name = "clip",
     .kind = ValueKind::number,
     .bounds = {1e-9, 1e6},
     .absent = "gradients are as they are",
     .doc = "The most norm of a gradient, over all weights.",
     .example = "clip: 1"},
    {.name = "only",
     .kind = ValueKind::text,
     .lists = Lists::also,
     .absent = "all weights",
     .doc = "The weights that are trained, as patterns of a shell. The others are frozen, and do "
            "not cross links.",
     .example = "only: [\"fc*\"]"},
    {.name = "freeze",
     .kind = ValueKind::text,
     .lists = Lists::also,
     .absent = "none",
     .doc = "The weights that are frozen, as patterns of a shell.",
     .example = "freeze: [\"conv1*\"]"},
    {.name = "judge-every",
     .kind = ValueKind::whole,
     .bounds = {1, kMostTrainingRounds},
     .fallback = "1",
     .doc = "The number of rounds from one judgement on the test samples to the next.",
     .example = "judge-every: 5"},
    {.name = "joint",
     .below = &kJointKeys,
     .absent = "the network is `model`",
     .doc = "Of a strategy for data that is split by feature: the joint network, in place of "
            "`model`.",
     .example = "training: {dataset: digits, strategy: vertical, joint: {embedding: 8}}"},
};

/// Notes the places of the keys, for errors that show when the job is prepared or runs.
void note_places(const YamlNode& training, TrainingChoice& choice) {
  for (const YamlNode::Entry& entry : training.entries) {
    choice.places[entry.key] = entry.value.place;
    if (entry.key == "strategy") {
      for (const YamlNode::Entry& own : entry.value.entries) {
        choice.places["strategy." + own.key] = own.value.place;
      }
    }
  }
}

/// Reads NAME[:PARAMETER=VALUE,...], a choice from the registry.
template <class Kind>
std::optional<Named> read_named(MapReader& reader, const std::string& key,
                                const Registry<Kind>& registry, std::string_view noun) {
  const std::string text = reader.text(key);
  if (reader.has(key) && !reader.has_scalar(key)) {
    return std::nullopt;
  }
  try {
    return named_from(text, noun, registry);
  } catch (const std::invalid_argument& error) {
    reader.error(key, error.what());
    return std::nullopt;
  }
}

/// Reads the codec of updates.
void read_update_codec(MapReader& training, const Registries& registries, TrainingChoice& choice) {
  if (training.raw("codec") == nullptr) {
    return;
  }
  choice.codec_text = training.text("codec");
  if (!training.has_scalar("codec")) {
    return;
  }
  try {
    choice.codec = codec::make_codec(choice.codec_text, registries.codecs);
  } catch (const std::invalid_argument& error) {
    training.error("codec", error.what());
  }
}

void read_loading(MapReader& training, TrainingChoice& choice) {
  using From = training::Loading::From;
  MapReader loading = training.map("loading");
  const auto from = loading.choice("from");
  choice.loading.from = from == "disk"      ? From::disk
                        : from == "network" ? From::network
                                            : From::memory;
  if (choice.loading.from == From::disk) {
    choice.loading.disk = loading.quantity<BytesPerSecond>("rate");
  } else if (loading.raw("rate") != nullptr && from) {
    loading.error("rate", "is that of a disk: expected 'from: disk'");
  }
  loading.done();
}

void read_training_stop(MapReader& training, TrainingChoice& choice) {
  MapReader stop = training.map("stop");
  choice.stop.accuracy = stop.number_if_given("accuracy");
  choice.stop.after = stop.quantity_if_given<Seconds>("after");
  stop.done();
}

/// Reads the level of the server, which stays 0 if none is named.
void read_server(MapReader& training, const ReadSoFar& so_far, TrainingChoice& choice) {
  const Scenario& scenario = so_far.scenario;
  if (training.raw("server") == nullptr || !so_far.tiers_known) {
    return;
  }
  std::vector<std::string> names;
  for (std::size_t tier = scenario.groups; tier < scenario.tiers.size(); ++tier) {
    names.push_back(scenario.tiers[tier].name);
  }
  if (const auto name = training.one_of("server", names)) {
    const auto found = std::find(names.begin(), names.end(), *name);
    choice.settings.server_level = static_cast<std::size_t>(found - names.begin()) + 1;
  }
}

void read_training_loss(MapReader& training, const Registries& registries, TrainingChoice& choice) {
  if (training.raw("loss") == nullptr) {
    return;
  }
  choice.loss_place = training.place("loss");
  choice.loss = read_named(training, "loss", registries.losses, "loss");
  if (choice.loss && registries.losses.find(choice.loss->name)->needs_teacher) {
    training.error("loss",
                   fmt::format("'{}' needs a teacher, which there is not", choice.loss->name));
  }
}

}  // namespace

constinit const KeyTable kTrainingKeys{
    .doc =
        "A training job that is spread over the devices and a server (docs/distributed-"
        "training.md). Each device is a client. Without `workload`, the run has no requests.",
    .keys = kTraining};

void read_training(MapReader& top, ReadSoFar& so_far) {
  if (top.raw("training") == nullptr) {
    return;
  }
  const Registries& registries = so_far.registries;
  so_far.scenario.has_requests = top.has("workload");
  TrainingChoice choice{.place = top.place("training")};
  note_places(*top.raw("training"), choice);
  const std::size_t errors_before = so_far.diagnostics.size();
  MapReader training = top.map("training");
  // The order is that of the keys in the resolved scenario.
  read_trained_model(training, !top.has("model") && !top.has("models"), so_far, choice);
  if (training.raw("init") != nullptr) {
    choice.init = static_cast<std::uint64_t>(training.integer("init"));
  }
  read_training_dataset(training, so_far, choice);
  read_training_strategy(training, registries, choice);
  read_training_split(training, registries, choice);
  read_training_selection(training, registries, choice);
  read_update_codec(training, registries, choice);
  read_loading(training, choice);
  read_training_stop(training, choice);
  read_server(training, so_far, choice);
  read_training_loss(training, registries, choice);
  choice.optimizer =
      read_named(training, "optimizer", registries.optimizers, "optimiser").value_or(Named());
  choice.clip = training.number_if_given("clip");
  read_trained_weights(training, choice);
  choice.judge_every = training.integer("judge-every");
  read_joint(training, choice);
  training.done();
  if (so_far.sources_known && so_far.is_table) {
    top.error("training", "a layer table has no weights: expected a network");
  }
  if (so_far.diagnostics.size() == errors_before) {
    so_far.scenario.training = std::move(choice);
  }
}

}  // namespace offcut::scenario

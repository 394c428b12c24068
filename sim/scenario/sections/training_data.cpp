// Reads the data of a training job: the data set, and its split among the devices, which must be by
// feature exactly if the strategy trains on features. The samples are not opened here, but by
// sim/experiment.

#include "sim/scenario/sections/training_data.h"

#include <fmt/format.h>

#include "sim/scenario/data_path.h"
#include "sim/scenario/sections/named_file.h"

namespace offcut::scenario {
namespace {

constexpr std::string_view kUsualSplit = "iid";

constexpr KeySpec kSplitChoice[] = {
    {.name = "split",
     .kind = ValueKind::name,
     .noun = "split",
     .registry = "splits",
     .absent = "`iid`; of a strategy for vertical data, `by-feature`",
     .doc = "How the training samples are divided among the devices. Its parameters stand beside "
            "it.",
     .example = "data: {split: iid}"},
};

}  // namespace

constinit const KeyTable kTrainingDataKeys{.doc = "The training samples of each device.",
                                           .keys = kSplitChoice};

void read_training_dataset(MapReader& training, const ReadSoFar& so_far, TrainingChoice& choice) {
  choice.dataset_place = training.place("dataset");
  choice.dataset = training.text("dataset");
  if (!training.has_scalar("dataset")) {
    return;
  }
  const Registry<dataset::SetKind>& sets = so_far.registries.datasets;
  const std::string name = choice.dataset.substr(0, choice.dataset.find(':'));
  if (sets.find(name) != nullptr) {
    return;
  }
  if (const auto path = find_file(choice.dataset, so_far.scenario.path)) {
    choice.dataset = path->string();
    training.resolved().entries.back().value = resolved_file_name(choice.dataset);
  } else {
    training.error("dataset",
                   fmt::format("there is no data set, file or folder {}{}",
                               in_quotes(choice.dataset), suggestion(name, sets.names())));
  }
}

void read_training_split(MapReader& training, const Registries& registries,
                         TrainingChoice& choice) {
  MapReader data = training.map("data");
  const bool by_feature = choice.strategy != nullptr && choice.strategy->by_feature;
  std::string usual(kUsualSplit);
  for (const auto& [name, kind] : registries.splits) {
    if (by_feature && kind.by_feature) {
      usual = name;
    }
  }
  const auto name = data.one_of("split", registries.splits.names(), usual);
  choice.split_place = data.has("split") ? data.place("split") : training.place("strategy");
  const training::SplitKind* kind = name ? registries.splits.find(*name) : nullptr;
  if (kind == nullptr) {  // An unknown split leaves open which other keys are valid.
    return;
  }
  choice.split = {kind, data.parameters(kind->parameters), choice.split_place};
  if (choice.strategy != nullptr && kind->by_feature != by_feature) {
    data.error("split",
               by_feature
                   ? fmt::format("'{}' needs devices that hold features of all samples: expected "
                                 "'{}'",
                                 choice.strategy->name, usual)
                   : fmt::format("'{}' gives each device features of all samples, which '{}' "
                                 "can't train on",
                                 kind->name, choice.method()));
  }
  data.done();
}

}  // namespace offcut::scenario

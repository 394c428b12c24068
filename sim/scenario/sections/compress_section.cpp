// Reads the passes that make a model smaller before it is planned, and the data set on which they,
// and tiers that compute in integers, are calibrated. Names are resolved here; whether a pass fits
// the network shows when sim/experiment loads it.

#include "sim/scenario/sections/compress_section.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/dataset/open.h"
#include "sim/scenario/data_path.h"

namespace offcut::scenario {
namespace {

void read_passes(MapReader& model, const ReadSoFar& so_far, ModelChoice& choice) {
  const YamlNode* list = model.raw("compress");
  choice.passes_place = model.place("compress");
  if (list == nullptr) {
    return;
  }
  if (list->kind != YamlNode::Kind::sequence) {
    model.error("compress", "expected a list of passes, got " + describe(*list));
    return;
  }
  for (const YamlNode& item : list->items) {
    const std::string path = model.path() + ".compress";
    if (item.kind != YamlNode::Kind::scalar) {
      so_far.diagnostics.push_back(
          {item.place, fmt::format("{}: expected a pass, got {}", path, describe(item))});
      continue;
    }
    try {
      choice.passes.push_back(compress::make_pass(item.text, so_far.registries.passes));
    } catch (const std::invalid_argument& error) {
      so_far.diagnostics.push_back({item.place, fmt::format("{}: {}", path, error.what())});
    }
  }
  model.resolved().add("compress", *list);
}

/// Keeps the name of a data set of the registry, or else the path of a file or folder.
void read_samples(MapReader& model, const ReadSoFar& so_far, ModelChoice& choice) {
  choice.calibrate_place = model.place("calibrate-on");
  if (!model.has("calibrate-on")) {
    model.raw("calibrate-on");
    return;
  }
  choice.calibrate_on = model.text("calibrate-on");
  const std::string name = choice.calibrate_on.substr(0, choice.calibrate_on.find(':'));
  if (so_far.registries.datasets.find(name) != nullptr) {
    return;
  }
  if (const auto path = find_file(choice.calibrate_on, so_far.scenario.path)) {
    choice.calibrate_on = path->string();
  } else {
    const std::vector<std::string> names = so_far.registries.datasets.names();
    model.error("calibrate-on",
                fmt::format("there is no data set, file or folder {}{}",
                            in_quotes(choice.calibrate_on), suggestion(name, names)));
  }
}

}  // namespace

void read_compression(MapReader& model, const ReadSoFar& so_far, bool is_table,
                      ModelChoice& choice) {
  if (!is_table) {
    read_passes(model, so_far, choice);
    read_samples(model, so_far, choice);
    return;
  }
  for (const char* key : {"compress", "calibrate-on"}) {
    if (model.raw(key) != nullptr) {
      model.error(key, "a layer table has no weights");
    }
  }
}

}  // namespace offcut::scenario

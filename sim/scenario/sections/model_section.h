#pragma once

#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut {

/// The path of the file that a key's value names, looked for beside the scenario and in offcut's
/// own data; empty, and a mistake at the key, where there is no such file.
std::string named_file(MapReader& reader, const std::string& key, const std::string& name,
                       const std::string& scenario);

/// The file that the text below the key names; it becomes an absolute path in the resolved
/// scenario.
std::string existing_file(MapReader& reader, const std::string& key, const std::string& scenario);

/// What the scenario's `model`, or one of its `models`, says.
struct ModelSection {
  ModelChoice choice;
  bool source_known = false;      // one of zoo, onnx and layers is given, right or wrong
  std::optional<MapReader> plan;  // its own, to be read once the tiers are; none: the scenario's
  bool is_table() const { return source_known && choice.source == ModelChoice::Source::layers; }
};

/// Reads the section, up to MapReader::done(). `scenario` is the path of its file.
ModelSection read_model_section(MapReader& model, const std::string& scenario,
                                const Registries& registries);

}  // namespace offcut

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/dataset/samples.h"

namespace offcut::dataset {

/// A data set that is known by name: shipped, installed by a package of the system, or drawn.
struct SetKind {
  std::string name;
  std::string doc;
  std::string citation;
  std::vector<ParameterSpec> parameters = {};

  /// `shipped` is the folder of the data that offcut ships. Throws InputError if files are missing
  /// or invalid, with what to install.
  Dataset (*load)(const Parameters&, const std::filesystem::path& shipped);
};

void register_sets(Registry<SetKind>& registry);  // Generated from models/dataset/sets.

/// The parameters `pad` and `channels` of sets of images, and their values.
std::vector<ParameterSpec> image_parameters();

}  // namespace offcut::dataset

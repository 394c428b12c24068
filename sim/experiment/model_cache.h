#pragma once

#include <map>
#include <string>

#include "sim/experiment/load_model.h"

namespace offcut::experiment {

/// Models that were loaded before, for several experiments in a process and its children. Files are
/// taken not to change meanwhile.
class ModelCache {
 public:
  /// Returns what load_model() does.
  Graph load(const scenario::ModelChoice& model, const scenario::Registries& registries,
             std::uint64_t seed, LayerColumns& columns);

 private:
  struct Loaded {
    Graph graph;
    LayerColumns columns;
  };

  std::map<std::string, Loaded> loaded_;
};

}  // namespace offcut::experiment

#pragma once

#include <map>
#include <memory>
#include <string>

#include "sim/experiment/load_model.h"
#include "sim/network/rates/trace_files.h"
#include "sim/runtime/known_math.h"
#include "sim/runtime/study_memory.h"

namespace offcut::experiment {

/// Models that were loaded before, the math that is known of them, and traces, for several
/// experiments in a process and its children. Files are taken not to change meanwhile.
class ModelCache {
 public:
  /// Returns what load_model() does.
  Graph load(const scenario::ModelChoice& model, const scenario::Registries& registries,
             std::uint64_t seed, LayerColumns& columns);

  /// Returns what all studies of codecs on the model, its inputs and its engine share.
  std::shared_ptr<runtime::StudyMemory> study_memory(const scenario::ModelChoice& model,
                                                     std::uint64_t seed);

  runtime::KnownMath& math() { return math_; }
  network::TraceFiles& traces() { return traces_; }

 private:
  struct Loaded {
    Graph graph;
    LayerColumns columns;
  };

  std::map<std::string, Loaded> loaded_;
  std::map<std::string, std::shared_ptr<runtime::StudyMemory>> studies_;
  runtime::KnownMath math_;
  network::TraceFiles traces_;
};

/// Returns a text that is equal for equal math: model, inputs, engine, plan and codecs.
std::string math_key(const scenario::ModelChoice& model, std::uint64_t seed,
                     const partition::Plan& plan);

}  // namespace offcut::experiment

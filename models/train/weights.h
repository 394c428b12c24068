#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/graph/graph.h"
#include "models/train/gradient.h"

namespace offcut::train {

/// The parameters that training changes. Patterns are those of a shell: `conv*`, `*.bias`.
struct WeightChoice {
  std::vector<std::string> only;    // If not empty, weights that match none of these are frozen.
  std::vector<std::string> freeze;  // These are frozen.
};

/// The values of a network's parameters while it is trained.
///
/// A parameter is a weight if it is float32, no scalar (a constant of the formula, such as the 8 in
/// x / 8), and an operator reads it as a weight (Gradient::weights). The running statistics of
/// BatchNormalization are not weights, but change with the steps.
///
/// A parameter that several layers read is one weight, whose gradient is the sum of theirs; see
/// onnx::ImportOptions::untie. Parameters are found by name, so that the same network in another
/// batch size shares them.
class Weights {
 public:
  /// Copies the values from the graph. Throws std::invalid_argument for a pattern that matches no
  /// weight, and if none is left to train.
  Weights(const Graph& graph, const Registry<Gradient>& gradients, const WeightChoice& choice = {});

  std::size_t count() const { return values_.size(); }
  const std::string& name(std::size_t weight) const { return names_[weight]; }
  const Tensor& value(std::size_t weight) const { return values_[weight]; }
  std::int64_t elements() const;

  /// Returns the weight of a parameter, or none if the parameter is frozen or no weight.
  std::optional<std::size_t> find(const std::string& parameter) const;

  /// Returns the value of any parameter of the graph.
  Tensor of(const TensorNode& parameter) const;

  /// Pointers to all weights, for Optimizer::step().
  std::vector<Tensor*> pointers();

  /// Sets the value of a parameter: a running statistic, or a weight from a checkpoint.
  void set(const std::string& parameter, Tensor value);

  /// Running statistics that have been set, by name.
  const std::map<std::string, Tensor>& statistics() const { return statistics_; }

  /// Takes the graph's own running statistics again.
  void forget_statistics() { statistics_.clear(); }

  /// Returns the graph with the values as they are now. Names and numbers stay.
  Graph applied_to(const Graph& graph) const;

 private:
  std::vector<std::string> names_;
  std::vector<Tensor> values_;
  std::map<std::string, std::size_t> weight_of_;
  std::map<std::string, Tensor> statistics_;
};

}  // namespace offcut::train

#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "models/compress/pass.h"

namespace offcut::compress {

/// How many gradients of the loss are taken, and over how many samples each.
struct GradientOptions {
  std::int64_t samples = 1024;  // Drawn without replacement, at most as many as there are.
  std::int64_t batch = 8;       // Samples of one gradient.
};

/// Draws training samples and calls visit(weights, gradients) for each batch. The loss is cross
/// entropy, or the squared error for samples without classes. Layers run in inference except those
/// that pass gradients on. Returns the number of batches. Throws like TrainingStep.
/// `parameters` are the names of weights; if there are none, gradients of all weights are taken.
/// REQUIRES: material has samples.
std::int64_t for_each_gradient(
    const Graph& network, const std::vector<std::string>& parameters,
    const GradientOptions& options, const Material& material,
    const std::function<void(const train::Weights&, std::span<const Tensor>)>& visit);

/// The parameters `samples` and `batch` of passes that read gradients.
std::vector<ParameterSpec> gradient_parameters();
GradientOptions gradient_options(const Parameters& parameters);

}  // namespace offcut::compress

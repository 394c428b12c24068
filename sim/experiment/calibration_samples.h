#pragma once

#include "models/dataset/samples.h"
#include "sim/runtime/dataset.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Returns the samples on which a model is calibrated and compressed: the training part of the data
/// set that it names with `calibrate-on`, or else inputs of its math. Throws InputError if there is
/// no such data set or it does not fit the network, and std::invalid_argument if the inputs of the
/// math are no images.
dataset::Samples calibration_samples(const Graph& graph, const scenario::ModelChoice& model,
                                     const runtime::Dataset& data,
                                     const scenario::Registries& registries);

}  // namespace offcut::experiment

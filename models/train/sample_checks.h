#pragma once

#include <string>

#include "models/base/error.h"
#include "models/dataset/samples.h"
#include "models/train/step.h"
#include "models/train/trainer.h"

namespace offcut::train {

/// Returns the loss of that name. Throws std::invalid_argument.
const Loss& found_loss(const Libraries& libraries, const Named& loss);

/// Throws InputError, about the samples' source, unless each sample can be an input of the network
/// and its label or target an answer of each exit.
void check_samples(const Graph& network, const dataset::Samples& samples,
                   const std::vector<Exit>& exits, const Loss& loss, const Parameters& parameters);

/// Throws InputError if a class that the network can answer has no sample.
void check_classes(const Graph& network, const dataset::Samples& samples,
                   const std::vector<Exit>& exits, const Loss& loss);

/// Returns the error of a run that diverged; `figure` says what is not finite, and since when.
InputError diverged(const Graph& network, const std::string& figure);

/// Throws such an error if the loss on a part of the samples (its name) is not finite.
void check_judgement(const Graph& network, const Judgement& judgement, const std::string& part,
                     std::int64_t epoch);

/// Returns the loss of a batch without its teacher: that of a loss that needs one is the cross
/// entropy, which does not depend on the teacher.
double loss_of(const Loss& loss, const Parameters& parameters, const Tensor& prediction,
               const dataset::Samples& batch);

}  // namespace offcut::train

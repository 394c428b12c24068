#pragma once

#include <string>

#include "models/dataset/samples.h"
#include "models/graph/graph.h"
#include "models/train/trainer.h"
#include "sim/cli/learning_commands.h"

namespace offcut::cli {

/// The options of a run, read and checked as far as that needs neither network nor data.
struct TrainingChoice {
  train::TrainerOptions options;  // Without a loss, if none was named.
  double validation_share = 0;
};

/// Throws InputError with all errors of the arguments.
TrainingChoice training_choice(const TrainArguments& arguments,
                               const scenario::Registries& registries);

/// Loads a network to be trained. A network of the zoo gets weights of the seed; so does an ONNX
/// model if `init` states one, by PyTorch's rule. Throws InputError.
Graph load_trainable(const TrainArguments& arguments, const scenario::Registries& registries);

/// Returns the loss for the samples if none is named: `distillation` with a teacher, `mse` for
/// targets, `binary-cross-entropy` for a single output, `cross-entropy` otherwise.
std::string default_loss(const Graph& network, const dataset::Samples& samples, bool has_teacher);

/// Opens the data set of --dataset. Throws InputError.
dataset::Dataset open_data(const std::string& text, const scenario::Registries& registries);

}  // namespace offcut::cli

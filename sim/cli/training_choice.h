#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/compress/pass.h"
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

/// A network to be trained, with the forms in which its file stores weights.
struct TrainableModel {
  compress::Network network;
  std::vector<std::string> undone;           // Texts about weights whose form is not kept.
  std::optional<std::uintmax_t> file_bytes;  // Of an ONNX model, with its data files.
};

/// Loads a network to be trained. A network of the zoo gets weights of the seed; so does an ONNX
/// model if `init` states one, by PyTorch's rule. Weights that a file stores as integers or in a
/// codebook keep this form (compress/stored_forms.h), unless they get fresh values or `floats` says
/// otherwise. Throws InputError.
TrainableModel load_trainable(const TrainArguments& arguments,
                              const scenario::Registries& registries);

/// Says which weights lose the form that their file has: a note for each of the first texts.
void say_undone(const std::vector<std::string>& undone);

/// Opens the data set of --dataset. Throws InputError.
dataset::Dataset open_data(const std::string& text, const scenario::Registries& registries);

}  // namespace offcut::cli

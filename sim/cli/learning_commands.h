#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/model_argument.h"
#include "sim/scenario/scenario.h"

namespace offcut::cli {

/// The options of `offcut train`. Texts in the form NAME:PARAMETER=VALUE,... name entries of
/// registries.
struct TrainArguments {
  ModelArgument model;
  std::string dataset;
  std::int64_t epochs = 0;
  std::int64_t batch = 32;
  double rate = 0.001;
  std::string loss;  // Empty: by the data and the network, see default_loss().
  std::string optimizer = "adam";
  std::vector<std::string> schedules;
  std::vector<std::string> augmentations;
  std::optional<double> clip;
  std::optional<double> decay;      // The optimiser's parameter of that name.
  std::string seed = "1";           // Of the order of samples, and of a zoo network's weights.
  std::string init;                 // Seed of fresh weights; empty: an ONNX model keeps its own.
  std::vector<std::string> freeze;  // Patterns of names, or several, separated by commas.
  std::vector<std::string> only;
  bool tie = false;
  bool floats = false;             // Weights lose the forms that their file has.
  std::vector<std::string> exits;  // OUTPUT or OUTPUT=WEIGHT, or several, separated by commas.
  int checkpoints = 1;
  std::string validate;  // A share of the training samples; empty: none.
  std::optional<std::int64_t> patience;
  std::string teacher;  // A model; empty: none.
  bool allow_missing_classes = false;
  bool resume = false;
  bool restart = false;
  bool external_data = false;
  std::string out;
  std::string log;                        // CSV file; empty: none.
  std::vector<std::string> step_options;  // Those that were given of the options of steps.
};

/// The options of `offcut compress`.
struct CompressArguments {
  TrainArguments training;          // Model, data set, and how to fine-tune. No epochs: none.
  std::vector<std::string> passes;  // NAME[:PARAMETER=VALUE,...], in their order.
  std::string search;               // The most accuracy that a search may lose; empty: no search.
  std::string sensitivity;          // CSV file of the study of layers; empty: none.
  std::string layers;               // CSV file of the layers' sizes; empty: none.
};

int train(const TrainArguments& arguments, const scenario::Registries& registries);
int compress(const CompressArguments& arguments, const scenario::Registries& registries);

}  // namespace offcut::cli

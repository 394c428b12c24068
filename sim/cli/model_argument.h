#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::cli {

/// A model on the command line: MODEL, and the values of --bind and --fix.
struct ModelArgument {
  std::string model;              // zoo:NAME, an ONNX file or a layer table.
  std::vector<std::string> bind;  // NAME=N, or several, separated by commas.
  std::vector<std::string> fix;   // NAME=VALUE, or several, separated by commas.
};

/// The names and extents of dimensions.
using Bindings = std::map<std::string, std::int64_t>;

/// Reads the values of --bind. Throws InputError with all their errors.
Bindings parse_bindings(const std::vector<std::string>& texts);

/// Reads the values of --fix. Throws InputError with all their errors.
std::map<std::string, double> parse_fixed(const std::vector<std::string>& texts);

/// Finds the model. Throws InputError if it does not exist.
scenario::ModelChoice choice_of(const ModelArgument& argument,
                                const scenario::Registries& registries);

/// Loads a model whose layers can be computed. Throws InputError, also for a layer table.
Graph load_math(const ModelArgument& argument, const scenario::Registries& registries);

}  // namespace offcut::cli

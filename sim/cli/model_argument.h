#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::cli {

/// A model as the command line names it: MODEL, and what --bind says.
struct ModelArgument {
  std::string model;              // zoo:NAME, an ONNX file or a layer table
  std::vector<std::string> bind;  // NAME=N, or several with commas between
};

/// A dimension's name and extent.
using Bindings = std::map<std::string, std::int64_t>;

/// What --bind says. Throws InputError with all that is wrong with it.
Bindings parse_bindings(const std::vector<std::string>& texts);

/// Throws InputError where there is no such model.
scenario::ModelChoice choice_of(const ModelArgument& argument,
                                const scenario::Registries& registries);

/// A model whose layers can be computed. Throws InputError, also for a layer table.
Graph load_math(const ModelArgument& argument, const scenario::Registries& registries);

}  // namespace offcut::cli

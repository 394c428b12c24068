#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "sim/cli/commands.h"

namespace offcut::cli {

// Options that several commands have. The variables must outlive the command.

constexpr const char* kMathModel = "zoo:NAME, or an ONNX file";

/// Adds an option that may be given several times, with one value each time.
CLI::Option* add_repeated(CLI::App* command, const std::string& name,
                          std::vector<std::string>& values, const std::string& type,
                          const std::string& help);
/// Adds an option with a text.
CLI::Option* add_text(CLI::App* command, const std::string& name, std::string& value,
                      const std::string& type, const std::string& help);
/// Adds --bind, for the open dimensions of models.
void add_bind(CLI::App* command, std::vector<std::string>& bind);
/// Adds --fix, for inputs of models that get constant values.
void add_fix(CLI::App* command, std::vector<std::string>& fix);

/// Adds --set and --bind, which change a scenario.
void add_changes(CLI::App* command, ScenarioChanges& changes);

}  // namespace offcut::cli

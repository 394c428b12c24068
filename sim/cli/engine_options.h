#pragma once

#include <string>
#include <vector>

#include "models/base/error.h"
#include "models/base/units.h"
#include "models/exec/math_engine.h"

namespace offcut::cli {

/// Adds an error if the value of an option is not one of the valid ones.
void check_choice(const std::string& option, const std::string& value,
                  const std::vector<std::string>& valid, std::vector<Diagnostic>& diagnostics);

/// Adds an error of --engine if it is not "reference" or "fast".
void check_engine(const std::string& engine, std::vector<Diagnostic>& diagnostics);

/// Returns the engine of a valid --engine.
exec::MathEngine engine_of(const std::string& engine);

/// Adds an error of --threads if it is not from 1 to exec::kMostThreads, or if the reference engine
/// is to have more than one.
void check_threads(int threads, const std::string& engine, std::vector<Diagnostic>& diagnostics);

/// Reads an option that is a time from `least` to `most`. Adds an error if it is not.
Seconds read_time(const std::string& option, const std::string& text, Seconds least, Seconds most,
                  std::vector<Diagnostic>& diagnostics);

/// Reads --budget. Throws InputError if it is not a time.
Seconds budget_of(const std::string& text);

}  // namespace offcut::cli

#include "sim/cli/engine_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/exec/prepared.h"
#include "sim/cli/commands.h"

namespace offcut::cli {

void check_choice(const std::string& option, const std::string& value,
                  const std::vector<std::string>& valid, std::vector<Diagnostic>& diagnostics) {
  if (std::find(valid.begin(), valid.end(), value) == valid.end()) {
    diagnostics.push_back({Place{option}, fmt::format("there is no {}{}", in_quotes(value),
                                                      suggestion(value, valid))});
  }
}

void check_engine(const std::string& engine, std::vector<Diagnostic>& diagnostics) {
  check_choice("--engine", engine, kEngines, diagnostics);
}

exec::MathEngine engine_of(const std::string& engine) {
  return engine == "fast" ? exec::MathEngine::fast : exec::MathEngine::reference;
}

void check_threads(int threads, const std::string& engine, std::vector<Diagnostic>& diagnostics) {
  if (threads < 1 || threads > exec::kMostThreads) {
    diagnostics.push_back(
        {Place{"--threads"}, fmt::format("expected 1 to {}, got {}", exec::kMostThreads, threads)});
  } else if (threads > 1 && engine == "reference") {
    diagnostics.push_back(
        {Place{"--threads"}, "the reference engine has one thread; use --engine fast"});
  }
}

Seconds read_time(const std::string& option, const std::string& text, Seconds least, Seconds most,
                  std::vector<Diagnostic>& diagnostics) {
  try {
    const Seconds time = parse<Seconds>(text);
    if (time < least || time > most) {
      diagnostics.push_back(
          {Place{option}, fmt::format("expected a time from {} to {}, got {}", to_text(least),
                                      to_text(most), in_quotes(text))});
    }
    return time;
  } catch (const std::invalid_argument& error) {
    diagnostics.push_back({Place{option}, error.what()});
    return least;
  }
}

Seconds budget_of(const std::string& text) {
  constexpr Seconds kLeast(1e-9);
  constexpr Seconds kMost(1e9);
  std::vector<Diagnostic> diagnostics;
  const Seconds budget = read_time("--budget", text, kLeast, kMost, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return budget;
}

}  // namespace offcut::cli

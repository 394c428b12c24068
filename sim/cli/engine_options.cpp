#include "sim/cli/engine_options.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut::cli {

void check_engine(const std::string& engine, std::vector<Diagnostic>& diagnostics) {
  const std::vector<std::string> engines = {"fast", "reference"};
  if (std::find(engines.begin(), engines.end(), engine) == engines.end()) {
    diagnostics.push_back({Place{"--engine"}, fmt::format("there is no {}{}", in_quotes(engine),
                                                          suggestion(engine, engines))});
  }
}

void check_threads(int threads, const std::string& engine, std::vector<Diagnostic>& diagnostics) {
  if (threads < 1 || threads > kMostThreads) {
    diagnostics.push_back(
        {Place{"--threads"}, fmt::format("expected 1 to {}, got {}", kMostThreads, threads)});
  } else if (threads > 1 && engine == "reference") {
    diagnostics.push_back(
        {Place{"--threads"}, "the reference engine has one thread; use --engine fast"});
  }
}

}  // namespace offcut::cli

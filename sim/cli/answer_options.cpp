// Reads the options that the commands which answer questions have in common.

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "analysis/tables/summary_table.h"
#include "models/base/units.h"
#include "sim/cli/answer_commands.h"

namespace offcut::cli {

std::size_t parallel_runs(std::optional<std::int64_t> jobs) {
  constexpr std::int64_t kMost = 10'000;
  if (!jobs) {
    return std::max(1U, std::thread::hardware_concurrency());
  }
  if (*jobs < 1 || *jobs > kMost) {
    throw InputError({"-j"}, fmt::format("expected 1 to {}, got {}", kMost, *jobs));
  }
  return static_cast<std::size_t>(*jobs);
}

std::size_t replications_of(const AnswerArguments& arguments, std::size_t fallback,
                            std::size_t least) {
  constexpr std::int64_t kMost = 1'000'000;
  if (!arguments.replications) {
    return fallback;
  }
  if (*arguments.replications < static_cast<std::int64_t>(least) ||
      *arguments.replications > kMost) {
    throw InputError({"--replications"}, fmt::format("expected {} to {}, got {}", least, kMost,
                                                     *arguments.replications));
  }
  return static_cast<std::size_t>(*arguments.replications);
}

double confidence_of(const AnswerArguments& arguments) {
  constexpr double kLeast = 0.5, kMost = 0.9999;
  double confidence = 0;
  try {
    confidence = parse_quantity(arguments.confidence, Dimension::number);
  } catch (const std::invalid_argument&) {
  }
  if (!(confidence >= kLeast && confidence <= kMost)) {
    throw InputError({"--confidence"}, fmt::format("expected 50 % to 99.99 %, got {}",
                                                   in_quotes(arguments.confidence)));
  }
  return confidence;
}

void add_errors_of(const std::function<void()>& read, std::vector<Diagnostic>& diagnostics) {
  try {
    read();
  } catch (const InputError& error) {
    add_new(error.diagnostics(), diagnostics);
  }
}

void refuse_seed(const std::string& option, const std::vector<std::string>& paths) {
  if (std::find(paths.begin(), paths.end(), "seed") != paths.end()) {
    throw InputError({option}, "seed: replications have seeds of their own");
  }
}

void check_figures(const std::string& option, const std::vector<std::string>& figures) {
  const std::vector<std::string> known = analysis::figures_of_summary();
  std::vector<Diagnostic> diagnostics;
  for (const std::string& figure : figures) {
    if (std::find(known.begin(), known.end(), figure) == known.end()) {
      diagnostics.push_back(
          {{option},
           fmt::format("unknown figure {}{}", in_quotes(figure), suggestion(figure, known))});
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

}  // namespace offcut::cli

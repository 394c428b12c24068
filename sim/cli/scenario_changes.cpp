#include <fmt/format.h>

#include "sim/cli/commands.h"

namespace offcut::cli {
namespace {

/// Throws InputError if --set gives a seed, too.
void check_single_seed(const std::vector<std::string>& set) {
  for (const std::string& change : set) {
    if (change.starts_with("seed=")) {
      throw InputError({"--seed"}, fmt::format("expected either this or --set {}", change));
    }
  }
}

}  // namespace

std::vector<scenario::Override> ScenarioChanges::overrides() const {
  std::vector<scenario::Override> overrides;
  std::vector<Diagnostic> diagnostics;
  const auto note_errors = [&](const auto& read) {
    try {
      read();
    } catch (const InputError& error) {
      diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  };
  for (const std::string& text : set) {
    note_errors([&] { overrides.push_back(scenario::parse_override(text)); });
  }
  if (!seed.empty()) {
    note_errors([&] {
      check_single_seed(set);
      overrides.push_back({.path = "seed", .value = seed, .given = "--seed"});
    });
  }
  note_errors([&] {
    for (const auto& [name, extent] : parse_bindings(bind)) {
      overrides.push_back(scenario::bind_override(name, extent));
    }
  });
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return overrides;
}

}  // namespace offcut::cli

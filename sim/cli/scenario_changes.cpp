#include <fmt/format.h>

#include <charconv>

#include "sim/cli/commands.h"

namespace offcut::cli {
namespace {

constexpr std::uint64_t kLargestSeed = std::uint64_t{1} << 53;  // As for `seed` of a scenario.

/// Throws InputError if the text is no seed, or if --set gives one, too.
void check_seed(const std::string& text, const std::vector<std::string>& set) {
  for (const std::string& change : set) {
    if (change.starts_with("seed=")) {
      throw InputError({"--seed"}, fmt::format("expected either this or --set {}", change));
    }
  }
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size() || seed > kLargestSeed) {
    throw InputError({"--seed"}, fmt::format("expected a whole number from 0 to {}, got {}",
                                             kLargestSeed, in_quotes(text)));
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
      check_seed(seed, set);
      overrides.push_back(scenario::parse_override("seed=" + seed));
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

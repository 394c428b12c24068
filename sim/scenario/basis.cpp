// States what the predictions of a scenario rest on, tier by tier and link by link, for the notes
// of a run, summary.csv and resolved.yaml. The sections of tiers and links decide which basis it
// is.

#include "sim/scenario/basis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "models/base/readable.h"
#include "sim/scenario/scenario.h"

namespace offcut::scenario {
namespace {

constexpr auto kBases = std::to_array<std::pair<Basis, std::string_view>>({
    {Basis::measured, "measured"},
    {Basis::fitted, "fitted"},
    {Basis::datasheet, "datasheet"},
    {Basis::published, "published"},
    {Basis::assumed, "assumed"},
});

}  // namespace

std::string_view to_text(Basis basis) {
  return std::find_if(kBases.begin(), kBases.end(),
                      [&](const auto& entry) { return entry.first == basis; })
      ->second;
}

Basis basis_named(std::string_view name) {
  return std::find_if(kBases.begin(), kBases.end(),
                      [&](const auto& entry) { return entry.second == name; })
      ->first;
}

std::string to_text(const TierBasis& basis) {
  const std::string_view name = to_text(basis.basis);
  if (basis.basis == Basis::datasheet) {
    return fmt::format("{} ({} in the median)", name, percent(kDatasheetError, 2));
  }
  if (basis.basis != Basis::fitted) {
    return std::string(name);
  }
  return basis.left_out_error
             ? fmt::format("{} (left-out error {})", name, percent(*basis.left_out_error, 2))
             : fmt::format("{} (error unknown)", name);
}

std::string tier_bases(const Scenario& scenario) {
  std::string text;
  const auto add = [&text](const std::string& name, const TierBasis& basis) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", name, to_text(basis));
  };
  for (const TierChoice& tier : scenario.tiers) {
    for (const TierChoice& machines : tier.machines) {
      add(tier.name + "." + machines.name, machines.basis);
    }
    if (tier.machines.empty()) {
      add(tier.name, tier.basis);
    }
  }
  return text;
}

std::string link_bases(const Scenario& scenario) {
  std::string text;
  for (const HopChoice& hop : scenario.hops) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", hop.name, to_text(hop.basis));
  }
  return text;
}

}  // namespace offcut::scenario

// How much accuracy each layer loses at each level of a pass, and a greedy search on top of it. The
// search judges every step on the whole network, so that its result holds also where the losses of
// layers do not add up.

#include "models/compress/sensitivity.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

#include "models/base/patterns.h"
#include "models/compress/size.h"
#include "models/compress/targets.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

constexpr double kRates[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98};

const ParameterSpec* find_spec(const Pass& pass, const std::string& name) {
  const auto it = std::find_if(pass.parameters.begin(), pass.parameters.end(),
                               [&](const ParameterSpec& spec) { return spec.name == name; });
  return it == pass.parameters.end() ? nullptr : &*it;
}

std::string level_name(const Pass& pass) {
  return find_spec(pass, "rate") != nullptr ? "rate" : "bits";
}

/// Returns the parameters of the pass for one layer.
Parameters for_layer(const ChosenPass& chosen, const std::string& weights, double level) {
  Parameters parameters = chosen.parameters;
  parameters.set("layers", literal_pattern(weights));
  parameters.set(level_name(*chosen.pass), level);
  return parameters;
}

double compact_bytes(const Network& network, const std::string& parameter) {
  const TensorNode& tensor = network.graph.tensor(*network.graph.find_tensor(parameter));
  const auto grid = network.grids.find(parameter);
  return size_of(read_parameter(tensor), grid == network.grids.end() ? nullptr : &grid->second)
      .compact_bytes();
}

/// A layer's weights under one pass, with its rows and the level that the search has reached.
struct LayerLevels {
  std::size_t pass = 0;
  std::vector<SensitivityRow> rows;
  std::size_t reached = 0;  // The number of levels taken; 0: unchanged.
  bool frozen = false;

  bool is_open() const { return !frozen && reached < rows.size(); }
  double bytes(std::size_t levels) const {
    return levels == 0 ? rows.front().dense_bytes : rows[levels - 1].compact_bytes;
  }
  double accuracy(std::size_t levels, double unchanged) const {
    return levels == 0 ? unchanged : rows[levels - 1].accuracy;
  }
  /// The accuracy that the next level loses, per byte that it saves.
  double price(double unchanged) const {
    const double saved = bytes(reached) - bytes(reached + 1);
    const double lost = accuracy(reached, unchanged) - accuracy(reached + 1, unchanged);
    return saved > 0 ? std::max(0.0, lost) / saved + 1e-12 / saved
                     : std::numeric_limits<double>::infinity();
  }
};

Network network_of(const Network& network, std::span<const ChosenPass> passes,
                   const std::vector<LayerLevels>& candidates, const Material& material) {
  Network result = network;
  for (std::size_t pass = 0; pass < passes.size(); ++pass) {
    for (const LayerLevels& candidate : candidates) {
      if (candidate.pass == pass && candidate.reached > 0) {
        const SensitivityRow& row = candidate.rows[candidate.reached - 1];
        result = apply_pass(*passes[pass].pass, for_layer(passes[pass], row.weights, row.level),
                            result, material);
      }
    }
  }
  return result;
}

/// Returns the rows of each layer under each pass.
std::vector<LayerLevels> candidates_of(const Network& network, std::span<const ChosenPass> passes,
                                       const Material& material, const Judge& judge,
                                       const Progress& progress) {
  std::vector<LayerLevels> candidates;
  for (std::size_t pass = 0; pass < passes.size(); ++pass) {
    const auto share = [&](double done) {
      if (progress) {
        progress((static_cast<double>(pass) + done) / static_cast<double>(2 * passes.size()));
      }
    };
    for (SensitivityRow& row : sensitivity(network, passes[pass], material, judge, share)) {
      if (candidates.empty() || candidates.back().pass != pass ||
          candidates.back().rows.front().weights != row.weights) {
        candidates.push_back({.pass = pass});
      }
      candidates.back().rows.push_back(std::move(row));
    }
  }
  return candidates;
}

}  // namespace

std::vector<double> levels_of(const ChosenPass& chosen) {
  const Pass& pass = *chosen.pass;
  if (find_spec(pass, "layers") == nullptr) {
    throw std::invalid_argument(fmt::format(
        "{} has no parameter 'layers', so that it can't be studied layer by layer", pass.name));
  }
  if (find_spec(pass, "rate") != nullptr) {
    return {std::begin(kRates), std::end(kRates)};
  }
  const ParameterSpec* const bits = find_spec(pass, "bits");
  if (bits == nullptr) {
    throw std::invalid_argument(
        fmt::format("{} has no rate or bits, of which levels could be studied", pass.name));
  }
  std::vector<double> levels;
  for (double level = std::min(8.0, bits->most); level >= std::max(1.0, bits->least); --level) {
    levels.push_back(level);
  }
  return levels;
}

std::vector<SensitivityRow> sensitivity(const Network& network, const ChosenPass& chosen,
                                        const Material& material, const Judge& judge,
                                        const Progress& progress) {
  const std::vector<double> levels = levels_of(chosen);
  const std::vector<Target> targets = targets_of(network.graph, chosen.parameters.text("layers"));
  std::vector<SensitivityRow> rows;
  for (const Target& target : targets) {
    for (const double level : levels) {
      const Network changed =
          apply_pass(*chosen.pass, for_layer(chosen, target.name, level), network, material);
      rows.push_back(
          {.pass = chosen.pass->name,
           .layer = target.layer,
           .weights = target.name,
           .setting = fmt::format("{}={:g}", level_name(*chosen.pass), level),
           .level = level,
           .accuracy = judge(changed.graph),
           .dense_bytes = static_cast<double>(network.graph.tensor(target.tensor).type.bytes()),
           .compact_bytes = compact_bytes(changed, target.name)});
      if (progress) {
        progress(static_cast<double>(rows.size()) /
                 static_cast<double>(targets.size() * levels.size()));
      }
    }
  }
  return rows;
}

Found smallest_within(const Network& network, std::span<const ChosenPass> passes, double most_loss,
                      const Material& material, const Judge& judge, const Progress& progress) {
  const double unchanged = judge(network.graph);
  std::vector<LayerLevels> candidates = candidates_of(network, passes, material, judge, progress);
  Found found{.network = network, .accuracy = unchanged, .choices = {}};
  std::size_t steps = 0;
  std::size_t all_steps = 0;
  for (const LayerLevels& candidate : candidates) {
    all_steps += candidate.rows.size();
  }
  while (true) {
    const auto next = std::min_element(
        candidates.begin(), candidates.end(), [&](const LayerLevels& a, const LayerLevels& b) {
          return a.is_open() != b.is_open()
                     ? a.is_open()
                     : a.is_open() && a.price(unchanged) < b.price(unchanged);
        });
    if (next == candidates.end() || !next->is_open()) {
      break;
    }
    ++next->reached;
    Network tried = network_of(network, passes, candidates, material);
    const double accuracy = judge(tried.graph);
    if (accuracy >= unchanged - most_loss) {
      found.network = std::move(tried);
      found.accuracy = accuracy;
    } else {
      --next->reached;
      next->frozen = true;
    }
    if (progress) {
      progress(
          std::min(1.0, 0.5 + 0.5 * static_cast<double>(++steps) / static_cast<double>(all_steps)));
    }
  }
  for (const LayerLevels& candidate : candidates) {
    if (candidate.reached > 0) {
      found.choices.push_back(candidate.rows[candidate.reached - 1]);
    }
  }
  return found;
}

}  // namespace offcut::compress

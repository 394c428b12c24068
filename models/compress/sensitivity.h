#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "models/compress/pass.h"

namespace offcut::compress {

/// Returns how well a network does, of which more is better: its accuracy.
using Judge = std::function<double(const Graph&)>;

/// Is told which share of a study is done.
using Progress = std::function<void(double done)>;

/// One layer's weights after a pass at one level, with all other layers unchanged.
struct SensitivityRow {
  std::string pass;
  std::string layer;
  std::string weights;  // The parameter's name.
  std::string setting;  // Of the pass: "rate=0.9".
  double level = 0;
  double accuracy = 0;
  double dense_bytes = 0;
  double compact_bytes = 0;  // The smallest form, see size.h.
};

/// Returns the levels at which a pass is studied, the mildest first: rates from 0.1 to 0.98, or
/// bits from 8 down to 2. Throws std::invalid_argument for a pass that has neither a rate nor bits,
/// or that does not choose layers.
std::vector<double> levels_of(const ChosenPass& chosen);

/// Applies the pass to one layer at a time, at each level, and judges the results: Han, Pool, Tran,
/// Dally, NIPS 2015, section 4 (sensitivity of layers). Rows are in the order of layers, then of
/// levels.
std::vector<SensitivityRow> sensitivity(const Network& network, const ChosenPass& chosen,
                                        const Material& material, const Judge& judge,
                                        const Progress& progress = {});

/// The result of a search.
struct Found {
  Network network;
  double accuracy = 0;
  std::vector<SensitivityRow> choices;  // The level of each layer that is changed, and what it
                                        // does alone.
};

/// Looks for the smallest network whose accuracy is at most `most_loss` below the network's own.
/// Greedy: the next level of the layer and pass that alone lose the least accuracy per byte is
/// tried first; where the whole network then loses too much, that layer stays at its level. Passes
/// are applied in their order. The levels of each pass are those of levels_of().
Found smallest_within(const Network& network, std::span<const ChosenPass> passes, double most_loss,
                      const Material& material, const Judge& judge, const Progress& progress = {});

}  // namespace offcut::compress

// Recurrent layers: a hidden unit has a row in every gate's weights, a column in the recurrent
// ones, and biases; directions have as many units as each other, so they lose the same ones.
#include "models/ops/recurrent.h"

#include <algorithm>

#include "models/compress/channel_rule.h"

namespace offcut::compress {
namespace {

/// Ties each block of `hidden` positions to the hidden units.
void tie_blocks_of(LayerAxes& axes, Axis blocks, Axis units) {
  for (std::int64_t i = 0; i < axes.extent(blocks); ++i) {
    axes.tie(blocks, i, units, i % axes.extent(units));
  }
}

void tie_recurrent(LayerAxes& axes) {
  if (axes.layer().attributes.integer("layout", 0) != 0) {
    return;
  }
  const Axis units = axes.in(ops::kRecurrentWeights, 2);
  axes.tie_summed(axes.in(ops::kSequence, 2), axes.in(ops::kWeights, 2));
  axes.sum_over(units);
  tie_blocks_of(axes, axes.in(ops::kWeights, 1), units);
  tie_blocks_of(axes, axes.in(ops::kRecurrentWeights, 1), units);
  if (axes.has(ops::kBiases)) {
    tie_blocks_of(axes, axes.in(ops::kBiases, 1), units);
  }
  constexpr std::size_t kInitialCell = 6;
  constexpr std::size_t kPeepholes = 7;
  for (const std::size_t state : {std::size_t{ops::kInitialHidden}, kInitialCell}) {
    if (axes.has(state)) {
      axes.tie(axes.in(state, 2), units);
    }
  }
  if (axes.has(kPeepholes)) {
    tie_blocks_of(axes, axes.in(kPeepholes, 1), units);
  }
  for (std::size_t output = 0; output < axes.outputs(); ++output) {
    axes.tie(axes.out(output, axes.out_shape(output).size() - 1), units);
  }
}

void adapt_recurrent(Adaptation& a) {
  a.layer.attributes.set("hidden_size", a.new_in_shape(ops::kRecurrentWeights)[2]);
}

}  // namespace

void register_recurrent(Registry<ChannelRule>& registry) {
  registry.add({.name = "recurrent",
                .doc = "a hidden unit with its rows of all gates, its column, biases and states, "
                       "in both directions",
                .operators = {"GRU", "LSTM", "RNN"},
                .tie = tie_recurrent,
                .adapt = adapt_recurrent});
}

}  // namespace offcut::compress

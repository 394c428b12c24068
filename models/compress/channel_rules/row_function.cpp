// Functions of whole rows: normalisations, reductions, orders. The axes that form a row stay,
// because every result depends on all of the row; the others pass.
#include "models/compress/channel_rule.h"
#include "models/ops/arguments.h"
#include "models/ops/reduction.h"

namespace offcut::compress {
namespace {

void tie_softmax(LayerAxes& axes) {
  const std::size_t rank = axes.in_shape(0).size();
  const bool one_axis = axes.layer().opset >= 13;
  const std::size_t row = ops::axis_argument(axes.call(), one_axis ? -1 : 1);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    if (axis < row || (one_axis && axis != row)) {
      axes.tie(axes.in(0, axis), axes.out(0, axis));
    }
  }
}

void tie_layer_norm(LayerAxes& axes) {
  const std::size_t row = ops::axis_argument(axes.call(), -1);
  for (std::size_t axis = 0; axis < row; ++axis) {
    axes.tie(axes.in(0, axis), axes.out(0, axis));
  }
}

void tie_lrn(LayerAxes& axes) {
  for (std::size_t axis = 0; axis < axes.in_shape(0).size(); ++axis) {
    if (axis != 1) {
      axes.tie(axes.in(0, axis), axes.out(0, axis));
    }
  }
}

void tie_reduction(LayerAxes& axes) {
  constexpr int kSumHasAxesInput = 13;
  const int first =
      axes.layer().op_name == "ReduceSum" ? kSumHasAxesInput : ops::kAxesAlwaysAttribute;
  const std::vector<bool> reduced = ops::reduced_axes(axes.call(), first);
  const bool keep = axes.layer().attributes.integer("keepdims", 1) != 0;
  std::size_t out = 0;
  for (std::size_t axis = 0; axis < reduced.size(); ++axis) {
    if (!reduced[axis]) {
      axes.tie(axes.in(0, axis), axes.out(0, out));
    }
    if (keep || !reduced[axis]) {
      ++out;
    }
  }
}

}  // namespace

void register_row_function(Registry<ChannelRule>& registry) {
  registry.add({.name = "softmax",
                .doc = "all axes but those that are normalised, which stay",
                .operators = {"Softmax", "LogSoftmax", "Hardmax"},
                .tie = tie_softmax});
  registry.add(
      {.name = "layer-norm",
       .doc = "all axes but those that are normalised, which stay",
       .operators = {"LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization"},
       .tie = tie_layer_norm});
  registry.add({.name = "local-response-norm",
                .doc = "all axes but the channels, which stay: each one reads its neighbours",
                .operators = {"LRN"},
                .tie = tie_lrn});
  registry.add(
      {.name = "reduction",
       .doc = "all axes but those that are reduced, which stay",
       .operators = {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
                     "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"},
       .tie = tie_reduction});
}

}  // namespace offcut::compress

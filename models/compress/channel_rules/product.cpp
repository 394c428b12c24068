// Products of matrices sum over one axis of each operand; rows and columns of the result are rows
// of the left operand and columns of the right one.
#include "models/compress/channel_rule.h"

namespace offcut::compress {
namespace {

/// Ties the axes before the last `count` ones, aligned at their ends, as broadcasting does.
void tie_batches(LayerAxes& axes, std::size_t input, std::size_t count) {
  const Shape& x = axes.in_shape(input);
  const Shape& y = axes.out_shape(0);
  const std::size_t inputs = x.size() - std::min(count, x.size());
  const std::size_t outputs = y.size() - std::min(count, y.size());
  for (std::size_t back = 1; back <= std::min(inputs, outputs); ++back) {
    if (x[inputs - back] == y[outputs - back]) {
      axes.tie(axes.in(input, inputs - back), axes.out(0, outputs - back));
    }
  }
}

void tie_matmul(LayerAxes& axes) {
  const std::size_t a = axes.in_shape(0).size();
  const std::size_t b = axes.in_shape(1).size();
  const std::size_t y = axes.out_shape(0).size();
  axes.tie_summed(axes.in(0, a - 1), axes.in(1, b < 2 ? 0 : b - 2));
  if (a < 2 || b < 2) {
    return;  // A vector's other axes stay.
  }
  axes.tie(axes.in(0, a - 2), axes.out(0, y - 2));
  axes.tie(axes.in(1, b - 1), axes.out(0, y - 1));
  tie_batches(axes, 0, 2);
  tie_batches(axes, 1, 2);
}

void tie_gemm(LayerAxes& axes) {
  const Attributes& attributes = axes.layer().attributes;
  const std::size_t a_sum = attributes.integer("transA", 0) != 0 ? 0 : 1;
  const std::size_t b_sum = attributes.integer("transB", 0) != 0 ? 1 : 0;
  axes.tie_summed(axes.in(0, a_sum), axes.in(1, b_sum));
  axes.tie(axes.in(0, 1 - a_sum), axes.out(0, 0));
  axes.tie(axes.in(1, 1 - b_sum), axes.out(0, 1));
  if (axes.has(2)) {
    tie_batches(axes, 2, 0);
  }
}

void tie_product(LayerAxes& axes) {
  axes.layer().op_name == "Gemm" ? tie_gemm(axes) : tie_matmul(axes);
}

}  // namespace

void register_product(Registry<ChannelRule>& registry) {
  registry.add({.name = "product",
                .doc = "the axes that are summed over with each other; rows with rows, columns "
                       "with columns and biases",
                .operators = {"MatMul", "Gemm"},
                .tie = tie_product});
}

}  // namespace offcut::compress

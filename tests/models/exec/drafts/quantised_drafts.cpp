#include "tests/models/exec/drafts/drafts.h"

namespace offcut::exec {
namespace {

using Integers = std::vector<std::int64_t>;

/// A draft with the input x, quantised and dequantised as "real".
Draft between_integers(const std::string& name, Shape x) {
  Draft d{.name = name};
  d.input("x", std::move(x)).number("in", 0.05F).zero_point("middle", 120);
  d.number("out", 0.25F).zero_point("low", 30);
  d.node("QuantizeLinear", "bytes", {"x", "in", "middle"});
  d.node("DequantizeLinear", "real", {"bytes", "in", "middle"});
  d.scales = {"in", "out"};
  return d;
}

/// Quantises the tensor, and makes the numbers the output.
Draft quantised(Draft d, const std::string& from, std::vector<std::string> fused) {
  d.node("QuantizeLinear", "rounded", {from, "out", "low"});
  d.node("DequantizeLinear", "result", {"rounded", "out", "low"});
  fused.insert(fused.begin(), "real");
  fused.emplace_back("rounded");
  return d.expect(std::move(fused));
}

}  // namespace

std::vector<Draft> quantised_drafts() {
  std::vector<Draft> all;
  for (const std::int64_t groups : {1, 4}) {
    Draft d = between_integers("quantised convolution of " + std::to_string(groups) + " groups",
                               {1, 4, 5, 5});
    d.on_grid("weights", {8, 4 / groups, 3, 3}, 0.01F).constant("bias", {8});
    d.node("Conv", "conv", {"real", "weights", "bias"},
           {{"pads", Integers{1, 1, 1, 1}}, {"group", groups}});
    d.node("Relu", "relu", {"conv"});
    all.push_back(quantised(d, "relu", {"conv", "relu"}));
  }
  Draft clipped = between_integers("quantised convolution, Clip", {1, 4, 5, 5});
  clipped.on_grid("weights", {3, 4, 1, 1}, 0.02F).number("least", -1).number("most", 6);
  clipped.node("Conv", "conv", {"real", "weights"});
  clipped.node("Clip", "clip", {"conv", "least", "most"});
  all.push_back(quantised(clipped, "clip", {"conv", "clip"}));

  Draft product = between_integers("quantised product", {2, 6, 5});
  product.on_grid("matrix", {5, 6}, 0.03F).constant("row", {6});
  product.node("MatMul", "product", {"real", "matrix"}).node("Add", "sum", {"product", "row"});
  all.push_back(quantised(product, "sum", {"product", "sum"}));

  for (const std::int64_t transposed : {0, 1}) {
    Draft d = between_integers("quantised Gemm", {6, 6});
    d.on_grid("matrix", {6, 6}, 0.03F).constant("row", {6});
    d.node("Gemm", "gemm", {"real", "matrix", "row"}, {{"transB", transposed}});
    all.push_back(quantised(d, "gemm", {"gemm"}));
  }

  Draft sum = between_integers("quantised sum", {1, 3, 4, 4});
  sum.input("other", {1, 3, 4, 4}).node("QuantizeLinear", "more", {"other", "out", "middle"});
  sum.node("DequantizeLinear", "added", {"more", "out", "middle"});
  sum.node("Add", "sum", {"real", "added"}).node("Relu", "relu", {"sum"});
  all.push_back(quantised(sum, "relu", {"added", "sum", "relu"}));
  return all;
}

}  // namespace offcut::exec

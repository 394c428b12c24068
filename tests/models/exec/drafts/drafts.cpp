#include "tests/models/exec/drafts/drafts.h"

#include <cmath>
#include <numbers>

namespace offcut::exec {
namespace {

using Integers = std::vector<std::int64_t>;

const float kHalfRoot = std::sqrt(2 / std::numbers::pi_v<float>);

Draft draft(const std::string& name, Shape x) {
  Draft made{.name = name};
  return made.input("x", std::move(x)).input("other", made.sources.front().shape);
}

Draft gelu_tanh(bool power) {
  Draft d = draft(power ? "GELU by tanh and Pow" : "GELU by tanh and products", {2, 3, 16});
  d.number("c", 0.044715F).number("root", kHalfRoot).number("one", 1).number("half", 0.5F);
  if (power) {
    d.number("three", 3).node("Pow", "cube", {"x", "three"}).node("Mul", "third", {"cube", "c"});
  } else {
    d.node("Mul", "square", {"x", "x"}).node("Mul", "cube", {"square", "x"});
    d.node("Mul", "third", {"c", "cube"});
  }
  d.node("Add", "inner", {"x", "third"}).node("Mul", "outer", {"inner", "root"});
  d.node("Tanh", "tanh", {"outer"}).node("Add", "plus", {"tanh", "one"});
  d.node("Mul", "halved", {"x", "half"}).node("Mul", "f", {"halved", "plus"});
  return d.expect({"third", "inner", "outer", "tanh", "plus", "halved", "f"});
}

/// Adds mean(x), x - mean(x) and its variance.
void add_deviation(Draft& d, bool power) {
  const std::vector<std::pair<std::string, AttributeValue>> last = {{"axes", Integers{-1}}};
  d.node("ReduceMean", "mean", {"x"}, last).node("Sub", "d", {"x", "mean"});
  if (power) {
    d.number("two", 2).node("Pow", "square", {"d", "two"});
  } else {
    d.node("Mul", "square", {"d", "d"});
  }
  d.node("ReduceMean", "variance", {"square"}, last);
}

Draft layer_norm(bool power) {
  // In a square, a mean that loses its axis can be subtracted from the columns.
  Draft d = power ? draft("layer norm by Pow", {2, 3, 8}) : draft("layer norm by Mul", {8, 8});
  // Large enough to be seen in the result.
  d.number("epsilon", 0.3F).constant("scale", {8}).constant("shift", {8});
  add_deviation(d, power);
  d.node("Add", "sum", {"variance", "epsilon"}).node("Sqrt", "root", {"sum"});
  d.node("Div", "divided", {"d", "root"}).node("Mul", "scaled", {"divided", "scale"});
  d.node("Add", "norm", {"scaled", "shift"});
  return d.expect({"mean", "d", "square", "variance", "sum", "root", "divided", "scaled", "norm"});
}

enum class MaskForm { none, added, constant, chosen };

Draft attention(const std::string& name, const Shape& stack, MaskForm form, bool divided) {
  const auto in_stack = [&](std::int64_t rows, std::int64_t columns) {
    Shape shape = stack;
    shape.insert(shape.end(), {rows, columns});
    return shape;
  };
  Draft d{.name = name};
  // As many rows as columns, so that a softmax over another axis is possible.
  d.input("q", in_stack(4, 4)).input("k", in_stack(4, 4)).input("v", in_stack(4, 4));
  d.number("scale", divided ? 3.0F : 0.3F);
  d.node("MatMul", "product", {"q", "k"});
  d.node(divided ? "Div" : "Mul", "scores", {"product", "scale"});
  std::vector<std::string> fused = {"product", "scores"};
  if (form == MaskForm::chosen) {
    d.input("numbers", {4, 4}).number("zero", 0).number("fill", -2);
    d.node("Greater", "mask", {"numbers", "zero"});
    d.node("Where", "masked", {"mask", "scores", "fill"});
  } else if (form != MaskForm::none) {
    if (form == MaskForm::constant) {
      d.constant("mask", {4});
    } else {
      d.input("mask", {4, 4});
    }
    d.node("Add", "masked", {"mask", "scores"});
  }
  const std::string masked = form == MaskForm::none ? "scores" : "masked";
  if (form != MaskForm::none) {
    fused.emplace_back("masked");
  }
  d.node("Softmax", "probability", {masked}, {{"axis", std::int64_t{-1}}});
  d.node("MatMul", "context", {"probability", "v"});
  fused.insert(fused.end(), {"probability", "context"});
  return d.expect(fused);
}

Draft convolution(const std::string& name, std::int64_t channels, std::int64_t kernel,
                  std::int64_t groups = 1) {
  Draft d = draft(name, {1, channels, 5, 5});
  d.constant("weights", {channels, channels / groups, kernel, kernel}, -0.5F, 0.5F);
  d.constant("bias", {channels});
  std::vector<std::pair<std::string, AttributeValue>> attributes = {
      {"pads", Integers(4, kernel / 2)}};
  if (groups > 1) {
    attributes.emplace_back("group", groups);
  }
  return d.node("Conv", "conv", {"x", "weights", "bias"}, attributes);
}

Draft& normalize(Draft& d, const std::string& from, std::int64_t channels) {
  d.constant("scale", {channels}).constant("shift", {channels}).constant("mean", {channels});
  d.constant("variance", {channels}, 0.1F, 2);
  return d.node("BatchNormalization", "norm", {from, "scale", "shift", "mean", "variance"},
                {{"epsilon", 0.3F}});
}

Draft residual(const std::string& name, std::int64_t channels, std::int64_t groups = 1) {
  Draft d = convolution(name, channels, 3, groups);
  normalize(d, "conv", channels);
  d.node("Add", "sum", {"norm", "other"}).node("Relu", "relu", {"sum"});
  return d.expect({"conv", "norm", "sum", "relu"});
}

}  // namespace

std::vector<Draft> activation_drafts() {
  std::vector<Draft> all;
  Draft silu = draft("SiLU", {2, 3, 16});
  silu.node("Sigmoid", "gate", {"x"}).node("Mul", "f", {"x", "gate"});
  all.push_back(silu.expect({"gate", "f"}));

  Draft hard = draft("HardSwish by HardSigmoid", {2, 3, 16});
  hard.node("HardSigmoid", "gate", {"x"}, {{"alpha", 1.0F / 6}, {"beta", 0.5F}});
  all.push_back(hard.node("Mul", "f", {"gate", "x"}).expect({"gate", "f"}));

  Draft clip = draft("HardSwish by Clip", {1, 4, 4, 4});
  clip.number("three", 3).number("zero", 0).number("six", 6);
  clip.node("Add", "plus", {"x", "three"}).node("Clip", "gate", {"plus", "zero", "six"});
  clip.node("Mul", "product", {"x", "gate"}).node("Div", "f", {"product", "six"});
  all.push_back(clip.expect({"plus", "gate", "product", "f"}));

  Draft old = draft("HardSwish by an old Clip", {1, 4, 4, 4});
  old.number("three", 3).number("sixth", 1.0F / 6);
  old.node("Add", "plus", {"three", "x"});
  old.node("Clip", "gate", {"plus"}, {{"min", 0.0F}, {"max", 6.0F}}, 10);
  old.node("Mul", "scaled", {"gate", "sixth"}).node("Mul", "f", {"scaled", "x"});
  all.push_back(old.expect({"plus", "gate", "scaled", "f"}));

  Draft erf = draft("GELU by erf", {2, 3, 16});
  erf.number("root", std::numbers::sqrt2_v<float>).number("one", 1).number("half", 0.5F);
  erf.node("Div", "scaled", {"x", "root"}).node("Erf", "erf", {"scaled"});
  erf.node("Add", "plus", {"erf", "one"}).node("Mul", "product", {"x", "plus"});
  erf.node("Mul", "f", {"product", "half"});
  all.push_back(erf.expect({"scaled", "erf", "plus", "product", "f"}));

  all.push_back(gelu_tanh(true));
  all.push_back(gelu_tanh(false));
  return all;
}

std::vector<Draft> layer_norm_drafts() {
  std::vector<Draft> all = {layer_norm(true), layer_norm(false)};
  Draft one = draft("LayerNormalization", {2, 3, 8});
  one.constant("scale", {8}).constant("shift", {8});
  one.node("LayerNormalization", "norm", {"x", "scale", "shift"}, {{"epsilon", 0.3F}}, 17);
  all.push_back(one.expect({"norm"}));
  return all;
}

std::vector<Draft> attention_drafts() {
  std::vector<Draft> all = {attention("attention", {2, 3}, MaskForm::none, false),
                            attention("attention of matrices", {}, MaskForm::none, true),
                            attention("attention, mask added", {2}, MaskForm::added, true),
                            attention("attention, constant mask", {3}, MaskForm::constant, false),
                            attention("attention, mask chosen", {1, 2}, MaskForm::chosen, true)};
  Draft heads = attention("attention, heads side by side", {1, 3}, MaskForm::none, true);
  heads.node("Transpose", "moved", {"context"}, {{"perm", Integers{0, 2, 1, 3}}});
  all.push_back(heads.expect(heads.fused));
  Draft computed = attention("attention with a computed scale", {2}, MaskForm::none, false);
  computed.sources.back().name = "three";
  computed.number("two", 2);
  computed.nodes.insert(computed.nodes.begin(), {"Div", "scale", {"two", "three"}});
  all.push_back(computed);
  Draft old = attention("attention with a softmax of opset 12", {2}, MaskForm::none, false);
  old.nodes[2].opset = 12;
  old.nodes[2].attributes = {{"axis", std::int64_t{2}}};
  all.push_back(old);
  return all;
}

std::vector<Draft> product_drafts() {
  std::vector<Draft> all;
  for (const std::int64_t columns : {6, 1}) {
    Draft d{.name = "MatMul to " + std::to_string(columns)};
    d.input("x", {2, 3, 8}).input("other", {2, 3, columns});
    d.constant("weights", {8, columns}).constant("bias", {columns});
    d.node("MatMul", "product", {"x", "weights"}).node("Add", "biased", {"product", "bias"});
    d.node("Add", "sum", {"other", "biased"}).node("Tanh", "tanh", {"sum"});
    all.push_back(d.expect({"product", "biased", "sum", "tanh"}));
  }
  for (const std::int64_t rows : {1, 4}) {
    for (const std::int64_t transposed : {0, 1}) {
      Draft d{.name = "Gemm of " + std::to_string(rows) + (transposed != 0 ? " by rows" : "")};
      // Square, so that either matrix can be transposed.
      d.input("x", {rows, 4}).constant("weights", {4, 4}).constant("bias", {4});
      d.node("Gemm", "product", {"x", "weights", "bias"}, {{"transB", transposed}});
      std::vector<std::string> fused = {"product"};
      if (transposed != 0) {
        normalize(d, "product", 4);
        fused.emplace_back("norm");
      }
      d.number("low", -2).number("high", 1.5F);
      d.node("Clip", "clip", {d.nodes.back().name, "low", "high"});
      fused.emplace_back("clip");
      all.push_back(d.expect(fused));
    }
  }
  return all;
}

std::vector<Draft> convolution_drafts() {
  std::vector<Draft> all = {residual("residual block", 16), residual("odd residual block", 5),
                            residual("depthwise residual block", 16, 16),
                            residual("grouped residual block", 16, 2)};
  Draft pointwise = convolution("convolution, Clip", 16, 1);
  pointwise.number("zero", 0).number("six", 3).node("Clip", "clip", {"conv", "zero", "six"});
  all.push_back(pointwise.expect({"conv", "clip"}));

  Draft old = convolution("convolution, old Clip", 5, 3);
  old.node("Clip", "clip", {"conv"}, {{"min", -1.0F}, {"max", 2.0F}}, 6);
  all.push_back(old.expect({"conv", "clip"}));

  Draft leaky = convolution("convolution, LeakyRelu", 16, 3);
  leaky.node("LeakyRelu", "leaky", {"conv"}, {{"alpha", 0.3F}});
  all.push_back(leaky.expect({"conv", "leaky"}));

  Draft gated = convolution("convolution, HardSigmoid", 5, 1);
  gated.node("HardSigmoid", "gate", {"conv"}, {{"alpha", 0.1F}, {"beta", 0.4F}});
  all.push_back(gated.expect({"conv", "gate"}));

  Draft point = convolution("convolution of a point", 16, 1);
  point.sources[0].shape = point.sources[1].shape = {1, 16, 1, 1};
  // With padding before it, the only window lies beside the point.
  point.nodes[0].attributes.emplace_back("strides", Integers{2, 2});
  normalize(point, "conv", 16).node("Sigmoid", "gate", {"norm"});
  all.push_back(point.expect({"conv", "norm", "gate"}));

  Draft norm = draft("BatchNormalization, activation", {2, 5, 3, 4});
  normalize(norm, "x", 5).node("HardSwish", "swish", {"norm"});
  all.push_back(norm.expect({"norm", "swish"}));

  Draft sum = draft("sum, activation", {2, 5, 3, 4});
  sum.node("Add", "sum", {"x", "other"}).node("Sigmoid", "gate", {"sum"});
  all.push_back(sum.expect({"sum", "gate"}));
  return all;
}

std::vector<Draft> layout_drafts() {
  std::vector<Draft> all;
  const auto after = [&](const std::string& op,
                         std::vector<std::pair<std::string, AttributeValue>> attributes,
                         std::int64_t channels = 16) {
    Draft d = convolution(op + " of blocks", channels, 3);
    d.node(op, "result", {"conv"}, std::move(attributes));
    all.push_back(d.expect({"result"}));
  };
  const AttributeValue window = Integers{3, 3};
  const AttributeValue by_two = Integers{2, 2};
  const AttributeValue margin = Integers{1, 1, 1, 1};
  after("MaxPool", {{"kernel_shape", window}, {"strides", by_two}, {"pads", margin}});
  after("AveragePool", {{"kernel_shape", window}, {"strides", by_two}, {"pads", margin}});
  after("AveragePool", {{"kernel_shape", by_two}, {"strides", by_two}, {"ceil_mode", 1L}}, 5);
  after("LRN", {{"size", 3L}, {"alpha", 0.5F}, {"beta", 0.75F}, {"bias", 1.0F}});
  after("Softmax", {{"axis", 1L}});
  after("GlobalAveragePool", {});

  for (const std::int64_t channels : {16, 5}) {
    Draft both = convolution("Concat of " + std::to_string(channels), channels, 1);
    both.node("Sigmoid", "gate", {"conv"});
    both.node("Concat", "inner", {"conv", "gate"}, {{"axis", 1L}});
    both.node("Concat", "outer", {"other", "inner", "conv"}, {{"axis", 1L}});
    both.node("Relu", "relu", {"outer"});
    all.push_back(both.expect({"outer"}));
  }
  for (const std::string op : {"Sub", "Div"}) {
    Draft scaled = convolution(op + " of blocks and channels", 16, 1);
    scaled.node("GlobalAveragePool", "pool", {"other"}).node("Exp", "gate", {"pool"});
    scaled.node(op, "scaled", {"conv", "gate"}).node("Tanh", "tanh", {"scaled"});
    all.push_back(scaled.expect({"scaled"}));
  }
  Draft moved = draft("transposed and picked", {2, 3, 4, 5});
  moved.sources.push_back({.name = "index", .constant = true, .value = -1.0F, .positions = true});
  moved.node("Transpose", "turned", {"x"}, {{"perm", Integers{0, 2, 3, 1}}});
  moved.node("Gather", "picked", {"turned", "index"}, {{"axis", 2L}});
  moved.node("Sigmoid", "gate", {"picked"});
  moved.node("Transpose", "back", {"gate"}, {{"perm", Integers{2, 0, 1}}});
  all.push_back(moved.expect({"gate"}));
  return all;
}

}  // namespace offcut::exec

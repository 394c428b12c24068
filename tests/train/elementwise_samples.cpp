#include "tests/train/sample.h"

namespace offcut::train {
namespace {

/// A function of each element, from a range, with kinks.
Maker unary_sample(double least, double most, std::vector<double> kinks = {},
                   std::map<std::string, std::pair<double, double>> attributes = {}) {
  return [=](Draw& draw) {
    Sample s;
    s.inputs = {draw.tensor(draw.shape(0, 4), least, most)};
    draw.avoid(s.inputs[0], kinks);
    for (const auto& [name, range] : attributes) {
      if (draw.chance(0.5)) {
        s.attributes.set(name, static_cast<float>(draw.real(range.first, range.second)));
      }
    }
    return s;
  };
}

/// A function of two tensors that broadcast each other.
Sample pair_sample(Draw& draw, double least, double most) {
  const Shape whole = draw.shape(0, 4);
  Sample s;
  s.inputs = {draw.tensor(draw.chance(0.5) ? whole : draw.narrower(whole), least, most),
              draw.tensor(draw.narrower(whole), least, most)};
  if (draw.chance(0.5)) {
    std::swap(s.inputs[0], s.inputs[1]);
  }
  return s;
}

/// A function of up to three tensors. Elements of different tensors are never close.
Sample several_sample(Draw& draw) {
  const Shape whole = draw.shape(0, 3);
  Sample s;
  const std::int64_t count = draw.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    s.inputs.push_back(draw.tensor(draw.narrower(whole)));
    for (double& value : s.inputs.back().values<double>()) {
      value = static_cast<double>(draw.between(-5, 5)) + 0.1 * static_cast<double>(i);
    }
  }
  return s;
}

Sample clip_sample(Draw& draw) {
  Sample s;
  s.inputs = {draw.tensor(draw.shape(0, 4))};
  draw.avoid(s.inputs[0], {-1, 0.5});
  s.opset = draw.chance(0.5) ? 13 : 6;
  if (s.opset == 6) {
    s.attributes.set("min", -1.0F);
    s.attributes.set("max", 0.5F);
    return s;
  }
  s.inputs.push_back(draw.chance(0.7) ? double_scalar(-1) : Tensor());
  s.inputs.push_back(double_scalar(0.5));
  s.not_checked = {1, 2};
  return s;
}

Sample where_sample(Draw& draw) {
  const Shape whole = draw.shape(0, 4);
  Tensor condition(TensorType{DataType::boolean, draw.narrower(whole)});
  for (bool& value : condition.values<bool>()) {
    value = draw.chance(0.5);
  }
  Sample s;
  s.inputs = {condition, draw.tensor(draw.narrower(whole)), draw.tensor(draw.narrower(whole))};
  return s;
}

Sample prelu_sample(Draw& draw) {
  Sample s;
  const Shape whole = draw.shape(1, 4);
  s.inputs = {draw.tensor(whole), draw.tensor(draw.narrower(whole))};
  draw.avoid(s.inputs[0], {0});
  return s;
}

Sample dropout_sample(Draw& draw) {
  Sample s;
  s.inputs = {draw.tensor(draw.shape(1, 3))};
  s.opset = draw.chance(0.5) ? 13 : 10;
  if (s.opset == 10) {
    s.attributes.set("ratio", 0.3F);
  } else {
    s.inputs.push_back(double_scalar(0.4));
    s.not_checked = {1};
  }
  return s;
}

}  // namespace

void add_elementwise_makers(std::map<std::string, Maker>& all) {
  for (const char* name : {"Atan", "Cos", "Cosh", "Erf", "Exp", "Mish", "Neg", "Sigmoid", "Sin",
                           "Sinh", "Softplus", "Tanh", "Asinh", "Identity", "Cast"}) {
    all[name] = unary_sample(-2, 2);
  }
  all["Cast"] = [](Draw& draw) {
    Sample s;
    s.inputs = {draw.tensor(draw.shape(0, 4))};
    s.attributes.set("to", std::int64_t{11});  // float64.
    return s;
  };
  for (const char* name : {"Abs", "Relu", "Softsign"}) {
    all[name] = unary_sample(-2, 2, {0});
  }
  for (const char* name : {"Ceil", "Floor", "Sign"}) {
    all[name] = unary_sample(-2, 2, {-2, -1, 0, 1, 2});
  }
  all["Round"] = unary_sample(-2, 2, {-1.5, -0.5, 0.5, 1.5});
  all["Acos"] = all["Asin"] = all["Atanh"] = unary_sample(-0.9, 0.9);
  all["Acosh"] = unary_sample(1.1, 3);
  all["Tan"] = unary_sample(-1, 1);
  all["Log"] = all["Sqrt"] = all["Reciprocal"] = unary_sample(0.3, 3);
  all["Celu"] = unary_sample(-2, 2, {0}, {{"alpha", {0.5, 2}}});
  all["Elu"] = unary_sample(-2, 2, {0}, {{"alpha", {0.5, 2}}});
  all["Selu"] = unary_sample(-2, 2, {0}, {{"alpha", {0.5, 2}}, {"gamma", {0.5, 2}}});
  all["LeakyRelu"] = unary_sample(-2, 2, {0}, {{"alpha", {0.1, 0.5}}});
  all["HardSwish"] = unary_sample(-4, 4, {-3, 3});
  all["HardSigmoid"] = [](Draw& draw) {
    Sample s;
    s.inputs = {draw.tensor(draw.shape(0, 4), -5, 5)};
    const float alpha = 0.25F;
    s.attributes.set("alpha", alpha);
    draw.avoid(s.inputs[0], {-2, 2});
    return s;
  };
  all["ThresholdedRelu"] = unary_sample(-2, 2, {1});
  all["Shrink"] = unary_sample(-2, 2, {-0.5, 0.5}, {{"bias", {0, 1}}});
  all["com.microsoft.QuickGelu"] = unary_sample(-2, 2, {}, {{"alpha", {1, 2}}});
  all["Gelu"] = [](Draw& draw) {
    Sample s;
    s.inputs = {draw.tensor(draw.shape(0, 4), -3, 3)};
    s.opset = 20;
    s.attributes.set("approximate", std::string(draw.chance(0.5) ? "tanh" : "none"));
    return s;
  };
  all["Clip"] = clip_sample;
  for (const char* name : {"Add", "Sub", "Mul"}) {
    all[name] = [](Draw& draw) { return pair_sample(draw, -2, 2); };
  }
  all["Div"] = all["Pow"] = [](Draw& draw) { return pair_sample(draw, 0.5, 2.5); };
  for (const char* name : {"Max", "Min", "Sum", "Mean"}) {
    all[name] = several_sample;
  }
  all["PRelu"] = prelu_sample;
  all["Where"] = where_sample;
  all["Dropout"] = dropout_sample;
}

}  // namespace offcut::train

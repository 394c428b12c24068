#pragma once

#include <cmath>
#include <functional>
#include <optional>

#include "models/zoo/builder.h"

namespace offcut::zoo {

/// Blocks of Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser, Polosukhin, "Attention is
/// all you need", NIPS 2017, section 3, layer by layer as PyTorch's exporter writes them up to
/// operator set 16: layer normalisation, GELU and attention consist of simpler operators, the
/// exporter's, in the exporter's order (checked against torch 1.13's export of the same modules).
/// Shapes are constants, and everything that depends only on constants is folded. Activations are 1
/// x tokens x width.
struct Transformer {
  NetworkBuilder& net;
  std::int64_t tokens;
  std::int64_t width;
  std::int64_t heads;
  float epsilon;  // A parameter of layer normalisation.
  /// Gain of the branches that are added to their input: 1 / sqrt(branches) in GPT-2's paper.
  double residual_gain;

  /// Masks scores: adds a layer of that name.
  using Mask = std::function<TensorId(const std::string& name, TensorId scores)>;

  /// Adds layer normalisation (Ba, Kiros, Hinton, "Layer normalization", 2016). A trained network's
  /// scales are near 1 and its biases near 0, and so are these.
  TensorId layer_norm(const std::string& name, TensorId x) const {
    constexpr double kSpread = 0.1;
    const TensorId centred = net.layer("Sub", name + "_centred", {x, mean(name + "_mean", x)});
    TensorId y = net.layer("Pow", name + "_square", {centred, net.number(name + ".power", 2)});
    y = mean(name + "_variance", y);
    y = net.add(name + "_positive", y, net.number(name + ".epsilon", epsilon));
    y = net.layer("Sqrt", name + "_deviation", {y});
    y = net.layer("Div", name + "_normal", {centred, y});
    y = net.mul(name + "_scaled", y, net.drawn(name + ".scale", {width}, 1, kSpread));
    return net.add(name, y, net.drawn(name + ".bias", {width}, 0, kSpread));
  }

  /// Adds x / 2 * (1 + erf(x / sqrt 2)) (Hendrycks, Gimpel, "Gaussian error linear units", 2016).
  TensorId gelu(const std::string& name, TensorId x) const {
    TensorId y = net.layer("Div", name + "_div", {x, net.number(name + ".root", std::sqrt(2.0F))});
    y = net.layer("Erf", name + "_erf", {y});
    y = net.add(name + "_plus", y, net.number(name + ".one", 1));
    y = net.mul(name + "_twice", x, y);
    return net.mul(name, y, net.number(name + ".half", 0.5F));
  }

  /// Adds softmax(Q K' / sqrt(width of a head)) V for each head. Q, K and V hold all heads.
  TensorId attention(const std::string& name, TensorId query, TensorId key, TensorId value,
                     const Mask& mask = {}) const {
    const TensorId q = heads_of(name + "_query", query, {0, 2, 1, 3});
    const TensorId k = heads_of(name + "_key", key, {0, 2, 3, 1});
    const TensorId v = heads_of(name + "_value", value, {0, 2, 1, 3});
    TensorId y = net.layer("MatMul", name + "_scores", {q, k});
    const std::int64_t head_width = width / heads;
    const float scale = std::sqrt(static_cast<float>(head_width));
    y = net.layer("Div", name + "_scaled", {y, net.number(name + ".scale", scale)});
    if (mask) {
      y = mask(name + "_masked", y);
    }
    y = net.softmax(name + "_softmax", y);
    y = net.layer("MatMul", name + "_context", {y, v});
    y = net.transpose(name + "_tokens", y, {0, 2, 1, 3});
    return net.reshape(name, y, {1, tokens, width});
  }

  /// Adds attention of x to itself, with dense layers before and after it.
  TensorId self_attention(const std::string& name, TensorId x, const Mask& mask = {}) const {
    const TensorId query = net.linear(name + "_query", x, width);
    const TensorId key = net.linear(name + "_key", x, width);
    const TensorId value = net.linear(name + "_value", x, width);
    const TensorId y = attention(name + "_attention", query, key, value, mask);
    return net.linear(name + "_projection", y, width, residual_gain);
  }

  /// Adds two dense layers with four times the width between them.
  TensorId feed_forward(const std::string& name, TensorId x) const {
    x = net.linear(name + "_expand", x, 4 * width);
    x = gelu(name + "_gelu", x);
    return net.linear(name + "_contract", x, width, residual_gain);
  }

  /// Adds a selection of the first token's activations: 1 x width.
  TensorId first_token(const std::string& name, TensorId x) const {
    Attributes attributes;
    attributes.set("axis", std::int64_t{1});
    return net.layer("Gather", name, {x, net.integers(name + ".index", {}, {0})},
                     std::move(attributes));
  }

 private:
  TensorId mean(const std::string& name, TensorId x) const {
    Attributes attributes;
    attributes.set("axes", std::vector<std::int64_t>{-1});
    return net.layer("ReduceMean", name, {x}, std::move(attributes));
  }

  TensorId heads_of(const std::string& name, TensorId x, std::vector<std::int64_t> order) const {
    x = net.reshape(name + "_split", x, {1, tokens, heads, width / heads});
    return net.transpose(name + "_heads", x, std::move(order));
  }
};

}  // namespace offcut::zoo

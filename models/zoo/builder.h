#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::zoo {

/// Writes down a network layer by layer, so that its file reads like the table in its paper. Each
/// function adds one layer, named as given, and returns the tensor that it makes, which has the
/// layer's name.
///
/// Weights are He-normal (He, Zhang, Ren, Sun, ICCV 2015): mean 0, variance 2 / fan-in, so that
/// signals neither die out nor explode through layers with ReLU; biases are 0. Each weight tensor
/// has its own random stream "<network>/<layer>.weight": changing one layer leaves the others'
/// weights as they were. Networks are meant for inference: batch normalisation is folded into the
/// convolution before it, which has a bias in its place, and dropout is left out, both as exporters
/// do. Batch normalisation that has no convolution before it is a layer.
///
/// What only transformers have is not trivial, so that no error hides behind it: the biases of
/// linear() and matrix(), and what layer normalisation multiplies with and adds, are drawn too.
class NetworkBuilder {
 public:
  struct Extent {  // one number stands for both
    constexpr Extent(std::int64_t both) : height(both), width(both) {}
    constexpr Extent(std::int64_t h, std::int64_t w) : height(h), width(w) {}
    std::int64_t height, width;
  };
  struct Convolution {
    std::int64_t filters;
    Extent kernel;
    std::int64_t stride = 1;
    Extent pad = 0;  // on each side
    std::int64_t groups = 1;
    double gain = 1;   // on the weights' deviation: below 1 where branches are added up
    bool bias = true;  // false where batch normalisation that follows is not folded
  };
  struct Pooling {
    std::int64_t kernel;
    std::int64_t stride;
    std::int64_t pad = 0;
    bool ceil = false;  // a last window may reach beyond the input, as in Caffe
  };
  struct Normalization {  // x / (bias + alpha / size * sum of size neighbours' squares)^beta
    std::int64_t size;
    float alpha;
    float beta;
    float bias;
  };

  /// Adds to `graph`, which must outlive the builder; `operators` must outlive the graph.
  NetworkBuilder(Graph& graph, const Registry<ops::Operator>& operators, std::uint64_t seed)
      : graph_(graph), operators_(operators), seed_(seed) {}

  /// The network's input, "image": pixels divided by 255, which are bytes where they arise.
  TensorId image(std::int64_t channels, std::int64_t height, std::int64_t width);

  /// The network's input, "features": float32 numbers.
  TensorId features(std::int64_t count);

  /// An input of int64 numbers, one for each of `count` tokens: which row of a table it means, or a
  /// flag.
  TensorId tokens(const std::string& name, std::int64_t count);

  TensorId conv(const std::string& name, TensorId x, const Convolution& how);

  /// A transposed convolution whose kernel is its stride: each output element reads one position.
  TensorId up_conv(const std::string& name, TensorId x, std::int64_t filters, std::int64_t stride);

  /// Each pixel `times` times in each direction.
  TensorId upsample(const std::string& name, TensorId x, float times);

  TensorId dense(const std::string& name, TensorId x, std::int64_t outputs);

  /// "<name>_product" with weights, to which a bias is added: what exporters make of a dense layer
  /// on the last of three axes.
  TensorId linear(const std::string& name, TensorId x, std::int64_t outputs, double gain = 1);

  /// A matrix of rows times weights that are stored as inputs x outputs, and a bias.
  TensorId matrix(const std::string& name, TensorId x, std::int64_t outputs, double gain = 1);

  /// For each of x's numbers the row of a table of weights that it means.
  TensorId embedding(const std::string& name, TensorId x, std::int64_t rows, std::int64_t width);

  TensorId relu(const std::string& name, TensorId x);
  TensorId relu6(const std::string& name, TensorId x);
  TensorId leaky_relu(const std::string& name, TensorId x, float slope);
  TensorId hard_swish(const std::string& name, TensorId x);
  TensorId hard_sigmoid(const std::string& name, TensorId x);  // with a slope of 1 / 6
  TensorId silu(const std::string& name, TensorId x);          // x * "<name>_sigmoid"
  TensorId tanh(const std::string& name, TensorId x);
  TensorId sigmoid(const std::string& name, TensorId x);
  TensorId softmax(const std::string& name, TensorId x);
  TensorId max_pool(const std::string& name, TensorId x, const Pooling& how);
  TensorId average_pool(const std::string& name, TensorId x, const Pooling& how);
  TensorId global_average_pool(const std::string& name, TensorId x);
  TensorId lrn(const std::string& name, TensorId x, const Normalization& how);
  TensorId batch_norm(const std::string& name, TensorId x);  // of mean 0, variance 1: no effect
  TensorId add(const std::string& name, TensorId a, TensorId b);
  TensorId mul(const std::string& name, TensorId a, TensorId b);
  TensorId concat(const std::string& name, std::vector<TensorId> parts);  // along the channels
  TensorId reshape(const std::string& name, TensorId x, const Shape& shape);
  TensorId transpose(const std::string& name, TensorId x, std::vector<std::int64_t> order);
  TensorId flatten(const std::string& name, TensorId x);

  /// Any operator with one output, and one with several: "<name>_0", "<name>_1" and so on.
  TensorId layer(const std::string& op, const std::string& name, std::vector<TensorId> inputs,
                 Attributes attributes = {});
  std::vector<TensorId> layers(const std::string& op, const std::string& name,
                               std::vector<TensorId> inputs, Attributes attributes,
                               std::size_t outputs);

  // Parameters.
  TensorId number(const std::string& name, float value);  // a scalar
  TensorId numbers(const std::string& name, std::vector<float> values);
  TensorId integers(const std::string& name, const Shape& shape, std::vector<std::int64_t> values);
  TensorId drawn(const std::string& name, Shape shape, float mean, double deviation);

 private:
  std::vector<TensorId> add_layer(const std::string& op, const std::string& name,
                                  std::vector<TensorId> inputs, Attributes attributes,
                                  std::vector<std::string> outputs);
  TensorId pool(const std::string& op, const std::string& name, TensorId x, const Pooling& how);
  TensorId weight(const std::string& layer, Shape shape, std::int64_t fan_in, double gain);
  TensorId constant(const std::string& name, Shape shape, float value);

  Graph& graph_;
  const Registry<ops::Operator>& operators_;
  std::uint64_t seed_;
};

}  // namespace offcut::zoo

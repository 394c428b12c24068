#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::zoo {

/// Builds a network layer by layer, so that its file reads like the table in its paper. Each
/// function adds one layer with the given name and returns its output, which has the same name.
///
/// Weights are He-normal (He, Zhang, Ren, Sun, ICCV 2015): mean 0, variance 2 / fan-in, so that
/// signals neither die out nor explode through layers with ReLU; biases are 0. Each weight tensor
/// has its own random stream "<network>/<layer>.weight": changing one layer does not change the
/// weights of the others. Networks are meant for inference: batch normalisation is folded into the
/// convolution before it, which has a bias instead, and dropout is omitted, as exporters do. Batch
/// normalisation without a convolution before it is a layer.
///
/// Parameters that only transformers have are drawn, too, so that trivial values hide no error: the
/// biases of linear() and matrix(), and the scales and biases of layer normalisation.
class NetworkBuilder {
 public:
  struct Extent {  // One number sets both.
    constexpr Extent(std::int64_t both) : height(both), width(both) {}
    constexpr Extent(std::int64_t h, std::int64_t w) : height(h), width(w) {}
    std::int64_t height, width;
  };
  struct Convolution {
    std::int64_t filters;
    Extent kernel;
    std::int64_t stride = 1;
    Extent pad = 0;  // The same on each side.
    std::int64_t groups = 1;
    double gain = 1;   // Scales the weights' deviation; below 1 if branches are added up.
    bool bias = true;  // False if batch normalisation follows that is not folded.
  };
  struct Pooling {
    std::int64_t kernel;
    std::int64_t stride;
    std::int64_t pad = 0;
    bool ceil = false;  // A last window may reach beyond the input, as in Caffe.
  };
  /// Local response normalisation: x / (bias + alpha / size * sum of size neighbours' squares)^beta.
  struct Normalization {
    std::int64_t size;
    float alpha;
    float beta;
    float bias;
  };

  /// Adds to `graph`, which must outlive the builder; `operators` must outlive the graph.
  NetworkBuilder(Graph& graph, const Registry<ops::Operator>& operators, std::uint64_t seed)
      : graph_(graph), operators_(operators), seed_(seed) {}

  /// Adds the network's input "image": pixels divided by 255, which are bytes at their source.
  TensorId image(std::int64_t channels, std::int64_t height, std::int64_t width);

  /// Adds the network's input "features": float32 numbers.
  TensorId features(std::int64_t count);

  /// Adds an input of int64 numbers, one for each of `count` tokens: the index of a table's row, or
  /// a flag.
  TensorId tokens(const std::string& name, std::int64_t count);

  TensorId conv(const std::string& name, TensorId x, const Convolution& convolution);

  /// Adds a transposed convolution whose kernel equals its stride: each output element reads one
  /// position.
  TensorId up_conv(const std::string& name, TensorId x, std::int64_t filters, std::int64_t stride);

  /// Repeats each pixel `times` times in each direction.
  TensorId upsample(const std::string& name, TensorId x, float times);

  TensorId dense(const std::string& name, TensorId x, std::int64_t outputs);

  /// Adds "<name>_product" with weights and a bias: an exporter's form of a dense layer on the last
  /// of three axes.
  TensorId linear(const std::string& name, TensorId x, std::int64_t outputs, double gain = 1);

  /// Adds a product of x's rows with weights that are stored as inputs x outputs, and a bias.
  TensorId matrix(const std::string& name, TensorId x, std::int64_t outputs, double gain = 1);

  /// Looks up a row of a table of weights for each number of x.
  TensorId embedding(const std::string& name, TensorId x, std::int64_t rows, std::int64_t width);

  TensorId relu(const std::string& name, TensorId x);
  TensorId relu6(const std::string& name, TensorId x);
  TensorId leaky_relu(const std::string& name, TensorId x, float slope);
  TensorId hard_swish(const std::string& name, TensorId x);
  TensorId hard_sigmoid(const std::string& name, TensorId x);  // Its slope is 1 / 6.
  TensorId silu(const std::string& name, TensorId x);          // Adds x * "<name>_sigmoid".
  TensorId tanh(const std::string& name, TensorId x);
  TensorId sigmoid(const std::string& name, TensorId x);
  TensorId softmax(const std::string& name, TensorId x);
  TensorId max_pool(const std::string& name, TensorId x, const Pooling& pooling);
  TensorId average_pool(const std::string& name, TensorId x, const Pooling& pooling);
  TensorId global_average_pool(const std::string& name, TensorId x);
  TensorId lrn(const std::string& name, TensorId x, const Normalization& normalization);
  TensorId batch_norm(const std::string& name, TensorId x);  // Mean 0, variance 1: no effect.
  TensorId add(const std::string& name, TensorId a, TensorId b);
  TensorId mul(const std::string& name, TensorId a, TensorId b);
  TensorId concat(const std::string& name, std::vector<TensorId> parts);  // Along the channels.
  TensorId reshape(const std::string& name, TensorId x, const Shape& shape);
  TensorId transpose(const std::string& name, TensorId x, std::vector<std::int64_t> order);
  TensorId flatten(const std::string& name, TensorId x);

  /// Adds any operator with one output, or one with several: "<name>_0", "<name>_1" and so on.
  TensorId layer(const std::string& op, const std::string& name, std::vector<TensorId> inputs,
                 Attributes attributes = {});
  std::vector<TensorId> layers(const std::string& op, const std::string& name,
                               std::vector<TensorId> inputs, Attributes attributes,
                               std::size_t outputs);

  // Parameters.
  TensorId number(const std::string& name, float value);  // A scalar.
  TensorId numbers(const std::string& name, std::vector<float> values);
  TensorId integers(const std::string& name, const Shape& shape, std::vector<std::int64_t> values);
  TensorId drawn(const std::string& name, Shape shape, float mean, double deviation);

 private:
  std::vector<TensorId> add_layer(const std::string& op, const std::string& name,
                                  std::vector<TensorId> inputs, Attributes attributes,
                                  std::vector<std::string> outputs);
  TensorId pool(const std::string& op, const std::string& name, TensorId x, const Pooling& pooling);
  TensorId weight(const std::string& layer, Shape shape, std::int64_t fan_in, double gain);
  TensorId constant(const std::string& name, Shape shape, float value);

  Graph& graph_;
  const Registry<ops::Operator>& operators_;
  std::uint64_t seed_;
};

}  // namespace offcut::zoo

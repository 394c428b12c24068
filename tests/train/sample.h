#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "models/train/gradient.h"

namespace offcut::train {

/// One use of an operator on float64, to try its gradient on.
struct Sample {
  Attributes attributes;
  int opset = 17;
  std::vector<Tensor> inputs;
  std::vector<std::size_t> constants;    // Inputs that shapes depend on.
  std::vector<std::size_t> not_checked;  // Inputs of float64 without a gradient.
  std::size_t outputs = 1;
  std::vector<double> kinks = {};  // Values near which input 0 has no elements.
};

/// Random numbers and tensors for samples.
class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}

  std::int64_t between(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }
  double real(double least, double most) {
    return std::uniform_real_distribution<double>(least, most)(random_);
  }
  bool chance(double p) { return real(0, 1) < p; }
  Shape shape(std::int64_t least_rank, std::int64_t most_rank, std::int64_t most_extent = 4);

  /// Returns a shape that can be broadcast to the given one: leading axes missing, extents of 1.
  Shape narrower(const Shape& shape);

  Tensor tensor(Shape shape, double least = -2, double most = 2);

  /// Returns a tensor of the same with no two elements closer than 0.01.
  Tensor distinct(Shape shape);

  /// Moves the elements that are near a kink.
  void avoid(Tensor& tensor, const std::vector<double>& kinks);

  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_;
};

Tensor integer_list(const std::vector<std::int64_t>& values);
Tensor double_scalar(double value);

using Maker = std::function<Sample(Draw&)>;

/// The makers of samples, by operator.
std::map<std::string, Maker> makers();
void add_elementwise_makers(std::map<std::string, Maker>& all);
void add_layer_makers(std::map<std::string, Maker>& all);
void add_movement_makers(std::map<std::string, Maker>& all);
void add_recurrent_makers(std::map<std::string, Maker>& all);

/// A naive forward pass in float64, written from the operator's definition.
using Naive = std::function<std::vector<Tensor>(const Sample&)>;
std::map<std::string, Naive> naive_forwards();
void add_naive_elementwise(std::map<std::string, Naive>& all);
void add_naive_layers(std::map<std::string, Naive>& all);
void add_naive_recurrent(std::map<std::string, Naive>& all);

/// Returns the shape of a sample's only output, as the operator infers it.
Shape output_shape(const std::string& op, const Sample& s);

}  // namespace offcut::train

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/base/error.h"
#include "sim/runtime/dataset.h"
#include "sim/runtime/split_pass.h"

namespace offcut::runtime {

/// What the network says of one input.
struct Prediction {
  std::int64_t input = 0;
  std::optional<std::int64_t> label;  // the true one, where the data set has it
  std::int64_t predicted = 0;         // position of the largest element of the first output
};

/// Throws InputError at `place` where the network does not take one input of images like `item`.
/// Drawn inputs, which are made for a network, need not be checked.
void check_fits(const Graph& graph, const Shape& item, const Place& place);

/// The real math of a run: the segments that a plan defines, run one after the other on real
/// inputs. Each distinct input is computed once and remembered.
class Inference {
 public:
  /// Request r has input r modulo the number of inputs in `data`. Of those, every `stride`-th is
  /// computed. A byte b of an image enters as b / divide. REQUIRES: the graph outlives this. Throws
  /// InputError where images don't fit the input (see check_fits).
  Inference(const Graph& graph, const partition::Assignment& tier_of, Dataset data, double divide,
            std::int64_t stride, exec::MathEngine engine = exec::MathEngine::reference,
            codec::WireCodecs codecs = {});

  /// Empty for an input that is not in the sample.
  std::optional<Prediction> of_request(std::int64_t request);

  std::int64_t input_count() const { return static_cast<std::int64_t>(data_.images.size()); }

  /// Whether tensors cross encoded.
  bool encodes() const { return encodes_; }

  /// What the input's tensors come to on their way out over a hop; for an input that is not in the
  /// sample, the one before it that is. REQUIRES: encodes().
  Bytes up_bytes(std::int64_t input, std::size_t hop);

  /// The split pass: what the graph outputs for its inputs, each tier's segment run by itself.
  exec::TensorMap run_split(const exec::TensorMap& inputs);
  exec::TensorMap inputs(std::int64_t index) const;

 private:
  Tensor image(const std::vector<std::uint8_t>& bytes) const;

  /// Runs the input's math, once.
  void compute(std::size_t input);

  const Graph& graph_;
  partition::Assignment tier_of_;
  bool encodes_;
  SplitPass pass_;
  Dataset data_;
  double divide_;
  std::int64_t stride_;
  std::vector<std::optional<std::int64_t>> predicted_;  // by input
  std::vector<std::vector<Bytes>> up_bytes_;            // by input, by hop; with a codec
};

/// Position of the first largest element.
std::int64_t arg_max(const Tensor& tensor);

}  // namespace offcut::runtime

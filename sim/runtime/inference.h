#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/base/error.h"
#include "sim/runtime/dataset.h"
#include "sim/runtime/known_math.h"
#include "sim/runtime/split_pass.h"

namespace offcut::runtime {

/// The network's answer to one input.
struct Prediction {
  std::int64_t input = 0;
  std::optional<std::int64_t> label;  // The true label, if the data set has it.
  std::int64_t predicted = 0;         // The position of the largest element of the first output.
};

/// Returns the reading of a tensor. The entropy is that of probabilities only if it has them.
OutputReading reading_of(const Tensor& tensor);

/// Throws InputError at `place` unless the network has one input, which takes images like `item`.
/// Drawn inputs are made for a network and need no check.
void check_fits(const Graph& graph, const Shape& item, const Place& place);

/// The real math of a run: runs the segments that a plan defines one after the other on real
/// inputs. Computes each distinct input once and keeps the result.
class Inference {
 public:
  /// Input i is element i modulo their number in `data`. The sample is every `stride`-th element;
  /// only those are computed. A byte b of an image enters the network as b / divide. Throws
  /// InputError if the images do not fit the network (see check_fits). REQUIRES: the graph outlives
  /// this.
  Inference(const Graph& graph, const partition::Assignment& tier_of, Dataset data, double divide,
            std::int64_t stride, exec::MathEngine engine = exec::MathEngine::reference,
            codec::WireCodecs codecs = {}, bool reads_all_outputs = false);

  /// Takes what is known from `known`, and adds to it what is computed. `key` stands for this
  /// inference. REQUIRES: `known` outlives this.
  void share(KnownMath& known, std::string key);

  /// Returns nothing for an input that is not in the sample. `output` is the position among the
  /// network's outputs of the one that answers. REQUIRES: it is 0, or all outputs are read.
  std::optional<Prediction> prediction_of(std::int64_t input, std::size_t output = 0);

  /// Returns the readings of all outputs, by position. An input that is not in the sample has those
  /// of the last sampled input before it. REQUIRES: all outputs are read.
  const std::vector<OutputReading>& readings_of(std::int64_t input);

  std::int64_t input_count() const { return static_cast<std::int64_t>(data_.images.size()); }

  /// Returns whether tensors cross encoded.
  bool encodes() const { return encodes_; }

  /// Returns the encoded size of the input's tensors that cross a hop outward. An input that is not
  /// in the sample has the size of the last sampled input before it. REQUIRES: encodes().
  Bytes up_bytes(std::int64_t input, std::size_t hop);

  /// Returns the outputs of the graph, with each tier's segment run by itself (see SplitPass).
  exec::TensorMap run_split(const exec::TensorMap& inputs);
  exec::TensorMap inputs(std::int64_t index) const;

 private:
  Tensor image(const std::vector<std::uint8_t>& bytes) const;

  /// Runs the input's math unless it has run before.
  const InputMath& math_of(std::size_t input);
  InputMath compute(std::size_t input);

  const Graph& graph_;
  partition::Assignment tier_of_;
  bool encodes_;
  SplitPass pass_;
  Dataset data_;
  double divide_;
  std::int64_t stride_;
  bool reads_all_outputs_;       // Otherwise the position of the first one's largest element alone.
  std::vector<InputMath> math_;  // By input; without readings at first.
  KnownMath* known_ = nullptr;   // Null: results are not shared.
  std::string key_ = {};         // There.
};

/// Returns the position of the first largest element.
std::int64_t arg_max(const Tensor& tensor);

}  // namespace offcut::runtime

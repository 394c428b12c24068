#pragma once

#include <stdexcept>

#include "models/ops/matrix_types.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {

/// The inputs of RNN, GRU and LSTM.
enum RecurrentInput : std::size_t {
  kSequence,
  kInputWeights,
  kRecurrentWeights,
  kGateBiases,
  kSequenceLengths,
  kInitialState,
  kInitialCell,
  kPeepholes
};

/// The sizes of a recurrent layer, and where its tensors' parts lie. Throws std::invalid_argument
/// for what has no gradient: sequence lengths, peepholes, other activations than the usual ones,
/// clipping.
struct RecurrentSizes {
  std::int64_t steps, batch, inputs, hidden, directions;
  bool reverse, batch_first;

  explicit RecurrentSizes(const ops::Call& call)
      : steps(0),
        batch(0),
        inputs(call.shape(kSequence)[2]),
        hidden(0),
        directions(0),
        reverse(call.attributes.text("direction", "forward") == "reverse"),
        batch_first(call.attributes.integer("layout", 0) != 0) {
    const Shape& x = call.shape(kSequence);
    const Shape& r = call.shape(kRecurrentWeights);
    steps = x[batch_first ? 1 : 0];
    batch = x[batch_first ? 0 : 1];
    hidden = r[2];
    directions = r[0];
    if (call.has(kSequenceLengths) || call.has(kPeepholes) || call.attributes.has("activations") ||
        call.attributes.has("clip") || call.attributes.integer("input_forget", 0) != 0) {
      throw std::invalid_argument(
          "there is a gradient without sequence lengths, peepholes, clipping, coupled gates and "
          "other activations only");
    }
  }

  bool runs_backwards(std::int64_t direction) const { return reverse || direction == 1; }

  /// Returns where row b of the input at a step, of the result or of a state begins.
  std::int64_t at_input(std::int64_t step, std::int64_t b) const {
    return (batch_first ? b * steps + step : step * batch + b) * inputs;
  }
  std::int64_t at_result(std::int64_t step, std::int64_t direction, std::int64_t b) const {
    return (batch_first ? (b * steps + step) * directions + direction
                        : (step * directions + direction) * batch + b) *
           hidden;
  }
  std::int64_t at_state(std::int64_t direction, std::int64_t b) const {
    return (batch_first ? b * directions + direction : direction * batch + b) * hidden;
  }
};

template <class T>
using Rows = ops::MatrixOf<T>;

/// Copies `batch` rows that begin at at(b), of a tensor that may be absent: then they are 0.
template <class T, class F>
Rows<T> read_rows(const Tensor& tensor, std::int64_t batch, std::int64_t width, F at) {
  Rows<T> rows = Rows<T>::Zero(batch, width);
  for (std::int64_t b = 0; !tensor.absent() && b < batch; ++b) {
    std::copy_n(elements_of<T>(tensor) + at(b), width, rows.row(b).data());
  }
  return rows;
}

/// Adds rows to a tensor, unless it is absent.
template <class T, class F>
void add_rows(const Rows<T>& rows, Tensor& tensor, F at) {
  for (std::int64_t b = 0; !tensor.absent() && b < rows.rows(); ++b) {
    T* const to = elements_of<T>(tensor) + at(b);
    for (std::int64_t i = 0; i < rows.cols(); ++i) {
      to[i] += rows(b, i);
    }
  }
}

template <class T>
Rows<T> sigmoid_of(const Rows<T>& x) {
  return (1 / (1 + (-x.array()).exp())).matrix();
}

/// One direction's weights, and the gradients of them.
template <class T>
struct RecurrentWeights {
  ops::ConstMatrixMapOf<T> input, recurrent;
  Rows<T> biases;  // Of the input and of the state: two rows.

  RecurrentWeights(const Backward& b, const RecurrentSizes& s, std::int64_t gates,
                   std::int64_t direction)
      : input(elements_of<T>(b.inputs[kInputWeights]) + direction * gates * s.hidden * s.inputs,
              gates * s.hidden, s.inputs),
        recurrent(
            elements_of<T>(b.inputs[kRecurrentWeights]) + direction * gates * s.hidden * s.hidden,
            gates * s.hidden, s.hidden),
        biases(Rows<T>::Zero(2, gates * s.hidden)) {
    if (b.call.has(kGateBiases)) {
      std::copy_n(elements_of<T>(b.inputs[kGateBiases]) + direction * biases.size(), biases.size(),
                  biases.data());
    }
  }
};

/// Adds one direction's gradients of the weights to the results, where they are wanted.
template <class T>
void add_weight_gradients(std::vector<Tensor>& all, std::int64_t direction, const Rows<T>& of_input,
                          const Rows<T>& of_recurrent, const Rows<T>& of_biases) {
  const auto put = [&](std::size_t input, const Rows<T>& gradient) {
    if (input < all.size() && !all[input].absent()) {
      std::copy_n(gradient.data(), gradient.size(),
                  elements_of<T>(all[input]) + direction * gradient.size());
    }
  };
  put(kInputWeights, of_input);
  put(kRecurrentWeights, of_recurrent);
  put(kGateBiases, of_biases);
}

/// Adds the gradients of each direction to zeros: GradientOf<T>(b, sizes, direction).run(all).
template <template <class> class GradientOf>
std::vector<Tensor> backward_of_directions(const Backward& b) {
  const RecurrentSizes sizes(b.call);
  std::vector<Tensor> all(b.inputs.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = b.zeros_if_wanted(i);
  }
  with_float(b.type(), [&](auto zero) {
    for (std::int64_t direction = 0; direction < sizes.directions; ++direction) {
      GradientOf<decltype(zero)>(b, sizes, direction).run(all);
    }
  });
  return all;
}

}  // namespace offcut::train

#pragma once

#include <functional>
#include <memory>

#include "models/ops/gate_function.h"
#include "models/ops/matrix.h"

namespace offcut::ops {

/// The common part of RNN, GRU and LSTM: inputs X, W, R, B, sequence_lens and initial_h; the order
/// of time; the layout; outputs Y and Y_h.
struct Recurrence {
  std::int64_t steps, batch, inputs, hidden;
  std::int64_t gates;
  std::int64_t directions;
  bool reverse;                         // The only direction runs backwards.
  bool batch_first;                     // Layout 1.
  std::vector<GateFunction> functions;  // The first direction's, then the second's.

  bool runs_backwards(std::int64_t direction) const { return reverse || direction == 1; }
  std::int64_t width() const { return gates * hidden; }
  double macs() const;
  TensorType sequence_type() const;  // The type of Y.
  TensorType state_type() const;     // The type of Y_h, Y_c and the initial states.
};

/// Input indices that the three operators share.
enum RecurrentInput : std::size_t {
  kSequence,
  kWeights,
  kRecurrentWeights,
  kBiases,
  kLengths,
  kInitialHidden
};

/// Reads and checks inputs 0 to 5 and the common attributes. Throws std::invalid_argument.
Recurrence recurrence_of(const Call& call, std::int64_t gates, std::size_t most_inputs,
                         const std::vector<std::string>& functions);

/// Reads one direction's state (batch x hidden) from a tensor of state_type(), or zeros, and writes
/// it back.
Matrix read_state(const Recurrence& r, const Call& call, std::span<const Tensor> inputs,
                  std::size_t input, std::int64_t direction);
void write_state(const Recurrence& r, const Matrix& state, std::int64_t direction, Tensor& output);

/// One direction's recurrent weights: gates * hidden x hidden.
ConstMatrixMap recurrent_weights(const Recurrence& r, std::span<const Tensor> inputs,
                                 std::int64_t direction);

/// One direction's biases in two halves, of W and of R, gates * hidden each; zeros if there are
/// none.
Eigen::RowVectorXf bias(const Recurrence& r, const Call& call, std::span<const Tensor> inputs,
                        std::int64_t direction, bool recurrent);

/// One direction of a recurrent layer while it runs.
class RecurrentCell {
 public:
  virtual ~RecurrentCell() = default;

  /// Returns the row that is added to X * W.
  virtual Eigen::RowVectorXf offsets() const = 0;

  /// Advances the hidden states (batch x hidden) by one step. Row b of `gates` is X * W + offsets()
  /// for sample b's current input. Samples that are not active have ended and stay as they are.
  virtual void step(Matrix& gates, const std::vector<bool>& active, Matrix& hidden) = 0;

  /// Called when all steps are done.
  virtual void finish() {}
};

/// Runs the layer and returns Y and Y_h.
std::vector<Tensor> run_recurrence(
    const Recurrence& r, const Call& call, std::span<const Tensor> inputs,
    const std::function<std::unique_ptr<RecurrentCell>(std::int64_t direction)>& make_cell);

}  // namespace offcut::ops

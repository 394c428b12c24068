// The gradient of LSTM, through time (Werbos, Proc. IEEE 78(10), 1990). With i, o, f and the
// candidate c, C' = f C + i c and H' = o tanh(C'): the slope of C' is that of the next step times
// f, plus that of H' times o (1 - tanh(C')^2), and each gate's slope passes through its function.
// The gates of all steps are computed again.

#include "models/train/recurrent_gradient.h"

namespace offcut::train {
namespace {

template <class T>
struct LstmStep {
  Rows<T> x, state, cell;                        // Before the step.
  Rows<T> in, out, forget, candidate, squashed;  // Squashed: tanh of the new cell.
};

template <class T>
class LstmGradient {
 public:
  LstmGradient(const Backward& b, const RecurrentSizes& sizes, std::int64_t direction)
      : b_(b), s_(sizes), direction_(direction), weights_(b, sizes, 4, direction) {}

  void run(std::vector<Tensor>& all) {
    go_forward();
    go_back(all);
  }

 private:
  const Tensor& optional_input(std::size_t input) const {
    static const Tensor none;
    return b_.call.has(input) ? b_.inputs[input] : none;
  }
  std::int64_t time(std::int64_t k) const {
    return s_.runs_backwards(direction_) ? s_.steps - 1 - k : k;
  }

  void go_forward() {
    const auto at = [&](std::int64_t row) { return s_.at_state(direction_, row); };
    Rows<T> state = read_rows<T>(optional_input(kInitialState), s_.batch, s_.hidden, at);
    Rows<T> cell = read_rows<T>(optional_input(kInitialCell), s_.batch, s_.hidden, at);
    for (std::int64_t k = 0; k < s_.steps; ++k) {
      LstmStep<T> step;
      step.x = read_rows<T>(b_.inputs[kSequence], s_.batch, s_.inputs,
                            [&](std::int64_t row) { return s_.at_input(time(k), row); });
      Rows<T> gates = step.x * weights_.input.transpose();
      gates.noalias() += state * weights_.recurrent.transpose();
      gates.rowwise() += weights_.biases.colwise().sum();
      step.in = sigmoid_of<T>(gates.leftCols(s_.hidden));
      step.out = sigmoid_of<T>(gates.middleCols(s_.hidden, s_.hidden));
      step.forget = sigmoid_of<T>(gates.middleCols(2 * s_.hidden, s_.hidden));
      step.candidate = gates.rightCols(s_.hidden).array().tanh();
      step.state = state;
      step.cell = cell;
      cell = step.forget.array() * cell.array() + step.in.array() * step.candidate.array();
      step.squashed = cell.array().tanh();
      state = step.out.array() * step.squashed.array();
      steps_.push_back(std::move(step));
    }
  }

  Rows<T> gate_slopes(const LstmStep<T>& step, const Rows<T>& dstate, Rows<T>& dcell) const {
    const auto& [x, state, cell, in, out, forget, candidate, squashed] = step;
    dcell.array() += dstate.array() * out.array() * (1 - squashed.array().square());
    Rows<T> gates(s_.batch, 4 * s_.hidden);
    gates.leftCols(s_.hidden) = dcell.array() * candidate.array() * in.array() * (1 - in.array());
    gates.middleCols(s_.hidden, s_.hidden) =
        dstate.array() * squashed.array() * out.array() * (1 - out.array());
    gates.middleCols(2 * s_.hidden, s_.hidden) =
        dcell.array() * cell.array() * forget.array() * (1 - forget.array());
    gates.rightCols(s_.hidden) = dcell.array() * in.array() * (1 - candidate.array().square());
    return gates;
  }

  void go_back(std::vector<Tensor>& all) {
    const auto at = [&](std::int64_t row) { return s_.at_state(direction_, row); };
    const auto slope = [&](std::size_t output) {
      return output < b_.slopes.size() ? b_.slopes[output] : Tensor();
    };
    Rows<T> dstate = read_rows<T>(slope(1), s_.batch, s_.hidden, at);
    Rows<T> dcell = read_rows<T>(slope(2), s_.batch, s_.hidden, at);
    Rows<T> of_input = Rows<T>::Zero(4 * s_.hidden, s_.inputs);
    Rows<T> of_recurrent = Rows<T>::Zero(4 * s_.hidden, s_.hidden);
    Rows<T> of_bias = Rows<T>::Zero(1, 4 * s_.hidden);
    for (std::int64_t k = s_.steps; k-- > 0;) {
      const LstmStep<T>& step = steps_[static_cast<std::size_t>(k)];
      dstate += read_rows<T>(slope(0), s_.batch, s_.hidden, [&](std::int64_t row) {
        return s_.at_result(time(k), direction_, row);
      });
      const Rows<T> gates = gate_slopes(step, dstate, dcell);
      of_input.noalias() += gates.transpose() * step.x;
      of_recurrent.noalias() += gates.transpose() * step.state;
      of_bias += gates.colwise().sum();
      add_rows<T>(gates * weights_.input, all[kSequence],
                  [&](std::int64_t row) { return s_.at_input(time(k), row); });
      dstate = gates * weights_.recurrent;
      dcell = dcell.array() * step.forget.array();
    }
    add_weight_gradients<T>(all, direction_, of_input, of_recurrent, of_bias.replicate(2, 1));
    if (all.size() > kInitialState) {
      add_rows<T>(dstate, all[kInitialState], at);
    }
    if (all.size() > kInitialCell) {
      add_rows<T>(dcell, all[kInitialCell], at);
    }
  }

  const Backward& b_;
  const RecurrentSizes& s_;
  std::int64_t direction_;
  RecurrentWeights<T> weights_;
  std::vector<LstmStep<T>> steps_;
};

}  // namespace

void register_lstm(Registry<Gradient>& registry) {
  registry.add({.name = "LSTM",
                .doc = "the slopes of the gates, through time",
                .reads_inputs = {kSequence, kInputWeights, kRecurrentWeights, kGateBiases,
                                 kInitialState, kInitialCell},
                .weights = {kInputWeights, kRecurrentWeights, kGateBiases},
                .backward = backward_of_directions<LstmGradient>});
}

}  // namespace offcut::train

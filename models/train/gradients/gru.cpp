// The gradient of GRU, through time. With z, r and the candidate h, H' = (1 - z) h + z H. The
// candidate reads r (H Rh + Rbh) with linear_before_reset, as in PyTorch, and (r H) Rh without. The
// gates of all steps are computed again.

#include "models/train/recurrent_gradient.h"

namespace offcut::train {
namespace {

template <class T>
struct GruStep {
  Rows<T> x, state;  // Before the step.
  Rows<T> update, reset, candidate;
  Rows<T> linear;  // H Rh + Rbh, of linear_before_reset.
};

template <class T>
class GruGradient {
 public:
  GruGradient(const Backward& b, const RecurrentSizes& sizes, std::int64_t direction)
      : b_(b),
        s_(sizes),
        direction_(direction),
        resets_after_(b.call.attributes.integer("linear_before_reset", 0) != 0),
        weights_(b, sizes, 3, direction) {}

  void run(std::vector<Tensor>& all) {
    go_forward();
    go_back(all);
  }

 private:
  std::int64_t time(std::int64_t k) const {
    return s_.runs_backwards(direction_) ? s_.steps - 1 - k : k;
  }
  auto recurrent_of_gates() const { return weights_.recurrent.topRows(2 * s_.hidden); }
  auto recurrent_of_candidate() const { return weights_.recurrent.bottomRows(s_.hidden); }

  void go_forward() {
    const Tensor initial = b_.call.has(kInitialState) ? b_.inputs[kInitialState] : Tensor();
    Rows<T> state = read_rows<T>(initial, s_.batch, s_.hidden,
                                 [&](std::int64_t row) { return s_.at_state(direction_, row); });
    for (std::int64_t k = 0; k < s_.steps; ++k) {
      GruStep<T> step;
      step.x = read_rows<T>(b_.inputs[kSequence], s_.batch, s_.inputs,
                            [&](std::int64_t row) { return s_.at_input(time(k), row); });
      Rows<T> gates = step.x * weights_.input.transpose();
      gates.rowwise() += weights_.biases.row(0);
      Rows<T> both = gates.leftCols(2 * s_.hidden);
      both.noalias() += state * recurrent_of_gates().transpose();
      both.rowwise() += weights_.biases.row(1).leftCols(2 * s_.hidden);
      step.update = sigmoid_of<T>(both.leftCols(s_.hidden));
      step.reset = sigmoid_of<T>(both.rightCols(s_.hidden));
      const Rows<T> kept = resets_after_ ? state : Rows<T>(step.reset.array() * state.array());
      step.linear = kept * recurrent_of_candidate().transpose();
      step.linear.rowwise() += weights_.biases.row(1).rightCols(s_.hidden);
      Rows<T> candidate = gates.rightCols(s_.hidden);
      candidate.array() += resets_after_ ? Rows<T>(step.reset.array() * step.linear.array()).array()
                                         : step.linear.array();
      step.candidate = candidate.array().tanh();
      step.state = state;
      state =
          (1 - step.update.array()) * step.candidate.array() + step.update.array() * state.array();
      steps_.push_back(std::move(step));
    }
  }

  struct Sums {
    Rows<T> input, recurrent, biases;
  };

  /// Takes the slope of the new state to that of the old one, and adds up the weights' gradients.
  Rows<T> step_back(const GruStep<T>& step, const Rows<T>& dstate, Sums& sums, Rows<T>& dgates) {
    const std::int64_t n = s_.hidden;
    const Rows<T> dcandidate =
        dstate.array() * (1 - step.update.array()) * (1 - step.candidate.array().square());
    dgates.leftCols(n) = dstate.array() * (step.state.array() - step.candidate.array()) *
                         step.update.array() * (1 - step.update.array());
    dgates.rightCols(n) = dcandidate;
    Rows<T> before = dstate.array() * step.update.array();
    Rows<T> dreset;
    Rows<T> dlinear = dcandidate;
    if (resets_after_) {
      dreset = dcandidate.array() * step.linear.array();
      dlinear = dcandidate.array() * step.reset.array();
      before.noalias() += dlinear * recurrent_of_candidate();
      sums.recurrent.bottomRows(n).noalias() += dlinear.transpose() * step.state;
    } else {
      const Rows<T> dkept = dlinear * recurrent_of_candidate();
      dreset = dkept.array() * step.state.array();
      before.array() += dkept.array() * step.reset.array();
      const Rows<T> kept = step.reset.array() * step.state.array();
      sums.recurrent.bottomRows(n).noalias() += dlinear.transpose() * kept;
    }
    dgates.middleCols(n, n) = dreset.array() * step.reset.array() * (1 - step.reset.array());
    before.noalias() += dgates.leftCols(2 * n) * recurrent_of_gates();
    sums.recurrent.topRows(2 * n).noalias() += dgates.leftCols(2 * n).transpose() * step.state;
    sums.input.noalias() += dgates.transpose() * step.x;
    sums.biases.row(0) += dgates.colwise().sum();
    sums.biases.row(1).leftCols(2 * n) += dgates.leftCols(2 * n).colwise().sum();
    sums.biases.row(1).rightCols(n) += dlinear.colwise().sum();
    return before;
  }

  void go_back(std::vector<Tensor>& all) {
    const auto at = [&](std::int64_t row) { return s_.at_state(direction_, row); };
    const Tensor last = b_.slopes.size() > 1 ? b_.slopes[1] : Tensor();
    Rows<T> dstate = read_rows<T>(last, s_.batch, s_.hidden, at);
    Sums sums{Rows<T>::Zero(3 * s_.hidden, s_.inputs), Rows<T>::Zero(3 * s_.hidden, s_.hidden),
              Rows<T>::Zero(2, 3 * s_.hidden)};
    for (std::int64_t k = s_.steps; k-- > 0;) {
      dstate += read_rows<T>(b_.slopes[0], s_.batch, s_.hidden, [&](std::int64_t row) {
        return s_.at_result(time(k), direction_, row);
      });
      Rows<T> dgates(s_.batch, 3 * s_.hidden);
      dstate = step_back(steps_[static_cast<std::size_t>(k)], dstate, sums, dgates);
      add_rows<T>(dgates * weights_.input, all[kSequence],
                  [&](std::int64_t row) { return s_.at_input(time(k), row); });
    }
    add_weight_gradients<T>(all, direction_, sums.input, sums.recurrent, sums.biases);
    if (all.size() > kInitialState) {
      add_rows<T>(dstate, all[kInitialState], at);
    }
  }

  const Backward& b_;
  const RecurrentSizes& s_;
  std::int64_t direction_;
  bool resets_after_;
  RecurrentWeights<T> weights_;
  std::vector<GruStep<T>> steps_;
};

}  // namespace

void register_gru(Registry<Gradient>& registry) {
  registry.add(
      {.name = "GRU",
       .doc = "the slopes of the gates, through time",
       .reads_inputs = {kSequence, kInputWeights, kRecurrentWeights, kGateBiases, kInitialState},
       .weights = {kInputWeights, kRecurrentWeights, kGateBiases},
       .backward = backward_of_directions<GruGradient>});
}

}  // namespace offcut::train

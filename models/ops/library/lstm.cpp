// LSTM: with the gates i, o, f and the candidate c, each computed from X W + H R and the biases,
// the cell becomes C = f . C + i . c and the state o . h(C). With peepholes, i and f depend on the
// old cell, too, and o on the new one; with input_forget, f = 1 - i. By default the gates' function
// is Sigmoid and the others are Tanh.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/recurrent.h"

namespace offcut::ops {
namespace {

constexpr std::size_t kInitialCell = 6;
constexpr std::size_t kPeepholes = 7;

Recurrence lstm_recurrence(const Call& call) {
  Recurrence r = recurrence_of(call, 4, 8, {"Sigmoid", "Tanh", "Tanh"});
  call.attributes.integer("input_forget", 0);
  if (call.has(kInitialCell) && float_shape(call, kInitialCell) != r.state_type().shape) {
    throw std::invalid_argument(fmt::format("initial_c is {}, expected {}",
                                            to_text(call.inputs[kInitialCell]),
                                            to_text(r.state_type())));
  }
  if (call.has(kPeepholes) && float_shape(call, kPeepholes) != Shape{r.directions, 3 * r.hidden}) {
    throw std::invalid_argument(fmt::format("peepholes {} do not fit {} hidden in {} directions",
                                            to_text(call.shape(kPeepholes)), r.hidden,
                                            r.directions));
  }
  return r;
}

class LstmCell : public RecurrentCell {
 public:
  LstmCell(const Recurrence& r, const Call& call, std::span<const Tensor> inputs,
           std::int64_t direction, Tensor& last)
      : r_(r),
        direction_(direction),
        coupled_(call.attributes.integer("input_forget", 0) != 0),
        weights_(recurrent_weights(r, inputs, direction)),
        offsets_(bias(r, call, inputs, direction, false) + bias(r, call, inputs, direction, true)),
        peepholes_(Eigen::RowVectorXf::Zero(3 * r.hidden)),
        functions_(std::span(r.functions).subspan(3 * static_cast<std::size_t>(direction), 3)),
        cell_(read_state(r, call, inputs, kInitialCell, direction)),
        last_(last) {
    if (call.has(kPeepholes)) {
      const float* const from = inputs[kPeepholes].values<float>().data();
      peepholes_ =
          Eigen::Map<const Eigen::RowVectorXf>(from + direction * 3 * r.hidden, 3 * r.hidden);
    }
  }

  Eigen::RowVectorXf offsets() const override { return offsets_; }

  void step(Matrix& gates, const std::vector<bool>& active, Matrix& hidden) override {
    gates.noalias() += hidden * weights_.transpose();
    for (std::size_t b = 0; b < active.size(); ++b) {
      if (active[b]) {
        const auto row = static_cast<std::int64_t>(b);
        step_sample(gates.row(row).data(), cell_.row(row).data(), hidden.row(row).data());
      }
    }
  }

  void finish() override { write_state(r_, cell_, direction_, last_); }

 private:
  /// The order of `gates` is i, o, f, c; that of the peepholes is i, o, f.
  void step_sample(const float* gates, float* cell, float* hidden) const {
    const std::int64_t n = r_.hidden;
    const auto& [f, g, h] = std::tie(functions_[0], functions_[1], functions_[2]);
    for (std::int64_t k = 0; k < n; ++k) {
      const float input = f(gates[k] + peepholes_[k] * cell[k]);
      const float forget =
          coupled_ ? 1 - input : f(gates[2 * n + k] + peepholes_[2 * n + k] * cell[k]);
      cell[k] = forget * cell[k] + input * g(gates[3 * n + k]);
      hidden[k] = f(gates[n + k] + peepholes_[n + k] * cell[k]) * h(cell[k]);
    }
  }

  const Recurrence& r_;
  std::int64_t direction_;
  bool coupled_;
  ConstMatrixMap weights_;
  Eigen::RowVectorXf offsets_;
  Eigen::RowVectorXf peepholes_;
  std::span<const GateFunction> functions_;  // Functions f, g, h.
  Matrix cell_;
  Tensor& last_;
};

std::vector<TensorType> infer_lstm(const Call& call) {
  const Recurrence r = lstm_recurrence(call);
  return {r.sequence_type(), r.state_type(), r.state_type()};
}

double macs_lstm(const Call& call, std::span<const TensorType>) {
  return lstm_recurrence(call).macs();
}

std::vector<Tensor> forward_lstm(const Call& call, std::span<const Tensor> inputs) {
  const Recurrence r = lstm_recurrence(call);
  Tensor last(r.state_type());
  std::vector<Tensor> outputs = run_recurrence(r, call, inputs, [&](std::int64_t direction) {
    return std::make_unique<LstmCell>(r, call, inputs, direction, last);
  });
  outputs.push_back(last);
  return outputs;
}

}  // namespace

void register_lstm(Registry<Operator>& registry) {
  registry.add({.name = "LSTM",
                .doc = "a recurrent layer with a cell and input, output and forget gates",
                .kind = always<LayerKind::dense>,
                .infer = infer_lstm,
                .macs = macs_lstm,
                .forward = forward_lstm});
}

}  // namespace offcut::ops

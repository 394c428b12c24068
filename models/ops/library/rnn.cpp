// RNN: H = f(X W + H R + Wb + Rb), step by step, forward, backward or both. By default f is Tanh.

#include "models/ops/recurrent.h"

namespace offcut::ops {
namespace {

Recurrence rnn_recurrence(const Call& call) { return recurrence_of(call, 1, 6, {"Tanh"}); }

class RnnCell : public RecurrentCell {
 public:
  RnnCell(const Recurrence& r, const Call& call, std::span<const Tensor> inputs,
          std::int64_t direction)
      : weights_(recurrent_weights(r, inputs, direction)),
        offsets_(bias(r, call, inputs, direction, false) + bias(r, call, inputs, direction, true)),
        f_(r.functions[static_cast<std::size_t>(direction)]) {}

  Eigen::RowVectorXf offsets() const override { return offsets_; }

  void step(Matrix& gates, const std::vector<bool>& active, Matrix& hidden) override {
    gates.noalias() += hidden * weights_.transpose();
    for (std::size_t b = 0; b < active.size(); ++b) {
      if (active[b]) {
        const auto row = static_cast<std::int64_t>(b);
        hidden.row(row) = gates.row(row).unaryExpr(f_);
      }
    }
  }

 private:
  ConstMatrixMap weights_;
  Eigen::RowVectorXf offsets_;
  GateFunction f_;
};

std::vector<TensorType> infer_rnn(const Call& call) {
  const Recurrence r = rnn_recurrence(call);
  return {r.sequence_type(), r.state_type()};
}

double macs_rnn(const Call& call, std::span<const TensorType>) {
  return rnn_recurrence(call).macs();
}

std::vector<Tensor> forward_rnn(const Call& call, std::span<const Tensor> inputs) {
  const Recurrence r = rnn_recurrence(call);
  return run_recurrence(r, call, inputs, [&](std::int64_t direction) {
    return std::make_unique<RnnCell>(r, call, inputs, direction);
  });
}

}  // namespace

void register_rnn(Registry<Operator>& registry) {
  registry.add({.name = "RNN",
                .doc = "a recurrent layer: h = f(x W + h R + b), step by step",
                .kind = always<LayerKind::dense>,
                .infer = infer_rnn,
                .macs = macs_rnn,
                .forward = forward_rnn});
}

}  // namespace offcut::ops

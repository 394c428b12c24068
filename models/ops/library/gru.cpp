// GRU: with z = f(X Wz + H Rz), r = f(X Wr + H Rr) and h = g(X Wh + (r . H) Rh), all with their
// biases, the state becomes (1 - z) . h + z . H. With linear_before_reset, h is g(X Wh + r . (H Rh
// + Rbh)). By default f is Sigmoid and g is Tanh.

#include "models/ops/recurrent.h"

namespace offcut::ops {
namespace {

Recurrence gru_recurrence(const Call& call) {
  call.attributes.integer("linear_before_reset", 0);
  return recurrence_of(call, 3, 6, {"Sigmoid", "Tanh"});
}

class GruCell : public RecurrentCell {
 public:
  GruCell(const Recurrence& r, const Call& call, std::span<const Tensor> inputs,
          std::int64_t direction)
      : hidden_(r.hidden),
        linear_before_reset_(call.attributes.integer("linear_before_reset", 0) != 0),
        weights_(recurrent_weights(r, inputs, direction)),
        offsets_(bias(r, call, inputs, direction, false)),
        recurrent_bias_(bias(r, call, inputs, direction, true)),
        f_(r.functions[2 * static_cast<std::size_t>(direction)]),
        g_(r.functions[2 * static_cast<std::size_t>(direction) + 1]) {
    if (!linear_before_reset_) {
      offsets_ += recurrent_bias_;
      recurrent_bias_.setZero();
    }
  }

  Eigen::RowVectorXf offsets() const override { return offsets_; }

  void step(Matrix& gates, const std::vector<bool>& active, Matrix& hidden) override {
    // Columns: z, r, h.
    auto both = gates.leftCols(2 * hidden_);
    both.noalias() += hidden * weights_.topRows(2 * hidden_).transpose();
    both.rowwise() += recurrent_bias_.head(2 * hidden_);
    both = both.unaryExpr(f_).eval();
    const auto update = gates.leftCols(hidden_);
    const auto reset = gates.middleCols(hidden_, hidden_);
    const auto weights = weights_.bottomRows(hidden_);
    Matrix next = gates.rightCols(hidden_);
    if (linear_before_reset_) {
      Matrix linear = hidden * weights.transpose();
      linear.rowwise() += recurrent_bias_.tail(hidden_);
      next.array() += reset.array() * linear.array();
    } else {
      const Matrix kept = reset.array() * hidden.array();
      next.noalias() += kept * weights.transpose();
    }
    for (std::size_t b = 0; b < active.size(); ++b) {
      if (active[b]) {
        const auto row = static_cast<std::int64_t>(b);
        const auto z = update.row(row).array();
        hidden.row(row) =
            ((1 - z) * next.row(row).unaryExpr(g_).array() + z * hidden.row(row).array())
                .matrix()
                .eval();
      }
    }
  }

 private:
  std::int64_t hidden_;
  bool linear_before_reset_;
  ConstMatrixMap weights_;
  Eigen::RowVectorXf offsets_;
  Eigen::RowVectorXf recurrent_bias_;
  GateFunction f_, g_;
};

std::vector<TensorType> infer_gru(const Call& call) {
  const Recurrence r = gru_recurrence(call);
  return {r.sequence_type(), r.state_type()};
}

double macs_gru(const Call& call, std::span<const TensorType>) {
  return gru_recurrence(call).macs();
}

std::vector<Tensor> forward_gru(const Call& call, std::span<const Tensor> inputs) {
  const Recurrence r = gru_recurrence(call);
  return run_recurrence(r, call, inputs, [&](std::int64_t direction) {
    return std::make_unique<GruCell>(r, call, inputs, direction);
  });
}

}  // namespace

void register_gru(Registry<Operator>& registry) {
  registry.add({.name = "GRU",
                .doc = "a recurrent layer with an update and a reset gate",
                .kind = always<LayerKind::dense>,
                .infer = infer_gru,
                .macs = macs_gru,
                .forward = forward_gru});
}

}  // namespace offcut::ops

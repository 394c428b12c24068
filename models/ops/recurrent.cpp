// Runs recurrent layers step by step: one matrix product gives the input's part of all gates for
// all steps, and a cell (RNN, GRU or LSTM) adds the recurrent part. Sequences may have different
// lengths and run backwards.

#include "models/ops/recurrent.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

void require_shape(const Call& call, std::size_t input, const Shape& expected) {
  if (float_shape(call, input) != expected) {
    throw std::invalid_argument(fmt::format("input {} of {} does not fit, expected {}", input,
                                            to_text(call.shape(input)), to_text(expected)));
  }
}

/// Returns whether the extent is `times` * hidden.
bool is_multiple(std::int64_t extent, std::int64_t times, std::int64_t hidden) {
  return extent % times == 0 && extent / times == hidden;
}

void check_weights(const Call& call, const Recurrence& r) {
  const Shape& w = float_shape(call, kWeights);
  const Shape& rec = float_shape(call, kRecurrentWeights);
  if (w.size() != 3 || !is_multiple(w[1], r.gates, r.hidden) ||
      w != Shape{r.directions, w[1], r.inputs} || rec != Shape{r.directions, w[1], r.hidden}) {
    throw std::invalid_argument(
        fmt::format("weights {} and {} do not fit {} gates over input {} in {} directions",
                    to_text(w), to_text(rec), r.gates, to_text(call.shape(0)), r.directions));
  }
  if (call.attributes.integer("hidden_size", r.hidden) != r.hidden) {
    throw std::invalid_argument("attribute 'hidden_size' differs from the weights " + to_text(rec));
  }
  const Shape* b = call.has(kBiases) ? &float_shape(call, kBiases) : nullptr;
  if (b != nullptr &&
      (b->size() != 2 || (*b)[0] != r.directions || !is_multiple((*b)[1], 2 * r.gates, r.hidden))) {
    throw std::invalid_argument(
        fmt::format("biases {} do not fit weights {}", to_text(*b), to_text(w)));
  }
}

/// Returns a sequence's rows in the order of time, in either layout.
Matrix in_order_of_time(const Recurrence& r, const Tensor& x) {
  const ConstMatrixMap rows(x.values<float>().data(), r.steps * r.batch, r.inputs);
  if (!r.batch_first) {
    return rows;
  }
  Matrix ordered(rows.rows(), rows.cols());
  for (std::int64_t b = 0; b < r.batch; ++b) {
    for (std::int64_t t = 0; t < r.steps; ++t) {
      ordered.row(t * r.batch + b) = rows.row(b * r.steps + t);
    }
  }
  return ordered;
}

std::vector<std::int64_t> lengths(const Recurrence& r, const Call& call,
                                  std::span<const Tensor> inputs) {
  if (!call.has(kLengths)) {
    return std::vector<std::int64_t>(static_cast<std::size_t>(r.batch), r.steps);
  }
  const auto given = inputs[kLengths].values<std::int32_t>();
  for (const std::int32_t length : given) {
    if (length < 0 || length > r.steps) {
      throw std::invalid_argument(
          fmt::format("a sequence length is {}, expected 0 to {}", length, r.steps));
    }
  }
  return {given.begin(), given.end()};
}

/// Returns the offset in Y of sample b's hidden state after time t in that direction.
std::int64_t place_recurrent(const Recurrence& r, std::int64_t t, std::int64_t direction,
                             std::int64_t b) {
  const std::int64_t row = r.batch_first ? (b * r.steps + t) * r.directions + direction
                                         : (t * r.directions + direction) * r.batch + b;
  return row * r.hidden;
}

using StateMap = Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>;

/// Returns the elements between the states of neighbouring samples, and before the first one's.
std::pair<std::int64_t, std::int64_t> state_layout(const Recurrence& r, std::int64_t direction) {
  return r.batch_first ? std::pair(r.directions * r.hidden, direction * r.hidden)
                       : std::pair(r.hidden, direction * r.batch * r.hidden);
}

/// Runs all steps of one direction.
void run_direction(const Recurrence& r, const Matrix& x, const std::vector<std::int64_t>& length,
                   std::span<const Tensor> inputs, std::int64_t direction, RecurrentCell& cell,
                   Matrix& hidden, Tensor& y) {
  const ConstMatrixMap weights(
      inputs[kWeights].values<float>().data() + direction * r.width() * r.inputs, r.width(),
      r.inputs);
  Matrix gates = x * weights.transpose();
  gates.rowwise() += cell.offsets();
  Matrix now = Matrix::Zero(r.batch, r.width());
  std::vector<bool> active(static_cast<std::size_t>(r.batch));
  const auto time = [&](std::size_t b, std::int64_t step) {
    return r.runs_backwards(direction) ? length[b] - 1 - step : step;
  };
  for (std::int64_t step = 0; step < r.steps; ++step) {
    for (std::size_t b = 0; b < active.size(); ++b) {
      active[b] = step < length[b];
      if (active[b]) {
        const auto row = static_cast<std::int64_t>(b);
        now.row(row) = gates.row(time(b, step) * r.batch + row);
      }
    }
    cell.step(now, active, hidden);
    for (std::size_t b = 0; b < active.size(); ++b) {
      if (active[b]) {
        const auto row = static_cast<std::int64_t>(b);
        float* const to =
            y.values<float>().data() + place_recurrent(r, time(b, step), direction, row);
        std::copy_n(hidden.row(row).data(), r.hidden, to);
      }
    }
  }
  cell.finish();
}

}  // namespace

double Recurrence::macs() const {
  return static_cast<double>(directions * steps) * static_cast<double>(batch) *
         static_cast<double>(width()) * static_cast<double>(inputs + hidden);
}

TensorType Recurrence::sequence_type() const {
  return output_type(DataType::float32, batch_first ? Shape{batch, steps, directions, hidden}
                                                    : Shape{steps, directions, batch, hidden});
}

TensorType Recurrence::state_type() const {
  return output_type(DataType::float32, batch_first ? Shape{batch, directions, hidden}
                                                    : Shape{directions, batch, hidden});
}

Recurrence recurrence_of(const Call& call, std::int64_t gates, std::size_t most_inputs,
                         const std::vector<std::string>& functions) {
  require_inputs(call, 3, most_inputs);
  const Shape& x = float_shape(call, kSequence);
  const Shape& rec = float_shape(call, kRecurrentWeights);
  if (x.size() != 3 || rec.size() != 3) {
    throw std::invalid_argument(fmt::format("input {} and recurrent weights {}: expected 3 axes",
                                            to_text(x), to_text(rec)));
  }
  const std::string direction = call.attributes.text("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional") {
    throw std::invalid_argument(fmt::format("attribute 'direction' is '{}'", direction));
  }
  Recurrence r{};
  r.batch_first = call.opset >= 14 && call.attributes.integer("layout", 0) != 0;
  r.steps = x[r.batch_first ? 1 : 0];
  r.batch = x[r.batch_first ? 0 : 1];
  r.inputs = x[2];
  r.hidden = rec[2];
  r.gates = gates;
  r.directions = direction == "bidirectional" ? 2 : 1;
  r.reverse = direction == "reverse";
  r.functions = gate_functions(call, functions, static_cast<std::size_t>(r.directions));
  check_weights(call, r);
  if (call.has(kLengths) && call.inputs[kLengths] != TensorType{DataType::int32, Shape{r.batch}}) {
    throw std::invalid_argument(fmt::format("sequence_lens is {}, expected int32 {}",
                                            to_text(call.inputs[kLengths]), r.batch));
  }
  if (call.has(kInitialHidden)) {
    require_shape(call, kInitialHidden, r.state_type().shape);
  }
  return r;
}

Matrix read_state(const Recurrence& r, const Call& call, std::span<const Tensor> inputs,
                  std::size_t input, std::int64_t direction) {
  if (!call.has(input)) {
    return Matrix::Zero(r.batch, r.hidden);
  }
  const auto [step, first] = state_layout(r, direction);
  return StateMap(inputs[input].values<float>().data() + first, r.batch, r.hidden,
                  Eigen::OuterStride<>(step));
}

void write_state(const Recurrence& r, const Matrix& state, std::int64_t direction, Tensor& output) {
  const auto [step, first] = state_layout(r, direction);
  float* const to = output.values<float>().data() + first;
  for (std::int64_t b = 0; b < r.batch; ++b) {
    std::copy_n(state.row(b).data(), r.hidden, to + b * step);
  }
}

ConstMatrixMap recurrent_weights(const Recurrence& r, std::span<const Tensor> inputs,
                                 std::int64_t direction) {
  return {inputs[kRecurrentWeights].values<float>().data() + direction * r.width() * r.hidden,
          r.width(), r.hidden};
}

Eigen::RowVectorXf bias(const Recurrence& r, const Call& call, std::span<const Tensor> inputs,
                        std::int64_t direction, bool recurrent) {
  if (!call.has(kBiases)) {
    return Eigen::RowVectorXf::Zero(r.width());
  }
  const float* const from = inputs[kBiases].values<float>().data();
  return Eigen::Map<const Eigen::RowVectorXf>(
      from + (2 * direction + (recurrent ? 1 : 0)) * r.width(), r.width());
}

std::vector<Tensor> run_recurrence(
    const Recurrence& r, const Call& call, std::span<const Tensor> inputs,
    const std::function<std::unique_ptr<RecurrentCell>(std::int64_t direction)>& make_cell) {
  const Matrix x = in_order_of_time(r, inputs[kSequence]);
  const auto length = lengths(r, call, inputs);
  Tensor y(r.sequence_type());
  Tensor last(r.state_type());
  for (std::int64_t direction = 0; direction < r.directions; ++direction) {
    Matrix hidden = read_state(r, call, inputs, kInitialHidden, direction);
    const auto cell = make_cell(direction);
    run_direction(r, x, length, inputs, direction, *cell, hidden, y);
    write_state(r, hidden, direction, last);
  }
  return {y, last};
}

}  // namespace offcut::ops

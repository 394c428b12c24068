// One product gives the inputs' part of all gates. In each step, the gates of a sample get the
// product of the recurrent weights and its state: 64 sums at a time stay in registers while a block
// of the weights is read once, in order. Functions of the gates are Eigen's vectorised ones.

#include "models/exec/recurrent_kernel.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cstring>

#include "models/exec/gemm.h"

namespace offcut::exec {
namespace {

constexpr std::int64_t kLaneCount = 8;
constexpr std::int64_t kSums = 8;
constexpr std::int64_t kBlockRows = kSums * kLaneCount;
using SumLanes [[gnu::vector_size(kLaneCount * sizeof(float))]] = float;

using Gates = Eigen::Map<Eigen::ArrayXf>;
using ConstGates = Eigen::Map<const Eigen::ArrayXf>;

/// Sequences of so few rows are multiplied one by one.
constexpr std::int64_t kFewRows = 4;

void add_block(const float* block, std::int64_t depth, const float* x, float* y) {
  std::array<SumLanes, kSums> sums{};
  std::memcpy(sums.data(), y, sizeof(sums));
  for (std::int64_t k = 0; k < depth; ++k) {
    const float factor = x[k];
    std::array<SumLanes, kSums> column{};
    std::memcpy(column.data(), block + k * kBlockRows, sizeof(column));
    for (std::size_t i = 0; i < kSums; ++i) {
      sums[i] += column[i] * factor;
    }
  }
  std::memcpy(y, sums.data(), sizeof(sums));
}

void apply_sigmoid(Gates x) {
  constexpr float kLargestExponent = 88;  // The exponential of 88.8 is an infinity.
  x = 1 / (1 + (-x).min(kLargestExponent).exp());
}

/// Sets a state to its first value, or zeros.
void set_state(const float* from, float* to, std::int64_t count) {
  if (from == nullptr) {
    std::fill_n(to, count, 0.0F);
  } else {
    std::copy_n(from, count, to);
  }
}

}  // namespace

PackedRows::PackedRows(const float* matrix, std::int64_t rows, std::int64_t depth)
    : rows_(rows), depth_(depth) {
  const std::int64_t blocks = (rows + kBlockRows - 1) / kBlockRows;
  packed_.resize(static_cast<std::size_t>(blocks * kBlockRows * depth));
  for (std::int64_t row = 0; row < rows; ++row) {
    float* const to = packed_.data() + row / kBlockRows * kBlockRows * depth + row % kBlockRows;
    for (std::int64_t k = 0; k < depth; ++k) {
      to[k * kBlockRows] = matrix[row * depth + k];
    }
  }
}

void PackedRows::add_products(const float* x, std::int64_t x_step, std::int64_t count, float* y,
                              std::int64_t y_step) const {
  for (std::int64_t row = 0; row < rows_; row += kBlockRows) {
    const float* const block = packed_.data() + row * depth_;
    const std::int64_t own = std::min(kBlockRows, rows_ - row);
    for (std::int64_t i = 0; i < count; ++i) {
      float* const to = y + i * y_step + row;
      if (own == kBlockRows) {
        add_block(block, depth_, x + i * x_step, to);
      } else {
        std::array<float, kBlockRows> part{};
        std::copy_n(to, own, part.begin());
        add_block(block, depth_, x + i * x_step, part.data());
        std::copy_n(part.begin(), own, to);
      }
    }
  }
}

RecurrentKernel::RecurrentKernel(const ops::Recurrence& recurrence, RecurrentForm form,
                                 const Tensor& weights, const Tensor& recurrent, const Tensor& bias)
    : shape_(recurrence), form_(form) {
  const std::int64_t width = shape_.width();
  const std::int64_t hidden = shape_.hidden;
  if (!is_short()) {
    weights_ = weights;
  }
  for (std::int64_t d = 0; d < shape_.directions; ++d) {
    Direction direction;
    if (is_short()) {
      const float* const from = weights.values<float>().data() + d * width * shape_.inputs;
      direction.input.emplace_back(from, width, shape_.inputs);
    }
    const float* const from = recurrent.values<float>().data() + d * width * hidden;
    const std::int64_t together = form == RecurrentForm::lstm ? width : 2 * hidden;
    direction.recurrent.emplace_back(from, together, hidden);
    if (together < width) {
      direction.recurrent.emplace_back(from + together * hidden, width - together, hidden);
    }
    direction.offsets.resize(static_cast<std::size_t>(width));
    direction.candidate.resize(static_cast<std::size_t>(hidden));
    if (!bias.absent()) {
      const float* const own = bias.values<float>().data() + 2 * d * width;
      const float* const other = own + width;
      const std::int64_t summed = form == RecurrentForm::gru_linear ? 2 * hidden : width;
      std::copy_n(own, width, direction.offsets.begin());
      std::transform(other, other + summed, own, direction.offsets.begin(), std::plus<>());
      std::copy_n(other + width - hidden, hidden, direction.candidate.begin());
    }
    directions_.push_back(std::move(direction));
  }
}

bool RecurrentKernel::is_short() const { return shape_.steps * shape_.batch <= kFewRows; }

std::size_t RecurrentKernel::weight_bytes() const {
  std::size_t bytes = 0;
  for (const Direction& direction : directions_) {
    for (const auto* matrices : {&direction.input, &direction.recurrent}) {
      for (const PackedRows& matrix : *matrices) {
        bytes += matrix.bytes();
      }
    }
  }
  return bytes;
}

std::size_t RecurrentKernel::sequence_floats() const {
  return static_cast<std::size_t>(shape_.steps) * state_floats();
}

std::size_t RecurrentKernel::state_floats() const {
  return static_cast<std::size_t>(shape_.directions * shape_.batch * shape_.hidden);
}

std::size_t RecurrentKernel::scratch_floats() const {
  return static_cast<std::size_t>(shape_.steps * shape_.batch * shape_.width() +
                                  shape_.batch * shape_.hidden);
}

void RecurrentKernel::add_inputs(std::size_t direction, const float* x, float* gates) const {
  const std::int64_t rows = shape_.steps * shape_.batch;
  const std::int64_t width = shape_.width();
  const std::vector<float>& offsets = directions_[direction].offsets;
  if (is_short()) {
    for (std::int64_t row = 0; row < rows; ++row) {
      std::copy(offsets.begin(), offsets.end(), gates + row * width);
    }
    directions_[direction].input.front().add_products(x, shape_.inputs, rows, gates, width);
    return;
  }
  const float* const weights = weights_.values<float>().data() +
                               static_cast<std::int64_t>(direction) * width * shape_.inputs;
  multiply(1, {x, rows, shape_.inputs, shape_.inputs, 1},
           {weights, shape_.inputs, width, 1, shape_.inputs}, gates, width);
  for (std::int64_t row = 0; row < rows; ++row) {
    Gates(gates + row * width, width) += ConstGates(offsets.data(), width);
  }
}

/// The gates are i, o, f, c.
void RecurrentKernel::advance_lstm(const Direction& direction, float* gates, float* hidden,
                                   float* cell) const {
  const std::int64_t n = shape_.hidden;
  direction.recurrent.front().add_products(hidden, n, shape_.batch, gates, 4 * n);
  for (std::int64_t b = 0; b < shape_.batch; ++b) {
    float* const own = gates + b * 4 * n;
    apply_sigmoid(Gates(own, 3 * n));
    Gates state(cell + b * n, n);
    state = Gates(own + 2 * n, n) * state + Gates(own, n) * Gates(own + 3 * n, n).tanh();
    Gates(hidden + b * n, n) = Gates(own + n, n) * state.tanh();
  }
}

/// The gates are z, r, h.
void RecurrentKernel::advance_gru(const Direction& direction, float* gates, float* hidden,
                                  float* scratch) const {
  const std::int64_t n = shape_.hidden;
  const bool linear = form_ == RecurrentForm::gru_linear;
  direction.recurrent[0].add_products(hidden, n, shape_.batch, gates, 3 * n);
  for (std::int64_t b = 0; b < shape_.batch; ++b) {
    float* const own = gates + b * 3 * n;
    apply_sigmoid(Gates(own, 2 * n));
    Gates part(scratch + b * n, n);
    if (linear) {
      part = ConstGates(direction.candidate.data(), n);
    } else {
      part = Gates(own + n, n) * Gates(hidden + b * n, n);
    }
  }
  if (linear) {
    direction.recurrent[1].add_products(hidden, n, shape_.batch, scratch, n);
  } else {
    direction.recurrent[1].add_products(scratch, n, shape_.batch, gates + 2 * n, 3 * n);
  }
  for (std::int64_t b = 0; b < shape_.batch; ++b) {
    float* const own = gates + b * 3 * n;
    Gates candidate(own + 2 * n, n);
    if (linear) {
      candidate += Gates(own + n, n) * Gates(scratch + b * n, n);
    }
    const Gates update(own, n);
    Gates state(hidden + b * n, n);
    state = (1 - update) * candidate.tanh() + update * state;
  }
}

void RecurrentKernel::run(const float* x, const Start& start, float* scratch,
                          const Result& result) const {
  const std::int64_t state = shape_.batch * shape_.hidden;
  const std::int64_t row = shape_.batch * shape_.width();
  float* const gates = scratch + state;
  for (std::int64_t d = 0; d < shape_.directions; ++d) {
    const Direction& direction = directions_[static_cast<std::size_t>(d)];
    add_inputs(static_cast<std::size_t>(d), x, gates);
    float* const hidden = result.hidden + d * state;
    float* const cell = result.cell + (form_ == RecurrentForm::lstm ? d * state : 0);
    set_state(start.hidden == nullptr ? nullptr : start.hidden + d * state, hidden, state);
    if (form_ == RecurrentForm::lstm) {
      set_state(start.cell == nullptr ? nullptr : start.cell + d * state, cell, state);
    }
    for (std::int64_t step = 0; step < shape_.steps; ++step) {
      const std::int64_t t = shape_.runs_backwards(d) ? shape_.steps - 1 - step : step;
      if (form_ == RecurrentForm::lstm) {
        advance_lstm(direction, gates + t * row, hidden, cell);
      } else {
        advance_gru(direction, gates + t * row, hidden, scratch);
      }
      std::copy_n(hidden, state, result.sequence + (t * shape_.directions + d) * state);
    }
  }
}

}  // namespace offcut::exec

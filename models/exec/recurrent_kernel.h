#pragma once

#include <vector>

#include "models/ops/recurrent.h"

namespace offcut::exec {

/// A matrix that is multiplied by one vector after another. Its rows lie in blocks, the elements of
/// one column of a block side by side, so that sums need no reduction at their end.
class PackedRows {
 public:
  /// REQUIRES: the matrix has `rows` * `depth` elements, row by row.
  PackedRows(const float* matrix, std::int64_t rows, std::int64_t depth);

  std::int64_t rows() const { return rows_; }
  std::size_t bytes() const { return packed_.size() * sizeof(float); }

  /// Adds the product of the matrix and x[i] to y[i], for `count` vectors that lie `x_step` and
  /// `y_step` elements apart.
  void add_products(const float* x, std::int64_t x_step, std::int64_t count, float* y,
                    std::int64_t y_step) const;

 private:
  std::int64_t rows_, depth_;
  std::vector<float> packed_;
};

enum class RecurrentForm {
  lstm,
  gru,
  gru_linear,  // With linear_before_reset.
};

/// An LSTM or GRU with constant weights and its default functions, on whole sequences.
class RecurrentKernel {
 public:
  /// `bias` may be absent. REQUIRES: the weights fit the recurrence, whose layout is 0.
  RecurrentKernel(const ops::Recurrence& recurrence, RecurrentForm form, const Tensor& weights,
                  const Tensor& recurrent, const Tensor& bias);

  std::size_t weight_bytes() const;
  std::size_t sequence_floats() const;  // The size of Y.
  std::size_t state_floats() const;     // The size of Y_h and Y_c.
  std::size_t scratch_floats() const;

  /// The states before the first step: null for zeros.
  struct Start {
    const float* hidden = nullptr;
    const float* cell = nullptr;
  };
  struct Result {
    float* sequence;
    float* hidden;
    float* cell;  // Unused by a GRU.
  };
  /// REQUIRES: `result` overlaps neither the inputs nor the scratch memory.
  void run(const float* x, const Start& start, float* scratch, const Result& result) const;

 private:
  struct Direction {
    std::vector<PackedRows> input;      // One matrix, if sequences are short; else none.
    std::vector<PackedRows> recurrent;  // Of all gates, or of a GRU's candidate apart.
    std::vector<float> offsets;         // Added to all gates.
    std::vector<float> candidate;       // The recurrent bias of gru_linear's candidate.
  };

  bool is_short() const;
  void add_inputs(std::size_t direction, const float* x, float* gates) const;
  void advance_lstm(const Direction& direction, float* gates, float* hidden, float* cell) const;
  void advance_gru(const Direction& direction, float* gates, float* hidden, float* scratch) const;

  ops::Recurrence shape_;
  RecurrentForm form_;
  Tensor weights_;  // W, if sequences are long.
  std::vector<Direction> directions_;
};

}  // namespace offcut::exec

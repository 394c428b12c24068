#pragma once

#include <memory>

#include "models/graph/tensor.h"

namespace offcut::train {

/// A tensor in the layout of a library's kernels.
class LaidOut {
 public:
  virtual ~LaidOut() = default;
  virtual Tensor row_major() const = 0;
  virtual std::size_t bytes() const = 0;

  /// Returns the sum with a tensor of the same shape and layout, or null if the other one has
  /// another layout.
  virtual std::shared_ptr<const LaidOut> plus(const LaidOut& other) const = 0;
};

/// A tensor while a training step runs: row-major, or as a kernel left it; then it is converted
/// when another kernel needs it row-major. Copies share the elements.
class Value {
 public:
  Value() = default;
  Value(Tensor tensor) : tensor_(std::move(tensor)) {}
  explicit Value(std::shared_ptr<const LaidOut> laid_out) : laid_out_(std::move(laid_out)) {}

  bool absent() const { return tensor_.absent() && laid_out_ == nullptr; }
  Tensor tensor() const { return tensor_.absent() && laid_out_ ? laid_out_->row_major() : tensor_; }
  const LaidOut* laid_out() const { return laid_out_.get(); }
  std::size_t bytes() const { return laid_out_ ? laid_out_->bytes() : tensor_.bytes().size(); }

 private:
  Tensor tensor_;
  std::shared_ptr<const LaidOut> laid_out_;
};

/// Returns a + b, or the present one of both.
Value added(const Value& a, const Value& b);

}  // namespace offcut::train

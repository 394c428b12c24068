#pragma once

#include <vector>

#include "models/graph/graph.h"
#include "models/train/value.h"

namespace offcut::train {

/// The tensors of a running step, by id, and their bytes.
class Store {
 public:
  explicit Store(std::size_t count) : values_(count) {}

  const Value& operator[](TensorId id) const { return values_[id]; }
  void set(TensorId id, Value value) {
    bytes_ += value.bytes();
    bytes_ -= values_[id].bytes();
    values_[id] = std::move(value);
  }
  void release(TensorId id) { set(id, Value()); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::vector<Value> values_;
  std::size_t bytes_ = 0;
};

}  // namespace offcut::train

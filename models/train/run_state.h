#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "models/graph/tensor.h"

namespace offcut::train {

/// Writes values one after the other into bytes, in this machine's byte order.
class StateWriter {
 public:
  void integer(std::int64_t value);
  void number(double value);
  void text(std::string_view value);
  void tensor(const Tensor& value);

  /// Returns the bytes, with a hash of them at the end.
  std::string finished() const;

 private:
  std::string bytes_;
};

/// Reads the values in the order in which they were written.
class StateReader {
 public:
  /// Throws std::invalid_argument if the bytes are not whole, as their hash says. REQUIRES: the
  /// bytes outlive the reader.
  explicit StateReader(std::string_view bytes);

  // Throw std::invalid_argument if there is no such value here.
  std::int64_t integer();
  double number();
  std::string text();
  Tensor tensor();

 private:
  std::string_view take(std::size_t count);

  std::string_view bytes_;
};

}  // namespace offcut::train

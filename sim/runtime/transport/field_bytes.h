#pragma once

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/runtime/transport/frame.h"

namespace offcut::runtime {

/// Writes numbers and texts, one after another, in little-endian order.
class FieldWriter {
 public:
  template <std::unsigned_integral T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
  }
  void number(double value) { number(std::bit_cast<std::uint64_t>(value)); }
  void text(const std::string& value) {
    number(static_cast<std::uint32_t>(value.size()));
    const auto* const begin = reinterpret_cast<const std::byte*>(value.data());
    bytes_.insert(bytes_.end(), begin, begin + value.size());
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads them. Everything throws FrameError if the bytes end too early.
class FieldReader {
 public:
  explicit FieldReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <std::unsigned_integral T>
  T number() {
    std::uint64_t value = 0;
    std::size_t shift = 0;
    for (const std::byte byte : take(sizeof(T))) {
      value |= std::to_integer<std::uint64_t>(byte) << shift;
      shift += 8;
    }
    return static_cast<T>(value);
  }
  double finite() {
    const auto value = std::bit_cast<double>(number<std::uint64_t>());
    if (!std::isfinite(value)) {
      throw FrameError("a time in the message is not finite");
    }
    return value;
  }
  std::string text() {
    const auto bytes = take(number<std::uint32_t>());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::size_t rest() const { return bytes_.size(); }

 private:
  std::span<const std::byte> take(std::size_t count) {
    if (count > bytes_.size()) {
      throw FrameError("the fields of the message end too early");
    }
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }

  std::span<const std::byte> bytes_;
};

}  // namespace offcut::runtime

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace offcut::codec {

/// Writes numbers as bytes, little-endian on every machine.
class ByteWriter {
 public:
  void reserve(std::int64_t bytes) { bytes_.reserve(static_cast<std::size_t>(bytes)); }

  void byte(std::uint8_t value) { bytes_.push_back(std::byte{value}); }

  void raw(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  template <class T>
  void fixed(T value) {
    static_assert(std::is_unsigned_v<T>);
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      byte(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }

  void float32(float value) { fixed(std::bit_cast<std::uint32_t>(value)); }

  /// Writes seven bits per byte, lowest first, as in LEB128.
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
      byte(static_cast<std::uint8_t>(value | 0x80));
    }
    byte(static_cast<std::uint8_t>(value));
  }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads the output of ByteWriter. Throws std::invalid_argument if the bytes end early.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::size_t left() const { return rest_.size(); }

  std::span<const std::byte> raw(std::size_t count) {
    if (count > rest_.size()) {
      throw std::invalid_argument("the encoded tensor is truncated");
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  std::uint8_t byte() { return std::to_integer<std::uint8_t>(raw(1).front()); }

  template <class T>
  T fixed() {
    static_assert(std::is_unsigned_v<T>);
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = static_cast<T>(value | static_cast<T>(T{byte()} << (8 * i)));
    }
    return value;
  }

  float float32() { return std::bit_cast<float>(fixed<std::uint32_t>()); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      const std::uint8_t next = byte();
      value |= std::uint64_t{next & 0x7FU} << shift;
      if ((next & 0x80U) == 0) {
        return value;
      }
    }
    throw std::invalid_argument("the encoded tensor contains a number that is too large");
  }

 private:
  std::span<const std::byte> rest_;
};

/// Returns the number of bytes that varint() takes for `value`.
inline std::int64_t varint_bytes(std::uint64_t value) {
  std::int64_t bytes = 1;
  for (; value >= 0x80; value >>= 7) {
    ++bytes;
  }
  return bytes;
}

}  // namespace offcut::codec

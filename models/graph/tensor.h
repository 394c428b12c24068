#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace offcut {

/// The element types of tensors; `absent` stands for an omitted optional input.
enum class DataType {
  absent,
  float32,
  float64,
  uint8,
  int8,
  int32,
  int64,
  boolean,
  float16,
  bfloat16
};
inline constexpr DataType kLastDataType = DataType::bfloat16;

/// Elements of 16-bit floats, as bits: IEEE 754's binary16, and the upper half of a float32. They
/// are stored and sent; all arithmetic is in float32 (models/ops/convert.h).
enum class Float16 : std::uint16_t {};
enum class BFloat16 : std::uint16_t {};

/// Returns whether the elements are floats of 16 bits.
inline bool is_short_float(DataType type) {
  return type == DataType::float16 || type == DataType::bfloat16;
}

std::size_t element_bytes(DataType type);
std::string_view to_text(DataType type);

/// Extents, outermost first (N, C, H, W for images). A scalar has none.
using Shape = std::vector<std::int64_t>;

std::string to_text(const Shape& shape);  // "1x3x224x224", "scalar"

/// Returns the number of elements, which is 1 for a scalar. Throws std::length_error if an extent
/// is negative, or if the bytes of the tensor or the product of any of its extents would overflow,
/// also when another extent is 0.
std::int64_t elements(const Shape& shape);

struct TensorType {
  DataType type = DataType::absent;
  Shape shape;

  bool operator==(const TensorType&) const = default;
  std::int64_t bytes() const {
    return elements(shape) * static_cast<std::int64_t>(element_bytes(type));
  }
};

std::string to_text(const TensorType& type);  // "float32 1x3x224x224"

template <class T>
inline constexpr DataType kDataType = DataType::absent;
template <>
inline constexpr DataType kDataType<float> = DataType::float32;
template <>
inline constexpr DataType kDataType<double> = DataType::float64;
template <>
inline constexpr DataType kDataType<std::uint8_t> = DataType::uint8;
template <>
inline constexpr DataType kDataType<std::int8_t> = DataType::int8;
template <>
inline constexpr DataType kDataType<std::int32_t> = DataType::int32;
template <>
inline constexpr DataType kDataType<std::int64_t> = DataType::int64;
template <>
inline constexpr DataType kDataType<bool> = DataType::boolean;
template <>
inline constexpr DataType kDataType<Float16> = DataType::float16;
template <>
inline constexpr DataType kDataType<BFloat16> = DataType::bfloat16;

/// A dense array, row-major, aligned to 64 bytes. Copies are handles that share the elements: write
/// only to a tensor that you made. All tensors have the same alignment, so vectorised sums have one
/// order, and the same layer on the same input gives the same bits in every run.
class Tensor {
 public:
  Tensor() = default;                // Absent.
  explicit Tensor(TensorType type);  // All elements are zero. May throw MemoryError.

  template <class T>
  Tensor(Shape shape, std::span<const T> values)
      : Tensor(TensorType{kDataType<T>, std::move(shape)}) {
    std::copy(values.begin(), values.end(), this->template values<T>().begin());
  }

  const TensorType& type() const { return type_; }
  const Shape& shape() const { return type_.shape; }
  std::int64_t size() const { return offcut::elements(type_.shape); }
  bool absent() const { return type_.type == DataType::absent; }

  /// REQUIRES: T is the element type (std::logic_error otherwise).
  template <class T>
  std::span<const T> values() const {
    require(kDataType<T>);
    return {reinterpret_cast<const T*>(data_.get()), static_cast<std::size_t>(size())};
  }
  template <class T>
  std::span<T> values() {
    require(kDataType<T>);
    return {reinterpret_cast<T*>(data_.get()), static_cast<std::size_t>(size())};
  }
  std::span<const std::byte> bytes() const {
    return {data_.get(), static_cast<std::size_t>(absent() ? 0 : type_.bytes())};
  }
  std::span<std::byte> bytes() {
    return {data_.get(), static_cast<std::size_t>(absent() ? 0 : type_.bytes())};
  }

  /// Returns the same elements in another shape. REQUIRES: the number of elements is the same.
  Tensor reshaped(Shape shape) const;

 private:
  friend class WeakTensor;
  void require(DataType wanted) const;

  TensorType type_;
  std::shared_ptr<std::byte> data_;
};

/// Refers to a tensor without keeping its elements.
class WeakTensor {
 public:
  WeakTensor() = default;
  explicit WeakTensor(const Tensor& tensor) : type_(tensor.type_), data_(tensor.data_) {}

  /// Returns the tensor while another handle keeps it.
  std::optional<Tensor> lock() const;

 private:
  TensorType type_;
  std::weak_ptr<std::byte> data_;
};

}  // namespace offcut

// Tensors as arrays of JSON. Numbers go through std::from_chars and std::to_chars, which round
// exactly, straight between the text and the element type: reading a float32 by way of a double
// would round twice.

#include "sim/runtime/service/tensor_json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "sim/runtime/service/datatypes.h"
#include "sim/runtime/service/request_error.h"

namespace offcut::runtime {
namespace {

template <class T>
class DataReader {
 public:
  DataReader(JsonCursor& cursor, Tensor& tensor)
      : cursor_(cursor), shape_(tensor.shape()), values_(tensor.values<T>()) {}

  void read() {
    if (shape_.empty() && cursor_.kind() != JsonCursor::Kind::array) {
      return element();
    }
    bool first = true;
    bool nested = false;
    std::int64_t rows = 0;
    cursor_.array([&] {
      nested = first ? shape_.size() > 1 && cursor_.kind() == JsonCursor::Kind::array : nested;
      first = false;
      if (!nested) {
        return element();
      }
      ++rows;
      row(1);
    });
    if (nested) {
      check_extent(0, rows);
    } else if (index_ != values_.size()) {
      fail(fmt::format("expected {} elements, got {}", values_.size(), index_));
    }
  }

 private:
  void row(std::size_t level) {
    std::int64_t count = 0;
    cursor_.array([&] {
      ++count;
      if (level + 1 < shape_.size()) {
        row(level + 1);
      } else {
        element();
      }
    });
    check_extent(level, count);
  }

  void check_extent(std::size_t level, std::int64_t count) const {
    if (count != shape_[level]) {
      fail(fmt::format("expected arrays nested like {}, got {} where {} are due",
                       shape_text(shape_), count, shape_[level]));
    }
  }

  void element() {
    if (index_ == values_.size()) {
      fail(fmt::format("expected {} elements, got more", values_.size()));
    }
    if constexpr (std::is_same_v<T, bool>) {
      values_[index_] = boolean();
    } else {
      values_[index_] = number();
    }
    ++index_;
  }

  bool boolean() {
    if (cursor_.kind() != JsonCursor::Kind::number) {
      return cursor_.boolean();
    }
    const std::string_view text = cursor_.number();
    if (text != "0" && text != "1") {
      fail_element("true or false", text);
    }
    return text == "1";
  }

  T number() {
    const std::string_view text = cursor_.number();
    T value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
      return value;
    }
    if constexpr (std::is_floating_point_v<T>) {
      return out_of_range(text);
    } else {
      fail_element(
          fmt::format("a whole number from {} to {}", std::int64_t{std::numeric_limits<T>::min()},
                      std::int64_t{std::numeric_limits<T>::max()}),
          text);
    }
  }

  /// A number that is too small is zero; from_chars does not say which it is.
  T out_of_range(std::string_view text) {
    const std::string token(text);
    const T value = std::is_same_v<T, float> ? std::strtof(token.c_str(), nullptr)
                                             : static_cast<T>(std::strtod(token.c_str(), nullptr));
    if (!std::isfinite(value)) {
      fail_element(fmt::format("at most {}", std::numeric_limits<T>::max()), text);
    }
    return value;
  }

  [[noreturn]] void fail_element(const std::string& expected, std::string_view got) const {
    fail(fmt::format("element {}: expected {}, got {}", index_, expected, got.substr(0, 40)));
  }
  [[noreturn]] static void fail(const std::string& text) { throw RequestError(400, text); }

  JsonCursor& cursor_;
  const Shape& shape_;
  std::span<T> values_;
  std::size_t index_ = 0;
};

[[noreturn]] void refuse_short_floats(DataType type, const std::string& subject) {
  throw RequestError(
      400, fmt::format("{}: JSON has no {}; use binary tensor data", subject, datatype(type)));
}

/// Calls `use` with a value of the element type.
template <class Use>
void with_element(DataType type, const std::string& subject, Use use) {
  switch (type) {
    case DataType::float32:
      return use(float{});
    case DataType::float64:
      return use(double{});
    case DataType::uint8:
      return use(std::uint8_t{});
    case DataType::int8:
      return use(std::int8_t{});
    case DataType::int32:
      return use(std::int32_t{});
    case DataType::int64:
      return use(std::int64_t{});
    case DataType::boolean:
      return use(bool{});
    case DataType::float16:
    case DataType::bfloat16:
    case DataType::absent:
      break;
  }
  refuse_short_floats(type, subject);
}

template <class T>
void write_element(T value, std::size_t index, const std::string& subject, std::string& text) {
  if constexpr (std::is_same_v<T, bool>) {
    text += value ? "true" : "false";
  } else {
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(value)) {
        throw RequestError(400, fmt::format("{}: element {} is {}, which JSON can't carry; ask for "
                                            "binary tensor data",
                                            subject, index, value));
      }
    }
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    text.append(digits, end.ptr);
  }
}

}  // namespace

Tensor read_data(JsonCursor& cursor, const TensorType& type, const std::string& subject) {
  if (is_short_float(type.type)) {
    refuse_short_floats(type.type, subject);
  }
  Tensor tensor(type);
  try {
    with_element(type.type, subject,
                 [&](auto element) { DataReader<decltype(element)>(cursor, tensor).read(); });
  } catch (const RequestError& error) {
    throw RequestError(error.status(), fmt::format("{}: {}", subject, error.what()));
  }
  return tensor;
}

void write_data(const Tensor& tensor, const std::string& subject, std::string& text) {
  with_element(tensor.type().type, subject, [&](auto element) {
    const auto values = tensor.values<decltype(element)>();
    text += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      text += i > 0 ? "," : "";
      write_element(values[i], i, subject, text);
    }
    text += ']';
  });
}

}  // namespace offcut::runtime

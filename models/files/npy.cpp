// Reads and writes NumPy's array files, as numpy/lib/format.py describes them: "\x93NUMPY", two
// bytes of version, the header's length (2 bytes in version 1, 4 in later versions, little-endian),
// the header (a Python dictionary with descr, fortran_order and shape), then the elements.

#include "models/files/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/missing_file.h"
#include "models/files/npy_header.h"

namespace offcut::files {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kAlignment = 64;  // NumPy aligns the elements in the file.
constexpr char kNativeOrder = std::endian::native == std::endian::little ? '<' : '>';

struct NumpyType {
  std::string_view code;  // The kind and bytes of an element.
  DataType type;
};
constexpr std::array kTypes = {
    NumpyType{"f4", DataType::float32}, NumpyType{"f8", DataType::float64},
    NumpyType{"u1", DataType::uint8}, NumpyType{"i1", DataType::int8},
    NumpyType{"i4", DataType::int32}, NumpyType{"i8", DataType::int64},
    NumpyType{"b1", DataType::boolean}, NumpyType{"f2", DataType::float16},
    // NumPy has no such type itself; packages that add it store it as records of two bytes.
    NumpyType{"V2", DataType::bfloat16}};

std::string valid_types() {
  std::string names;
  for (const NumpyType& type : kTypes) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", to_text(type.type));
  }
  return names;
}

DataType type_of(std::string_view descr) {
  const auto* const it = std::find_if(kTypes.begin(), kTypes.end(), [&](const NumpyType& type) {
    return descr.size() == 3 && descr.substr(1) == type.code;
  });
  if (it == kTypes.end() || std::string_view("<>|=").find(descr.front()) == std::string::npos) {
    throw std::invalid_argument(fmt::format("has elements of type {}; expected one of {}",
                                            in_quotes(descr), valid_types()));
  }
  return it->type;
}

std::string read_bytes(std::ifstream& file, std::size_t count) {
  std::string bytes(count, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(count));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

std::string read_header_text(std::ifstream& file) {
  const std::string start = read_bytes(file, kMagic.size() + 2);
  if (!start.starts_with(kMagic) || start.size() < kMagic.size() + 2) {
    throw std::invalid_argument("is not a NumPy array file (.npy)");
  }
  const int version = static_cast<unsigned char>(start[kMagic.size()]);
  if (version < 1 || version > 3) {
    throw std::invalid_argument(
        fmt::format("is a NumPy array file of version {}; expected 1, 2 or 3", version));
  }
  const std::string size_bytes = read_bytes(file, version == 1 ? 2 : 4);
  std::size_t size = 0;
  for (std::size_t i = size_bytes.size(); i-- > 0;) {
    size = (size << 8U) | static_cast<unsigned char>(size_bytes[i]);
  }
  constexpr std::size_t kLongest = 1 << 20;  // NumPy itself stops at 10,000.
  if (size > kLongest) {
    throw std::invalid_argument(
        fmt::format("is not a plain NumPy array: its header has {} bytes", size));
  }
  std::string text = read_bytes(file, size);
  if (text.size() < size || text.empty()) {
    throw std::invalid_argument("is truncated in its header");
  }
  return text;
}

/// Checks that the rest of the file is exactly the elements, before memory is allocated.
void check_length(const std::string& path, std::ifstream& file, const TensorType& type) {
  const auto begin = static_cast<std::uintmax_t>(file.tellg());
  const auto size = std::filesystem::file_size(path);
  const auto expected = static_cast<std::uintmax_t>(type.bytes());
  if (size - begin != expected) {
    throw std::invalid_argument(
        fmt::format("{}: {} takes {} bytes, the file has {}",
                    size - begin < expected ? "is truncated" : "has bytes after its elements",
                    to_text(type), expected, size - begin));
  }
}

void swap_bytes(Tensor& tensor) {
  const std::size_t width = element_bytes(tensor.type().type);
  const auto bytes = tensor.bytes();
  for (std::size_t i = 0; i + width <= bytes.size(); i += width) {
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(i);
    std::reverse(first, first + static_cast<std::ptrdiff_t>(width));
  }
}

/// Returns the same array with its last index running fastest. In `tensor`, as in the file, the
/// first index runs fastest.
Tensor from_fortran_order(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  const std::size_t width = element_bytes(tensor.type().type);
  Tensor ordered(tensor.type());
  Shape index(shape.size(), 0);
  for (std::int64_t to = 0; to < tensor.size(); ++to) {
    std::int64_t from = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from = from * shape[axis] + index[axis];
    }
    std::copy_n(tensor.bytes().begin() + from * static_cast<std::int64_t>(width), width,
                ordered.bytes().begin() + to * static_cast<std::int64_t>(width));
    for (std::size_t axis = shape.size(); axis-- > 0 && ++index[axis] == shape[axis];) {
      index[axis] = 0;
    }
  }
  return ordered;
}

/// Turns every byte that is not 0 into 1: NumPy reads it as true, but a bool in C++ must be 0 or 1.
void make_booleans(Tensor& tensor) {
  for (std::byte& byte : tensor.bytes()) {
    byte = byte == std::byte{0} ? std::byte{0} : std::byte{1};
  }
}

Tensor read(const std::string& path, std::ifstream& file) {
  const NpyHeader header = parse_npy_header(read_header_text(file));
  const TensorType type{type_of(header.descr), header.shape};
  check_length(path, file, type);
  Tensor tensor(type);
  const auto bytes = tensor.bytes();
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (file.gcount() != static_cast<std::streamsize>(bytes.size())) {
    throw std::invalid_argument("can't be read to the end");
  }
  const char order = header.descr.front();
  if ((order == '<' || order == '>') && order != kNativeOrder) {
    swap_bytes(tensor);
  }
  if (type.type == DataType::boolean) {
    make_booleans(tensor);
  }
  return header.fortran_order && type.shape.size() > 1 ? from_fortran_order(tensor) : tensor;
}

std::string header_of(const TensorType& type) {
  const auto* const it = std::find_if(kTypes.begin(), kTypes.end(),
                                      [&](const NumpyType& t) { return t.type == type.type; });
  const char order = element_bytes(type.type) == 1 ? '|' : kNativeOrder;
  std::string header =
      fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}{}), }}", order, it->code,
                  fmt::join(type.shape, ", "), type.shape.size() == 1 ? "," : "");
  const std::size_t before = kMagic.size() + 4 + header.size() + 1;
  header.append((kAlignment - before % kAlignment) % kAlignment, ' ');
  return header + '\n';
}

}  // namespace

Tensor read_npy(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw InputError({path}, !std::filesystem::exists(path, error) ? missing_file(path)
                             : std::filesystem::is_directory(path, error)
                                 ? "is a directory, expected a NumPy array file (.npy)"
                                 : "is not a regular file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError({path}, "can't be read");
  }
  try {
    return read(path, file);
  } catch (const std::invalid_argument& refusal) {
    throw InputError({path}, refusal.what());
  } catch (const std::length_error& refusal) {
    throw InputError({path}, refusal.what());
  }
}

void write_npy(const Tensor& tensor, const std::string& path) {
  const std::string header = header_of(tensor.type());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << kMagic << '\1' << '\0';  // Version 1.0 has space for the extents of every tensor.
  file.put(static_cast<char>(header.size() & 0xffU)).put(static_cast<char>(header.size() >> 8U));
  file << header;
  file.write(reinterpret_cast<const char*>(tensor.bytes().data()),
             static_cast<std::streamsize>(tensor.bytes().size()));
  if (!file.flush()) {
    throw InputError({path}, "cannot be written");
  }
}

}  // namespace offcut::files

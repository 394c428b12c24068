// Reads the images and labels of IDX files, packed with zstd or not, or draws random inputs of the
// types and ranges that a network accepts.

#include "sim/runtime/dataset.h"

#include <fmt/format.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "models/base/error.h"
#include "models/base/random.h"
#include "models/graph/random_input.h"

namespace offcut::runtime {
namespace {

constexpr std::size_t kMostBytes = std::size_t{4} << 30;  // The largest size of an unpacked file.

[[noreturn]] void refuse_packed(const std::string& path, std::string_view reason) {
  throw InputError({path}, fmt::format("cannot be unpacked: {}", reason));
}

/// Unpacks piece by piece, so that memory grows with the bytes that there really are. The size that
/// the file states is only compared with theirs.
std::string unpack(const std::string& path, const std::string& packed) {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > kMostBytes) {
    throw InputError({path}, "is not a zstd file with a usable size");
  }
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(),
                                                                          ZSTD_freeDStream);
  std::string piece(ZSTD_DStreamOutSize(), '\0');
  std::string unpacked;
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  for (std::size_t hint = 1; hint != 0;) {
    ZSTD_outBuffer out{piece.data(), piece.size(), 0};
    hint = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(hint) != 0) {
      refuse_packed(path, ZSTD_getErrorName(hint));
    }
    unpacked.append(piece, 0, out.pos);
    if (unpacked.size() > size) {
      refuse_packed(path, "it has more bytes than it states");
    }
    if (hint != 0 && in.pos == in.size && out.pos < out.size) {
      refuse_packed(path, "it ends too early");
    }
  }
  if (unpacked.size() != size || in.pos != in.size) {
    refuse_packed(path, "it has another size than it states");
  }
  return unpacked;
}

std::string read_bytes(const std::string& path) {
  if (std::filesystem::is_directory(path)) {
    throw InputError({path}, "is a directory, expected an IDX file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError({path}, "cannot be read");
  }
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return bytes.starts_with("\x28\xB5\x2F\xFD") ? unpack(path, bytes) : bytes;
}

struct Idx {
  Shape shape;
  std::string bytes;
  std::size_t begin = 0;  // The first byte of the data.
};

Idx read_idx(const std::string& path) {
  Idx idx{.bytes = read_bytes(path)};
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(idx.bytes[i]); };
  constexpr std::uint8_t kUnsignedBytes = 0x08;
  if (idx.bytes.size() < 4 || byte(0) != 0 || byte(1) != 0 || byte(2) != kUnsignedBytes ||
      byte(3) == 0) {
    throw InputError({path}, "is not an IDX file of unsigned bytes");
  }
  idx.begin = 4 + 4 * std::size_t{byte(3)};
  std::size_t expected = 1;
  for (std::size_t i = 4; i < idx.begin && i + 3 < idx.bytes.size(); i += 4) {
    const std::size_t extent = (std::size_t{byte(i)} << 24U) | (std::size_t{byte(i + 1)} << 16U) |
                               (std::size_t{byte(i + 2)} << 8U) | byte(i + 3);
    idx.shape.push_back(static_cast<std::int64_t>(extent));
    expected =
        extent > kMostBytes / std::max<std::size_t>(1, expected) ? kMostBytes : expected * extent;
  }
  if (idx.bytes.size() < idx.begin || idx.bytes.size() - idx.begin != expected) {
    throw InputError({path}, fmt::format("does not hold the {} bytes that its header states",
                                         to_text(idx.shape)));
  }
  return idx;
}

std::vector<std::uint8_t> random_image(const Shape& item, RandomStream stream) {
  std::vector<std::uint8_t> image(static_cast<std::size_t>(elements(item)));
  for (std::uint8_t& byte : image) {
    byte = static_cast<std::uint8_t>(stream() >> 56U);
  }
  return image;
}

std::vector<std::uint8_t> random_tensors(const Graph& graph, std::uint64_t seed,
                                         std::uint64_t number) {
  std::vector<std::uint8_t> all;
  for (const TensorId input : graph.inputs()) {
    const std::string stream = "inputs/" + graph.tensor(input).name;
    const Tensor tensor = random_input(graph, input, random_stream(seed, stream, number));
    for (const std::byte byte : tensor.bytes()) {
      all.push_back(std::to_integer<std::uint8_t>(byte));
    }
  }
  return all;
}

}  // namespace

Dataset read_dataset(const std::string& images, const std::string& labels) {
  const Idx idx = read_idx(images);
  Dataset data{.item = Shape(idx.shape.begin() + 1, idx.shape.end())};
  const auto count = static_cast<std::size_t>(idx.shape.front());
  const auto size = static_cast<std::size_t>(elements(data.item));
  if (count == 0 || size == 0) {
    throw InputError({images}, "holds no images");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto first = idx.bytes.begin() + static_cast<std::ptrdiff_t>(idx.begin + i * size);
    data.images.emplace_back(first, first + static_cast<std::ptrdiff_t>(size));
  }
  if (!labels.empty()) {
    const Idx file = read_idx(labels);
    if (file.shape != Shape{idx.shape.front()}) {
      throw InputError({labels}, fmt::format("holds {} labels, expected one for each of {} images",
                                             to_text(file.shape), count));
    }
    for (std::size_t i = 0; i < count; ++i) {
      data.labels.push_back(static_cast<std::uint8_t>(file.bytes[file.begin + i]));
    }
  }
  return data;
}

bool reads_one_image(const Graph& graph) {
  if (graph.inputs().size() != 1) {
    return false;
  }
  const DataType type = graph.tensor(graph.inputs().front()).type.type;
  return type == DataType::float32 || type == DataType::uint8;
}

Dataset random_dataset(const Graph& graph, std::int64_t count, std::uint64_t seed) {
  Dataset data{.tensors = !reads_one_image(graph)};
  if (!data.tensors) {
    data.item = graph.tensor(graph.inputs().front()).type.shape;
  }
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i) {
    data.images.push_back(data.tensors ? random_tensors(graph, seed, i)
                                       : random_image(data.item, random_stream(seed, "inputs", i)));
  }
  return data;
}

}  // namespace offcut::runtime

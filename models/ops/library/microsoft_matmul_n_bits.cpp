// com.microsoft MatMulNBits: A times the transpose of B, whose N rows of K numbers are stored with
// 2, 4 or 8 bits each, in blocks along the row with a scale and zero point of their own: the number
// is (digit - zero point) * scale. Digits and integer zero points are packed into bytes, the lower
// bits first; without zero points these are half the range. Inputs: A, B, scales, zero points,
// group indices (not supported), bias.

#include <fmt/format.h>

#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/matrix.h"

namespace offcut::ops {
namespace {

enum NBitsInput : std::size_t {
  kNBitsA,
  kNBitsB,
  kNBitsScales,
  kNBitsZeros,
  kNBitsGroups,
  kNBitsBias
};

struct NBits {
  std::int64_t rows = 0;  // N, the columns of the result.
  std::int64_t inner = 0;
  std::int64_t bits = 4;
  std::int64_t block = 0;
  std::int64_t blocks = 0;  // Blocks of a row.

  std::int64_t block_bytes() const { return block * bits / 8; }
  std::int64_t zero_bytes() const { return (blocks * bits + 7) / 8; }  // Of a row.
};

NBits read_n_bits(const Call& call) {
  for (const char* name : {"K", "N", "block_size"}) {
    if (!call.attributes.has(name)) {
      throw std::invalid_argument(fmt::format("attribute '{}' is missing", name));
    }
  }
  NBits b{.rows = call.attributes.integer("N", 0),
          .inner = call.attributes.integer("K", 0),
          .bits = call.attributes.integer("bits", 4),
          .block = call.attributes.integer("block_size", 0)};
  constexpr std::int64_t kLargestBlock = 1 << 20;
  const bool valid_bits = b.bits == 2 || b.bits == 4 || b.bits == 8;
  const bool valid_block =
      b.block >= 16 && b.block <= kLargestBlock && (b.block & (b.block - 1)) == 0;
  if (!valid_bits || !valid_block || b.rows < 1 || b.inner < 1) {
    throw std::invalid_argument(fmt::format(
        "{} x {} numbers of {} bits in blocks of {} are not supported; expected 2, 4 or 8 bits and "
        "a power of two from 16 on",
        b.rows, b.inner, b.bits, b.block));
  }
  b.blocks = b.inner / b.block + (b.inner % b.block == 0 ? 0 : 1);
  return b;
}

/// REQUIRES: the input has as many elements as the blocks of B need.
void require_count(const Call& call, std::size_t input, std::int64_t count) {
  if (elements(call.shape(input)) != count) {
    throw std::invalid_argument(fmt::format("input {} is {}, expected {} elements", input,
                                            to_text(call.inputs[input]), count));
  }
}

/// Checks all inputs, and returns the layout of B.
NBits n_bits_of(const Call& call) {
  require_inputs(call, 3, 6);
  const Shape& a = float_shape(call, kNBitsA);
  const NBits b = read_n_bits(call);
  if (a.empty() || a.back() != b.inner) {
    throw std::invalid_argument(fmt::format("A is {}, expected rows of {}", to_text(a), b.inner));
  }
  output_type(DataType::float32, {b.rows, b.blocks, b.block});  // Throws if B has no valid size.
  const auto require_uint8 = [&](std::size_t input, std::int64_t count) {
    if (call.inputs[input].type != DataType::uint8) {
      throw std::invalid_argument(
          fmt::format("input {} is {}, expected uint8", input, to_text(call.inputs[input])));
    }
    require_count(call, input, count);
  };
  require_uint8(kNBitsB, b.rows * b.blocks * b.block_bytes());
  float_shape(call, kNBitsScales);
  require_count(call, kNBitsScales, b.rows * b.blocks);
  if (call.has(kNBitsZeros) && call.inputs[kNBitsZeros].type == DataType::float32) {
    require_count(call, kNBitsZeros, b.rows * b.blocks);
  } else if (call.has(kNBitsZeros)) {
    require_uint8(kNBitsZeros, b.rows * b.zero_bytes());
  }
  if (call.has(kNBitsGroups)) {
    throw std::invalid_argument("group indices (input 4) are not supported");
  }
  if (call.has(kNBitsBias) && float_shape(call, kNBitsBias) != Shape{b.rows}) {
    throw std::invalid_argument(
        fmt::format("bias {} does not fit {} columns", to_text(call.shape(kNBitsBias)), b.rows));
  }
  return b;
}

std::vector<TensorType> infer_microsoft_matmul_n_bits(const Call& call) {
  const NBits b = n_bits_of(call);
  Shape shape = call.shape(kNBitsA);
  shape.back() = b.rows;
  return {output_type(DataType::float32, std::move(shape))};
}

double macs_microsoft_matmul_n_bits(const Call& call, std::span<const TensorType> outputs) {
  return static_cast<double>(elements(outputs[0].shape)) *
         static_cast<double>(n_bits_of(call).inner);
}

/// Returns number `index` of a row of packed digits.
float digit(const std::uint8_t* packed, std::int64_t index, std::int64_t bits) {
  const std::int64_t per_byte = 8 / bits;
  const auto shift = static_cast<unsigned>(index % per_byte * bits);
  const unsigned mask = (1U << static_cast<unsigned>(bits)) - 1;
  return static_cast<float>((static_cast<unsigned>(packed[index / per_byte]) >> shift) & mask);
}

float zero_point_of(const NBits& b, const Call& call, std::span<const Tensor> inputs,
                    std::int64_t row, std::int64_t block) {
  if (!call.has(kNBitsZeros)) {
    return static_cast<float>(std::int64_t{1} << static_cast<unsigned>(b.bits - 1));
  }
  const Tensor& zeros = inputs[kNBitsZeros];
  return zeros.type().type == DataType::float32
             ? zeros.values<float>()[static_cast<std::size_t>(row * b.blocks + block)]
             : digit(zeros.values<std::uint8_t>().data() + row * b.zero_bytes(), block, b.bits);
}

/// Returns B as N x K numbers.
Matrix unpacked(const NBits& b, const Call& call, std::span<const Tensor> inputs) {
  Matrix numbers(b.rows, b.inner);
  const std::uint8_t* const packed = inputs[kNBitsB].values<std::uint8_t>().data();
  const auto scales = inputs[kNBitsScales].values<float>();
  for (std::int64_t row = 0; row < b.rows; ++row) {
    for (std::int64_t block = 0; block < b.blocks; ++block) {
      const std::int64_t place = row * b.blocks + block;
      const float scale = scales[static_cast<std::size_t>(place)];
      const float zero = zero_point_of(b, call, inputs, row, block);
      const std::int64_t first = block * b.block;
      for (std::int64_t i = 0; i < std::min(b.block, b.inner - first); ++i) {
        numbers(row, first + i) =
            (digit(packed + place * b.block_bytes(), i, b.bits) - zero) * scale;
      }
    }
  }
  return numbers;
}

std::vector<Tensor> forward_microsoft_matmul_n_bits(const Call& call,
                                                    std::span<const Tensor> inputs) {
  const NBits b = n_bits_of(call);
  Tensor y(infer_microsoft_matmul_n_bits(call).front());
  const std::int64_t rows = inputs[kNBitsA].size() / b.inner;
  MatrixMap result(y.values<float>().data(), rows, b.rows);
  result.noalias() = ConstMatrixMap(inputs[kNBitsA].values<float>().data(), rows, b.inner) *
                     unpacked(b, call, inputs).transpose();
  if (call.has(kNBitsBias)) {
    result.rowwise() += ConstMatrixMap(inputs[kNBitsBias].values<float>().data(), 1, b.rows).row(0);
  }
  return {y};
}

}  // namespace

void register_microsoft_matmul_n_bits(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.MatMulNBits",
                .doc = "A times the transpose of B, which has 2, 4 or 8 bits per number",
                .kind = always<LayerKind::dense>,
                .infer = infer_microsoft_matmul_n_bits,
                .macs = macs_microsoft_matmul_n_bits,
                .forward = forward_microsoft_matmul_n_bits});
}

}  // namespace offcut::ops

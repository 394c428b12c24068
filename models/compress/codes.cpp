// Finds codes for tensors. Values are compared by their bits, so that decoding gives the same
// tensor, signs of zeros included.

#include "models/compress/codes.h"

#include <algorithm>
#include <bit>
#include <map>

#include "models/codec/bit_packing.h"

namespace offcut::compress {
namespace {

constexpr std::size_t kMostCodes = 256;

bool has_same_bits(const Tensor& a, const Tensor& b) {
  return std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
}

}  // namespace

std::optional<Codes> codebook_codes(const Tensor& values) {
  std::map<std::uint32_t, std::uint8_t> code_of;
  for (const float value : values.values<float>()) {
    code_of.try_emplace(std::bit_cast<std::uint32_t>(value), std::uint8_t{0});
    if (code_of.size() > kMostCodes) {
      return std::nullopt;
    }
  }
  Codes result;
  for (const auto& [bits, code] : code_of) {
    result.codebook.push_back(std::bit_cast<float>(bits));
  }
  std::sort(result.codebook.begin(), result.codebook.end());
  for (std::size_t i = 0; i < result.codebook.size(); ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(result.codebook[i]);
    code_of[bits] = static_cast<std::uint8_t>(i);
    if (bits == 0) {
      result.zero = static_cast<std::uint8_t>(i);
    }
  }
  if (result.codebook.empty()) {
    return std::nullopt;
  }
  result.bits = codec::bits_for(result.codebook.size() - 1);
  for (const float value : values.values<float>()) {
    result.codes.push_back(code_of[std::bit_cast<std::uint32_t>(value)]);
  }
  return result;
}

std::optional<Codes> grid_codes(const Tensor& values, const Grid& grid) {
  if (grid.highest - grid.lowest >= static_cast<int>(kMostCodes)) {
    return std::nullopt;
  }
  const Tensor integers = integers_on(grid, values);
  if (!has_same_bits(values_of(grid, integers), values)) {
    return std::nullopt;
  }
  Codes result{.grid = grid};
  result.bits = codec::bits_for(static_cast<std::uint64_t>(grid.highest - grid.lowest));
  for (const std::int32_t integer : integers.values<std::int32_t>()) {
    result.codes.push_back(static_cast<std::uint8_t>(integer - grid.lowest));
  }
  const int zero = grid.zero_points.front() - grid.lowest;
  const bool is_same = std::all_of(grid.zero_points.begin(), grid.zero_points.end(),
                                   [&](int point) { return point == grid.zero_points.front(); });
  if (is_same && zero >= 0 && zero < static_cast<int>(kMostCodes)) {
    result.zero = static_cast<std::uint8_t>(zero);
  }
  for (int& point : result.grid->zero_points) {
    point -= grid.lowest;
  }
  result.grid->lowest = 0;
  result.grid->highest = grid.highest - grid.lowest;
  return result;
}

SparseCodes sparse_codes(const Codes& codes, int gap_bits) {
  const std::size_t most = (std::size_t{1} << static_cast<unsigned>(gap_bits)) - 1;
  SparseCodes sparse;
  std::size_t last = 0;
  for (std::size_t i = 0; i < codes.codes.size(); ++i) {
    if (codes.codes[i] == *codes.zero) {
      continue;
    }
    for (; i - last > most; last += most) {
      sparse.gaps.push_back(static_cast<std::uint8_t>(most));
      sparse.codes.push_back(*codes.zero);
    }
    sparse.gaps.push_back(static_cast<std::uint8_t>(i - last));
    sparse.codes.push_back(codes.codes[i]);
    last = i;
  }
  return sparse;
}

}  // namespace offcut::compress

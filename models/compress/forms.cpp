// Encodes weights in several forms. A sparse form has, for each element that
// is not 0, the number of zeros before it; a distance of all ones says that so many zeros follow,
// and that no element does, so that fillers need no code.

#include "models/compress/forms.h"

#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>

#include "models/codec/bit_packing.h"
#include "models/compress/codes.h"
#include "models/compress/huffman.h"

namespace offcut::compress {
namespace {

using codec::ByteReader;
using codec::ByteWriter;
using Bytes = std::vector<std::byte>;

constexpr int kMostGapBits = 8;
constexpr int kZstdLevel = 19;
constexpr int kQuickZstdLevel = 3;
constexpr std::size_t kManyBytes = std::size_t{256} << 10U;  // Level 19 takes a second per MB.

/// The first byte.
enum class Tag : std::uint8_t {
  dense,
  sparse,
  codes,
  sparse_codes,
  huffman,
  sparse_huffman,
  zstd,
  grid
};

bool is_zero(float value) { return std::bit_cast<std::uint32_t>(value) == 0; }

/// The distances of the elements that are not 0, with fillers.
std::vector<std::uint8_t> gaps_of(std::span<const float> values, int bits) {
  const std::size_t most = (std::size_t{1} << static_cast<unsigned>(bits)) - 1;
  std::vector<std::uint8_t> gaps;
  std::size_t zeros = 0;
  for (const float value : values) {
    if (is_zero(value)) {
      ++zeros;
      continue;
    }
    for (; zeros >= most; zeros -= most) {
      gaps.push_back(static_cast<std::uint8_t>(most));
    }
    gaps.push_back(static_cast<std::uint8_t>(zeros));
    zeros = 0;
  }
  return gaps;
}

/// How often each number of zeros stands before an element that is not 0.
using Distances = std::map<std::size_t, std::uint64_t>;

Distances distances_of(std::span<const float> values) {
  Distances distances;
  std::size_t zeros = 0;
  for (const float value : values) {
    if (is_zero(value)) {
      ++zeros;
    } else {
      ++distances[zeros];
      zeros = 0;
    }
  }
  return distances;
}

/// Returns how often each gap of so many bits occurs, fillers included.
std::vector<std::uint64_t> gap_counts(const Distances& distances, int bits) {
  const std::size_t most = (std::size_t{1} << static_cast<unsigned>(bits)) - 1;
  std::vector<std::uint64_t> counts(most + 1, 0);
  for (const auto& [zeros, count] : distances) {
    counts[most] += zeros / most * count;
    counts[zeros % most] += count;
  }
  return counts;
}

/// Returns the bits of a gap at which all gaps take the fewest bits, packed or Huffman-coded.
int best_gap_bits(const Distances& distances, bool huffman) {
  int best = 1;
  std::uint64_t least = ~std::uint64_t{0};
  for (int bits = 1; bits <= kMostGapBits; ++bits) {
    const std::vector<std::uint64_t> counts = gap_counts(distances, bits);
    const std::vector<int> lengths =
        huffman ? huffman_lengths(counts) : std::vector<int>(counts.size(), bits);
    std::uint64_t sum = huffman ? counts.size() : 0;  // A bit or more for each length.
    for (std::size_t i = 0; i < counts.size(); ++i) {
      sum += counts[i] * static_cast<std::uint64_t>(lengths[i]);
    }
    if (sum < least) {
      least = sum;
      best = bits;
    }
  }
  return best;
}

std::vector<float> nonzero_of(std::span<const float> values) {
  std::vector<float> kept;
  std::copy_if(values.begin(), values.end(), std::back_inserter(kept),
               [](float value) { return !is_zero(value); });
  return kept;
}

void write_packed(std::span<const std::uint8_t> numbers, int bits, ByteWriter& out) {
  codec::BitPacker packer(out, bits);
  for (const std::uint8_t number : numbers) {
    packer.add(number);
  }
  packer.finish();
}

std::vector<std::uint8_t> read_packed(std::size_t count, int bits, ByteReader& in) {
  if (bits < 1 || bits > kMostGapBits) {
    throw std::invalid_argument("the encoded weights are damaged");
  }
  codec::BitUnpacker unpacker(in, bits);
  std::vector<std::uint8_t> numbers;
  for (std::size_t i = 0; i < count; ++i) {
    numbers.push_back(static_cast<std::uint8_t>(unpacker.next()));
  }
  return numbers;
}

void write_floats(std::span<const float> values, ByteWriter& out) {
  for (const float value : values) {
    out.float32(value);
  }
}

Bytes dense(std::span<const float> values) {
  ByteWriter out;
  out.byte(static_cast<std::uint8_t>(Tag::dense));
  write_floats(values, out);
  return out.take();
}

void write_gap_header(Tag tag, std::size_t gaps, int bits, ByteWriter& out) {
  out.byte(static_cast<std::uint8_t>(tag));
  out.byte(static_cast<std::uint8_t>(bits));
  out.varint(gaps);
}

Bytes sparse(std::span<const float> values, int bits) {
  const std::vector<std::uint8_t> gaps = gaps_of(values, bits);
  ByteWriter out;
  write_gap_header(Tag::sparse, gaps.size(), bits, out);
  write_packed(gaps, bits, out);
  write_floats(nonzero_of(values), out);
  return out.take();
}

std::optional<Codes> codes_of(std::span<const float> values) {
  return values.empty()
             ? std::nullopt
             : codebook_codes(Tensor({static_cast<std::int64_t>(values.size())}, values));
}

void write_codebook(const Codes& codes, ByteWriter& out) {
  out.byte(static_cast<std::uint8_t>(codes.codebook.size() - 1));
  write_floats(codes.codebook, out);
}

/// `width` is the bits of a code; 0 for a Huffman code.
void write_codes(const Codes& codes, int width, ByteWriter& out) {
  if (width == 0) {
    write_huffman(codes.codes, codes.codebook.size(), out);
  } else {
    out.byte(static_cast<std::uint8_t>(width));
    write_packed(codes.codes, width, out);
  }
}

Bytes coded(const Codes& codes, int width) {
  ByteWriter out;
  out.byte(static_cast<std::uint8_t>(width == 0 ? Tag::huffman : Tag::codes));
  write_codebook(codes, out);
  write_codes(codes, width, out);
  return out.take();
}

Bytes sparse_coded(std::span<const float> values, const Codes& nonzero, int gap_bits, int width) {
  const std::vector<std::uint8_t> gaps = gaps_of(values, gap_bits);
  ByteWriter out;
  write_gap_header(width == 0 ? Tag::sparse_huffman : Tag::sparse_codes, gaps.size(), gap_bits,
                   out);
  write_codebook(nonzero, out);
  if (width == 0) {
    write_huffman(gaps, std::size_t{1} << static_cast<unsigned>(gap_bits), out);
  } else {
    const int gap_width = width > nonzero.bits ? width : gap_bits;
    out.byte(static_cast<std::uint8_t>(gap_width));
    write_packed(gaps, gap_width, out);
  }
  write_codes(nonzero, width, out);
  return out.take();
}

Bytes zstd(const Bytes& plain) {
  Bytes packed(1 + ZSTD_compressBound(plain.size()));
  packed[0] = static_cast<std::byte>(Tag::zstd);
  const std::size_t size =
      ZSTD_compress(packed.data() + 1, packed.size() - 1, plain.data(), plain.size(),
                    plain.size() > kManyBytes ? kQuickZstdLevel : kZstdLevel);
  if (ZSTD_isError(size) != 0) {
    throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(size));
  }
  packed.resize(1 + size);
  return packed;
}

void keep_smaller(Bytes other, Bytes& best) {
  if (best.empty() || other.size() < best.size()) {
    best = std::move(other);
  }
}

/// Finds the smallest bytes of each form.
class Encoder {
 public:
  explicit Encoder(std::span<const float> values)
      : values_(values),
        distances_(distances_of(values)),
        codes_(codes_of(values)),
        nonzero_(codes_of(nonzero_of(values))) {}

  /// Returns the smallest bytes of each form, in the order of kForms.
  std::vector<Bytes> all() const {
    std::vector<Bytes> forms = {dense(values_)};
    forms.push_back(forms.back());
    keep_smaller(sparse(values_, best_gap_bits(distances_, false)), forms.back());
    forms.push_back(forms.back());
    add_coded([](const Codes& codes) { return codes.bits; }, forms.back());
    const Bytes codebook = forms.back();
    forms.push_back(codebook);
    add_coded([](const Codes&) { return 0; }, forms.back());
    forms.push_back(codebook);
    keep_smaller(zstd(codebook), forms.back());
    Bytes whole;  // Codes in whole bytes, in which zstd finds repetitions.
    add_coded([](const Codes&) { return 8; }, whole);
    if (!whole.empty()) {
      keep_smaller(zstd(whole), forms.back());
    }
    return forms;
  }

 private:
  template <class Width>
  void add_coded(Width width, Bytes& best) const {
    if (codes_) {
      keep_smaller(coded(*codes_, width(*codes_)), best);
    }
    if (nonzero_) {
      const int own = width(*nonzero_);
      keep_smaller(sparse_coded(values_, *nonzero_, best_gap_bits(distances_, own == 0), own),
                   best);
    }
  }

  std::span<const float> values_;
  Distances distances_;
  std::optional<Codes> codes_;
  std::optional<Codes> nonzero_;
};

/// Returns the levels times the scale of their channels.
Tensor scaled(const Tensor& levels, std::size_t axis, const std::vector<float>& scales) {
  Grid grid{.axis = axis, .scales = scales, .zero_points = std::vector<int>(scales.size(), 0)};
  Tensor integers(TensorType{DataType::int32, levels.shape()});
  std::transform(levels.values<float>().begin(), levels.values<float>().end(),
                 integers.values<std::int32_t>().begin(),
                 [](float level) { return static_cast<std::int32_t>(level); });
  return values_of(grid, integers);
}

/// Returns the levels of the elements less their zero points, as floats, if they restore the same
/// bits.
std::optional<Tensor> levels_on(const Grid& grid, const Tensor& values) {
  Grid steps = grid;
  const Tensor integers = integers_on(grid, values);
  std::fill(steps.scales.begin(), steps.scales.end(), 1.0F);
  Tensor levels = values_of(steps, integers);
  const Tensor restored = scaled(levels, grid.axis, grid.scales);
  return std::equal(restored.bytes().begin(), restored.bytes().end(), values.bytes().begin())
             ? std::optional(std::move(levels))
             : std::nullopt;
}

Bytes on_grid(const Grid& grid, const Bytes& levels) {
  ByteWriter out;
  out.byte(static_cast<std::uint8_t>(Tag::grid));
  out.varint(grid.axis);
  out.varint(grid.scales.size());
  write_floats(grid.scales, out);
  out.raw(levels);
  return out.take();
}

std::vector<float> read_floats(std::size_t count, ByteReader& in) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(in.float32());
  }
  return values;
}

std::vector<float> looked_up(const std::vector<float>& book,
                             const std::vector<std::uint8_t>& codes) {
  std::vector<float> values;
  for (const std::uint8_t code : codes) {
    if (code >= book.size()) {
      throw std::invalid_argument("the encoded weights name a value that does not exist");
    }
    values.push_back(book[code]);
  }
  return values;
}

std::vector<std::uint8_t> read_codes(std::size_t count, std::size_t alphabet, bool is_huffman,
                                     ByteReader& in) {
  return is_huffman ? read_huffman(count, alphabet, in) : read_packed(count, in.byte(), in);
}

/// Reads all forms with distances.
std::vector<float> read_sparse(Tag tag, std::size_t count, ByteReader& in) {
  const int bits = in.byte();
  const std::size_t entries = in.varint();
  if (bits < 1 || bits > kMostGapBits || entries > 8 * count) {
    throw std::invalid_argument("the encoded weights are damaged");
  }
  std::vector<float> book;
  if (tag != Tag::sparse) {
    book = read_floats(std::size_t{in.byte()} + 1, in);
  }
  const std::size_t most = (std::size_t{1} << static_cast<unsigned>(bits)) - 1;
  const std::vector<std::uint8_t> gaps =
      tag == Tag::sparse_huffman ? read_huffman(entries, most + 1, in)
                                 : read_packed(entries, tag == Tag::sparse ? bits : in.byte(), in);
  const auto kept = static_cast<std::size_t>(
      std::count_if(gaps.begin(), gaps.end(), [&](std::uint8_t gap) { return gap != most; }));
  const std::vector<float> values =
      tag == Tag::sparse
          ? read_floats(kept, in)
          : looked_up(book, read_codes(kept, book.size(), tag == Tag::sparse_huffman, in));
  std::vector<float> all(count, 0);
  std::size_t place = 0;
  auto next = values.begin();
  for (const std::uint8_t gap : gaps) {
    place += gap;
    if (gap == most) {
      continue;
    }
    if (place >= count) {
      throw std::invalid_argument("the encoded weights are too many");
    }
    all[place++] = *next++;
  }
  return all;
}

Bytes unpacked(ByteReader& in) {
  const auto rest = in.raw(in.left());
  const unsigned long long size = ZSTD_getFrameContentSize(rest.data(), rest.size());
  constexpr unsigned long long kMostBytes = 1ULL << 34U;
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMostBytes) {
    throw std::invalid_argument("the encoded weights are damaged");
  }
  Bytes plain(size);
  if (ZSTD_decompress(plain.data(), plain.size(), rest.data(), rest.size()) != size) {
    throw std::invalid_argument("the encoded weights are damaged");
  }
  return plain;
}

}  // namespace

std::vector<std::vector<std::byte>> encode(const Tensor& values, const Grid* grid) {
  std::vector<Bytes> forms = Encoder(values.values<float>()).all();
  if (grid == nullptr) {
    return forms;
  }
  if (const auto levels = levels_on(*grid, values)) {
    const std::vector<Bytes> coded = Encoder(levels->values<float>()).all();
    for (auto i = static_cast<std::size_t>(Form::codebook); i < forms.size(); ++i) {
      keep_smaller(on_grid(*grid, coded[i]), forms[i]);
    }
  }
  return forms;
}

std::vector<std::byte> encode(const Tensor& values, Form form, const Grid* grid) {
  return encode(values, grid).at(static_cast<std::size_t>(form));
}

Tensor decode(std::span<const std::byte> bytes, const Shape& shape) {
  ByteReader in(bytes);
  const auto count = static_cast<std::size_t>(elements(shape));
  const auto tag = static_cast<Tag>(in.byte());
  switch (tag) {
    case Tag::dense:
      return {shape, std::span<const float>(read_floats(count, in))};
    case Tag::codes:
    case Tag::huffman: {
      const std::vector<float> book = read_floats(std::size_t{in.byte()} + 1, in);
      return {shape, std::span<const float>(
                         looked_up(book, read_codes(count, book.size(), tag == Tag::huffman, in)))};
    }
    case Tag::sparse:
    case Tag::sparse_codes:
    case Tag::sparse_huffman:
      return {shape, std::span<const float>(read_sparse(tag, count, in))};
    case Tag::zstd:
      return decode(unpacked(in), shape);
    case Tag::grid: {
      const std::size_t axis = in.varint();
      const std::size_t channels = in.varint();
      if (channels == 0 || channels > in.left()) {
        throw std::invalid_argument("the encoded weights are damaged");
      }
      const std::vector<float> scales = read_floats(channels, in);
      const Tensor levels = decode(in.raw(in.left()), shape);
      const auto is_level = [](float level) { return std::abs(level) <= 1 << 24; };
      if (!std::all_of(levels.values<float>().begin(), levels.values<float>().end(), is_level)) {
        throw std::invalid_argument("the encoded weights are damaged");
      }
      return scaled(levels, axis, scales);
    }
  }
  throw std::invalid_argument("these bytes are no encoded weights");
}

}  // namespace offcut::compress

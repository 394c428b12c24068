#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "models/compress/grid.h"

namespace offcut::compress {

/// How the values of a tensor are written. Each form may use all forms before it where they are
/// smaller.
enum class Form {
  dense,     // Floats.
  sparse,    // The floats that are not 0, with their distances in a few bits.
  codebook,  // Codes of a codebook of values in place of the floats, dense or sparse.
  huffman,   // The same; codes and distances are Huffman-coded.
  zstd,      // The codebook's bytes, packed by zstd.
};
inline constexpr Form kForms[] = {Form::dense, Form::sparse, Form::codebook, Form::huffman,
                                  Form::zstd};

/// Returns self-describing bytes of the values of a float32 tensor, from which decode() gives the
/// same bits. The relative indices and the three stages are those of Deep Compression (Han, Mao,
/// Dally, ICLR 2016, sections 2 to 4). The bits of a distance are those that give the fewest bytes.
///
/// With a grid on which the values lie, codes may also stand for its levels, and scales for the
/// codebook: one for each channel.
std::vector<std::byte> encode(const Tensor& values, Form form, const Grid* grid = nullptr);

/// Returns the bytes of all forms, in the order of kForms.
std::vector<std::vector<std::byte>> encode(const Tensor& values, const Grid* grid = nullptr);

/// Throws std::invalid_argument for other bytes.
Tensor decode(std::span<const std::byte> bytes, const Shape& shape);

}  // namespace offcut::compress

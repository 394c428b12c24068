#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/codec/byte_stream.h"

namespace offcut::compress {

/// Returns the lengths of an optimal prefix code for symbols with these counts; 0 for a symbol that
/// does not occur. A single symbol has one bit.
std::vector<int> huffman_lengths(std::span<const std::uint64_t> counts);

/// Writes symbols below `alphabet` (at most 256) with a canonical Huffman code: the lengths of the
/// symbols that occur, then the codes, bit by bit.
void write_huffman(std::span<const std::uint8_t> symbols, std::size_t alphabet,
                   codec::ByteWriter& out);

/// Reads `count` symbols. Throws std::invalid_argument for other bytes.
std::vector<std::uint8_t> read_huffman(std::size_t count, std::size_t alphabet,
                                       codec::ByteReader& in);

}  // namespace offcut::compress

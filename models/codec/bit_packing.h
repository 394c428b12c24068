#pragma once

#include "models/codec/byte_stream.h"

namespace offcut::codec {

/// Returns the bytes of `count` packed numbers of `bits` bits each.
inline std::int64_t packed_bytes(std::int64_t count, int bits) { return (count * bits + 7) / 8; }

/// Returns the bits needed for the numbers 0 to `most`; at least 1.
inline int bits_for(std::uint64_t most) {
  return most == 0 ? 1 : static_cast<int>(std::bit_width(most));
}

/// Packs numbers of 1 to 32 bits each into bytes, lowest bit first.
class BitPacker {
 public:
  BitPacker(ByteWriter& out, int bits) : out_(out), bits_(bits) {}

  /// REQUIRES: value < 2^bits.
  void add(std::uint32_t value) {
    pending_ |= std::uint64_t{value} << held_;
    for (held_ += bits_; held_ >= 8; held_ -= 8) {
      out_.byte(static_cast<std::uint8_t>(pending_));
      pending_ >>= 8;
    }
  }

  /// Writes the last byte if it is only partly filled.
  void finish() {
    if (held_ > 0) {
      out_.byte(static_cast<std::uint8_t>(pending_));
      held_ = 0;
      pending_ = 0;
    }
  }

 private:
  ByteWriter& out_;
  int bits_;
  int held_ = 0;
  std::uint64_t pending_ = 0;
};

/// Reads the output of BitPacker.
class BitUnpacker {
 public:
  BitUnpacker(ByteReader& in, int bits) : in_(in), bits_(bits) {}

  std::uint32_t next() {
    for (; held_ < bits_; held_ += 8) {
      pending_ |= std::uint64_t{in_.byte()} << held_;
    }
    const auto value = static_cast<std::uint32_t>(pending_ & ((std::uint64_t{1} << bits_) - 1));
    pending_ >>= bits_;
    held_ -= bits_;
    return value;
  }

 private:
  ByteReader& in_;
  int bits_;
  int held_ = 0;
  std::uint64_t pending_ = 0;
};

}  // namespace offcut::codec

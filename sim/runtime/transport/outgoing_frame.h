#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "sim/runtime/transport/checksum.h"
#include "sim/runtime/transport/frame.h"

namespace offcut::runtime {

/// A message on its way to a socket, which shares the bytes of its tensors.
class OutgoingFrame {
 public:
  /// Throws std::length_error if the message is too large for any frame.
  explicit OutgoingFrame(Message message);
  OutgoingFrame(const OutgoingFrame&) = delete;  // It refers to itself.
  OutgoingFrame& operator=(const OutgoingFrame&) = delete;

  /// Bytes without the header and the trailer, which a receiver limits.
  std::size_t body_bytes() const { return body_bytes_; }
  /// Bytes that have not been taken.
  std::size_t rest() const { return rest_; }
  /// Returns the next bytes, at most `most` and in few pieces. Valid until the next call.
  std::span<const std::span<const std::byte>> next(std::size_t most);
  /// The first `count` of the next bytes are taken.
  void advance(std::size_t count);

 private:
  Message message_;
  std::vector<std::byte> head_;  // Header and fields.
  std::array<std::byte, kTrailerBytes> trailer_{};
  std::vector<std::span<const std::byte>> segments_;  // Head, tensors, trailer.
  std::size_t body_bytes_ = 0;
  std::size_t rest_ = 0;
  // The first byte that has not been taken, and the first one whose checksum is not summed up.
  std::size_t segment_ = 0, offset_ = 0;
  std::size_t hashed_segment_ = 1, hashed_offset_ = 0;
  Checksum checksum_;
  std::vector<std::span<const std::byte>> pieces_;

  void hash_until(std::size_t segment, std::size_t offset);
};

}  // namespace offcut::runtime

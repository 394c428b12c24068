#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/runtime/transport/message.h"

namespace offcut::runtime {

// A message on a socket, all numbers in little-endian order:
//   header   kHeaderBytes, see FrameHeader
//   fields   the message without its tensors' values, and the type of each tensor
//   payload  the bytes of the tensors, one after another
//   trailer  XXH3 of the payload, 8 bytes; only if there is a payload

inline constexpr std::uint16_t kFrameVersion = 1;
inline constexpr std::size_t kHeaderBytes = 48;
inline constexpr std::size_t kTrailerBytes = 8;
/// The most bytes of the fields, and the most tensors of a message.
inline constexpr std::size_t kMostFieldBytes = std::size_t{4} << 20U;
inline constexpr std::size_t kMostTensors = 4096;

/// The bytes of the other side are no valid frame. what() says what is wrong with them.
class FrameError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct FrameHeader {
  MessageKind kind = MessageKind::hello;
  std::uint64_t request = 0;
  std::uint32_t field_bytes = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t field_checksum = 0;
};

using HeaderBytes = std::array<std::byte, kHeaderBytes>;
HeaderBytes encode(const FrameHeader& header);
/// Throws FrameError unless magic, version, checksum and kind are right.
FrameHeader decode_header(std::span<const std::byte, kHeaderBytes> bytes);

/// A tensor whose bytes follow in the payload.
struct PayloadPart {
  bool is_encoded = false;
  TensorType type;        // Unless encoded.
  std::size_t bytes = 0;  // 0 for an absent tensor.
};

/// Returns the fields of a message. Throws std::length_error if they exceed the limits above.
std::vector<std::byte> encode_fields(const Message& message);

struct DecodedFields {
  Message message;  // Its tensors have names only.
  std::vector<PayloadPart> parts;
};
/// Throws FrameError if the fields are invalid, or promise another payload than the header.
DecodedFields decode_fields(const FrameHeader& header, std::span<const std::byte> fields);

/// Returns the bytes of a tensor as they are sent, without a copy.
std::span<const std::byte> payload_of(const MessageTensor& tensor);

/// Returns the bytes that a message takes on a socket.
std::size_t frame_bytes(const Message& message);

std::string_view to_text(MessageKind kind);

/// Returns why a connection is closed whose first message is of this kind: it must be a hello.
std::string reason_without_hello(MessageKind first);

}  // namespace offcut::runtime

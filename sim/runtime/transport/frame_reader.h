#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/runtime/transport/checksum.h"
#include "sim/runtime/transport/frame.h"
#include "sim/runtime/transport/transport.h"

namespace offcut::runtime {

struct ReceivedMessage {
  Message message;
  Arrival arrival;
};

/// Makes messages of the bytes that come from another node. A message takes at most 1 MiB and five
/// times the bytes that have come of it, whatever its header claims. Tensors are received where
/// they stay, except for the beginning of large ones.
class FrameReader {
 public:
  /// A message may take `most_bytes` without its header.
  explicit FrameReader(std::size_t most_bytes);

  void set_most_bytes(std::size_t bytes) { most_bytes_ = bytes; }

  /// Returns the places for the next bytes, which are filled in this order. The second may be all
  /// there is; together they are never empty.
  std::array<std::span<std::byte>, 2> space();
  /// Takes the first `count` bytes of space(), which came at `time`.
  void received(std::size_t count, Seconds time);
  /// Returns the next message, until none is complete; then space() takes more bytes. Throws
  /// FrameError if the bytes are not valid, after which the reader must not be used.
  std::optional<ReceivedMessage> next();

  /// Returns whether part of a message is there. REQUIRES: next() had no more.
  bool is_amid_message() const { return state_ != State::header || begin_ != end_; }

 private:
  enum class State { header, fields, payload, trailer };

  std::span<const std::byte> waiting() const;
  void begin_message();
  bool read_fields();
  bool read_payload();
  void begin_part();
  void make_room();
  std::span<std::byte> memory();
  void fill(std::size_t count);
  void end_part();
  ReceivedMessage end_message();

  std::size_t most_bytes_;
  std::vector<std::byte> inbox_;  // Bytes that are not received in place: [begin_, end_).
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Seconds first_, latest_;

  State state_ = State::header;
  FrameHeader header_;
  std::vector<std::byte> fields_;
  Message message_;
  std::vector<PayloadPart> parts_;
  Checksum checksum_;
  std::size_t payload_received_ = 0;

  // The tensor that is being received.
  std::size_t part_ = 0;
  std::size_t filled_ = 0;
  bool is_allocated_ = false;
  Tensor values_;
  std::shared_ptr<std::vector<std::byte>> encoded_;
  std::vector<std::byte> staged_;  // Its beginning, before it is allocated.
};

}  // namespace offcut::runtime

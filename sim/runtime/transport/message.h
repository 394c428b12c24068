#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/base/units.h"
#include "models/graph/tensor.h"

namespace offcut::runtime {

enum class MessageKind : std::uint8_t {
  hello,    // The first message of each side: what it is, in `text`.
  request,  // Tensors that go on, to the next tier.
  answer,   // Tensors that come back.
  refusal,  // No answer will come; `text` is the reason.
  probe,    // Is answered at once, see probe.h.
  echo      // The answer to a probe.
};

/// A tensor on its way: its values, or what a codec has made of them. Copies share the bytes.
struct MessageTensor {
  std::string name;
  Tensor values;                                          // Absent if it is encoded.
  std::shared_ptr<const std::vector<std::byte>> encoded;  // By codec::Codec::encode(). Or null.
};

/// The times of a request at one tier, on its own monotonic clock. `start` and `end` are those of
/// the batch in which it was computed; a tier that relays has equal ones.
struct TierTimes {
  std::uint32_t tier = 0;             // 0: the device.
  std::uint32_t server = 0;           // Among those of its tier.
  std::uint32_t batch = 0;            // The requests that were computed together. 0: none were.
  Seconds first_byte, last_byte;      // Of the request's message here. On the device: its arrival.
  Seconds start, end;                 // Of the computation, with decoding and encoding.
  Seconds sent;                       // The last byte of what goes on was handed to the system.
  Seconds answer_first, answer_last;  // First and last byte of the answer from the next tier.
  Seconds tail_start, tail_end;       // Of a computation on the way back. Equal without one.
};

/// A message between two tiers. Which fields count depends on the kind.
struct Message {
  MessageKind kind = MessageKind::hello;
  std::uint64_t request = 0;  // Numbered by the device.
  std::uint32_t cut = 0;      // The cut that the request follows, among those that are loaded.
  std::uint32_t device = 0;   // The device that it comes from.
  std::string text;
  std::vector<TierTimes> times;  // Of the tiers that the answer has passed, last tier first.
  std::vector<MessageTensor> tensors;
};

}  // namespace offcut::runtime

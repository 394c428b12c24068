// Reads arbitrary bytes as messages between tiers: for libFuzzer, and for the regression test. The
// first byte chooses whether checksums are put right first, without which hardly any input would
// come past them; the second is the size of the pieces in which the bytes come.

#include "tests/fuzz/frame_reader.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "models/base/memory_limit.h"
#include "sim/runtime/transport/checksum.h"
#include "sim/runtime/transport/field_bytes.h"
#include "sim/runtime/transport/frame.h"
#include "sim/runtime/transport/frame_reader.h"

namespace offcut::fuzz {
namespace {

using runtime::FrameError;
using Bytes = std::vector<std::byte>;

constexpr std::size_t kMost = std::size_t{1} << 20U;

void require_frame(bool holds, const char* claim) {
  if (!holds) {
    std::fprintf(stderr, "broken: %s\n", claim);
    std::abort();
  }
}

void append(Bytes& bytes, std::span<const std::byte> more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

/// Returns a frame with these fields, as much payload as they promise, and right checksums.
Bytes frame_of(std::span<const std::byte> fields, runtime::MessageKind kind,
               std::uint64_t payload) {
  Bytes bytes;
  append(bytes, runtime::encode({kind, 1, static_cast<std::uint32_t>(fields.size()), payload,
                                 runtime::checksum(fields)}));
  append(bytes, fields);
  const Bytes values(payload, std::byte{7});
  append(bytes, values);
  if (payload > 0) {
    runtime::FieldWriter trailer;
    trailer.number(runtime::checksum(values));
    append(bytes, trailer.take());
  }
  return bytes;
}

/// Returns a header of any content with the right checksum, and what follows.
Bytes with_right_header(std::span<const std::byte> bytes) {
  constexpr std::size_t kChecked = runtime::kHeaderBytes - 8;
  Bytes frame(bytes.begin(), bytes.end());
  if (frame.size() >= runtime::kHeaderBytes) {
    runtime::FieldWriter sum;
    sum.number(runtime::checksum(std::span(frame).first(kChecked)));
    std::ranges::copy(sum.take(), frame.begin() + kChecked);
  }
  return frame;
}

/// Reads frames, and returns the fields of each message.
std::vector<Bytes> fields_read(std::span<const std::byte> bytes, std::size_t piece) {
  runtime::FrameReader reader(kMost);
  std::vector<Bytes> fields;
  while (!bytes.empty()) {
    std::size_t count = 0;
    for (const std::span<std::byte> space : reader.space()) {
      const auto part = bytes.first(std::min({bytes.size(), space.size(), piece - count}));
      std::ranges::copy(part, space.begin());
      bytes = bytes.subspan(part.size());
      count += part.size();
    }
    require_frame(count > 0, "there is always space");
    reader.received(count, Seconds(0));
    while (const auto received = reader.next()) {
      fields.push_back(runtime::encode_fields(received->message));
    }
  }
  return fields;
}

}  // namespace

void read_any_frames(std::string_view text) {
  constexpr std::uint64_t kMostMemory = std::uint64_t{64} << 20U;
  set_memory_limit(kMostMemory);
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  constexpr std::size_t kHead = 5;
  if (bytes.size() < kHead) {
    return;
  }
  const auto number = [&](std::size_t i) { return std::to_integer<std::size_t>(bytes[i]); };
  const std::size_t piece = 1 + number(1) * number(1);
  const auto rest = bytes.subspan(kHead);
  try {
    switch (number(0) % 3) {
      case 0:
        fields_read(rest, piece);
        break;
      case 1:
        fields_read(with_right_header(rest), piece);
        break;
      default: {
        const auto kind = static_cast<runtime::MessageKind>(number(2) % 6);
        const std::uint64_t payload = number(3) + 256 * number(4);
        const std::vector<Bytes> read = fields_read(frame_of(rest, kind, payload), piece);
        require_frame(read.size() == 1, "a frame that is no error is a message");
        require_frame(std::ranges::equal(read[0], rest), "a message has the fields that it had");
      }
    }
  } catch (const FrameError&) {
    // The reader refuses it.
  }
}

}  // namespace offcut::fuzz

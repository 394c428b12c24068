// The format of messages on sockets. Everything that is read comes from another machine: each
// length is checked against the bytes that are there before it is used, and each number against
// its range. Nothing is allocated for a payload here.
#include "sim/runtime/transport/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "sim/runtime/transport/checksum.h"
#include "sim/runtime/transport/field_bytes.h"

namespace offcut::runtime {
namespace {

constexpr std::uint32_t kMagic = 0x54554346;  // "FCUT" as bytes.
constexpr std::array<std::string_view, 6> kKindNames = {"hello",   "request", "answer",
                                                        "refusal", "probe",   "echo"};
constexpr std::size_t kTimesBytes = 3 * 4 + 9 * 8;
constexpr std::uint8_t kMostExtents = 64;
constexpr std::size_t kCheckedHeaderBytes = kHeaderBytes - 8;

/// How a tensor travels.
enum class Form : std::uint8_t { absent, values, encoded };

Form form_of(const MessageTensor& tensor) {
  if (tensor.encoded != nullptr) {
    return Form::encoded;
  }
  return tensor.values.absent() ? Form::absent : Form::values;
}

void write_times(const TierTimes& times, FieldWriter& writer) {
  writer.number(times.tier);
  writer.number(times.server);
  writer.number(times.batch);
  for (const Seconds time :
       {times.first_byte, times.last_byte, times.start, times.end, times.sent, times.answer_first,
        times.answer_last, times.tail_start, times.tail_end}) {
    writer.number(time.si());
  }
}

TierTimes read_times(FieldReader& reader) {
  TierTimes times;
  times.tier = reader.number<std::uint32_t>();
  times.server = reader.number<std::uint32_t>();
  times.batch = reader.number<std::uint32_t>();
  for (Seconds* const time :
       {&times.first_byte, &times.last_byte, &times.start, &times.end, &times.sent,
        &times.answer_first, &times.answer_last, &times.tail_start, &times.tail_end}) {
    *time = Seconds(reader.finite());
  }
  return times;
}

void write_tensor(const MessageTensor& tensor, FieldWriter& writer) {
  writer.text(tensor.name);
  const Form form = form_of(tensor);
  writer.number(static_cast<std::uint8_t>(form));
  if (form == Form::encoded) {
    writer.number(std::uint64_t{tensor.encoded->size()});
  } else if (form == Form::values) {
    const TensorType& type = tensor.values.type();
    writer.number(static_cast<std::uint8_t>(type.type));
    writer.number(static_cast<std::uint8_t>(type.shape.size()));
    for (const std::int64_t extent : type.shape) {
      writer.number(static_cast<std::uint64_t>(extent));
    }
  }
}

TensorType read_type(FieldReader& reader) {
  TensorType type;
  const auto code = reader.number<std::uint8_t>();
  if (code == 0 || code > static_cast<std::uint8_t>(kLastDataType)) {
    throw FrameError(fmt::format("element type {} of a tensor is unknown", code));
  }
  type.type = static_cast<DataType>(code);
  const auto extents = reader.number<std::uint8_t>();
  if (extents > kMostExtents) {
    throw FrameError(
        fmt::format("a tensor has {} extents; at most {} are allowed", extents, kMostExtents));
  }
  for (std::uint8_t i = 0; i < extents; ++i) {
    type.shape.push_back(static_cast<std::int64_t>(reader.number<std::uint64_t>()));
  }
  return type;
}

PayloadPart read_part(FieldReader& reader) {
  PayloadPart part;
  switch (const auto form = reader.number<std::uint8_t>(); Form{form}) {
    case Form::absent:
      break;
    case Form::values:
      part.type = read_type(reader);
      try {
        part.bytes = static_cast<std::size_t>(part.type.bytes());
      } catch (const std::length_error& error) {
        throw FrameError(error.what());
      }
      break;
    case Form::encoded:
      part.is_encoded = true;
      part.bytes = reader.number<std::uint64_t>();
      break;
    default:
      throw FrameError(fmt::format("form {} of a tensor is unknown", form));
  }
  return part;
}

/// Returns a count whose items take at least `item_bytes` each.
std::size_t read_count(FieldReader& reader, std::size_t item_bytes, std::size_t most) {
  const std::size_t count = reader.number<std::uint32_t>();
  if (count > most || count > reader.rest() / item_bytes) {
    throw FrameError("a list in the message is longer than the message");
  }
  return count;
}

}  // namespace

std::string_view to_text(MessageKind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

std::string reason_without_hello(MessageKind first) {
  return fmt::format("the first message is of the kind '{}' instead of 'hello'", to_text(first));
}

HeaderBytes encode(const FrameHeader& header) {
  FieldWriter writer;
  writer.number(kMagic);
  writer.number(kFrameVersion);
  writer.number(static_cast<std::uint8_t>(header.kind));
  writer.number(std::uint8_t{0});
  writer.number(header.request);
  writer.number(header.payload_bytes);
  writer.number(header.field_checksum);
  writer.number(header.field_bytes);
  writer.number(std::uint32_t{0});
  const std::vector<std::byte> checked = writer.take();
  FieldWriter sum;
  sum.number(checksum(checked));
  HeaderBytes bytes;
  std::ranges::copy(checked, bytes.begin());
  std::ranges::copy(sum.take(), bytes.begin() + kCheckedHeaderBytes);
  return bytes;
}

FrameHeader decode_header(std::span<const std::byte, kHeaderBytes> bytes) {
  FieldReader reader(bytes);
  if (reader.number<std::uint32_t>() != kMagic) {
    throw FrameError("it does not speak the protocol of offcut's tiers");
  }
  if (const auto version = reader.number<std::uint16_t>(); version != kFrameVersion) {
    throw FrameError(fmt::format("it speaks version {} of the protocol, this program version {}",
                                 version, kFrameVersion));
  }
  FieldReader sum(bytes.subspan(kCheckedHeaderBytes));
  if (sum.number<std::uint64_t>() != checksum(bytes.first(kCheckedHeaderBytes))) {
    throw FrameError("the checksum of a message's header is wrong");
  }
  FrameHeader header;
  const auto kind = reader.number<std::uint8_t>();
  if (kind >= kKindNames.size()) {
    throw FrameError(fmt::format("kind {} of a message is unknown", kind));
  }
  header.kind = static_cast<MessageKind>(kind);
  const auto reserved = reader.number<std::uint8_t>();
  header.request = reader.number<std::uint64_t>();
  header.payload_bytes = reader.number<std::uint64_t>();
  header.field_checksum = reader.number<std::uint64_t>();
  header.field_bytes = reader.number<std::uint32_t>();
  if (reserved != 0 || reader.number<std::uint32_t>() != 0) {
    throw FrameError("reserved bits of a message's header are set");
  }
  if (header.field_bytes > kMostFieldBytes) {
    throw FrameError(fmt::format("the fields of a message take {} bytes; at most {} are allowed",
                                 header.field_bytes, kMostFieldBytes));
  }
  return header;
}

std::vector<std::byte> encode_fields(const Message& message) {
  if (message.tensors.size() > kMostTensors) {
    throw std::length_error(fmt::format("a message has {} tensors; at most {} are allowed",
                                        message.tensors.size(), kMostTensors));
  }
  FieldWriter writer;
  writer.number(message.cut);
  writer.number(message.device);
  writer.text(message.text);
  writer.number(static_cast<std::uint32_t>(message.times.size()));
  for (const TierTimes& times : message.times) {
    write_times(times, writer);
  }
  writer.number(static_cast<std::uint32_t>(message.tensors.size()));
  for (const MessageTensor& tensor : message.tensors) {
    write_tensor(tensor, writer);
  }
  std::vector<std::byte> fields = writer.take();
  if (fields.size() > kMostFieldBytes) {
    throw std::length_error(
        fmt::format("the fields of a message take {} bytes; at most {} are "
                    "allowed",
                    fields.size(), kMostFieldBytes));
  }
  return fields;
}

DecodedFields decode_fields(const FrameHeader& header, std::span<const std::byte> fields) {
  if (checksum(fields) != header.field_checksum) {
    throw FrameError("the checksum of a message's fields is wrong");
  }
  FieldReader reader(fields);
  DecodedFields decoded;
  Message& message = decoded.message;
  message.kind = header.kind;
  message.request = header.request;
  message.cut = reader.number<std::uint32_t>();
  message.device = reader.number<std::uint32_t>();
  message.text = reader.text();
  for (std::size_t left = read_count(reader, kTimesBytes, kMostFieldBytes); left > 0; --left) {
    message.times.push_back(read_times(reader));
  }
  constexpr std::size_t kLeastTensorBytes = 4 + 1;
  std::uint64_t unclaimed = header.payload_bytes;
  for (std::size_t left = read_count(reader, kLeastTensorBytes, kMostTensors); left > 0; --left) {
    message.tensors.push_back({.name = reader.text()});
    decoded.parts.push_back(read_part(reader));
    const std::size_t bytes = decoded.parts.back().bytes;
    if (bytes > unclaimed) {
      throw FrameError("the tensors of a message are larger than its payload");
    }
    unclaimed -= bytes;
  }
  if (unclaimed != 0 || reader.rest() != 0) {
    throw FrameError("a message is longer than its tensors and fields");
  }
  return decoded;
}

std::span<const std::byte> payload_of(const MessageTensor& tensor) {
  switch (form_of(tensor)) {
    case Form::encoded:
      return *tensor.encoded;
    case Form::values:
      return tensor.values.bytes();
    case Form::absent:
      break;
  }
  return {};
}

std::size_t frame_bytes(const Message& message) {
  std::size_t payload = 0;
  for (const MessageTensor& tensor : message.tensors) {
    payload += payload_of(tensor).size();
  }
  return kHeaderBytes + encode_fields(message).size() + payload + (payload > 0 ? kTrailerBytes : 0);
}

}  // namespace offcut::runtime

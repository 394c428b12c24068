#include "sim/runtime/transport/frame.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "models/base/memory_limit.h"
#include "sim/runtime/transport/checksum.h"
#include "sim/runtime/transport/field_bytes.h"
#include "sim/runtime/transport/frame_reader.h"
#include "tests/sim/runtime/transport/sample_messages.h"

namespace offcut::runtime::frame_test {
namespace {

constexpr std::size_t kMost = std::size_t{64} << 20U;

/// Feeds bytes in pieces of a size, and returns the messages.
std::vector<Message> read_in_pieces(std::span<const std::byte> bytes, std::size_t piece,
                                    std::size_t most = kMost) {
  FrameReader reader(most);
  std::vector<Message> messages;
  while (!bytes.empty()) {
    std::size_t count = 0;
    for (const std::span<std::byte> space : reader.space()) {
      const auto part = bytes.first(std::min({bytes.size(), space.size(), piece - count}));
      std::ranges::copy(part, space.begin());
      bytes = bytes.subspan(part.size());
      count += part.size();
    }
    reader.received(count, Seconds(0));
    while (auto received = reader.next()) {
      messages.push_back(std::move(received->message));
    }
  }
  return messages;
}

/// A frame with a payload of 200 MB in one tensor, of which nothing follows.
std::vector<std::byte> large_claim() {
  constexpr std::uint64_t kClaimed = 200'000'000;
  FieldWriter writer;
  writer.number(std::uint32_t{0});
  writer.number(std::uint32_t{0});
  writer.text("");
  writer.number(std::uint32_t{0});
  writer.number(std::uint32_t{1});
  writer.text("x");
  writer.number(std::uint8_t{2});  // Encoded.
  writer.number(kClaimed);
  const auto fields = writer.take();
  const HeaderBytes header =
      encode(FrameHeader{MessageKind::request, 1, static_cast<std::uint32_t>(fields.size()),
                         kClaimed, checksum(fields)});
  std::vector<std::byte> bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), fields.begin(), fields.end());
  return bytes;
}

std::string reason_of(std::span<const std::byte> bytes, std::size_t most = kMost) {
  try {
    read_in_pieces(bytes, 4096, most);
  } catch (const FrameError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("frame: messages come out of pieces of any size") {
  const std::vector<Message> messages = sample_messages();
  std::vector<std::byte> bytes;
  for (const Message& message : messages) {
    const auto frame = bytes_of(message);
    CHECK(frame.size() == frame_bytes(message));
    bytes.insert(bytes.end(), frame.begin(), frame.end());
  }
  for (const std::size_t piece : {std::size_t{61}, std::size_t{5000}, std::size_t{1} << 30U}) {
    const std::vector<Message> read = read_in_pieces(bytes, piece);
    CHECK(std::ranges::equal(read, messages, is_same));
  }
}

TEST_CASE("frame: the times are those of the first and the last byte") {
  const auto one = bytes_of({.kind = MessageKind::request, .text = "one"});
  const auto two = bytes_of({.kind = MessageKind::request, .text = "two"});
  FrameReader reader(kMost);
  const auto feed = [&](std::span<const std::byte> bytes, double time) {
    std::ranges::copy(bytes, reader.space()[1].begin());
    reader.received(bytes.size(), Seconds(time));
  };
  CHECK(!reader.is_amid_message());
  feed(std::span(one).first(10), 1);
  CHECK(!reader.next());
  CHECK(reader.is_amid_message());
  std::vector<std::byte> rest(one.begin() + 10, one.end());
  rest.insert(rest.end(), two.begin(), two.begin() + 20);
  feed(rest, 2);
  const auto first = reader.next();
  REQUIRE(first);
  CHECK(first->arrival.first == Seconds(1));
  CHECK(first->arrival.last == Seconds(2));
  CHECK(!reader.next());
  feed(std::span(two).subspan(20), 3);
  const auto second = reader.next();
  REQUIRE(second);
  CHECK(second->arrival.first == Seconds(2));
  CHECK(second->arrival.last == Seconds(3));
  CHECK(!reader.next());
  CHECK(!reader.is_amid_message());
}

TEST_CASE("frame: no changed byte goes unnoticed") {
  Message message{.kind = MessageKind::answer, .request = 9, .text = "text"};
  message.times.push_back({.tier = 1});
  message.tensors.push_back(sample_tensor("x", DataType::int32, {4}));
  message.tensors.push_back(sample_encoded("y", 9));
  const auto bytes = bytes_of(message);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const unsigned flipped : {0x01U, 0x80U, 0xffU}) {
      auto changed = bytes;
      changed[i] ^= static_cast<std::byte>(flipped);
      CAPTURE(i);
      CHECK_THROWS_AS(read_in_pieces(changed, 4096), FrameError);
    }
  }
}

TEST_CASE("frame: a cut frame is incomplete, whatever its length") {
  const auto bytes = bytes_of(sample_messages()[1]);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CHECK(read_in_pieces(std::span(bytes).first(length), 4096).empty());
  }
}

TEST_CASE("frame: fields that contradict each other, with right checksums") {
  Message message{.kind = MessageKind::request, .text = "t"};
  message.tensors.push_back(sample_tensor("x", DataType::float32, {2, 3}));
  const std::vector<std::byte> fields = encode_fields(message);
  const auto with = [&](std::vector<std::byte> changed, std::uint64_t payload) {
    FrameHeader header{MessageKind::request, 1, static_cast<std::uint32_t>(changed.size()), payload,
                       checksum(changed)};
    return decode_fields(header, changed);
  };
  CHECK(with(fields, 24).parts.at(0).bytes == 24);
  CHECK_THROWS_AS(with(fields, 23), FrameError);
  CHECK_THROWS_AS(with(fields, 25), FrameError);
  auto longer = fields;
  longer.push_back(std::byte{0});
  CHECK_THROWS_AS(with(longer, 24), FrameError);
  for (std::size_t length = 0; length < fields.size(); ++length) {
    CHECK_THROWS_AS(
        with({fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(length)}, 24),
        FrameError);
  }
  // Any byte with any value is either refused or read as something of the same size.
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (unsigned value = 0; value < 256; ++value) {
      auto changed = fields;
      changed[i] = static_cast<std::byte>(value);
      try {
        const DecodedFields decoded = with(changed, 24);
        std::size_t bytes = 0;
        for (const PayloadPart& part : decoded.parts) {
          bytes += part.bytes;
        }
        CHECK(bytes == 24);
      } catch (const FrameError&) {
      }
    }
  }
}

TEST_CASE("frame: reasons") {
  CHECK(reason_of(std::vector<std::byte>(100, std::byte{'G'})) ==
        "it does not speak the protocol of offcut's tiers");
  auto newer = bytes_of({});
  newer[4] = std::byte{9};
  CHECK(reason_of(newer) == "it speaks version 9 of the protocol, this program version 1");
  CHECK(reason_of(bytes_of(sample_messages()[2]), 1000) ==
        "a message of 284 and 17000004 bytes is larger than the 1000 bytes allowed");
}

TEST_CASE("frame: a claim alone takes no memory") {
  const std::uint64_t before = memory_in_use();
  FrameReader reader(std::size_t{256} << 20U);
  auto bytes = large_claim();
  bytes.resize(bytes.size() + 2'000'000);
  std::span<const std::byte> rest = bytes;
  std::size_t largest_space = 0;
  while (!rest.empty()) {
    std::size_t count = 0;
    for (const std::span<std::byte> space : reader.space()) {
      largest_space = std::max(largest_space, space.size());
      const auto part = rest.first(std::min(rest.size(), space.size()));
      std::ranges::copy(part, space.begin());
      rest = rest.subspan(part.size());
      count += part.size();
    }
    reader.received(count, Seconds(0));
    CHECK(!reader.next());
  }
  CHECK(largest_space <= std::size_t{1} << 20U);
  CHECK(memory_in_use() == before);
}

TEST_CASE("frame: what no frame can hold is refused before it is sent") {
  Message message{.text = std::string(kMostFieldBytes, 'x')};
  CHECK_THROWS_AS(bytes_of(message), std::length_error);
  message.text.clear();
  message.tensors.resize(kMostTensors + 1);
  CHECK_THROWS_AS(bytes_of(message), std::length_error);
}

}  // namespace offcut::runtime::frame_test

// Messages for the tests of transports: each field and each type of tensor is used.
#include "tests/sim/runtime/transport/sample_messages.h"

#include <algorithm>

#include "sim/runtime/transport/frame.h"
#include "sim/runtime/transport/outgoing_frame.h"

namespace offcut::runtime {

MessageTensor sample_tensor(const std::string& name, DataType type, Shape shape) {
  MessageTensor tensor{.name = name, .values = Tensor({type, std::move(shape)})};
  unsigned value = 7;
  for (std::byte& byte : tensor.values.bytes()) {
    byte = static_cast<std::byte>((value = value * 5 + 1) >> 3U);
  }
  return tensor;
}

MessageTensor sample_encoded(const std::string& name, std::size_t bytes) {
  auto encoded = std::make_shared<std::vector<std::byte>>(bytes);
  unsigned value = 3;
  for (std::byte& byte : *encoded) {
    byte = static_cast<std::byte>((value = value * 5 + 1) >> 2U);
  }
  return {.name = name, .encoded = std::move(encoded)};
}

std::vector<Message> sample_messages() {
  std::vector<Message> messages;
  messages.push_back({.kind = MessageKind::hello, .text = "{\"tier\": \"edge\"}"});
  Message request{.kind = MessageKind::request, .request = 1ULL << 40U, .cut = 3, .device = 17};
  for (int type = 1; type <= static_cast<int>(kLastDataType); ++type) {
    const auto element = static_cast<DataType>(type);
    request.tensors.push_back(sample_tensor(std::string(to_text(element)), element, {1, type, 5}));
  }
  request.tensors.push_back(sample_tensor("scalar", DataType::float32, {}));
  request.tensors.push_back(sample_tensor("empty", DataType::int64, {2, 0, 3}));
  request.tensors.push_back({.name = "absent"});
  request.tensors.push_back(sample_encoded("encoded", 1000));
  request.tensors.push_back(sample_encoded("nothing encoded", 0));
  messages.push_back(request);
  Message answer{.kind = MessageKind::answer, .request = 5, .text = "späte Antwort"};
  TierTimes times{.tier = 2, .server = 1, .batch = 8};
  times.first_byte = Seconds(0.25);
  times.last_byte = Seconds(0.5);
  times.start = Seconds(0.75);
  times.end = Seconds(1.25);
  times.sent = Seconds(1e9 + 1e-6);
  times.answer_first = Seconds(2);
  times.answer_last = Seconds(3);
  times.tail_start = Seconds(4);
  times.tail_end = Seconds(-5);
  answer.times = {times, {.tier = 1}};
  // Larger than what is allocated in advance, and than what is read at once.
  answer.tensors.push_back(sample_tensor("large", DataType::float32, {3, 1000, 1000}));
  answer.tensors.push_back(sample_encoded("large encoded", 5'000'001));
  answer.tensors.push_back(sample_tensor("small", DataType::uint8, {3}));
  messages.push_back(answer);
  messages.push_back({.kind = MessageKind::refusal, .request = 6, .text = "the queue is full"});
  messages.push_back({.kind = MessageKind::probe, .request = 7});
  messages.push_back({.kind = MessageKind::echo,
                      .request = 7,
                      .tensors = {sample_tensor("megabyte", DataType::uint8, {1'000'000})}});
  return messages;
}

bool is_same(const Message& a, const Message& b) {
  const auto head = [](const Message& m) {
    return std::tie(m.kind, m.request, m.cut, m.device, m.text);
  };
  const auto times = [](const TierTimes& t) {
    return std::tie(t.tier, t.server, t.batch, t.first_byte, t.last_byte, t.start, t.end, t.sent,
                    t.answer_first, t.answer_last, t.tail_start, t.tail_end);
  };
  const auto is_same_tensor = [](const MessageTensor& x, const MessageTensor& y) {
    return x.name == y.name && x.values.type() == y.values.type() &&
           (x.encoded == nullptr) == (y.encoded == nullptr) &&
           std::ranges::equal(payload_of(x), payload_of(y));
  };
  return head(a) == head(b) &&
         std::ranges::equal(a.times, b.times,
                            [&](const auto& x, const auto& y) { return times(x) == times(y); }) &&
         std::ranges::equal(a.tensors, b.tensors, is_same_tensor);
}

std::vector<std::byte> bytes_of(const Message& message) {
  OutgoingFrame frame(message);
  std::vector<std::byte> bytes;
  while (frame.rest() > 0) {
    std::size_t count = 0;
    for (const auto piece : frame.next(1000)) {
      bytes.insert(bytes.end(), piece.begin(), piece.end());
      count += piece.size();
    }
    frame.advance(count);
  }
  return bytes;
}

}  // namespace offcut::runtime

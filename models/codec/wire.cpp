// Tensors that cross a cut: which ones are encoded, their bytes, and the real way of a tensor
// through its codec, with the time that encoding and decoding take.
#include "models/codec/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace offcut::codec {

bool crosses_encoded(const Graph& graph, TensorId tensor, const Codec& codec) {
  const TensorNode& node = graph.tensor(tensor);
  return node.producer ||
         static_cast<double>(codec.byte_bound(node.type)) < graph.wire_bytes(tensor);
}

double bytes_on_wire(const Graph& graph, TensorId tensor, const Codec& codec) {
  return crosses_encoded(graph, tensor, codec)
             ? static_cast<double>(codec.byte_bound(graph.tensor(tensor).type))
             : graph.wire_bytes(tensor);
}

WireCodecs every_tensor(const Graph& graph, const std::shared_ptr<const Codec>& codec) {
  WireCodecs codecs;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    if (!graph.tensor(id).is_parameter() && crosses_encoded(graph, id, *codec)) {
      codecs[id] = codec;
    }
  }
  return codecs;
}

SentTensor send_over_wire(const Graph& graph, TensorId id, const Tensor& tensor,
                          const Codec& codec) {
  using Clock = std::chrono::steady_clock;
  if (!crosses_encoded(graph, id, codec)) {
    return {.id = id, .original = tensor, .arrived = tensor, .bytes = graph.wire_bytes(id)};
  }
  try {
    const auto start = Clock::now();
    const std::vector<std::byte> bytes = codec.encode(tensor);
    const auto middle = Clock::now();
    Tensor arrived = codec.decode(bytes);
    const auto end = Clock::now();
    return {.id = id,
            .original = tensor,
            .arrived = std::move(arrived),
            .bytes = static_cast<double>(bytes.size()),
            .encode_seconds = std::chrono::duration<double>(middle - start).count(),
            .decode_seconds = std::chrono::duration<double>(end - middle).count()};
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(
        fmt::format("tensor '{}': {}", graph.tensor(id).name, error.what()));
  }
}

SentTensor send_over_wire(const Graph& graph, TensorId id, const Tensor& tensor,
                          const WireCodecs& codecs) {
  const auto codec = codecs.find(id);
  return codec != codecs.end()
             ? send_over_wire(graph, id, tensor, *codec->second)
             : SentTensor{
                   .id = id, .original = tensor, .arrived = tensor, .bytes = graph.wire_bytes(id)};
}

double largest_error(const SentTensor& tensor) {
  const auto before = tensor.original.values<float>();
  const auto after = tensor.arrived.values<float>();
  double largest = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    largest = std::max(largest, std::abs(double{before[i]} - double{after[i]}));
  }
  return largest;
}

}  // namespace offcut::codec

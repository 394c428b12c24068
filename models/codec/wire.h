#pragma once

#include <map>

#include "models/codec/codec.h"
#include "models/graph/graph.h"

namespace offcut::codec {

/// Whether the tensor crosses a cut encoded. All that layers make does. A graph input has bytes of
/// its own (an image is uint8), and crosses as those, without loss, unless the codec promises
/// fewer.
bool crosses_encoded(const Graph& graph, TensorId tensor, const Codec& codec);

/// The most bytes with which it crosses, known without its values.
double bytes_on_wire(const Graph& graph, TensorId tensor, const Codec& codec);

/// The codec of each tensor that crosses encoded; the others cross as they are.
using WireCodecs = std::map<TensorId, std::shared_ptr<const Codec>>;

/// The same codec for every tensor that crosses encoded with it.
WireCodecs every_tensor(const Graph& graph, const std::shared_ptr<const Codec>& codec);

/// A tensor after it has crossed.
struct SentTensor {
  TensorId id = 0;
  Tensor original;
  Tensor arrived;
  double bytes = 0;
  double encode_seconds = 0;  // wall time
  double decode_seconds = 0;
};

/// Encodes and decodes the tensor, or leaves it as it is where it does not cross encoded. Throws
/// std::invalid_argument, naming the tensor, where the codec refuses it.
SentTensor send_over_wire(const Graph& graph, TensorId id, const Tensor& tensor,
                          const Codec& codec);

/// The same with the tensor's own codec, or none.
SentTensor send_over_wire(const Graph& graph, TensorId id, const Tensor& tensor,
                          const WireCodecs& codecs);

/// The largest difference of an element. REQUIRES: float32.
double largest_error(const SentTensor& tensor);

}  // namespace offcut::codec

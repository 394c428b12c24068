#pragma once

#include <map>

#include "models/codec/codec.h"
#include "models/graph/graph.h"

namespace offcut::codec {

/// Returns whether the tensor crosses a cut encoded, as all outputs of layers do. A graph input has
/// its own bytes (an image is uint8) and crosses as these, without loss, unless the codec is sure
/// to need fewer.
bool crosses_encoded(const Graph& graph, TensorId tensor, const Codec& codec);

/// Returns the most bytes with which the tensor crosses, which is known without its values.
double bytes_on_wire(const Graph& graph, TensorId tensor, const Codec& codec);

/// The codecs of the tensors that cross encoded; all other tensors cross unencoded.
using WireCodecs = std::map<TensorId, std::shared_ptr<const Codec>>;

/// Returns the same codec for every tensor that crosses encoded with it.
WireCodecs every_tensor(const Graph& graph, const std::shared_ptr<const Codec>& codec);

/// A tensor after it has crossed a cut.
struct SentTensor {
  TensorId id = 0;
  Tensor original;
  Tensor arrived;
  double bytes = 0;
  double encode_seconds = 0;  // Wall-clock time.
  double decode_seconds = 0;
};

/// Encodes and decodes the tensor, or leaves it unchanged if it does not cross encoded. Throws
/// std::invalid_argument with the tensor's name if the codec refuses it.
SentTensor send_over_wire(const Graph& graph, TensorId id, const Tensor& tensor,
                          const Codec& codec);

/// Does the same with the tensor's own codec, if it has one.
SentTensor send_over_wire(const Graph& graph, TensorId id, const Tensor& tensor,
                          const WireCodecs& codecs);

/// Returns the largest difference of an element. REQUIRES: the tensor is float32.
double largest_error(const SentTensor& tensor);

}  // namespace offcut::codec

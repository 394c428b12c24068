// Layers on bytes that multiply nothing: pooling to the greatest, concatenation over the channels,
// and means over all places. Bytes lie with their channels last.

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/exec/onednn/lowering.h"
#include "models/ops/arguments.h"

namespace offcut::exec {

using dnnl::memory;

namespace {

/// Places of a tensor with channels last: all extents but that of the channels.
std::int64_t places_in(const Shape& shape) {
  return shape[0] * ops::extent_between(shape, 2, shape.size());
}

/// Writes the means over `places` of each channel of an image, in units of another scale.
template <class From, class To>
void write_means(const From* from, std::int64_t places, std::int64_t channels, const Scale& own,
                 const Scale& scale, To* to) {
  std::vector<std::int32_t> sums(static_cast<std::size_t>(channels));
  for (std::int64_t place = 0; place < places; ++place) {
    for (std::size_t c = 0; c < sums.size(); ++c) {
      sums[c] += from[static_cast<std::size_t>(place * channels) + c];
    }
  }
  const auto count = static_cast<double>(places);
  const double factor = static_cast<double>(own.scale) / (count * scale.scale);
  for (std::size_t c = 0; c < sums.size(); ++c) {
    const double integer = std::nearbyint((sums[c] - count * own.zero) * factor) + scale.zero;
    to[c] = static_cast<To>(std::clamp<double>(integer, std::numeric_limits<To>::min(),
                                               std::numeric_limits<To>::max()));
  }
}

/// Calls f with an element of the type, uint8 or int8.
template <class F>
void with_own_byte(DataType type, F f) {
  if (type == DataType::uint8) {
    f(std::uint8_t{});
  } else {
    f(std::int8_t{});
  }
}

}  // namespace

bool OneDnnLowering::lower_quantized_move(const Operation& operation) {
  const std::string& op = program().layer(operation).op_name;
  return op == "MaxPool"  ? lower_pooling(operation)
         : op == "Concat" ? lower_quantized_concat(operation)
                          : false;
}

bool OneDnnLowering::lower_quantized_concat(const Operation& operation) {
  const TensorType& own = type(operation.outputs.front());
  const std::size_t rank = own.shape.size();
  if (rank < 4 || rank > 5 ||
      ops::axis_in(program().layer(operation).attributes.integer("axis", 0), rank) != 1) {
    return false;
  }
  struct Part {
    BufferId buffer;
    std::int64_t channels;
  };
  std::vector<Part> parts;
  std::vector<BufferId> reads;
  for (const Operand& input : operation.inputs) {
    const Form form = in_layout(input.id, channels_last_layout(type(input.id)));
    parts.push_back({form.buffer, type(input.id).shape[1]});
    reads.push_back(form.buffer);
  }
  const Form to = make(operation.outputs.front(), channels_last_layout(own));
  schedule().add_step({.name = operation.name,
                       .kernel = "concat bytes",
                       .reads = std::move(reads),
                       .writes = {to.buffer},
                       .run = [parts = std::move(parts), places = places_in(own.shape),
                               all = own.shape[1], y = to.buffer](BufferTable& buffers) {
                         std::int64_t channel = 0;
                         for (const Part& part : parts) {
                           const std::byte* from = buffers.data(part.buffer);
                           std::byte* into = buffers.data(y) + channel;
                           for (std::int64_t place = 0; place < places; ++place) {
                             std::copy_n(from, part.channels, into);
                             from += part.channels;
                             into += all;
                           }
                           channel += part.channels;
                         }
                       }});
  return true;
}

bool OneDnnLowering::lower_quantized_average(const Operation& operation) {
  const auto& group = std::get<Quantized>(operation.group);
  const TensorType from_type = program().type(operation.inputs[0]);
  const TensorType to_type = type(operation.outputs.front());
  if (from_type.shape.size() < 4 || from_type.shape.size() > 5) {
    return false;
  }
  const Form from = in_layout(operation.inputs[0].id, channels_last_layout(from_type));
  const Form to = make(operation.outputs.front(), channels_last_layout(to_type));
  const std::int64_t images = from_type.shape[0];
  const std::int64_t channels = from_type.shape[1];
  schedule().add_step(
      {.name = operation.name,
       .kernel = "average bytes",
       .reads = {from.buffer},
       .writes = {to.buffer},
       .run = [=, places = places_in(from_type.shape) / images, own = group.inputs[0],
               scale = group.output, x = from.buffer, y = to.buffer](BufferTable& buffers) {
         with_own_byte(from_type.type, [&](auto from_byte) {
           with_own_byte(to_type.type, [&](auto to_byte) {
             for (std::int64_t image = 0; image < images; ++image) {
               write_means(
                   reinterpret_cast<const decltype(from_byte)*>(buffers.data(x)) +
                       image * places * channels,
                   places, channels, own, scale,
                   reinterpret_cast<decltype(to_byte)*>(buffers.data(y)) + image * channels);
             }
           });
         });
       }});
  return true;
}

}  // namespace offcut::exec

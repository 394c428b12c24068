// Affine integers as layers of ONNX operators. They compute in float64, in the same order as
// AffineCodec, so that both send the same integers; a cast to uint8 drops the fraction after half a
// step was added.
#include "models/codec/affine_steps.h"

#include <array>
#include <cmath>
#include <limits>

namespace offcut::codec {
namespace {

constexpr float kSixteen = 16;

/// Returns the axes that a range is reduced over: none for all, or all except the channels (see
/// ranged_channels_of()).
std::vector<std::int64_t> axes_of_range(const Shape& shape, bool per_channel) {
  std::vector<std::int64_t> axes;
  for (std::size_t axis = 0; per_channel && shape.size() >= 3 && axis < shape.size(); ++axis) {
    if (axis != 1) {
      axes.push_back(static_cast<std::int64_t>(axis));
    }
  }
  return axes;
}

/// Adds a reduction, whose axes are an attribute up to opset 17 and an input from 18 on.
TensorId reduce(StepWriter& writer, const std::string& op, TensorId x,
                const std::vector<std::int64_t>& axes, const std::string& name) {
  constexpr int kAxesAreInput = 18;
  Attributes attributes;
  std::vector<TensorId> inputs = {x};
  if (!axes.empty() && writer.opset() >= kAxesAreInput) {
    inputs.push_back(writer.constant({static_cast<std::int64_t>(axes.size())},
                                     std::span<const std::int64_t>(axes), name + ".axes"));
  } else if (!axes.empty()) {
    attributes.set("axes", axes);
  }
  return writer.layer(op, std::move(inputs), name, std::move(attributes));
}

/// Extracts one of the two columns of a matrix as a vector.
TensorId column(StepWriter& writer, TensorId pairs, std::int64_t index, const std::string& name) {
  Attributes attributes;
  attributes.set("axis", std::int64_t{1});
  return writer.layer("Gather", {pairs, writer.scalar(index, name + ".index")}, name, attributes);
}

TensorId concat(StepWriter& writer, std::vector<TensorId> parts, std::int64_t axis,
                const std::string& name) {
  Attributes attributes;
  attributes.set("axis", axis);
  return writer.layer("Concat", std::move(parts), name, attributes);
}

/// Packs two integers of 4 bits into a byte, the first one into the low half, as BitPacker does.
TensorId pack(StepWriter& writer, TensorId integers) {
  const std::int64_t count = elements(writer.shape_of(integers));
  TensorId flat =
      writer.reshape(writer.cast(integers, DataType::float32, "digits"), {count}, "flat_digits");
  if (count % 2 != 0) {
    const std::array<float, 1> nothing = {0};
    const TensorId last = writer.constant<float>({1}, std::span<const float>(nothing), "padding");
    flat = concat(writer, {flat, last}, 0, "padded");
  }
  const TensorId pairs = writer.reshape(flat, {(count + 1) / 2, 2}, "pairs");
  const TensorId high = writer.layer(
      "Mul", {column(writer, pairs, 1, "second"), writer.scalar(kSixteen, "sixteen")}, "high_half");
  const TensorId both = writer.layer("Add", {column(writer, pairs, 0, "first"), high}, "bytes");
  return writer.cast(both, DataType::uint8, "packed");
}

/// Reverses pack() and returns float32 numbers in the tensor's shape.
TensorId unpack(StepWriter& writer, TensorId packed, const Shape& shape) {
  const std::int64_t count = elements(shape);
  const std::int64_t bytes = (count + 1) / 2;
  const TensorId sixteen = writer.scalar(kSixteen, "sixteen");
  const TensorId both = writer.cast(packed, DataType::float32, "bytes");
  const TensorId share = writer.layer("Div", {both, sixteen}, "quotient");
  const TensorId second = writer.layer("Floor", {share}, "second");
  const TensorId high = writer.layer("Mul", {second, sixteen}, "high_half");
  const TensorId first = writer.layer("Sub", {both, high}, "first");
  TensorId flat = writer.reshape(concat(writer,
                                        {writer.reshape(first, {bytes, 1}, "first_column"),
                                         writer.reshape(second, {bytes, 1}, "second_column")},
                                        1, "pairs"),
                                 {2 * bytes}, "flat_digits");
  if (count % 2 != 0) {
    const std::array<std::int64_t, 1> from = {0};
    const std::array<std::int64_t, 1> to = {count};
    flat = writer.layer("Slice",
                        {flat, writer.constant<std::int64_t>({1}, std::span(from), "from"),
                         writer.constant<std::int64_t>({1}, std::span(to), "to")},
                        "unpadded");
  }
  return writer.reshape(flat, shape, "digits");
}

}  // namespace

TensorId AffineSteps::step(StepWriter& writer, TensorId low, TensorId high) const {
  const TensorId range = writer.layer("Sub", {high, low}, "range");
  const TensorId most = writer.scalar(std::ldexp(1.0, bits_) - 1, "largest_integer");
  return writer.layer("Div", {range, most}, "step");
}

std::vector<TensorId> AffineSteps::encode(StepWriter& writer, TensorId x) const {
  const std::vector<std::int64_t> axes = axes_of_range(writer.shape_of(x), per_channel_);
  const TensorId low = reduce(writer, "ReduceMin", x, axes, "low");
  const TensorId high = reduce(writer, "ReduceMax", x, axes, "high");
  const TensorId low64 = writer.cast(low, DataType::float64, "low64");
  const TensorId high64 = writer.cast(high, DataType::float64, "high64");
  // If low and high are equal, this keeps 0 from being divided by 0.
  const TensorId least = writer.scalar(std::numeric_limits<double>::min(), "least_step");
  const TensorId divisor =
      writer.layer("Max", {step(writer, low64, high64), least}, "positive_step");
  const TensorId wide = writer.cast(x, DataType::float64, "float64");
  const TensorId above = writer.layer("Sub", {wide, low64}, "above_low");
  const TensorId steps = writer.layer("Div", {above, divisor}, "steps");
  // Numbers are rounded half up, because casts drop the fraction.
  const TensorId rounded = writer.layer("Add", {steps, writer.scalar(0.5, "half")}, "rounded");
  const TensorId integers = writer.cast(rounded, DataType::uint8, "integers");
  return {bits_ == 4 ? pack(writer, integers) : integers, low, high};
}

TensorId AffineSteps::decode(StepWriter& writer, std::span<const TensorId> sent,
                             const Shape& shape) const {
  const TensorId low64 = writer.cast(sent[1], DataType::float64, "low64");
  const TensorId high64 = writer.cast(sent[2], DataType::float64, "high64");
  const TensorId digits = bits_ == 4 ? unpack(writer, sent[0], shape) : sent[0];
  const TensorId integers = writer.cast(digits, DataType::float64, "float64");
  const TensorId above = writer.layer("Mul", {integers, step(writer, low64, high64)}, "above_low");
  return writer.cast(writer.layer("Add", {above, low64}, "wide"), DataType::float32, "");
}

}  // namespace offcut::codec

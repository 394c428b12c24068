// Runs the math of requests' inputs through a SplitPass and keeps, for each input, the predicted
// label and the encoded bytes on each hop. Requests beyond the data set use its inputs again.

#include "sim/runtime/inference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/base/error.h"
#include "models/ops/convert.h"

namespace offcut::runtime {

void check_fits(const Graph& graph, const Shape& item, const Place& place) {
  if (graph.inputs().size() != 1) {
    throw InputError(place,
                     fmt::format("model.input: the network has {} inputs, but images fill only one",
                                 graph.inputs().size()));
  }
  const TensorNode& input = graph.tensor(graph.inputs().front());
  if (elements(input.type.shape) != elements(item)) {
    throw InputError(place,
                     fmt::format("model.input: the network's '{}' is {}, but the images are {}",
                                 input.name, to_text(input.type.shape), to_text(item)));
  }
  const DataType type = input.type.type;
  if (type != DataType::float32 && type != DataType::uint8 && !is_short_float(type)) {
    throw InputError(place, fmt::format("model.input: the network's '{}' is {}, but images are "
                                        "float32, float16, bfloat16 or uint8",
                                        input.name, to_text(input.type.type)));
  }
}

namespace {

/// Without choices by measured time, the same scenario gives the same bits on each run.
constexpr exec::PrepareOptions kRepeatable = {.time_layouts = false,
                                              .winograd = exec::PrepareOptions::Winograd::never};

}  // namespace

Inference::Inference(const Graph& graph, const partition::Assignment& tier_of, Dataset data,
                     double divide, std::int64_t stride, exec::MathEngine engine,
                     codec::WireCodecs codecs, bool reads_all_outputs)
    : graph_(graph),
      tier_of_(tier_of),
      encodes_(!codecs.empty()),
      pass_(graph, tier_of, engine, kRepeatable, std::move(codecs)),
      data_(std::move(data)),
      divide_(divide),
      stride_(stride),
      reads_all_outputs_(reads_all_outputs),
      math_(data_.images.size()) {
  if (!data_.tensors) {
    check_fits(graph, data_.item, {graph.name()});
  }
}

Tensor Inference::image(const std::vector<std::uint8_t>& bytes) const {
  const TensorType& type = graph_.tensor(graph_.inputs().front()).type;
  if (type.type == DataType::uint8) {
    return Tensor(type.shape, std::span<const std::uint8_t>(bytes));
  }
  Tensor floats(TensorType{DataType::float32, type.shape});
  std::transform(bytes.begin(), bytes.end(), floats.values<float>().begin(),
                 [&](std::uint8_t b) { return static_cast<float>(b / divide_); });
  return ops::convert(floats, type.type);
}

exec::TensorMap Inference::inputs(std::int64_t index) const {
  const auto& bytes = data_.images.at(static_cast<std::size_t>(index));
  if (!data_.tensors) {
    return {{graph_.inputs().front(), image(bytes)}};
  }
  exec::TensorMap tensors;
  auto from = std::as_bytes(std::span(bytes));
  for (const TensorId id : graph_.inputs()) {
    Tensor tensor(graph_.tensor(id).type);
    const std::size_t size = tensor.bytes().size();
    std::copy_n(from.begin(), size, tensor.bytes().begin());
    from = from.subspan(size);
    tensors[id] = tensor;
  }
  return tensors;
}

/// Errors that depend on values, such as an index out of range, are the model's or the inputs'.
exec::TensorMap Inference::run_split(const exec::TensorMap& inputs) {
  try {
    return pass_.run(inputs);
  } catch (const std::invalid_argument& error) {
    throw InputError({graph_.name()}, fmt::format("can't run on these inputs: {}", error.what()));
  }
}

void Inference::share(KnownMath& known, std::string key) {
  known_ = &known;
  key_ = std::move(key);
}

const InputMath& Inference::math_of(std::size_t input) {
  InputMath& math = math_[input];
  if (math.readings.empty()) {
    const InputMath* known = known_ != nullptr ? known_->find(key_, input) : nullptr;
    math = known != nullptr ? *known : compute(input);
    if (known_ != nullptr && known == nullptr) {
      known_->add(key_, input, math);
    }
  }
  return math;
}

InputMath Inference::compute(std::size_t input) {
  InputMath math;
  const exec::TensorMap outputs = run_split(inputs(static_cast<std::int64_t>(input)));
  if (!reads_all_outputs_) {
    math.readings = {{.predicted = arg_max(outputs.at(graph_.outputs().front()))}};
  }
  for (std::size_t i = 0; reads_all_outputs_ && i < graph_.outputs().size(); ++i) {
    math.readings.push_back(reading_of(outputs.at(graph_.outputs()[i])));
  }
  for (const codec::SentTensor& tensor : pass_.sent()) {
    const auto producer = graph_.tensor(tensor.id).producer;
    std::size_t to = 0;
    for (const LayerId reader : graph_.tensor(tensor.id).consumers) {
      to = std::max(to, tier_of_[reader]);
    }
    math.up_bytes.resize(std::max(math.up_bytes.size(), to));
    for (std::size_t hop = producer ? tier_of_[*producer] : 0; hop < to; ++hop) {
      math.up_bytes[hop] += Bytes(tensor.bytes);
    }
  }
  return math;
}

Bytes Inference::up_bytes(std::int64_t input, std::size_t hop) {
  const InputMath& math = math_of(static_cast<std::size_t>(input - input % stride_));
  return hop < math.up_bytes.size() ? math.up_bytes[hop] : Bytes(0);
}

const std::vector<OutputReading>& Inference::readings_of(std::int64_t input) {
  input %= input_count();
  return math_of(static_cast<std::size_t>(input - input % stride_)).readings;
}

std::optional<Prediction> Inference::prediction_of(std::int64_t input, std::size_t output) {
  Prediction prediction{.input = input % static_cast<std::int64_t>(data_.images.size())};
  if (prediction.input % stride_ != 0) {
    return std::nullopt;
  }
  const auto index = static_cast<std::size_t>(prediction.input);
  prediction.predicted = math_of(index).readings.at(output).predicted;
  if (!data_.labels.empty()) {
    prediction.label = data_.labels[index];
  }
  return prediction;
}

OutputReading reading_of(const Tensor& tensor) {
  const Tensor scores = ops::convert(tensor, DataType::float32);
  const auto values = scores.values<float>();
  if (values.empty()) {
    return {};
  }
  const auto largest = std::max_element(values.begin(), values.end());
  OutputReading reading{.predicted = largest - values.begin(), .probability = *largest};
  for (const float value : values) {
    reading.entropy -= value > 0 ? value * std::log(static_cast<double>(value)) : 0;
  }
  return reading;
}

std::int64_t arg_max(const Tensor& tensor) {
  const Tensor scores = ops::convert(tensor, DataType::float32);
  const auto values = scores.values<float>();
  return std::max_element(values.begin(), values.end()) - values.begin();
}

}  // namespace offcut::runtime

// Adds codecs to a planner's problem: the bytes that each tensor has when it crosses encoded, and
// the times of encoding and decoding. Bytes are what the codec promises from the tensor's shape;
// times come from the roofline of the tier's device, with coding as one more elementwise layer.

#include "sim/experiment/coding.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/cost/roofline.h"

namespace offcut::experiment {
namespace {

using CodecByTensor = std::map<TensorId, codec::NamedCodec>;

/// Coding costs as much as an elementwise layer that reads the tensor and writes its bytes, or the
/// reverse. Its operations are measured in the same way (see CodingWork).
Seconds coding_time(const cost::Device& device, const TensorType& type, double wire_bytes,
                    double operations) {
  const double macs = operations * static_cast<double>(elements(type.shape)) / 2;
  return cost::layer_time(device,
                          {.kind = LayerKind::elementwise,
                           .macs = macs,
                           .activation_bytes = static_cast<double>(type.bytes()) + wire_bytes});
}

/// Returns nothing if the tensor crosses unencoded.
std::optional<partition::Coding> coding_of(const Graph& graph, TensorId id,
                                           const std::vector<scenario::TierChoice>& tiers,
                                           const codec::NamedCodec& named) {
  const codec::Codec& codec = *named.codec;
  if (!codec::crosses_encoded(graph, id, codec)) {
    return std::nullopt;
  }
  const TensorType& type = graph.tensor(id).type;
  const double bytes = codec::bytes_on_wire(graph, id, codec);
  partition::Coding coding{.bytes = Bytes(bytes), .encode = {}, .decode = {}, .codec = named.text};
  for (const scenario::TierChoice& tier : tiers) {
    const auto& device = std::get<cost::Device>(tier.is);
    coding.encode.push_back(coding_time(device, type, bytes, codec.work().encode));
    coding.decode.push_back(coding_time(device, type, bytes, codec.work().decode));
  }
  return coding;
}

/// Returns the tensors that a name of the scenario stands for: one tensor, or all outputs of a
/// layer. Adds an error if there are none.
std::vector<TensorId> tensors_of(const Graph& graph, const scenario::CodecChoice::Named& named,
                                 const scenario::PlanChoice& plan,
                                 std::vector<Diagnostic>& diagnostics) {
  if (const auto id = graph.find_tensor(named.tensor); id && !graph.tensor(*id).is_parameter()) {
    return {*id};
  }
  if (const auto layer = graph.find_layer(named.tensor)) {
    return graph.layer(*layer).outputs;
  }
  std::vector<std::string> names;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    if (!graph.tensor(id).is_parameter()) {
      names.push_back(graph.tensor(id).name);
    }
  }
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    names.push_back(graph.layer(id).name);
  }
  const std::string near = nearest(named.tensor, names);
  diagnostics.push_back(
      {named.place,
       fmt::format("{}: there is no tensor or layer {}{}", plan.path_of("codec"),
                   in_quotes(named.tensor), near.empty() ? "" : suggestion(named.tensor, names))});
  return {};
}

/// Returns the codec that the scenario names for each tensor.
CodecByTensor given_codecs(const Graph& graph, const scenario::PlanChoice& plan,
                           std::vector<Diagnostic>& diagnostics) {
  const scenario::CodecChoice& choice = plan.codec;
  CodecByTensor codecs;
  for (TensorId id = 0; id < graph.tensor_count() && choice.all; ++id) {
    codecs[id] = *choice.all;
  }
  for (const scenario::CodecChoice::Named& named : choice.some) {
    for (const TensorId id : tensors_of(graph, named, plan, diagnostics)) {
      if (!codecs.emplace(id, named.codec).second) {
        diagnostics.push_back(
            {named.place, fmt::format("{}: {} already has a codec", plan.path_of("codec"),
                                      in_quotes(graph.tensor(id).name))});
      }
    }
  }
  return codecs;
}

/// Measured or fitted times are those of layers. They do not tell how long coding takes.
void check_tiers(const std::vector<scenario::TierChoice>& tiers,
                 std::vector<Diagnostic>& diagnostics) {
  for (const scenario::TierChoice& tier : tiers) {
    if (!std::holds_alternative<cost::Device>(tier.is)) {
      diagnostics.push_back(
          {tier.place, fmt::format("tiers.{}: codecs need a device of the catalogue or the "
                                   "scenario, since its speed determines how long coding takes",
                                   tier.name)});
    }
  }
}

void add_coding(const Graph& graph, TensorId id, const scenario::PlanChoice& plan,
                const std::vector<scenario::TierChoice>& tiers, const CodecByTensor& given,
                partition::CrossingTensor& tensor) {
  try {
    if (const auto codec = given.find(id); codec != given.end()) {
      tensor.coding = coding_of(graph, id, tiers, codec->second);
    }
    for (const codec::NamedCodec& candidate : plan.codec.candidates) {
      if (auto coding = coding_of(graph, id, tiers, candidate)) {
        tensor.candidates.push_back(std::move(*coding));
      }
    }
  } catch (const std::invalid_argument& error) {
    throw InputError(plan.codec.place, fmt::format("{}: tensor {}: {}", plan.path_of("codec"),
                                                   in_quotes(tensor.name), error.what()));
  }
}

/// REQUIRES: the scenario has a codec of this text.
const codec::NamedCodec& find_codec(const scenario::CodecChoice& choice, const std::string& text) {
  if (choice.all && choice.all->text == text) {
    return *choice.all;
  }
  for (const scenario::CodecChoice::Named& named : choice.some) {
    if (named.codec.text == text) {
      return named.codec;
    }
  }
  const auto candidate =
      std::find_if(choice.candidates.begin(), choice.candidates.end(),
                   [&](const codec::NamedCodec& named) { return named.text == text; });
  if (candidate == choice.candidates.end()) {
    throw std::logic_error(fmt::format("the scenario has no codec '{}'", text));
  }
  return *candidate;
}

}  // namespace

void add_codings(const Graph& graph, const scenario::PlanChoice& plan,
                 const std::vector<scenario::TierChoice>& tiers, partition::Problem& problem) {
  if (plan.codec.none()) {
    return;
  }
  std::vector<Diagnostic> diagnostics;
  check_tiers(tiers, diagnostics);
  const CodecByTensor given = given_codecs(graph, plan, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  std::size_t position = 0;  // The problem has the graph's tensors in order, without parameters.
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    if (!graph.tensor(id).is_parameter()) {
      add_coding(graph, id, plan, tiers, given, problem.tensors.at(position++));
    }
  }
  problem.check();
}

codec::WireCodecs wire_codecs(const Graph& graph, const scenario::CodecChoice& choice,
                              const partition::CodecOf& codecs) {
  codec::WireCodecs wire;
  for (const auto& [tensor, codec] : codecs) {
    wire[*graph.find_tensor(tensor)] = find_codec(choice, codec).codec;
  }
  return wire;
}

}  // namespace offcut::experiment

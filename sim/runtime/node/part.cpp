// Computes a part of a network on named tensors. A batch is one run of a graph that was made for
// its size: inputs are joined along their first axis, and outputs divided. It relies on
// Part::in_batches for that graph, and falls back to one run per request where there is none.

#include "sim/runtime/node/part.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "models/base/error.h"
#include "models/codec/choose.h"
#include "models/exec/segment.h"

namespace offcut::runtime {
namespace {

std::vector<TensorSpec> specs_of(const Graph& graph, const std::vector<TensorId>& ids) {
  std::vector<TensorSpec> specs;
  for (const TensorId id : ids) {
    specs.push_back({graph.tensor(id).name, graph.tensor(id).type});
  }
  return specs;
}

/// Returns whether a tensor of `batch` is one of `one` for each of `size` requests, joined along
/// its first axis.
bool is_joined(const TensorType& one, const TensorType& batch, std::size_t size) {
  TensorType joined = one;
  if (joined.shape.empty()) {
    return false;
  }
  joined.shape.front() *= static_cast<std::int64_t>(size);
  return joined == batch;
}

bool can_join(const Graph& one, const Graph& batch, std::size_t size) {
  const auto fits = [&](const std::vector<TensorId>& a, const std::vector<TensorId>& b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (one.tensor(a[i]).name != batch.tensor(b[i]).name ||
          !is_joined(one.tensor(a[i]).type, batch.tensor(b[i]).type, size)) {
        return false;
      }
    }
    return true;
  };
  return fits(one.inputs(), batch.inputs()) && fits(one.outputs(), batch.outputs());
}

Tensor join(const TensorType& type, const std::string& name,
            const std::vector<NamedTensors>& inputs) {
  Tensor joined(type);
  std::byte* to = joined.bytes().data();
  for (const NamedTensors& input : inputs) {
    const auto from = input.at(name).bytes();
    std::memcpy(to, from.data(), from.size());
    to += from.size();
  }
  return joined;
}

Tensor share_of(const Tensor& joined, const TensorType& type, std::size_t number) {
  Tensor own(type);
  const auto bytes = static_cast<std::size_t>(type.bytes());
  std::memcpy(own.bytes().data(), joined.bytes().data() + number * bytes, bytes);
  return own;
}

}  // namespace

std::vector<TensorSpec> Part::inputs() const {
  return graph == nullptr ? std::vector<TensorSpec>() : specs_of(*graph, graph->inputs());
}

std::vector<TensorSpec> Part::outputs() const {
  return graph == nullptr ? std::vector<TensorSpec>() : specs_of(*graph, graph->outputs());
}

std::vector<std::string> Part::layers() const {
  std::vector<std::string> names;
  for (LayerId id = 0; graph != nullptr && id < graph->layer_count(); ++id) {
    names.push_back(graph->layer(id).name);
  }
  return names;
}

BatchedPart::BatchedPart(Part part, std::size_t largest_batch) : part_(std::move(part)) {
  if (part_.graph == nullptr) {
    return;
  }
  graphs_.push_back(part_.graph);
  for (std::size_t size = 2; size <= largest_batch && part_.in_batches; ++size) {
    try {
      auto graph = std::make_shared<const Graph>(part_.in_batches(static_cast<std::int64_t>(size)));
      if (!can_join(*part_.graph, *graph, size)) {
        break;
      }
      graphs_.push_back(std::move(graph));
    } catch (const InputError&) {
      break;
    } catch (const std::invalid_argument&) {  // It is made for one batch size.
      break;
    }
  }
  graphs_.resize(graphs_.size() == largest_batch ? largest_batch : 1);
}

ReadyPart::ReadyPart(const BatchedPart& part, exec::MathEngine engine,
                     const Registry<codec::CodecKind>& codecs)
    : part_(part), engine_(engine), codecs_(codecs) {
  for (std::size_t size = 1; size <= part.sizes(); ++size) {
    segments_.push_back(exec::whole(part.graph(size)));
    prepared_.emplace_back();
    if (engine == exec::MathEngine::fast) {
      prepared_.back() = exec::prepare(part.graph(size), segments_.back());
    }
  }
}

/// Returns the part's inputs among the tensors of a request.
NamedTensors ReadyPart::decoded(const PartInput& input) const {
  NamedTensors inputs;
  for (const TensorSpec& spec : part_.part().inputs()) {
    const auto found = std::find_if(input.begin(), input.end(), [&](const MessageTensor& tensor) {
      return tensor.name == spec.name;
    });
    if (found == input.end()) {
      throw std::invalid_argument(fmt::format("the tensor '{}' is missing", spec.name));
    }
    Tensor value = found->encoded ? codec::decode(*found->encoded, codecs_) : found->values;
    if (value.type() != spec.type) {
      throw std::invalid_argument(fmt::format("the tensor '{}' is {}; expected {}", spec.name,
                                              to_text(value.type()), to_text(spec.type)));
    }
    inputs.emplace(spec.name, std::move(value));
  }
  return inputs;
}

/// Computes one batch of a size that the part has.
std::vector<NamedTensors> ReadyPart::compute(const std::vector<NamedTensors>& inputs) {
  const std::size_t size = inputs.size();
  const Graph& graph = part_.graph(size);
  exec::TensorMap enters;
  for (const TensorId id : graph.inputs()) {
    const TensorNode& node = graph.tensor(id);
    enters[id] = size == 1 ? inputs.front().at(node.name) : join(node.type, node.name, inputs);
  }
  const exec::TensorMap leaves = prepared_[size - 1]
                                     ? prepared_[size - 1]->run(std::move(enters))
                                     : exec::run(graph, segments_[size - 1], std::move(enters));
  std::vector<NamedTensors> outputs(size);
  const Graph& one = part_.graph(1);
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
    const TensorNode& node = one.tensor(one.outputs()[i]);
    const auto found = leaves.find(graph.outputs()[i]);
    // An output of the graph may be one of its inputs.
    const Tensor& whole = found != leaves.end() ? found->second : inputs.front().at(node.name);
    for (std::size_t request = 0; request < size; ++request) {
      outputs[request][node.name] = size == 1 ? whole : share_of(whole, node.type, request);
    }
  }
  return outputs;
}

void ReadyPart::send_on(const std::set<std::string>& onward, PartOutput& output) const {
  for (const auto& [name, tensor] : output.made) {
    if (!onward.contains(name)) {
      continue;
    }
    MessageTensor sent{.name = name, .values = {}, .encoded = nullptr};
    const auto codec = part_.part().codecs.find(name);
    if (codec == part_.part().codecs.end()) {
      sent.values = tensor;
    } else {
      try {
        sent.encoded =
            std::make_shared<const std::vector<std::byte>>(codec->second->encode(tensor));
      } catch (const std::invalid_argument& error) {
        throw std::invalid_argument(fmt::format("tensor '{}': {}", name, error.what()));
      }
    }
    output.onward.push_back(std::move(sent));
  }
}

std::vector<PartOutput> ReadyPart::run(std::span<const PartInput> requests,
                                       const std::set<std::string>& onward) {
  std::vector<PartOutput> outputs(requests.size());
  if (part_.part().graph == nullptr) {
    return outputs;
  }
  const auto guard = [&](std::size_t request, auto step) {
    try {
      step();
    } catch (const std::exception& error) {  // Any thread must survive any input.
      outputs[request].error = error.what();
    }
  };
  std::vector<NamedTensors> inputs(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    guard(i, [&] { inputs[i] = decoded(requests[i]); });
  }
  const bool all_valid = std::all_of(outputs.begin(), outputs.end(),
                                     [](const PartOutput& one) { return one.error.empty(); });
  bool together = all_valid && requests.size() > 1 && requests.size() <= part_.sizes();
  if (together) {
    try {
      std::vector<NamedTensors> made = compute(inputs);
      for (std::size_t i = 0; i < requests.size(); ++i) {
        outputs[i].made = std::move(made[i]);
      }
    } catch (const std::exception&) {  // One by one, to find the invalid request.
      together = false;
    }
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (outputs[i].error.empty()) {
      guard(i, [&] {
        if (!together) {
          outputs[i].made = std::move(compute({inputs[i]}).front());
        }
        send_on(onward, outputs[i]);
      });
    }
  }
  return outputs;
}

}  // namespace offcut::runtime

// Unrolls a Scan: its body runs once for each place along an axis of its sequences, whose extents
// are known. The body's layers read a place with a Gather, and the places that they make are joined
// again. Opset 8 had another Scan, with a batch axis, which no exporter writes.
#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <stdexcept>

#include "models/onnx/attributes.h"
#include "models/onnx/control_flow.h"

namespace offcut::onnx {
namespace {

constexpr int kFirstScanOpset = 9;

[[noreturn]] void refuse_scan(const std::string& why) { throw std::invalid_argument(why); }

/// The attributes of a Scan that are not its body.
struct ScanForm {
  int states = 0;     // Tensors that are handed from one place to the next.
  int sequences = 0;  // Inputs that are read place by place.
  std::vector<std::int64_t> input_axes, input_reversed, output_axes, output_reversed;
};

std::vector<std::int64_t> per_sequence(const Attributes& attributes, std::string_view name,
                                       int count) {
  std::vector<std::int64_t> values = attributes.integers(name, {});
  if (values.empty()) {
    values.resize(static_cast<std::size_t>(count), 0);
  }
  if (values.size() != static_cast<std::size_t>(count)) {
    refuse_scan(
        fmt::format("attribute '{}' has {} numbers, expected {}", name, values.size(), count));
  }
  return values;
}

ScanForm form_of(const ::onnx::NodeProto& node, const ::onnx::GraphProto& body) {
  ::onnx::NodeProto plain;
  for (const auto& attribute : node.attribute()) {
    if (!attribute.has_g()) {
      *plain.add_attribute() = attribute;
    }
  }
  const Attributes attributes = read_attributes(plain);
  ScanForm form;
  form.sequences = static_cast<int>(
      std::clamp<std::int64_t>(attributes.integer("num_scan_inputs", 0), 0, node.input_size()));
  form.states = node.input_size() - form.sequences;
  if (form.sequences == 0 || body.input_size() != node.input_size() ||
      body.output_size() != node.output_size() || body.output_size() < form.states) {
    refuse_scan(fmt::format(
        "its body has {} inputs and {} outputs, which does not match its own {} inputs ({} of them "
        "sequences) and {} outputs",
        body.input_size(), body.output_size(), node.input_size(), form.sequences,
        node.output_size()));
  }
  const int made = body.output_size() - form.states;
  form.input_axes = per_sequence(attributes, "scan_input_axes", form.sequences);
  form.input_reversed = per_sequence(attributes, "scan_input_directions", form.sequences);
  form.output_axes = per_sequence(attributes, "scan_output_axes", made);
  form.output_reversed = per_sequence(attributes, "scan_output_directions", made);
  return form;
}

/// Returns the number of places, which is the same for all sequences.
std::int64_t length_of(const GraphInProgress& graph, const ::onnx::NodeProto& node,
                       const ScanForm& form) {
  std::int64_t length = -1;
  for (int i = 0; i < form.sequences; ++i) {
    const std::string& name = node.input(form.states + i);
    const Shape& shape = graph.type(name).shape;
    const auto rank = static_cast<std::int64_t>(shape.size());
    const std::int64_t given = form.input_axes[static_cast<std::size_t>(i)];
    const std::int64_t axis = given < 0 ? given + rank : given;
    if (axis < 0 || axis >= rank) {
      refuse_scan(fmt::format("axis {} is out of range for '{}'", given, name));
    }
    const std::int64_t extent = shape[static_cast<std::size_t>(axis)];
    if (length >= 0 && extent != length) {
      refuse_scan(fmt::format("its sequences have {} and {} places", length, extent));
    }
    length = extent;
  }
  return length;
}

/// Returns a layer that reads one place of a sequence.
::onnx::NodeProto place_of(const std::string& sequence, const std::string& position,
                           std::int64_t axis, const std::string& name) {
  ::onnx::NodeProto node;
  node.set_op_type("Gather");
  node.set_name(name);
  node.add_input(sequence);
  node.add_input(position);
  node.add_output(name);
  ::onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name("axis");
  attribute.set_type(::onnx::AttributeProto::INT);
  attribute.set_i(axis);
  return node;
}

}  // namespace

void ControlFlow::add_scan(const ::onnx::NodeProto& node) {
  if (opset_ < kFirstScanOpset) {
    refuse_scan(fmt::format("is supported from opset {} on, but the model has opset {}",
                            kFirstScanOpset, opset_));
  }
  const ::onnx::GraphProto body = take_body(node, "body", node.name());
  const ScanForm form = form_of(node, body);
  Names carried(node.input().begin(), node.input().begin() + form.states);
  std::vector<Names> stacks(static_cast<std::size_t>(body.output_size() - form.states));
  const std::int64_t length = length_of(graph_, node, form);
  for (std::int64_t pass = 0; pass < length; ++pass) {
    const std::string prefix = fmt::format("{}/{}/", node.name(), pass);
    std::map<std::string, std::string> bound;
    for (int i = 0; i < form.states; ++i) {
      bound[body.input(i).name()] = carried[static_cast<std::size_t>(i)];
    }
    std::vector<::onnx::NodeProto> places;
    Names names;
    for (int i = 0; i < form.sequences; ++i) {
      const auto index = static_cast<std::size_t>(i);
      const std::string& input = body.input(form.states + i).name();
      const std::int64_t place = form.input_reversed[index] != 0 ? length - 1 - pass : pass;
      const std::string position = prefix + input + "/place";
      graph_.define(position, constant(Tensor({}, std::span<const std::int64_t>(&place, 1))));
      places.push_back(
          place_of(node.input(form.states + i), position, form.input_axes[index], prefix + input));
      names.push_back(prefix + input);
      bound[input] = names.back();
    }
    graph_.add(places, names);
    const Names made = add_body(body, node.name(), prefix, bound, {});
    carried.assign(made.begin(), made.begin() + form.states);
    for (std::size_t i = 0; i < stacks.size(); ++i) {
      stacks[i].push_back(made[i + carried.size()]);
    }
  }
  const std::string prefix = node.name() + "/";
  for (int i = 0; i < node.output_size(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    if (i < form.states) {
      alias(carried[index], node.output(i), prefix);
    } else if (!node.output(i).empty()) {
      const std::size_t sequence = index - carried.size();
      if (form.output_reversed[sequence] != 0) {
        std::reverse(stacks[sequence].begin(), stacks[sequence].end());
      }
      stack(stacks[sequence], node.output(i), prefix, form.output_axes[sequence]);
    }
  }
}

}  // namespace offcut::onnx

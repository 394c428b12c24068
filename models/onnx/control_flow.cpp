// Resolves control flow at import: the branch that an If takes is inlined, and the passes of a Loop
// are unrolled, with the pass number as a constant (scan.cpp unrolls a Scan). Conditions must be
// computable from constants, or both branches of an If are inlined. The number of layers is
// limited, because a small file can ask for endless passes.
#include "models/onnx/control_flow.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "models/onnx/second_opinion.h"
#include "models/onnx/sort.h"
#include "models/onnx/structure.h"
#include "models/onnx/subgraph.h"

namespace offcut::onnx {
namespace {

/// A loop in a small file must not make a graph that takes hours.
constexpr int kMostLayers = 10'000;

constexpr int kHasWhere = 9;        // The opset that introduced Where.
constexpr int kAxesAreInputs = 13;  // Since this opset, Unsqueeze has its axes as an input.

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument(why); }

template <class T>
T scalar_of(const Tensor& value, const std::string& description) {
  if (value.type().type != kDataType<T> || value.size() != 1) {
    refuse(fmt::format("{} is {}, expected one {}", description, to_text(value.type()),
                       to_text(kDataType<T>)));
  }
  return value.values<T>().front();
}

/// Returns the value of a constant. Throws std::invalid_argument if the tensor is not one.
template <class T>
T known(const GraphInProgress& graph, const std::string& name, const std::string& description) {
  const Tensor* const value = graph.constant_value(name);
  if (value == nullptr) {
    refuse(fmt::format(
        "{}, '{}', depends on the inputs; only control flow that follows from constants is "
        "supported. If it follows from the value of an input, fix that, as in --fix sr=16000",
        description, name));
  }
  return scalar_of<T>(*value, description);
}

template <class T>
Constant one(T value) {
  return constant(Tensor({}, std::span<const T>(&value, 1)));
}

const ::onnx::GraphProto& body_of(const ::onnx::NodeProto& node, const std::string& name) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == name && attribute.has_g()) {
      return attribute.g();
    }
  }
  refuse(fmt::format("has no subgraph '{}'", name));
}

std::string input_of(const ::onnx::NodeProto& node, int index) {
  return index < node.input_size() ? node.input(index) : "";
}

/// The most passes of a Loop, and whether it makes the first one.
struct Passes {
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  bool goes_on = true;
};

Passes passes_of(const GraphInProgress& graph, const ::onnx::NodeProto& node) {
  Passes passes;
  if (const std::string count = input_of(node, 0); !count.empty()) {
    passes.most = known<std::int64_t>(graph, count, "the number of passes");
  }
  if (const std::string condition = input_of(node, 1); !condition.empty()) {
    passes.goes_on = known<bool>(graph, condition, "the condition");
  }
  return passes;
}

}  // namespace

bool is_control_flow(std::string_view op) { return op == "If" || op == "Loop" || op == "Scan"; }

void ControlFlow::add(const ::onnx::NodeProto& node) {
  node.op_type() == "If"     ? add_if(node)
  : node.op_type() == "Loop" ? add_loop(node)
                             : add_scan(node);
}

::onnx::GraphProto ControlFlow::take_body(const ::onnx::NodeProto& node,
                                          const std::string& attribute, const std::string& scope) {
  ::onnx::GraphProto body = body_of(node, attribute);
  unify_domains(body);
  name_layers(body);
  sort_layers(body);
  check_body(body, [&](const std::string& name) { return graph_.has(name); });
  const auto inputs = body.input();  // All inputs stay, because their positions matter.
  drop_dead(body);
  *body.mutable_input() = inputs;
  if (const auto missing = missing_operators(body, operators_); !missing.empty()) {
    refuse(fmt::format("{}", fmt::join(missing, "; ")));
  }
  check_constants(body, weights_);
  place_constants(body, weights_);
  check_with_onnx(body, opset_);
  for (::onnx::TensorProto& tensor : *body.mutable_initializer()) {
    graph_.define(scope + "/" + tensor.name(), initialiser(tensor, weights_));
  }
  return body;
}

ControlFlow::Names ControlFlow::add_body(const ::onnx::GraphProto& body, const std::string& scope,
                                         const std::string& prefix,
                                         std::map<std::string, std::string> bound,
                                         const Names& wanted) {
  layers_ += 1 + body.node_size();  // An empty pass counts, too.
  if (layers_ > kMostLayers) {
    refuse(fmt::format("the unrolled loops of the model have more than {} layers", kMostLayers));
  }
  for (const ::onnx::TensorProto& tensor : body.initializer()) {
    bound[tensor.name()] = scope + "/" + tensor.name();
  }
  // If one tensor is two outputs, the second one becomes an alias of the first.
  std::map<std::string, std::string> wanted_names;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    wanted_names.try_emplace(body.output(static_cast<int>(i)).name(), wanted[i]);
  }
  for (const ::onnx::NodeProto& made : body.node()) {
    for (const std::string& output : made.output()) {
      const auto found = wanted_names.find(output);
      const bool is_wanted = found != wanted_names.end() && !found->second.empty();
      if (!output.empty()) {
        bound.try_emplace(output, is_wanted ? found->second : prefix + output);
      }
    }
  }
  Names outputs;
  for (const auto& output : body.output()) {
    const auto found = bound.find(output.name());
    outputs.push_back(found == bound.end() ? output.name() : found->second);
  }
  graph_.add(inlined_nodes(body, prefix, bound), outputs);
  return outputs;
}

void ControlFlow::alias(const std::string& from, const std::string& to, const std::string& prefix) {
  if (to.empty() || to == from) {
    return;
  }
  ::onnx::NodeProto identity;
  identity.set_op_type("Identity");
  identity.set_name(prefix + to);
  identity.add_input(from);
  identity.add_output(to);
  graph_.add({identity}, {to});
}

ControlFlow::Names ControlFlow::add_branch(const ::onnx::NodeProto& node, const std::string& branch,
                                           const std::string& scope, const Names& wanted) {
  const ::onnx::GraphProto body = take_body(node, branch, scope);
  if (body.input_size() > 0 || body.output_size() != node.output_size()) {
    refuse(fmt::format("its branch has {} inputs and {} outputs, expected 0 and {}",
                       body.input_size(), body.output_size(), node.output_size()));
  }
  return add_body(body, scope, scope + "/", {}, wanted);
}

void ControlFlow::add_if(const ::onnx::NodeProto& node) {
  const std::string condition = input_of(node, 0);
  if (opset_ >= kHasWhere && graph_.constant_value(condition) == nullptr &&
      !graph_.follows_from_scalar(condition)) {
    add_both_branches(node);
    return;
  }
  const bool chosen = known<bool>(graph_, condition, "the condition");
  const Names wanted(node.output().begin(), node.output().end());
  const Names made = add_branch(node, chosen ? "then_branch" : "else_branch", node.name(), wanted);
  for (std::size_t i = 0; i < made.size(); ++i) {
    alias(made[i], wanted[i], node.name() + "/");
  }
}

void ControlFlow::add_both_branches(const ::onnx::NodeProto& node) {
  const Names then_made = add_branch(node, "then_branch", node.name() + "/then", {});
  const Names else_made = add_branch(node, "else_branch", node.name() + "/else", {});
  std::vector<::onnx::NodeProto> nodes;
  std::string condition = input_of(node, 0);
  if (!graph_.type(condition).shape.empty()) {  // One element, which must not add an axis.
    ::onnx::NodeProto& scalar = nodes.emplace_back();
    scalar.set_op_type("Reshape");
    scalar.set_name(node.name() + "/condition");
    graph_.define(scalar.name() + "/shape", constant(Tensor(TensorType{DataType::int64, {0}})));
    scalar.add_input(condition);
    scalar.add_input(scalar.name() + "/shape");
    scalar.add_output(scalar.name());
    condition = scalar.name();
  }
  Names outputs;
  for (int i = 0; i < node.output_size(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    const TensorType& type = graph_.type(then_made[index]);
    if (const TensorType& other = graph_.type(else_made[index]); type != other) {
      refuse(
          fmt::format("its condition depends on data, and its branches make {} and {}; both are "
                      "computed, so that their results must have the same type",
                      to_text(type), to_text(other)));
    }
    if (!node.output(i).empty()) {
      ::onnx::NodeProto& choice = nodes.emplace_back();
      choice.set_op_type("Where");
      choice.set_name(node.name() + "/" + node.output(i));
      for (const std::string& input : {condition, then_made[index], else_made[index]}) {
        choice.add_input(input);
      }
      choice.add_output(node.output(i));
      outputs.push_back(node.output(i));
    }
  }
  graph_.add(nodes, outputs);
}

void ControlFlow::add_loop(const ::onnx::NodeProto& node) {
  const auto [most, first] = passes_of(graph_, node);
  const ::onnx::GraphProto body = take_body(node, "body", node.name());
  const int carried_count = std::max(0, node.input_size() - 2);
  if (body.input_size() != carried_count + 2 || body.output_size() < carried_count + 1 ||
      node.output_size() > body.output_size() - 1) {
    refuse(fmt::format(
        "its body has {} inputs and {} outputs, which does not match its own {} inputs and {} "
        "outputs",
        body.input_size(), body.output_size(), node.input_size(), node.output_size()));
  }
  Names carried;
  for (int i = 0; i < carried_count; ++i) {
    carried.push_back(node.input(i + 2));
  }
  std::vector<Names> stacks(static_cast<std::size_t>(body.output_size() - 1 - carried_count));
  bool goes_on = first;
  for (std::int64_t pass = 0; goes_on && pass < most; ++pass) {
    const std::string prefix = fmt::format("{}/{}/", node.name(), pass);
    std::map<std::string, std::string> bound = {{body.input(0).name(), prefix + "pass"},
                                                {body.input(1).name(), prefix + "condition"}};
    graph_.define(prefix + "pass", one<std::int64_t>(pass));
    graph_.define(prefix + "condition", one<bool>(true));
    for (int i = 0; i < carried_count; ++i) {
      bound[body.input(i + 2).name()] = carried[static_cast<std::size_t>(i)];
    }
    const Names made = add_body(body, node.name(), prefix, bound, {});
    goes_on = known<bool>(graph_, made.front(), "the condition after a pass");
    carried.assign(made.begin() + 1, made.begin() + 1 + carried_count);
    for (std::size_t i = 0; i < stacks.size(); ++i) {
      stacks[i].push_back(made[i + 1 + carried.size()]);
    }
  }
  const std::string prefix = node.name() + "/";
  for (int i = 0; i < node.output_size(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    if (i < carried_count) {
      alias(carried[index], node.output(i), prefix);
    } else if (!node.output(i).empty()) {
      stack(stacks[index - carried.size()], node.output(i), prefix, 0);
    }
  }
}

void ControlFlow::stack(const Names& parts, const std::string& output, const std::string& prefix,
                        std::int64_t place) {
  if (parts.empty()) {
    refuse(fmt::format("makes no passes, so the extents of its output '{}' are unknown", output));
  }
  const auto set_axis = [](::onnx::AttributeProto& axis, const char* name) {
    axis.set_name(name);
    return &axis;
  };
  ::onnx::NodeProto joined;
  joined.set_op_type("Concat");
  joined.set_name(prefix + output);
  joined.add_output(output);
  ::onnx::AttributeProto* const axis = set_axis(*joined.add_attribute(), "axis");
  axis->set_type(::onnx::AttributeProto::INT);
  axis->set_i(place);
  const std::string axes = prefix + output + "/axes";
  if (opset_ >= kAxesAreInputs) {
    graph_.define(axes, constant(Tensor({1}, std::span<const std::int64_t>(&place, 1))));
  }
  std::vector<::onnx::NodeProto> nodes;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    ::onnx::NodeProto row;
    row.set_op_type("Unsqueeze");
    row.set_name(fmt::format("{}{}/{}", prefix, output, i));
    row.add_input(parts[i]);
    row.add_output(row.name());
    if (opset_ >= kAxesAreInputs) {
      row.add_input(axes);
    } else {
      ::onnx::AttributeProto* const list = set_axis(*row.add_attribute(), "axes");
      list->set_type(::onnx::AttributeProto::INTS);
      list->add_ints(place);
    }
    nodes.push_back(row);
    joined.add_input(row.name());
  }
  nodes.push_back(joined);
  graph_.add(nodes, {output});
}

}  // namespace offcut::onnx

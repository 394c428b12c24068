// Checks and normalises the structure of an ONNX graph before it is built: unique names, tensors
// that are made once and before they are read, supported operators, decodable constants. The same
// functions serve the subgraphs of control flow.
#include "models/onnx/structure.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "models/base/lower_case.h"
#include "models/onnx/contributed.h"
#include "models/onnx/control_flow.h"
#include "models/onnx/tensors.h"

namespace offcut::onnx {
namespace {

bool is_default(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

using Outside = std::function<bool(const std::string&)>;

/// Returns the names of the tensors that exist before any node. An initialiser may also be listed
/// as an input.
std::set<std::string> given_tensors(const ::onnx::GraphProto& graph) {
  std::set<std::string> initialisers;
  for (const auto& tensor : graph.initializer()) {
    if (tensor.name().empty()) {
      throw std::invalid_argument("an initialiser has no name");
    }
    if (!initialisers.insert(tensor.name()).second) {
      throw std::invalid_argument(fmt::format("two initialisers are named '{}'", tensor.name()));
    }
  }
  std::set<std::string> inputs;
  for (const auto& input : graph.input()) {
    if (input.name().empty()) {
      throw std::invalid_argument("an input has no name");
    }
    if (!inputs.insert(input.name()).second) {
      throw std::invalid_argument(fmt::format("two inputs are named '{}'", input.name()));
    }
  }
  inputs.merge(initialisers);
  return inputs;
}

bool made_by_any(const ::onnx::GraphProto& graph, const std::string& tensor) {
  return std::any_of(graph.node().begin(), graph.node().end(), [&](const auto& node) {
    return std::find(node.output().begin(), node.output().end(), tensor) != node.output().end();
  });
}

void check_reads(const ::onnx::GraphProto& graph, const ::onnx::NodeProto& node,
                 const std::set<std::string>& made, const Outside& is_outside) {
  for (const std::string& input : node.input()) {
    if (!input.empty() && !made.contains(input) && !is_outside(input)) {
      throw std::invalid_argument(
          fmt::format("{} reads '{}', which {}", layer_text(node), input,
                      made_by_any(graph, input) ? "is made later" : "does not exist"));
    }
  }
}

void check_nodes(const ::onnx::GraphProto& graph, std::set<std::string>& made,
                 const Outside& is_outside) {
  for (const auto& node : graph.node()) {
    check_reads(graph, node, made, is_outside);
    for (const std::string& output : node.output()) {
      if (!output.empty() && !made.insert(output).second) {
        throw std::invalid_argument(
            fmt::format("{} makes '{}', which already exists", layer_text(node), output));
      }
    }
  }
}

void check_outputs(const ::onnx::GraphProto& graph, const std::set<std::string>& made,
                   const Outside& is_outside) {
  for (const auto& output : graph.output()) {
    if (!made.contains(output.name()) && !is_outside(output.name())) {
      throw std::invalid_argument(fmt::format("no layer makes the output '{}'", output.name()));
    }
  }
}

/// Returns whether the import itself turns the operator into constants, names or other layers.
bool always_folded(std::string_view op) {
  return is_control_flow(op) || op == "Constant" || op == "Identity";
}

/// Keeps the elements of a repeated field for which `keep` is true, in order.
template <class Field, class Keep>
void retain(Field& field, Keep keep) {
  int kept = 0;
  for (int i = 0; i < field.size(); ++i) {
    if (keep(field.Get(i))) {
      field.SwapElements(kept++, i);
    }
  }
  field.DeleteSubrange(kept, field.size() - kept);
}

/// Returns the base followed by the first unused number, and increments `number`.
std::string unused(const std::string& base, int& number, const std::set<std::string>& taken) {
  std::string name;
  do {
    name = fmt::format("{}_{}", base, number++);
  } while (taken.contains(name));
  return name;
}

bool is_constant_in_file(const ::onnx::NodeProto& node) {
  return node.op_type() == "Constant" && node.domain().empty() && node.output_size() == 1 &&
         node.attribute_size() == 1 && node.attribute(0).name() == "value" &&
         node.attribute(0).has_t() && lies_in_file(node.attribute(0).t());
}

/// Reads the tensor's elements into the model.
void embed(::onnx::TensorProto& tensor, Weights& weights) {
  const Tensor value = read_elements(tensor_type(tensor), weights.find(tensor));
  tensor.clear_external_data();
  tensor.clear_data_location();
  tensor.clear_dims();
  encode(value, tensor);
}

/// Returns the known operator whose name differs only in case and underscores, or "". A name that
/// merely looks alike (Gelu, Celu) is another function.
std::string same_but_spelling(const std::string& op, const std::vector<std::string>& known) {
  const auto bare = [](const std::string& name) {
    std::string letters = lower_case(name);
    std::erase(letters, '_');
    return letters;
  };
  const auto found = std::find_if(known.begin(), known.end(), [&](const std::string& candidate) {
    return candidate != op && bare(candidate) == bare(op);
  });
  return found == known.end() ? "" : *found;
}

}  // namespace

std::string layer_text(const ::onnx::NodeProto& node) {
  return fmt::format("layer {} ({})", in_quotes(node.name()), node.op_type());
}

void name_layers(::onnx::GraphProto& graph) {
  std::set<std::string> taken;
  for (const auto& node : graph.node()) {
    taken.insert(node.name());
  }
  std::map<std::string, int> count;    // The nodes of each operator.
  std::map<std::string, int> repeats;  // The next number for a name.
  std::set<std::string> seen;
  for (auto& node : *graph.mutable_node()) {
    int number = ++count[node.op_type()];
    if (node.name().empty()) {
      node.set_name(unused(lower_case(node.op_type()), number, taken));
    } else if (seen.contains(node.name())) {
      node.set_name(unused(node.name(), repeats.try_emplace(node.name(), 2).first->second, taken));
    }
    seen.insert(node.name());
    taken.insert(node.name());
  }
}

void check_structure(const ::onnx::ModelProto& model) {
  const ::onnx::GraphProto& graph = model.graph();
  check_body(graph, [](const std::string&) { return false; });
  if (graph.output().empty()) {
    throw std::invalid_argument("the model has no outputs");
  }
}

void check_body(const ::onnx::GraphProto& body, const Outside& is_outside) {
  if (body.sparse_initializer_size() > 0) {
    throw std::invalid_argument("sparse initialisers are not supported");
  }
  std::set<std::string> made = given_tensors(body);
  check_nodes(body, made, is_outside);
  check_outputs(body, made, is_outside);
}

void unify_domains(::onnx::GraphProto& graph) {
  for (::onnx::NodeProto& node : *graph.mutable_node()) {
    if (node.domain() == "ai.onnx") {
      node.clear_domain();
    }
  }
  rewrite_contributed(graph);
}

void add_reads(const ::onnx::NodeProto& node, std::set<std::string>& names) {
  names.insert(node.input().begin(), node.input().end());
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g()) {
      for (const auto& inner : attribute.g().node()) {
        add_reads(inner, names);
      }
      for (const auto& output : attribute.g().output()) {
        names.insert(output.name());
      }
    }
  }
}

void drop_dead(::onnx::GraphProto& graph) {
  std::set<std::string> needed;
  for (const auto& output : graph.output()) {
    needed.insert(output.name());
  }
  const auto is_needed = [&](const std::string& name) { return needed.contains(name); };
  std::set<std::string> live;
  for (auto node = graph.node().rbegin(); node != graph.node().rend(); ++node) {
    if (std::any_of(node->output().begin(), node->output().end(), is_needed)) {
      live.insert(node->name());
      add_reads(*node, needed);
    }
  }
  const auto named_in = [](const std::set<std::string>& names) {
    return [&names](const auto& item) { return names.contains(item.name()); };
  };
  retain(*graph.mutable_node(), named_in(live));
  retain(*graph.mutable_initializer(), named_in(needed));
  retain(*graph.mutable_input(), named_in(needed));
}

void check_constants(const ::onnx::GraphProto& graph, Weights& weights) {
  const auto check = [&](const ::onnx::TensorProto& tensor, const std::string& owner) {
    try {
      lies_in_file(tensor) ? void(weights.find(tensor)) : check_tensor(tensor);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(fmt::format("{}: {}", owner, error.what()));
    }
  };
  for (const auto& tensor : graph.initializer()) {
    check(tensor, fmt::format("initialiser '{}'", tensor.name()));
  }
  for (const auto& node : graph.node()) {
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_t()) {
        check(attribute.t(), fmt::format("{}: attribute '{}'", layer_text(node), attribute.name()));
      }
    }
  }
}

void place_constants(::onnx::GraphProto& graph, Weights& weights) {
  for (::onnx::NodeProto& node : *graph.mutable_node()) {
    if (is_constant_in_file(node)) {
      ::onnx::TensorProto& tensor = *graph.add_initializer();
      tensor = node.attribute(0).t();
      tensor.set_name(node.output(0));
      continue;
    }
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.has_t() && lies_in_file(attribute.t())) {
        embed(*attribute.mutable_t(), weights);
      }
    }
  }
  retain(*graph.mutable_node(),
         [](const ::onnx::NodeProto& node) { return !is_constant_in_file(node); });
}

std::vector<std::string> missing_operators(const ::onnx::GraphProto& graph,
                                           const Registry<ops::Operator>& operators) {
  struct Use {
    const ::onnx::NodeProto* first;
    int nodes;
  };
  std::map<std::pair<std::string, std::string>, Use> missing;  // Keyed by domain and operator.
  for (const auto& node : graph.node()) {
    const bool ours = is_default(node.domain());
    if (!ours || (!always_folded(node.op_type()) && operators.find(node.op_type()) == nullptr)) {
      const std::string domain = ours ? "" : node.domain();
      ++missing.try_emplace({domain, node.op_type()}, Use{&node, 0}).first->second.nodes;
    }
  }
  const std::vector<std::string> known = operators.names();
  std::vector<std::string> texts;
  for (const auto& [key, use] : missing) {
    const auto& [domain, op] = key;
    const std::string near = same_but_spelling(op, known);
    texts.push_back(fmt::format("operator '{}'{} is not supported ({}, {} '{}'){}", op,
                                domain.empty() ? "" : fmt::format(" of domain '{}'", domain),
                                use.nodes == 1 ? "1 layer" : fmt::format("{} layers", use.nodes),
                                use.nodes == 1 ? "named" : "the first named",
                                shortened(use.first->name()),
                                near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }
  return texts;
}

}  // namespace offcut::onnx

// The changes of a draft. Each function adds all changes of one kind.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/models/exec/drafts/draft.h"

namespace offcut::exec {
namespace {

using Integers = std::vector<std::int64_t>;
using Changes = std::vector<ChangedDraft>;

const std::vector<std::string> kBinary = {"Add", "Sub", "Mul", "Div", "Max", "Min", "Pow"};

bool is_output(const Draft& draft, const std::string& name) {
  return std::find(draft.outputs.begin(), draft.outputs.end(), name) != draft.outputs.end();
}

/// Other values of constants with one value, near and far.
void change_numbers(const Draft& draft, Changes& changes) {
  for (std::size_t i = 0; i < draft.sources.size(); ++i) {
    const Draft::Source& source = draft.sources[i];
    if (!source.value || source.positions || source.byte) {
      continue;
    }
    const float v = *source.value;
    for (const float other : {v * 1.001F, v * 1.25F, v + 0.5F, -v, 1 / v, 0.0F, 1.0F, 2.0F}) {
      ChangedDraft changed{fmt::format("{} = {}", source.name, other), draft};
      changed.draft.sources[i].value = other;
      changes.push_back(std::move(changed));
    }
  }
}

/// Other shapes of inputs and constants: extents of 1 and more, axes more and fewer.
void change_shapes(const Draft& draft, Changes& changes) {
  for (std::size_t i = 0; i < draft.sources.size(); ++i) {
    const Shape& own = draft.sources[i].shape;
    std::vector<std::pair<Shape, bool>> shapes;
    for (std::size_t axis = 0; axis < own.size(); ++axis) {
      for (const std::int64_t extent : {std::int64_t{1}, own[axis] + 1}) {
        shapes.emplace_back(own, false);
        shapes.back().first[axis] = extent;
      }
    }
    for (const std::size_t more : {1U, 3U, 5U}) {
      shapes.emplace_back(own, own.empty() && more == 1);
      shapes.back().first.insert(shapes.back().first.begin(), more, 1);
    }
    if (!own.empty()) {
      shapes.emplace_back(Shape{}, false);
      shapes.emplace_back(Shape(own.begin() + 1, own.end()), false);
      shapes.emplace_back(own, false);
      shapes.back().first.push_back(1);
      shapes.emplace_back(Shape(own.rbegin(), own.rend()), false);
    }
    for (auto& [shape, same] : shapes) {
      ChangedDraft changed{
          fmt::format("{} of {} becomes {}", draft.sources[i].name, to_text(own), to_text(shape)),
          draft, same};
      changed.draft.sources[i].shape = shape;
      changes.push_back(std::move(changed));
    }
  }
}

/// Constants that become inputs, and the reverse.
void change_constancy(const Draft& draft, Changes& changes) {
  for (std::size_t i = 0; i < draft.sources.size(); ++i) {
    ChangedDraft changed{fmt::format("{} is {} constant", draft.sources[i].name,
                                     draft.sources[i].constant ? "no" : "a"),
                         draft};
    changed.draft.sources[i].constant = !draft.sources[i].constant;
    changes.push_back(std::move(changed));
  }
}

const std::map<std::string, std::vector<std::string>>& other_operators() {
  static const std::map<std::string, std::vector<std::string>> others = [] {
    std::map<std::string, std::vector<std::string>> all;
    const std::vector<std::vector<std::string>> families = {
        kBinary,
        {"Relu", "Sigmoid", "Tanh", "Erf", "Sqrt", "HardSigmoid", "HardSwish", "LeakyRelu", "Elu",
         "Neg", "Exp"},
        {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2", "ReduceSumSquare"},
        {"Softmax", "LogSoftmax", "Hardmax"},
        {"Greater", "Less", "GreaterOrEqual"},
        {"MaxPool", "AveragePool", "LpPool"}};
    for (const auto& family : families) {
      for (const std::string& op : family) {
        std::copy_if(family.begin(), family.end(), std::back_inserter(all[op]),
                     [&](const std::string& other) { return other != op; });
      }
    }
    return all;
  }();
  return others;
}

void change_operators(const Draft& draft, Changes& changes) {
  for (std::size_t i = 0; i < draft.nodes.size(); ++i) {
    const auto others = other_operators().find(draft.nodes[i].op);
    if (others == other_operators().end()) {
      continue;
    }
    for (const std::string& other : others->second) {
      ChangedDraft changed{fmt::format("{} is {}", draft.nodes[i].name, other), draft};
      changed.draft.nodes[i].op = other;
      changes.push_back(std::move(changed));
    }
  }
}

void change_operator_sets(const Draft& draft, Changes& changes) {
  for (std::size_t i = 0; i < draft.nodes.size(); ++i) {
    for (const int opset : {6, 7, 10, 11, 12, 13, 17}) {
      ChangedDraft changed{fmt::format("opset {} for {}", opset, draft.nodes[i].name), draft};
      changed.draft.nodes[i].opset = opset;
      changes.push_back(std::move(changed));
    }
  }
}

/// Values to try for each attribute of an operator.
std::vector<AttributeValue> values_of(const std::string& op, const std::string& attribute) {
  static const std::map<std::string, std::vector<AttributeValue>> values = {
      {"axis",
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, std::int64_t{-1},
        std::int64_t{-2}}},
      {"axes",
       {Integers{0}, Integers{1}, Integers{2}, Integers{-1}, Integers{-2}, Integers{-2, -1},
        Integers{0, -1}}},
      {"keepdims", {std::int64_t{0}, std::int64_t{1}}},
      {"epsilon", {0.0F, 1e-5F, 0.6F, 2.0F}},
      {"alpha", {0.0F, 0.01F, 0.2F, 0.5F, 1.0F, 1.0F / 6}},
      {"beta", {0.0F, 0.4F, 0.5F, 0.75F, 1.0F}},
      {"bias", {0.5F, 1.0F, 2.0F}},
      {"min", {-1.0F, 0.0F, 0.5F, 6.0F}},
      {"max", {1.0F, 0.0F, 6.0F, 6.5F}},
      {"size", {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, std::int64_t{5}}},
      {"transA", {std::int64_t{0}, std::int64_t{1}}},
      {"transB", {std::int64_t{0}, std::int64_t{1}}},
      {"pads",
       {Integers{0, 0, 0, 0}, Integers{1, 1, 1, 1}, Integers{1, 0, 0, 1}, Integers{0, 1, 1, 0},
        Integers{1, 1, 0, 0}, Integers{0, 0, 1, 1}, Integers{2, 1, 1, 2}}},
      {"strides", {Integers{1, 1}, Integers{2, 2}, Integers{1, 2}, Integers{3, 1}}},
      {"dilations", {Integers{1, 1}, Integers{2, 2}, Integers{1, 2}}},
      {"kernel_shape", {Integers{1, 1}, Integers{2, 2}, Integers{3, 2}}},
      {"auto_pad", {std::string("SAME_UPPER"), std::string("SAME_LOWER"), std::string("VALID")}},
      {"group", {std::int64_t{1}, std::int64_t{2}, std::int64_t{16}}},
      {"ceil_mode", {std::int64_t{0}, std::int64_t{1}}},
      {"count_include_pad", {std::int64_t{0}, std::int64_t{1}}},
      {"perm",
       {Integers{0, 2, 1, 3}, Integers{0, 2, 3, 1}, Integers{0, 3, 2, 1}, Integers{2, 0, 1, 3},
        Integers{0, 1, 3, 2}, Integers{0, 2, 1}}}};
  static const std::map<std::string, std::set<std::string>> attributes = {
      {"Softmax", {"axis"}},
      {"ReduceMean", {"axes", "keepdims"}},
      {"LayerNormalization", {"axis", "epsilon"}},
      {"BatchNormalization", {"epsilon"}},
      {"Gemm", {"transA", "transB", "alpha", "beta"}},
      {"HardSigmoid", {"alpha", "beta"}},
      {"LeakyRelu", {"alpha"}},
      {"Clip", {"min", "max"}},
      {"Conv", {"pads", "strides", "dilations", "auto_pad", "group"}},
      {"MaxPool", {"pads", "strides", "dilations", "auto_pad", "ceil_mode", "kernel_shape"}},
      {"AveragePool",
       {"pads", "strides", "auto_pad", "ceil_mode", "kernel_shape", "count_include_pad"}},
      {"LRN", {"size", "alpha", "beta", "bias"}},
      {"Concat", {"axis"}},
      {"Gather", {"axis"}},
      {"Transpose", {"perm"}}};
  const auto known = attributes.find(op);
  return known != attributes.end() && known->second.contains(attribute)
             ? values.at(attribute)
             : std::vector<AttributeValue>{};
}

void change_attributes(const Draft& draft, Changes& changes) {
  static const std::vector<std::string> names = {
      "axis",      "axes",         "keepdims", "epsilon",   "alpha",
      "beta",      "bias",         "min",      "max",       "size",
      "transA",    "transB",       "pads",     "strides",   "group",
      "dilations", "kernel_shape", "auto_pad", "ceil_mode", "count_include_pad",
      "perm"};
  for (std::size_t i = 0; i < draft.nodes.size(); ++i) {
    const Draft::Node& node = draft.nodes[i];
    for (const std::string& name : names) {
      Draft without = draft;
      auto& attributes = without.nodes[i].attributes;
      if (std::erase_if(attributes, [&](const auto& a) { return a.first == name; }) > 0) {
        changes.push_back({fmt::format("{} without {}", node.name, name), without});
      }
      int number = 0;
      for (const AttributeValue& value : values_of(node.op, name)) {
        ChangedDraft changed{fmt::format("{} with value {} of {}", node.name, number++, name),
                             without};
        changed.draft.nodes[i].attributes.emplace_back(name, value);
        changes.push_back(std::move(changed));
      }
    }
  }
}

/// Every input of every node is replaced by every earlier tensor, and omitted.
void change_edges(const Draft& draft, Changes& changes) {
  std::vector<std::string> earlier = {""};
  for (const Draft::Source& source : draft.sources) {
    earlier.push_back(source.name);
  }
  for (std::size_t i = 0; i < draft.nodes.size(); ++i) {
    const Draft::Node& node = draft.nodes[i];
    for (std::size_t input = 0; input < node.inputs.size(); ++input) {
      for (const std::string& other : earlier) {
        if (other == node.inputs[input] || (other.empty() && input == 0)) {
          continue;
        }
        ChangedDraft changed{fmt::format("input {} of {} is '{}'", input, node.name, other), draft};
        changed.draft.nodes[i].inputs[input] = other;
        changes.push_back(std::move(changed));
      }
    }
    if (node.inputs.size() == 2) {
      ChangedDraft changed{fmt::format("{} with swapped operands", node.name), draft,
                           node.op == "Add" || node.op == "Mul"};
      std::swap(changed.draft.nodes[i].inputs[0], changed.draft.nodes[i].inputs[1]);
      changes.push_back(std::move(changed));
    }
    earlier.push_back(node.name);
  }
}

/// A node more on an edge, and a node fewer.
void change_nodes(const Draft& draft, Changes& changes) {
  for (std::size_t i = 0; i < draft.nodes.size(); ++i) {
    const Draft::Node& node = draft.nodes[i];
    for (std::size_t input = 0; input < node.inputs.size(); ++input) {
      for (const std::string op : {"Neg", "Relu"}) {
        ChangedDraft changed{fmt::format("{} before input {} of {}", op, input, node.name), draft};
        auto& nodes = changed.draft.nodes;
        nodes[i].inputs[input] = "inserted";
        nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(i),
                     Draft::Node{op, "inserted", {node.inputs[input]}});
        changes.push_back(std::move(changed));
      }
    }
    for (const std::string& input : node.inputs) {
      if (is_output(draft, node.name)) {
        continue;
      }
      ChangedDraft changed{fmt::format("{} instead of {}", input, node.name), draft};
      auto& nodes = changed.draft.nodes;
      nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(i));
      for (Draft::Node& reader : nodes) {
        std::replace(reader.inputs.begin(), reader.inputs.end(), node.name, input);
      }
      changes.push_back(std::move(changed));
    }
  }
}

/// Inner results with another reader, or that are outputs; and a layer after the last.
void change_readers(const Draft& draft, Changes& changes) {
  for (const Draft::Node& node : draft.nodes) {
    if (!is_output(draft, node.name)) {
      ChangedDraft leaves{fmt::format("{} is an output", node.name), draft};
      leaves.draft.outputs.push_back(node.name);
      changes.push_back(std::move(leaves));
      ChangedDraft twice{fmt::format("{} is read twice", node.name), draft};
      twice.draft.node("Add", "last", {draft.outputs.front(), node.name});
      twice.draft.outputs = {"last"};
      changes.push_back(std::move(twice));
    }
    for (const std::string op : {"Neg", "Relu", "Sigmoid", "HardSigmoid"}) {
      ChangedDraft read{fmt::format("{} has another reader, {}", node.name, op), draft};
      read.draft.node(op, "reader", {node.name});
      read.draft.outputs.push_back("reader");
      changes.push_back(std::move(read));
    }
  }
  for (const std::string op : {"Relu", "Tanh", "Softmax"}) {
    ChangedDraft longer{fmt::format("{} at the end", op), draft, true};
    longer.draft.node(op, "end", {draft.outputs.front()});
    longer.draft.outputs = {"end"};
    changes.push_back(std::move(longer));
  }
}

}  // namespace

std::vector<ChangedDraft> changes_of(const Draft& draft) {
  Changes changes = {{"nothing", draft, true}};
  change_numbers(draft, changes);
  change_shapes(draft, changes);
  change_constancy(draft, changes);
  change_operators(draft, changes);
  change_operator_sets(draft, changes);
  change_attributes(draft, changes);
  change_edges(draft, changes);
  change_nodes(draft, changes);
  change_readers(draft, changes);
  return changes;
}

}  // namespace offcut::exec

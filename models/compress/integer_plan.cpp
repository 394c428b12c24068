// Finds the layers that can run in integers, in one walk in topological order: whether a layer can
// depends on the layers before it, and on a single reader where an activation is merged.
#include "models/compress/integer_plan.h"

#include <algorithm>
#include <array>

#include "models/exec/activation.h"

namespace offcut::compress {
namespace {

using Role = IntegerPlan::Role;

constexpr std::array<std::string_view, 8> kMoves = {
    "MaxPool", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Concat", "Identity"};
constexpr std::array<std::string_view, 2> kAverages = {"AveragePool", "GlobalAveragePool"};

template <class Names>
bool is_one_of(const Names& names, const std::string& op) {
  return std::find(names.begin(), names.end(), op) != names.end();
}

class Planner {
 public:
  Planner(const Graph& graph, const std::set<LayerId>& layers) : graph_(graph), layers_(layers) {
    plan_.roles.assign(graph.layer_count(), Role::real);
    plan_.folds.resize(graph.layer_count());
    plan_.quantised.assign(graph.tensor_count(), false);
    plan_.reaches_first.assign(graph.layer_count(), false);
    plan_.reaches_last.assign(graph.layer_count(), false);
  }

  IntegerPlan run() {
    for (LayerId id = 0; id < graph_.layer_count(); ++id) {
      if (plan_.roles[id] != Role::real || !layers_.contains(id)) {
        continue;
      }
      plan_.roles[id] = role_of(id);
      if (plan_.roles[id] == Role::product || plan_.roles[id] == Role::sum) {
        plan_.quantised[follow(id)] = true;
      } else if (plan_.roles[id] != Role::real) {
        plan_.quantised[graph_.layer(id).outputs.front()] = true;
      }
    }
    find_edges();
    return std::move(plan_);
  }

 private:
  bool is_parameter(TensorId id) const { return id != kAbsent && graph_.tensor(id).is_parameter(); }
  const TensorType& type(TensorId id) const { return graph_.tensor(id).type; }

  bool is_integer_made(TensorId id) const { return id != kAbsent && plan_.quantised[id]; }

  Role role_of(LayerId id) const {
    const Layer& layer = graph_.layer(id);
    if (is_product(layer)) {
      return Role::product;
    }
    if (layer.op_name == "Add" && type(layer.inputs[0]) == type(layer.inputs[1]) &&
        is_integer_made(layer.inputs[0]) && is_integer_made(layer.inputs[1])) {
      return Role::sum;
    }
    const bool all_integer =
        std::all_of(layer.inputs.begin(), layer.inputs.end(), [&](TensorId input) {
          return is_integer_made(input) || is_parameter(input) || input == kAbsent;
        });
    if (!all_integer || layer.inputs.empty() || !is_integer_made(layer.inputs[0]) ||
        layer.outputs.size() != 1) {
      return Role::real;
    }
    if (layer.op_name == "Concat" &&
        std::any_of(layer.inputs.begin(), layer.inputs.end(),
                    [&](TensorId input) { return !is_integer_made(input); })) {
      return Role::real;
    }
    return is_one_of(kMoves, layer.op_name)      ? Role::move
           : is_one_of(kAverages, layer.op_name) ? Role::average
                                                 : Role::real;
  }

  /// Checks for a product of a computed tensor of floats and constant weights.
  bool is_product(const Layer& layer) const {
    const auto& inputs = layer.inputs;
    if (inputs.size() < 2 || is_parameter(inputs[0]) || !is_parameter(inputs[1]) ||
        type(inputs[0]).type != DataType::float32 || type(inputs[1]).type != DataType::float32) {
      return false;
    }
    const Attributes& a = layer.attributes;
    if (layer.op_name == "MatMul") {
      return type(inputs[1]).shape.size() == 2 && type(inputs[0]).shape.size() >= 2;
    }
    const bool is_gemm = layer.op_name == "Gemm" && a.integer("transA", 0) == 0 &&
                         a.number("alpha", 1) == 1 && a.number("beta", 1) == 1;
    if (!is_gemm && layer.op_name != "Conv") {
      return false;
    }
    const Shape row = {type(inputs[1]).shape[static_cast<std::size_t>(channel_axis_of(layer))]};
    return inputs.size() < 3 || inputs[2] == kAbsent ||
           (is_parameter(inputs[2]) && type(inputs[2]).shape == row);
  }

  /// Returns the layer that alone reads the tensor, if it may be merged with what makes it.
  std::optional<LayerId> sole_reader(TensorId id) const {
    const TensorNode& tensor = graph_.tensor(id);
    const auto& outputs = graph_.outputs();
    if (tensor.consumers.size() != 1 ||
        std::find(outputs.begin(), outputs.end(), id) != outputs.end() ||
        !layers_.contains(tensor.consumers.front())) {
      return std::nullopt;
    }
    const auto& read = graph_.layer(tensor.consumers.front()).inputs;
    return std::count(read.begin(), read.end(), id) == 1 ? std::optional(tensor.consumers.front())
                                                         : std::nullopt;
  }

  /// Marks the layers that are merged into the product or sum. Returns the tensor at their end.
  TensorId follow(LayerId id) {
    TensorId end = graph_.layer(id).outputs.front();
    auto next = sole_reader(end);
    if (next && graph_.layer(id).op_name == "Conv" && is_folded_norm(*next, end)) {
      plan_.folds[id] = next;
      plan_.roles[*next] = Role::folded;
      end = graph_.layer(*next).outputs.front();
      next = sole_reader(end);
    }
    if (next && graph_.layer(id).op_name == "MatMul" && is_row_sum(*next, end)) {
      plan_.roles[*next] = Role::follower;
      end = graph_.layer(*next).outputs.front();
      next = sole_reader(end);
    }
    const auto activation = next ? exec::activation_of(graph_, *next) : std::nullopt;
    if (activation && (activation->kind == exec::Activation::Kind::relu ||
                       activation->kind == exec::Activation::Kind::clip)) {
      plan_.roles[*next] = Role::follower;
      end = graph_.layer(*next).outputs.front();
    }
    return end;
  }

  bool is_folded_norm(LayerId id, TensorId from) const {
    const Layer& layer = graph_.layer(id);
    return layer.op_name == "BatchNormalization" && layer.inputs[0] == from &&
           layer.outputs.size() == 1 &&
           std::all_of(layer.inputs.begin() + 1, layer.inputs.end(),
                       [&](TensorId input) { return is_parameter(input); });
  }

  bool is_row_sum(LayerId id, TensorId from) const {
    const Layer& layer = graph_.layer(id);
    if (layer.op_name != "Add") {
      return false;
    }
    const TensorId other = layer.inputs[layer.inputs[0] == from ? 1 : 0];
    return is_parameter(other) && type(other).shape == Shape{type(from).shape.back()};
  }

  /// Marks the first and the last products.
  void find_edges() {
    std::vector<bool> after(graph_.tensor_count(), false);   // A product computes it.
    std::vector<bool> before(graph_.tensor_count(), false);  // A product reads what it becomes.
    for (LayerId id = 0; id < graph_.layer_count(); ++id) {
      const Layer& layer = graph_.layer(id);
      const bool found = std::any_of(layer.inputs.begin(), layer.inputs.end(),
                                     [&](TensorId i) { return i != kAbsent && after[i]; });
      plan_.reaches_first[id] = plan_.roles[id] == Role::product && !found;
      for (const TensorId output : layer.outputs) {
        after[output] = found || plan_.roles[id] == Role::product;
      }
    }
    for (LayerId id = graph_.layer_count(); id-- > 0;) {
      const Layer& layer = graph_.layer(id);
      const bool found = std::any_of(layer.outputs.begin(), layer.outputs.end(),
                                     [&](TensorId o) { return before[o]; });
      plan_.reaches_last[id] = plan_.roles[id] == Role::product && !found;
      for (const TensorId input : layer.inputs) {
        if (input != kAbsent && (found || plan_.roles[id] == Role::product)) {
          before[input] = true;
        }
      }
    }
  }

  const Graph& graph_;
  const std::set<LayerId>& layers_;
  IntegerPlan plan_;
};

}  // namespace

std::int64_t channel_axis_of(const Layer& layer) {
  return layer.op_name == "MatMul" ||
                 (layer.op_name == "Gemm" && layer.attributes.integer("transB", 0) == 0)
             ? 1
             : 0;
}

IntegerPlan plan_integers(const Graph& graph, const std::set<LayerId>& layers) {
  return Planner(graph, layers).run();
}

}  // namespace offcut::compress

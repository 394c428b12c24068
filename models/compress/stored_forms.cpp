// Recognises how a file stores its weights, by the constant layers that restore them: the reverse
// of pack.h, and of what other tools write for integers. A form counts only if its rule gives the
// values of the file, bit for bit.

#include "models/compress/stored_forms.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>

#include "models/compress/codes.h"
#include "models/compress/rules.h"
#include "models/compress/sharing.h"
#include "models/compress/targets.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

using onnx::ConstantLayer;
using onnx::ConstantLayers;
using Source = std::shared_ptr<const Parameter>;

const ConstantLayer* maker_of(const ConstantLayers& layers, const Source& parameter) {
  const auto it = layers.find(parameter);
  return it == layers.end() ? nullptr : &it->second;
}

/// Returns whether a layer of this operator is among those that make the parameter.
bool comes_from(const ConstantLayers& layers, const Source& parameter, const std::string& op) {
  std::vector<Source> todo = {parameter};
  std::set<Source> seen = {parameter};
  while (!todo.empty()) {
    const ConstantLayer* const maker = maker_of(layers, todo.back());
    todo.pop_back();
    if (maker == nullptr) {
      continue;
    }
    if (maker->op_name == op) {
      return true;
    }
    for (const Source& input : maker->inputs) {
      if (input != nullptr && seen.insert(input).second) {
        todo.push_back(input);
      }
    }
  }
  return false;
}

/// Returns the integers of a tensor; none for other types.
std::optional<std::vector<std::int32_t>> integers_of(const Tensor& tensor) {
  const auto copied = [](auto values) {
    return std::vector<std::int32_t>(values.begin(), values.end());
  };
  switch (tensor.type().type) {
    case DataType::uint8:
      return copied(tensor.values<std::uint8_t>());
    case DataType::int8:
      return copied(tensor.values<std::int8_t>());
    case DataType::int32:
      return copied(tensor.values<std::int32_t>());
    default:
      return std::nullopt;
  }
}

/// Returns the least 2^p - 1 that is no smaller.
int all_ones(int value) {
  int most = 1;
  while (most < value) {
    most = 2 * most + 1;
  }
  return most;
}

/// Sets the range of a grid to that of as many bits as the integers need.
void set_range(DataType type, const std::vector<std::int32_t>& integers, Grid& grid) {
  constexpr int kMostBias = 1 << 22;  // As int8 (scales.h) writes biases.
  std::int64_t least = 0;
  std::int64_t most = 0;
  for (const std::int64_t integer : integers) {
    least = std::min(least, integer);
    most = std::max(most, integer);
  }
  const std::int64_t size = std::max(-least, most);
  const bool is_symmetric = std::all_of(grid.zero_points.begin(), grid.zero_points.end(),
                                        [](int point) { return point == 0; });
  if (type == DataType::uint8) {
    const int point = *std::max_element(grid.zero_points.begin(), grid.zero_points.end());
    grid.lowest = 0;
    grid.highest = all_ones(std::max(static_cast<int>(most), point));
  } else if (type == DataType::int8) {
    grid.highest = size > 127 || !is_symmetric ? 127 : all_ones(static_cast<int>(size));
    grid.lowest = size > 127 || !is_symmetric ? -128 : -grid.highest;
  } else {
    const bool is_small = size <= kMostBias;
    grid.lowest = is_small ? -kMostBias : std::numeric_limits<std::int32_t>::min();
    grid.highest = is_small ? kMostBias : std::numeric_limits<std::int32_t>::max();
  }
}

/// Returns the grid of a DequantizeLinear; none if it has no such grid.
std::optional<Grid> grid_of(const ConstantLayer& layer, const Shape& shape) {
  const Tensor stored = layer.inputs.at(0)->read();
  const Tensor scale = layer.inputs.at(1)->read();
  const auto integers = integers_of(stored);
  const bool has_points = layer.inputs.size() > 2 && layer.inputs[2] != nullptr;
  if (!integers || scale.type().type != DataType::float32 || scale.shape().size() > 1) {
    return std::nullopt;
  }
  Grid grid;
  grid.scales.assign(scale.values<float>().begin(), scale.values<float>().end());
  grid.zero_points.assign(grid.scales.size(), 0);
  if (has_points) {
    const auto points = integers_of(layer.inputs[2]->read());
    if (!points || points->size() != grid.scales.size()) {
      return std::nullopt;
    }
    grid.zero_points.assign(points->begin(), points->end());
  }
  if (grid.is_per_channel()) {
    const auto rank = static_cast<std::int64_t>(shape.size());
    const std::int64_t axis = layer.attributes.integer("axis", 1);
    grid.axis = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
    if (grid.axis >= shape.size() ||
        shape[grid.axis] != static_cast<std::int64_t>(grid.scales.size())) {
      return std::nullopt;
    }
  }
  const auto is_normal = [](float s) { return s >= std::numeric_limits<float>::min(); };
  if (grid.scales.empty() || !std::all_of(grid.scales.begin(), grid.scales.end(), is_normal)) {
    return std::nullopt;
  }
  set_range(stored.type().type, *integers, grid);
  return grid;
}

bool has_codebook(const ConstantLayer& layer) {
  constexpr std::int64_t kMostValues = 256;
  if (layer.op_name != "Gather" || layer.inputs.at(0) == nullptr) {
    return false;
  }
  const TensorType type = layer.inputs[0]->read().type();
  return type.type == DataType::float32 && type.shape.size() == 1 && type.shape[0] <= kMostValues;
}

/// Gives each value a cluster. REQUIRES: there are at most 256 different ones.
Sharing sharing_of(const Codes& codes) {
  return {.cluster = {codes.codes.begin(), codes.codes.end()}, .clusters = codes.codebook.size()};
}

std::vector<bool> not_zero(const Tensor& values) {
  std::vector<bool> kept;
  for (const float value : values.values<float>()) {
    kept.push_back(value != 0);
  }
  return kept;
}

bool keeps(const train::WeightRule& rule, const Tensor& values) {
  const Tensor made = rule(values);
  return std::equal(values.bytes().begin(), values.bytes().end(), made.bytes().begin(),
                    made.bytes().end());
}

std::set<std::string> kernels_of(const Graph& graph) {
  std::set<std::string> names;
  try {
    for (const Target& target : targets_of(graph, "")) {
      names.insert(target.name);
    }
  } catch (const std::invalid_argument&) {  // It has none.
  }
  return names;
}

class Recogniser {
 public:
  Recogniser(const StoredForms& forms, const ConstantLayers& layers)
      : layers_(layers), changes_(forms.network), kernels_(kernels_of(forms.network.graph)) {}

  void look_at(const TensorNode& tensor, std::vector<UndoneForm>& undone) {
    const ConstantLayer* const maker = maker_of(layers_, tensor.parameter);
    if (maker == nullptr) {
      return;
    }
    const Tensor values = read_parameter(tensor);
    if (maker->op_name == "DequantizeLinear") {
      if (!keep_grid(tensor, *maker, values)) {
        undone.push_back({tensor.name, "its integers have no scale for each channel or for all"});
      }
    } else if (kernels_.count(tensor.name) != 0 && has_codebook(*maker)) {
      if (!keep_codebook(tensor, values)) {
        undone.push_back({tensor.name, "its codebook has a negative 0"});
      }
    } else if (comes_from(layers_, tensor.parameter, "DequantizeLinear")) {
      undone.push_back(
          {tensor.name, fmt::format("{} follows on its DequantizeLinear", maker->op_name)});
    }
  }

  Network network() const { return changes_.network(); }

 private:
  bool keep_grid(const TensorNode& tensor, const ConstantLayer& maker, const Tensor& values) {
    const auto grid = grid_of(maker, tensor.type.shape);
    const train::WeightRule rule = [grid](const Tensor& master) {
      return rounded_to(*grid, master);
    };
    if (!grid || !keeps(rule, values)) {
      return false;
    }
    if (comes_from(layers_, maker.inputs[0], "ScatterElements")) {
      changes_.limit(tensor.name, mask(not_zero(values)));
    }
    changes_.project(tensor.name, rule, grid);
    return true;
  }

  bool keep_codebook(const TensorNode& tensor, const Tensor& values) {
    const auto codes = codebook_codes(values);
    const train::WeightRule limit = mask(not_zero(values));
    if (!codes || !keeps(limit, values)) {
      return false;
    }
    changes_.limit(tensor.name, limit);
    changes_.project(tensor.name, shared_values(sharing_of(*codes)));
    return true;
  }

  const ConstantLayers& layers_;
  Changes changes_;
  std::set<std::string> kernels_;
};

}  // namespace

StoredForms with_stored_forms(Graph graph, const ConstantLayers& layers) {
  StoredForms forms{.network = {.graph = std::move(graph), .rules = {}, .grids = {}}, .undone = {}};
  Recogniser recogniser(forms, layers);
  for (TensorId id = 0; id < forms.network.graph.tensor_count(); ++id) {
    const TensorNode& tensor = forms.network.graph.tensor(id);
    if (tensor.is_parameter() && tensor.type.type == DataType::float32 && tensor.type.bytes() > 0) {
      recogniser.look_at(tensor, forms.undone);
    }
  }
  forms.network = recogniser.network();
  return forms;
}

}  // namespace offcut::compress

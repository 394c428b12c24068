// Fused tile partitioning: splits a stack of convolutions, poolings and pixel-wise operators into
// tiles of its output. The region of each tensor that a tile needs is computed from the last layer
// back to the first (DeepThings); a tile is then a graph with padding only at the image's border.
#include "models/parallel/tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "models/ops/convolution.h"
#include "models/ops/pooling.h"
#include "models/parallel/part.h"

namespace offcut::parallel {
namespace {

constexpr std::size_t kRowAxis = 2;
constexpr std::size_t kColumnAxis = 3;

/// Operators that compute each pixel from the same pixel of their one image.
constexpr std::array kPixelByPixel = {"Abs",      "Add",         "BatchNormalization",
                                      "Celu",     "Clip",        "Div",
                                      "Dropout",  "Elu",         "Erf",
                                      "Exp",      "HardSigmoid", "HardSwish",
                                      "Identity", "LRN",         "LeakyRelu",
                                      "Log",      "Max",         "Min",
                                      "Mul",      "Neg",         "PRelu",
                                      "Relu",     "Selu",        "Sigmoid",
                                      "Softplus", "Softsign",    "Sqrt",
                                      "Sub",      "Tanh"};

[[noreturn]] void refuse(const Layer& layer, std::string_view why) {
  throw std::invalid_argument(
      fmt::format("layer '{}' ({}) can't be tiled: {}", layer.name, layer.op_name, why));
}

/// Returns the one input that is not a parameter, which must come first.
TensorId image_of(const Graph& graph, const Layer& layer) {
  const auto is_image = [&](TensorId id) {
    return id != kAbsent && !graph.tensor(id).is_parameter();
  };
  if (layer.inputs.empty() || !is_image(layer.inputs.front()) ||
      std::count_if(layer.inputs.begin(), layer.inputs.end(), is_image) != 1) {
    refuse(layer, "it reads more than one tensor");
  }
  return layer.inputs.front();
}

/// Returns whether a parameter is the same for all pixels of a channel.
bool is_same_for_all_pixels(const Layer& layer, const Shape& shape) {
  if (layer.op_name == "BatchNormalization" || shape.size() < 2) {
    return layer.op_name == "BatchNormalization" || elements(shape) == 1;
  }
  return shape.back() == 1 && shape[shape.size() - 2] == 1;
}

bool is_pixel_by_pixel(const Layer& layer) {
  return std::find(kPixelByPixel.begin(), kPixelByPixel.end(), layer.op_name) !=
         kPixelByPixel.end();
}

TiledLayer pixel_by_pixel(const Graph& graph, LayerId id, const Shape& image) {
  const Layer& layer = graph.layer(id);
  if (graph.tensor(layer.outputs.front()).type.shape != image) {
    refuse(layer, "its output differs in shape from its input");
  }
  for (const TensorId input : layer.inputs) {
    if (input != kAbsent && graph.tensor(input).is_parameter() &&
        !is_same_for_all_pixels(layer, graph.tensor(input).type.shape)) {
      refuse(layer, fmt::format("'{}' differs from pixel to pixel", graph.tensor(input).name));
    }
  }
  const auto axis = [](std::int64_t extent) {
    return ops::WindowAxis{.in = extent, .out = extent};
  };
  return {id, axis(image[kRowAxis]), axis(image[kColumnAxis])};
}

/// Returns the axes of a convolution or pooling, rows and columns last.
std::array<ops::WindowAxis, 3> windows(const Graph& graph, const Layer& layer) {
  std::vector<TensorType> types;
  std::vector<const Parameter*> known;
  for (const TensorId input : layer.inputs) {
    types.push_back(input == kAbsent ? TensorType{} : graph.tensor(input).type);
    known.push_back(input == kAbsent ? nullptr : graph.tensor(input).parameter.get());
  }
  const ops::Call call{layer.attributes, layer.opset, types, known};
  return layer.op_name == "Conv" ? ops::convolution_of(call, types[0].shape, types[1].shape).axes
                                 : ops::pooling_of(call).axes;
}

/// Returns whether the last window extends beyond the padding, which ceil_mode allows.
bool reaches_beyond(const ops::WindowAxis& axis) {
  return axis.position(axis.out - 1, 0) + axis.extent() > axis.in + axis.pad_end;
}

TiledLayer tiled(const Graph& graph, LayerId id) {
  const Layer& layer = graph.layer(id);
  const Shape& image = graph.tensor(image_of(graph, layer)).type.shape;
  if (image.size() != 4 || layer.outputs.size() != 1) {
    refuse(layer, "expected one output and images with rows and columns");
  }
  if (is_pixel_by_pixel(layer)) {
    return pixel_by_pixel(graph, id, image);
  }
  if (layer.op_name != "Conv" && layer.op_name != "MaxPool" && layer.op_name != "AveragePool") {
    refuse(layer, "its output pixels depend on more than a window of its input");
  }
  const auto [depth, rows, columns] = windows(graph, layer);
  if (layer.op_name == "AveragePool" && (reaches_beyond(rows) || reaches_beyond(columns))) {
    refuse(layer, "its last window extends beyond the padding");
  }
  return {id, rows, columns};
}

bool is_output(const Graph& graph, TensorId id) {
  return std::count(graph.outputs().begin(), graph.outputs().end(), id) > 0;
}

/// Returns the one layer that reads this layer's output.
LayerId next_layer(const Graph& graph, LayerId id) {
  const TensorId made = graph.layer(id).outputs.front();
  if (graph.tensor(made).consumers.size() != 1 || is_output(graph, made)) {
    refuse(graph.layer(id), "its output is not read by one layer alone");
  }
  return graph.tensor(made).consumers.front();
}

std::pair<std::int64_t, std::int64_t> needed(const ops::WindowAxis& axis, std::int64_t first,
                                             std::int64_t last) {
  const std::int64_t from = std::max<std::int64_t>(0, axis.position(first, 0));
  const std::int64_t to = std::min(axis.in, axis.position(last - 1, 0) + axis.extent());
  if (from >= to) {
    throw std::invalid_argument("all windows of a tile lie in the padding");
  }
  return {from, to};
}

/// Returns the padding before and after the part of the input that output [first, last) needs.
std::pair<std::int64_t, std::int64_t> padding(const ops::WindowAxis& axis, std::int64_t first,
                                              std::int64_t last) {
  return {std::max<std::int64_t>(0, -axis.position(first, 0)),
          std::max<std::int64_t>(0, axis.position(last - 1, 0) + axis.extent() - axis.in)};
}

/// Returns the layer's attributes with the padding of the tile.
Attributes padded(const TiledLayer& tiled, const Attributes& original, const Region& output) {
  Attributes attributes;
  for (const auto& [name, value] : original) {
    if (name != "auto_pad" && name != "ceil_mode" && name != "pads") {
      attributes.set(name, value);
    }
  }
  const auto [above, below] = padding(tiled.rows, output.top, output.bottom);
  const auto [left, right] = padding(tiled.columns, output.left, output.right);
  attributes.set("pads", std::vector<std::int64_t>{above, left, below, right});
  return attributes;
}

Shape with_region(Shape shape, const Region& region) {
  shape[kRowAxis] = region.rows();
  shape[kColumnAxis] = region.columns();
  return shape;
}

double bytes_of(const TensorType& type, const Region& region) {
  return static_cast<double>(TensorType{type.type, with_region(type.shape, region)}.bytes());
}

}  // namespace

TileStack tile_stack(const Graph& graph, LayerId first, LayerId last) {
  TileStack stack{image_of(graph, graph.layer(first)), {}};
  for (LayerId id = first;; id = next_layer(graph, id)) {
    stack.layers.push_back(tiled(graph, id));
    if (id == last) {
      return stack;
    }
  }
}

TileStack longest_tile_stack(const Graph& graph, LayerId first) {
  TileStack stack;
  try {
    stack.input = image_of(graph, graph.layer(first));
    for (LayerId id = first;; id = next_layer(graph, id)) {
      stack.layers.push_back(tiled(graph, id));
    }
  } catch (const std::invalid_argument&) {
    return stack;  // The stack ends before the layer that was refused.
  }
}

std::vector<Region> tile_grid(const TileStack& stack, std::int64_t rows, std::int64_t columns) {
  const std::int64_t height = stack.layers.back().rows.out;
  const std::int64_t width = stack.layers.back().columns.out;
  std::vector<Region> tiles;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      tiles.push_back({r * height / rows, c * width / columns, (r + 1) * height / rows,
                       (c + 1) * width / columns});
    }
  }
  return tiles;
}

std::vector<Region> needed_regions(const TileStack& stack, const Region& output) {
  std::vector<Region> regions = {output};
  for (auto layer = stack.layers.rbegin(); layer != stack.layers.rend(); ++layer) {
    const Region& made = regions.back();
    const auto [top, bottom] = needed(layer->rows, made.top, made.bottom);
    const auto [left, right] = needed(layer->columns, made.left, made.right);
    regions.push_back({top, left, bottom, right});
  }
  std::reverse(regions.begin(), regions.end());
  return regions;
}

Graph tile_graph(const Graph& graph, const TileStack& stack, const std::vector<Region>& regions,
                 const Registry<ops::Operator>& operators) {
  Graph tile(graph.name() + " tile");
  const TensorNode& input = graph.tensor(stack.input);
  TensorId made =
      tile.add_input(input.name, {input.type.type, with_region(input.type.shape, regions.front())},
                     input.producer ? input.type.type : graph.wire_type(stack.input));
  std::map<TensorId, TensorId> parameters;  // Layers may share parameters.
  for (std::size_t i = 0; i < stack.layers.size(); ++i) {
    const TiledLayer& tiled = stack.layers[i];
    Layer layer = graph.layer(tiled.layer);
    const std::string output = graph.tensor(layer.outputs.front()).name;
    for (std::size_t j = 0; j < layer.inputs.size(); ++j) {
      const TensorId original = layer.inputs[j];
      if (j > 0 && original != kAbsent && !parameters.contains(original)) {
        const TensorNode& node = graph.tensor(original);
        parameters[original] = tile.add_parameter(node.name, node.type, node.parameter);
      }
      layer.inputs[j] = j == 0 ? made : original == kAbsent ? kAbsent : parameters.at(original);
    }
    layer.outputs.clear();
    if (layer.op_name == "Conv" || layer.op_name == "MaxPool" || layer.op_name == "AveragePool") {
      layer.attributes = padded(tiled, layer.attributes, regions[i + 1]);
    }
    made = tile.layer(ops::apply(tile, operators, std::move(layer), {output})).outputs.front();
  }
  tile.add_output(made);
  return tile;
}

TileWork tile_work(const Graph& graph, const TileStack& stack, const std::vector<Region>& regions) {
  TileWork work;
  TensorType before = graph.tensor(stack.input).type;
  work.input_bytes = bytes_of(before, regions.front()) * graph.wire_bytes(stack.input) /
                     static_cast<double>(before.bytes());
  for (std::size_t i = 0; i < stack.layers.size(); ++i) {
    const TiledLayer& tiled = stack.layers[i];
    const Layer& layer = graph.layer(tiled.layer);
    const TensorType& type = graph.tensor(layer.outputs.front()).type;
    work.macs += layer.work.macs * static_cast<double>(regions[i + 1].area()) /
                 static_cast<double>(tiled.rows.out * tiled.columns.out);
    work.output_bytes = bytes_of(type, regions[i + 1]);
    const double kept = is_pixel_by_pixel(layer) ? 0 : bytes_of(before, regions[i]);
    work.activation_memory = std::max(work.activation_memory, kept + work.output_bytes);
    work.weight_bytes += layer.work.parameter_bytes;
    before = type;
  }
  return work;
}

Tensor cropped(const Tensor& image, const Region& region) {
  return part_of(part_of(image, kRowAxis, region.top, region.bottom), kColumnAxis, region.left,
                 region.right);
}

Tensor stitched(std::span<const Tensor> tiles, std::size_t columns) {
  std::vector<Tensor> rows;
  for (std::size_t first = 0; first < tiles.size(); first += columns) {
    rows.push_back(joined(tiles.subspan(first, columns), kColumnAxis));
  }
  return joined(rows, kRowAxis);
}

}  // namespace offcut::parallel

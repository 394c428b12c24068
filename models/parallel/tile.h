#pragma once

#include "models/ops/operator.h"
#include "models/ops/window.h"

namespace offcut::parallel {

/// Rows [top, bottom) and columns [left, right) of the images of an N x C x H x W tensor.
struct Region {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t bottom = 0;
  std::int64_t right = 0;

  std::int64_t rows() const { return bottom - top; }
  std::int64_t columns() const { return right - left; }
  std::int64_t area() const { return rows() * columns(); }
  bool operator==(const Region&) const = default;
};

/// A layer whose output pixels each depend on a window of its input.
struct TiledLayer {
  LayerId layer;
  ops::WindowAxis rows;
  ops::WindowAxis columns;
};

/// Layers that each read only what the one before makes, and that alone: a fused stack, which can
/// be computed tile by tile (Zhao, Barijough, Gerstlauer, "DeepThings: distributed adaptive deep
/// learning inference on resource-constrained IoT edge clusters", IEEE TCAD 37(11), 2018:
/// fused tile partitioning).
struct TileStack {
  TensorId input;
  std::vector<TiledLayer> layers;
};

/// The stack from layer `first` to layer `last`: convolutions and poolings over two axes, and
/// operators that work pixel by pixel. Throws std::invalid_argument, naming the layer, where one is
/// something else, where the layers are no chain, or where somebody outside reads one between.
TileStack tile_stack(const Graph& graph, LayerId first, LayerId last);

/// The longest stack that begins with layer `first`; without layers where that one can't be tiled.
TileStack longest_tile_stack(const Graph& graph, LayerId first);

/// The last layer's output in rows x columns tiles of nearly equal size, row by row.
/// REQUIRES: 0 < rows <= its height, 0 < columns <= its width.
std::vector<Region> tile_grid(const TileStack& stack, std::int64_t rows, std::int64_t columns);

/// What a tile needs of each tensor: [0] of the stack's input, [i + 1] of what layer i makes, the
/// last one `output` itself. From the last layer back, a range [lo, hi) needs
/// [lo * stride - pad, (hi - 1) * stride - pad + extent), cut off at the border (DeepThings).
/// Throws std::invalid_argument where a window lies in the padding alone.
std::vector<Region> needed_regions(const TileStack& stack, const Region& output);

/// The tile as a graph of its own, for either engine: its input is the region of the stack's input,
/// layers are padded only where the tile touches the border. Weights are shared, not copied.
/// REQUIRES: regions are needed_regions() of the stack.
Graph tile_graph(const Graph& graph, const TileStack& stack, const std::vector<Region>& regions,
                 const Registry<ops::Operator>& operators);

/// What a tile costs. Memory holds the input and the output of one layer at a time (what works
/// pixel by pixel does so in place), and the stack's weights.
struct TileWork {
  double macs = 0;
  double input_bytes = 0;  // as they would cross a cut
  double output_bytes = 0;
  double activation_memory = 0;  // bytes, the most of all layers
  double weight_bytes = 0;
};

TileWork tile_work(const Graph& graph, const TileStack& stack, const std::vector<Region>& regions);

/// The pixels of a region, and tiles put together again, in the order of tile_grid().
Tensor cropped(const Tensor& image, const Region& region);
Tensor stitched(std::span<const Tensor> tiles, std::size_t columns);

}  // namespace offcut::parallel

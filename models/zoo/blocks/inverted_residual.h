#pragma once

#include <fmt/format.h>

#include <vector>

#include "models/zoo/builder.h"

namespace offcut::zoo {

/// A member function of NetworkBuilder that adds an activation, and the name of its layers.
struct Activation {
  const char* name;
  TensorId (NetworkBuilder::*add)(const std::string&, TensorId);

  TensorId operator()(NetworkBuilder& net, const std::string& layer, TensorId x) const {
    return (net.*add)(layer + "_" + name, x);
  }
};

/// Squeeze and excitation (Hu, Shen, Sun, CVPR 2018): each channel is multiplied by a gate between
/// 0 and 1 that two dense layers, written as 1x1 convolutions, compute from all channels' means.
struct SqueezeExcite {
  /// Squeezes to one share-th of the block's input channels; 0: no squeeze and excitation.
  std::int64_t share = 0;
  Activation activation{};
  Activation gate{};
};

/// One row of a table of such blocks, the first of which has the stride.
struct InvertedStage {
  std::int64_t expansion;
  std::int64_t filters;
  int blocks;
  std::int64_t stride;
  std::int64_t kernel;
};

/// The sizes of one block.
struct InvertedResidual {
  std::int64_t expanded;  // If equal to the input's channels, nothing expands.
  std::int64_t squeezed;  // 0: no squeeze and excitation.
  std::int64_t filters;
  std::int64_t kernel;
  std::int64_t stride;
};

/// Blocks of three convolutions: a 1x1 expands the channels, the next one treats each channel by
/// itself, and a 1x1 projects to few channels, without an activation after it. Blocks that keep the
/// shape add their input (Sandler et al., "MobileNetV2", CVPR 2018).
struct InvertedResiduals {
  NetworkBuilder& net;
  Activation activation;
  double gain;      // Gain of the projections, which no ReLU halves.
  double sum_gain;  // Gain of projections that are added to the block's input.
  SqueezeExcite excite{};

  TensorId gated(const std::string& name, TensorId x, std::int64_t channels,
                 std::int64_t squeezed) const {
    TensorId y = net.global_average_pool(name + "_se_pool", x);
    y = net.conv(name + "_se_reduce", y, {.filters = squeezed, .kernel = 1});
    y = excite.activation(net, name + "_se_reduce", y);
    y = net.conv(name + "_se_expand", y, {.filters = channels, .kernel = 1});
    return net.mul(name + "_se", x, excite.gate(net, name + "_se_expand", y));
  }

  TensorId block(const std::string& name, TensorId x, std::int64_t channels,
                 const InvertedResidual& sizes) const {
    TensorId y = x;
    if (sizes.expanded != channels) {
      y = net.conv(name + "_expand", y, {.filters = sizes.expanded, .kernel = 1});
      y = activation(net, name + "_expand", y);
    }
    y = net.conv(name + "_dw", y,
                 {.filters = sizes.expanded,
                  .kernel = sizes.kernel,
                  .stride = sizes.stride,
                  .pad = sizes.kernel / 2,
                  .groups = sizes.expanded});
    y = activation(net, name + "_dw", y);
    if (sizes.squeezed > 0) {
      y = gated(name, y, sizes.expanded, sizes.squeezed);
    }
    const bool sum = sizes.stride == 1 && channels == sizes.filters;
    y = net.conv(name + "_project", y,
                 {.filters = sizes.filters, .kernel = 1, .gain = sum ? sum_gain : gain});
    return sum ? net.add(name + "_add", x, y) : y;
  }

  /// Adds all blocks, named "block1_1" and so on.
  TensorId operator()(TensorId x, std::int64_t channels,
                      const std::vector<InvertedStage>& stages) const {
    int number = 1;
    for (const InvertedStage& stage : stages) {
      for (int i = 1; i <= stage.blocks; ++i) {
        x = block(fmt::format("block{}_{}", number, i), x, channels,
                  {.expanded = channels * stage.expansion,
                   .squeezed = excite.share > 0 ? channels / excite.share : 0,
                   .filters = stage.filters,
                   .kernel = stage.kernel,
                   .stride = i == 1 ? stage.stride : 1});
        channels = stage.filters;
      }
      ++number;
    }
    return x;
  }
};

}  // namespace offcut::zoo

#pragma once

#include <fmt/format.h>

#include <vector>

#include "models/zoo/builder.h"

namespace offcut::zoo {

/// A function of NetworkBuilder's that adds an activation, and what its layers are called.
struct Activation {
  const char* name;
  TensorId (NetworkBuilder::*add)(const std::string&, TensorId);

  TensorId operator()(NetworkBuilder& net, const std::string& layer, TensorId x) const {
    return (net.*add)(layer + "_" + name, x);
  }
};

/// Squeeze and excitation (Hu, Shen, Sun, CVPR 2018): each channel is multiplied by a gate between
/// 0 and 1 that two dense layers, written as 1x1 convolutions, make of all channels' means.
struct SqueezeExcite {
  /// Squeezes to one share-th of the block's input channels; 0: the block has none.
  std::int64_t share = 0;
  Activation activation{};
  Activation gate{};
};

/// One row of a table of such blocks: the first of them has the stride.
struct InvertedStage {
  std::int64_t expansion;
  std::int64_t filters;
  int blocks;
  std::int64_t stride;
  std::int64_t kernel;
};

/// One block in numbers of channels.
struct InvertedResidual {
  std::int64_t expanded;  // as many as come in: nothing expands
  std::int64_t squeezed;  // 0: no squeeze and excitation
  std::int64_t filters;
  std::int64_t kernel;
  std::int64_t stride;
};

/// Blocks of a 1x1 convolution that expands the channels, one of each channel by itself, and a 1x1
/// that projects to few channels, without an activation behind it; blocks that keep the shape add
/// their input (Sandler et al., "MobileNetV2", CVPR 2018).
struct InvertedResiduals {
  NetworkBuilder& net;
  Activation activation;
  double gain;      // of the projections: no ReLU halves what they make
  double sum_gain;  // of those that are added to the block's input
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
                 const InvertedResidual& how) const {
    TensorId y = x;
    if (how.expanded != channels) {
      y = net.conv(name + "_expand", y, {.filters = how.expanded, .kernel = 1});
      y = activation(net, name + "_expand", y);
    }
    y = net.conv(name + "_dw", y,
                 {.filters = how.expanded,
                  .kernel = how.kernel,
                  .stride = how.stride,
                  .pad = how.kernel / 2,
                  .groups = how.expanded});
    y = activation(net, name + "_dw", y);
    if (how.squeezed > 0) {
      y = gated(name, y, how.expanded, how.squeezed);
    }
    const bool sum = how.stride == 1 && channels == how.filters;
    y = net.conv(name + "_project", y,
                 {.filters = how.filters, .kernel = 1, .gain = sum ? sum_gain : gain});
    return sum ? net.add(name + "_add", x, y) : y;
  }

  /// "block1_1" and so on.
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

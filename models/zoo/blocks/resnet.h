#pragma once

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numeric>

#include "models/zoo/blocks/conv_relu.h"

namespace offcut::zoo {

/// A residual block: a branch of convolutions next to a shortcut, which is the identity or a 1x1
/// convolution.
struct ResidualBlock {
  std::int64_t filters;
  std::int64_t stride;
  bool project;
  double gain;  // Gain of the branch's last convolution.
};

inline TensorId residual_sum(NetworkBuilder& net, const std::string& name, TensorId x, TensorId y,
                             std::int64_t filters, const ResidualBlock& sizes) {
  const TensorId shortcut =
      sizes.project ? net.conv(name + "_branch1", x,
                               {.filters = filters, .kernel = 1, .stride = sizes.stride})
                    : x;
  return net.relu(name + "_relu", net.add(name, shortcut, y));
}

/// Adds two 3x3 convolutions.
inline TensorId basic_block(NetworkBuilder& net, const std::string& name, TensorId x,
                            const ResidualBlock& sizes) {
  const std::string branch = name + "_branch2";
  TensorId y = conv_relu(net, branch + "a", x,
                         {.filters = sizes.filters, .kernel = 3, .stride = sizes.stride, .pad = 1});
  y = net.conv(branch + "b", y,
               {.filters = sizes.filters, .kernel = 3, .pad = 1, .gain = sizes.gain});
  return residual_sum(net, name, x, y, sizes.filters, sizes);
}

/// Adds a 1x1, a 3x3 and a 1x1 with four times the filters; the first two have the given strides.
inline TensorId bottleneck(NetworkBuilder& net, const std::string& name, TensorId x,
                           const ResidualBlock& sizes, std::int64_t first_stride,
                           std::int64_t middle_stride) {
  const std::string branch = name + "_branch2";
  TensorId y = conv_relu(net, branch + "a", x,
                         {.filters = sizes.filters, .kernel = 1, .stride = first_stride});
  y = conv_relu(net, branch + "b", y,
                {.filters = sizes.filters, .kernel = 3, .stride = middle_stride, .pad = 1});
  y = net.conv(branch + "c", y, {.filters = 4 * sizes.filters, .kernel = 1, .gain = sizes.gain});
  return residual_sum(net, name, x, y, 4 * sizes.filters, sizes);
}

/// Adds a bottleneck whose 3x3 has the stride (known as v1.5).
inline TensorId bottleneck_block(NetworkBuilder& net, const std::string& name, TensorId x,
                                 const ResidualBlock& sizes) {
  return bottleneck(net, name, x, sizes, 1, sizes.stride);
}

/// Adds a bottleneck whose first 1x1 has the stride, as in the paper (v1).
inline TensorId first_bottleneck_block(NetworkBuilder& net, const std::string& name, TensorId x,
                                       const ResidualBlock& sizes) {
  return bottleneck(net, name, x, sizes, sizes.stride, 1);
}

/// Follows Caffe's names: "a", "b", "c" in short stages, "a", "b1", "b2" in long ones.
inline std::string name_in_stage(int block, int blocks) {
  constexpr int kLetters = 6;
  if (blocks <= kLetters || block == 0) {
    return std::string(1, static_cast<char>('a' + block));
  }
  return fmt::format("b{}", block);
}

/// Builds a ResNet of He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR
/// 2016, table 1: the depths differ in the kind of block and the number of blocks in each of the
/// four stages. The first block of every stage has a projection shortcut.
inline Graph build_resnet(const std::string& name,
                          TensorId (*block)(NetworkBuilder&, const std::string&, TensorId,
                                            const ResidualBlock&),
                          const std::array<int, 4>& blocks,
                          const Registry<ops::Operator>& operators, std::uint64_t seed,
                          std::int64_t size = 224) {
  // A trained network's batch normalisation keeps the sum of two branches in bounds. Random weights
  // need weaker branches the more of them are added up: each multiplies the signal's variance by at
  // most 1 + 2 gain^2, which is 1 + 4 / n here, and all n of them by less than e^4.
  const double gain = std::sqrt(2.0 / std::accumulate(blocks.begin(), blocks.end(), 0));
  Graph graph(name);
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, size, size);
  x = net.conv("conv1", x, {.filters = 64, .kernel = 7, .stride = 2, .pad = 3});
  x = net.relu("relu1", x);
  x = net.max_pool("pool1", x, {.kernel = 3, .stride = 2, .pad = 1});
  std::int64_t filters = 64;
  for (std::size_t stage = 0; stage < blocks.size(); ++stage) {
    for (int i = 0; i < blocks.at(stage); ++i) {
      x = block(net, fmt::format("res{}{}", stage + 2, name_in_stage(i, blocks.at(stage))), x,
                {.filters = filters,
                 .stride = stage > 0 && i == 0 ? 2 : 1,
                 .project = i == 0,
                 .gain = gain});
    }
    filters *= 2;
  }
  x = net.global_average_pool("pool5", x);
  x = net.flatten("flatten", x);
  x = net.dense("fc1000", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace offcut::zoo

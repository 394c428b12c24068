#pragma once

#include <fmt/format.h>

#include <array>

#include "models/zoo/builder.h"

namespace offcut::zoo {

/// Builds a VGG of Simonyan, Zisserman, "Very deep convolutional networks for large-scale image
/// recognition", ICLR 2015, table 1: the configurations differ in the number of convolutions in
/// each of the five stages.
inline Graph build_vgg(const std::string& name, const std::array<int, 5>& convolutions,
                       const Registry<ops::Operator>& operators, std::uint64_t seed) {
  Graph graph(name);
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, 224, 224);
  constexpr std::array<std::int64_t, 5> kFilters = {64, 128, 256, 512, 512};
  for (std::size_t stage = 0; stage < kFilters.size(); ++stage) {
    const std::size_t number = stage + 1;
    for (int i = 1; i <= convolutions.at(stage); ++i) {
      x = net.conv(fmt::format("conv{}_{}", number, i), x,
                   {.filters = kFilters.at(stage), .kernel = 3, .pad = 1});
      x = net.relu(fmt::format("relu{}_{}", number, i), x);
    }
    x = net.max_pool(fmt::format("pool{}", number), x, {.kernel = 2, .stride = 2});
  }
  x = net.flatten("flatten", x);
  x = net.dense("fc6", x, 4096);
  x = net.relu("relu6", x);
  x = net.dense("fc7", x, 4096);
  x = net.relu("relu7", x);
  x = net.dense("fc8", x, 1000);
  x = net.softmax("prob", x);
  graph.add_output(x);
  return graph;
}

}  // namespace offcut::zoo

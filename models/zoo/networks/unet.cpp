// U-Net: Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical image
// segmentation", MICCAI 2015, figure 1, as it is used today: convolutions are padded, so that the
// output has the image's extents and nothing is cropped; the image is 3x256x256 (1x572x572 in the
// paper). Two classes per pixel, before the softmax. 48,172 M multiply-accumulates, 31.03 M
// parameters.

#include <fmt/format.h>

#include <array>

#include "models/zoo/blocks/conv_relu.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr std::array<std::int64_t, 5> kFilters = {64, 128, 256, 512, 1024};  // Per resolution.

TensorId two_convs(NetworkBuilder& net, const std::string& name, TensorId x, std::int64_t filters) {
  x = conv_relu(net, name + "_conv1", x, {.filters = filters, .kernel = 3, .pad = 1});
  return conv_relu(net, name + "_conv2", x, {.filters = filters, .kernel = 3, .pad = 1});
}

Graph build_unet(const Registry<ops::Operator>& operators, std::uint64_t seed, std::int64_t size) {
  Graph graph("unet");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, size, size);
  std::vector<TensorId> left;
  for (std::size_t i = 0; i < kFilters.size(); ++i) {
    if (i > 0) {
      x = net.max_pool(fmt::format("pool{}", i), x, {.kernel = 2, .stride = 2});
    }
    x = two_convs(net, fmt::format("down{}", i + 1), x, kFilters.at(i));
    left.push_back(x);
  }
  for (std::size_t i = kFilters.size() - 1; i > 0; --i) {
    const std::string name = fmt::format("up{}", i);
    x = net.up_conv(name, x, kFilters.at(i - 1), 2);
    x = net.concat(name + "_concat", {left[i - 1], x});
    x = two_convs(net, name, x, kFilters.at(i - 1));
  }
  graph.add_output(net.conv("classes", x, {.filters = 2, .kernel = 1}));
  return graph;
}

}  // namespace

void register_unet(Registry<Network>& registry) {
  registry.add(
      {.name = "unet",
       .doc = "U-Net, 3x256x256 to 2 classes per pixel: 4 times down and up again, 31.0 M "
              "weights",
       .source = "Ronneberger, Fischer, Brox, MICCAI 2015, figure 1, padded",
       .build = [](const auto& operators,
                   std::uint64_t seed) { return build_unet(operators, seed, 256); },
       .open =
           OpenDimension{.name = "size", .usual = 256, .least = 32, .most = 4096, .multiple = 16},
       .build_for = build_unet});
}

}  // namespace offcut::zoo

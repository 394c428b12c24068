// YOLOv2: Redmon, Farhadi, "YOLO9000: better, faster, stronger", CVPR 2017, at 416x416 with COCO's
// 80 classes. Each of 13x13 places has 5 boxes of 4 coordinates, a confidence and 80 classes. The
// output is the input of the region layer, which makes boxes of it and is not part of this network.
// The passthrough puts 2x2 neighbours of conv13's map into channels, as in the paper; darknet's
// reorg uses another order. 14,732 M multiply-accumulates, 50.95 M parameters.

#include <fmt/format.h>

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr float kYolov2Slope = 0.1F;
constexpr NetworkBuilder::Pooling kYolov2Pool = {.kernel = 2, .stride = 2};

TensorId yolov2_conv(NetworkBuilder& net, const std::string& name, TensorId x, std::int64_t filters,
                     std::int64_t kernel) {
  x = net.conv(name, x, {.filters = filters, .kernel = kernel, .pad = kernel / 2});
  return net.leaky_relu(name + "_leaky", x, kYolov2Slope);
}

/// Adds a stage of Darknet-19: 3x3 convolutions, with 1x1 of half the filters between them.
TensorId stage(NetworkBuilder& net, int& number, TensorId x, std::int64_t filters, int layers) {
  for (int i = 0; i < layers; ++i, ++number) {
    const bool wide = i % 2 == 0;
    x = yolov2_conv(net, fmt::format("conv{}", number), x, wide ? filters : filters / 2,
                    wide ? 3 : 1);
  }
  return x;
}

/// Reorganises 64 maps of twice `places` to 256 of `places`: 64x26x26 to 256x13x13.
TensorId reorg(NetworkBuilder& net, TensorId x, std::int64_t places) {
  x = net.reshape("reorg_split", x, {1, 64, places, 2, places, 2});
  x = net.transpose("reorg_gather", x, {0, 3, 5, 1, 2, 4});
  return net.reshape("reorg", x, {1, 256, places, places});
}

Graph build_yolov2(const Registry<ops::Operator>& operators, std::uint64_t seed,
                   std::int64_t size) {
  Graph graph("yolov2");
  NetworkBuilder net(graph, operators, seed);
  int number = 1;
  TensorId x = net.image(3, size, size);
  x = net.max_pool("pool1", stage(net, number, x, 32, 1), kYolov2Pool);
  x = net.max_pool("pool2", stage(net, number, x, 64, 1), kYolov2Pool);
  x = net.max_pool("pool3", stage(net, number, x, 128, 3), kYolov2Pool);
  x = net.max_pool("pool4", stage(net, number, x, 256, 3), kYolov2Pool);
  const TensorId fine = stage(net, number, x, 512, 5);
  x = net.max_pool("pool5", fine, kYolov2Pool);
  x = stage(net, number, x, 1024, 5);
  x = yolov2_conv(net, "conv19", x, 1024, 3);
  x = yolov2_conv(net, "conv20", x, 1024, 3);
  const TensorId passed = reorg(net, yolov2_conv(net, "passthrough", fine, 64, 1), size / 32);
  x = net.concat("concat", {passed, x});
  x = yolov2_conv(net, "conv21", x, 1024, 3);
  x = net.conv("conv22", x, {.filters = 5 * (4 + 1 + 80), .kernel = 1});
  graph.add_output(x);
  return graph;
}

}  // namespace

void register_yolov2(Registry<Network>& registry) {
  registry.add(
      {.name = "yolov2",
       .doc = "YOLOv2, 3x416x416 to 5 boxes of 80 classes at 13x13 places, 51.0 M weights",
       .source = "Redmon, Farhadi, CVPR 2017; with COCO's classes, without the region "
                 "layer",
       .build = [](const auto& operators,
                   std::uint64_t seed) { return build_yolov2(operators, seed, 416); },
       .open =
           OpenDimension{.name = "size", .usual = 416, .least = 64, .most = 4096, .multiple = 32},
       .build_for = build_yolov2});
}

}  // namespace offcut::zoo

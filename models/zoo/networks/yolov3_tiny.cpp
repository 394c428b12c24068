// YOLOv3-tiny: Redmon, Farhadi, "YOLOv3: an incremental improvement", 2018, as in darknet's
// yolov3-tiny.cfg at 416x416 with COCO's 80 classes. Each of 13x13 and of 26x26 places has 3 boxes
// of 4 coordinates, a confidence and 80 classes. The outputs are the inputs of the yolo layers,
// which make boxes of them and are not part of this network. Pooling with stride 1 pads only at the
// right and below, as in darknet. 2,783 M multiply-accumulates, 8.85 M parameters.

#include <fmt/format.h>

#include <array>

#include "models/zoo/builder.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

constexpr float kYolov3TinySlope = 0.1F;
constexpr std::int64_t kBoxes = std::int64_t{3} * (4 + 1 + 80);

TensorId yolov3_tiny_conv(NetworkBuilder& net, const std::string& name, TensorId x,
                          std::int64_t filters, std::int64_t kernel) {
  x = net.conv(name, x, {.filters = filters, .kernel = kernel, .pad = kernel / 2});
  return net.leaky_relu(name + "_leaky", x, kYolov3TinySlope);
}

TensorId pool_in_place(NetworkBuilder& net, const std::string& name, TensorId x) {
  Attributes attributes;
  attributes.set("kernel_shape", std::vector<std::int64_t>{2, 2});
  attributes.set("strides", std::vector<std::int64_t>{1, 1});
  attributes.set("pads", std::vector<std::int64_t>{0, 0, 1, 1});
  return net.layer("MaxPool", name, {x}, std::move(attributes));
}

Graph build_yolov3_tiny(const Registry<ops::Operator>& operators, std::uint64_t seed,
                        std::int64_t size) {
  Graph graph("yolov3-tiny");
  NetworkBuilder net(graph, operators, seed);
  TensorId x = net.image(3, size, size);
  const std::array<std::int64_t, 4> filters = {16, 32, 64, 128};
  for (std::size_t i = 0; i < filters.size(); ++i) {
    x = yolov3_tiny_conv(net, fmt::format("conv{}", i + 1), x, filters.at(i), 3);
    x = net.max_pool(fmt::format("pool{}", i + 1), x, {.kernel = 2, .stride = 2});
  }
  const TensorId fine = yolov3_tiny_conv(net, "conv5", x, 256, 3);  // 26x26
  x = net.max_pool("pool5", fine, {.kernel = 2, .stride = 2});
  x = yolov3_tiny_conv(net, "conv6", x, 512, 3);
  x = pool_in_place(net, "pool6", x);
  x = yolov3_tiny_conv(net, "conv7", x, 1024, 3);
  const TensorId coarse = yolov3_tiny_conv(net, "conv8", x, 256, 1);  // 13x13
  x = yolov3_tiny_conv(net, "conv9", coarse, 512, 3);
  graph.add_output(net.conv("conv10", x, {.filters = kBoxes, .kernel = 1}));
  x = yolov3_tiny_conv(net, "conv11", coarse, 128, 1);
  x = net.upsample("upsample", x, 2);
  x = net.concat("concat", {x, fine});
  x = yolov3_tiny_conv(net, "conv12", x, 256, 3);
  graph.add_output(net.conv("conv13", x, {.filters = kBoxes, .kernel = 1}));
  return graph;
}

}  // namespace

void register_yolov3_tiny(Registry<Network>& registry) {
  registry.add(
      {.name = "yolov3-tiny",
       .doc = "YOLOv3-tiny, 3x416x416 to 13x13 and 26x26 times 3 boxes of 80 classes, 8.8 "
              "M weights",
       .source = "Redmon, Farhadi, 2018; darknet's yolov3-tiny.cfg",
       .build = [](const auto& operators,
                   std::uint64_t seed) { return build_yolov3_tiny(operators, seed, 416); },
       .open =
           OpenDimension{.name = "size", .usual = 416, .least = 64, .most = 4096, .multiple = 32},
       .build_for = build_yolov3_tiny});
}

}  // namespace offcut::zoo

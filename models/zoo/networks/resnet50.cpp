// ResNet-50: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, in the
// common variant "v1.5": in blocks that halve the extents, the 3x3 has the stride and not the first
// 1x1. 4,089 M multiply-accumulates, 25.5 M parameters. Layers have Caffe's names.

#include "models/zoo/blocks/resnet.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_resnet50_for(const Registry<ops::Operator>& operators, std::uint64_t seed,
                         std::int64_t size) {
  return build_resnet("resnet50", bottleneck_block, {3, 4, 6, 3}, operators, seed, size);
}

Graph build_resnet50(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  return build_resnet50_for(operators, seed, 224);
}

}  // namespace

void register_resnet50(Registry<Network>& registry) {
  registry.add({.name = "resnet50",
                .doc = "ResNet-50, 3x224x224 to 1000 classes: 16 bottleneck blocks, 25.5 M weights",
                .source = "He, Zhang, Ren, Sun, CVPR 2016; v1.5, with the stride in the 3x3",
                .build = build_resnet50,
                .open = OpenDimension{.name = "size", .usual = 224, .least = 32, .most = 4096},
                .build_for = build_resnet50_for});
}

}  // namespace offcut::zoo

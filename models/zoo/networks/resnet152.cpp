// ResNet-152: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, in
// the common variant "v1.5": in blocks that halve the extents, the 3x3 has the stride and not the
// first 1x1. 11,514 M multiply-accumulates, 60.1 M parameters. Layers have Caffe's names.

#include "models/zoo/blocks/resnet.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_resnet152_for(const Registry<ops::Operator>& operators, std::uint64_t seed,
                          std::int64_t size) {
  return build_resnet("resnet152", bottleneck_block, {3, 8, 36, 3}, operators, seed, size);
}

Graph build_resnet152(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  return build_resnet152_for(operators, seed, 224);
}

}  // namespace

void register_resnet152(Registry<Network>& registry) {
  registry.add(
      {.name = "resnet152",
       .doc = "ResNet-152, 3x224x224 to 1000 classes: 50 bottleneck blocks, 60.1 M weights",
       .source = "He, Zhang, Ren, Sun, CVPR 2016; v1.5, with the stride in the 3x3",
       .build = build_resnet152,
       .open = OpenDimension{.name = "size", .usual = 224, .least = 32, .most = 4096},
       .build_for = build_resnet152_for});
}

}  // namespace offcut::zoo

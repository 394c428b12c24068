// ResNet-50 as in the paper: He, Zhang, Ren, Sun, "Deep residual learning for image recognition",
// CVPR 2016. In blocks that halve the extents, the first 1x1 has the stride and not the 3x3, which
// saves 0.23 G of resnet50's 4.09 G multiply-accumulates. Caffe's model and the one on ncnn's
// benchmark page, to which the catalogue's devices are fitted, are of this form.

#include "models/zoo/blocks/resnet.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_resnet50_v1_for(const Registry<ops::Operator>& operators, std::uint64_t seed,
                            std::int64_t size) {
  return build_resnet("resnet50-v1", first_bottleneck_block, {3, 4, 6, 3}, operators, seed, size);
}

Graph build_resnet50_v1(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  return build_resnet50_v1_for(operators, seed, 224);
}

}  // namespace

void register_resnet50_v1(Registry<Network>& registry) {
  registry.add({.name = "resnet50-v1",
                .doc = "ResNet-50 as published, 3x224x224 to 1000 classes: the 1x1 has the stride",
                .source = "He, Zhang, Ren, Sun, CVPR 2016",
                .build = build_resnet50_v1,
                .open = OpenDimension{.name = "size", .usual = 224, .least = 32, .most = 4096},
                .build_for = build_resnet50_v1_for});
}

}  // namespace offcut::zoo

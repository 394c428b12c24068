// ResNet-18: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, in the
// variant published for Caffe: the first block of every stage has a projection shortcut, even in
// the first stage (64 to 64 channels, 1x1, at 56x56), where the paper has the identity. 1,827 M
// multiply-accumulates (12.8 M of them in that shortcut), 11.69 M parameters. Layers have Caffe's
// names.

#include "models/zoo/blocks/resnet.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_resnet18_for(const Registry<ops::Operator>& operators, std::uint64_t seed,
                         std::int64_t size) {
  return build_resnet("resnet18", basic_block, {2, 2, 2, 2}, operators, seed, size);
}

Graph build_resnet18(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  return build_resnet18_for(operators, seed, 224);
}

}  // namespace

void register_resnet18(Registry<Network>& registry) {
  registry.add({.name = "resnet18",
                .doc = "ResNet-18, 3x224x224 to 1000 classes: 8 residual blocks, 11.7 M weights",
                .source = "He, Zhang, Ren, Sun, CVPR 2016; the Caffe variant, with a projection "
                          "shortcut in the first stage too",
                .build = build_resnet18,
                .open = OpenDimension{.name = "size", .usual = 224, .least = 32, .most = 4096},
                .build_for = build_resnet18_for});
}

}  // namespace offcut::zoo

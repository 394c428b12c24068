// VGG16: Simonyan, Zisserman, "Very deep convolutional networks for large-scale image recognition",
// ICLR 2015, configuration D. 15,470 M multiply-accumulates, 138.4 M parameters.

#include "models/zoo/blocks/vgg.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_vgg16(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  return build_vgg("vgg16", {2, 2, 3, 3, 3}, operators, seed);
}

}  // namespace

void register_vgg16(Registry<Network>& registry) {
  registry.add({.name = "vgg16",
                .doc = "VGG16, 3x224x224 to 1000 classes: 16 layers with weights, 138 M of them",
                .source = "Simonyan, Zisserman, ICLR 2015, configuration D",
                .build = build_vgg16});
}

}  // namespace offcut::zoo

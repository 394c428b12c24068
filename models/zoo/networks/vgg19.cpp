// VGG19: Simonyan, Zisserman, "Very deep convolutional networks for large-scale image recognition",
// ICLR 2015, configuration E. 19,632 M multiply-accumulates, 143.7 M parameters.

#include "models/zoo/blocks/vgg.h"
#include "models/zoo/network.h"

namespace offcut::zoo {
namespace {

Graph build_vgg19(const Registry<ops::Operator>& operators, std::uint64_t seed) {
  return build_vgg("vgg19", {2, 2, 4, 4, 4}, operators, seed);
}

}  // namespace

void register_vgg19(Registry<Network>& registry) {
  registry.add({.name = "vgg19",
                .doc = "VGG19, 3x224x224 to 1000 classes: 19 layers with weights, 144 M of them",
                .source = "Simonyan, Zisserman, ICLR 2015, configuration E",
                .build = build_vgg19});
}

}  // namespace offcut::zoo

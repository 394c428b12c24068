// `flip`: mirrors every other image, left and right.

#include <algorithm>
#include <boost/random/uniform_01.hpp>

#include "models/dataset/augmentation.h"

namespace offcut::dataset {
namespace {

void apply_flip(const Parameters& parameters, const Image& image, RandomStream& stream) {
  if (boost::random::uniform_01<double>()(stream) >= parameters.at("probability")) {
    return;
  }
  for (std::int64_t row = 0; row < image.channels * image.height; ++row) {
    const auto first = image.pixels.begin() + row * image.width;
    std::reverse(first, first + image.width);
  }
}

}  // namespace

void register_flip(Registry<Augmentation>& registry) {
  registry.add({.name = "flip",
                .doc = "mirrored left and right, or not",
                .citation = "Krizhevsky, Sutskever, Hinton, NIPS 2012, section 4.1",
                .parameters = {{.name = "probability",
                                .fallback = 0.5,
                                .most = 1,
                                .doc = "the share of images that are mirrored"}},
                .apply = apply_flip});
}

}  // namespace offcut::dataset

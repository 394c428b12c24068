#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "models/base/named.h"
#include "models/base/random.h"
#include "models/graph/tensor.h"

namespace offcut::dataset {

/// One image in memory, channel after channel, row after row.
struct Image {
  std::int64_t channels, height, width;
  std::span<float> pixels;
};

/// A random change of a training image that leaves its class as it is.
struct Augmentation {
  std::string name;
  std::string doc;
  std::string citation;
  std::vector<ParameterSpec> parameters = {};
  void (*apply)(const Parameters&, const Image&, RandomStream&);
};

void register_augmentations(
    Registry<Augmentation>& registry);  // From models/dataset/augmentations.

/// Replaces each pixel of all channels by the one at source(y, x), interpolated bilinearly; outside
/// the image, all is 0. A pixel has whole numbers as its position.
void warp(const Image& image,
          const std::function<std::pair<double, double>(double y, double x)>& source);

/// Changes the images of a batch [count, channels, height, width] in place, by one augmentation
/// after the other. Image i depends on the seed, `draw` and its number in `numbers` alone: the same
/// sample is changed alike in whatever batch it comes. Throws std::invalid_argument for a batch of
/// another rank.
void augment(Tensor& batch, std::span<const std::int64_t> numbers, const std::vector<Named>& chosen,
             const Registry<Augmentation>& known, std::uint64_t seed, std::uint64_t draw);

}  // namespace offcut::dataset

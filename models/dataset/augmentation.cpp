// Applies random changes to the images of a batch. Each image has a stream of its own, from the
// seed, the epoch and the sample's number, so that a run that goes on from a checkpoint draws the
// same ones.

#include "models/dataset/augmentation.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace offcut::dataset {
namespace {

/// Returns an image's pixel at a whole position, 0 outside.
float pixel_at(const float* plane, const Image& image, std::int64_t y, std::int64_t x) {
  return y >= 0 && y < image.height && x >= 0 && x < image.width ? plane[y * image.width + x] : 0;
}

float interpolated(const float* plane, const Image& image, double y, double x) {
  const double top = std::floor(y), left = std::floor(x);
  const auto row = static_cast<std::int64_t>(top), column = static_cast<std::int64_t>(left);
  const auto down = static_cast<float>(y - top), right = static_cast<float>(x - left);
  const float upper = pixel_at(plane, image, row, column) * (1 - right) +
                      pixel_at(plane, image, row, column + 1) * right;
  const float lower = pixel_at(plane, image, row + 1, column) * (1 - right) +
                      pixel_at(plane, image, row + 1, column + 1) * right;
  return upper * (1 - down) + lower * down;
}

}  // namespace

void warp(const Image& image,
          const std::function<std::pair<double, double>(double y, double x)>& source) {
  const std::vector<float> old(image.pixels.begin(), image.pixels.end());
  const std::int64_t plane = image.height * image.width;
  for (std::int64_t y = 0; y < image.height; ++y) {
    for (std::int64_t x = 0; x < image.width; ++x) {
      const auto [from_y, from_x] = source(static_cast<double>(y), static_cast<double>(x));
      // Beyond these bounds nothing of the image is reached, and a whole number may overflow.
      const bool reaches = from_y > -1 && from_y < static_cast<double>(image.height) &&
                           from_x > -1 && from_x < static_cast<double>(image.width);
      for (std::int64_t channel = 0; channel < image.channels; ++channel) {
        image.pixels[static_cast<std::size_t>(channel * plane + y * image.width + x)] =
            reaches ? interpolated(old.data() + channel * plane, image, from_y, from_x) : 0;
      }
    }
  }
}

void augment(Tensor& batch, std::span<const std::int64_t> numbers, const std::vector<Named>& chosen,
             const Registry<Augmentation>& known, std::uint64_t seed, std::uint64_t draw) {
  constexpr std::size_t kImages = 4;
  const Shape& shape = batch.shape();
  if (shape.size() != kImages) {
    throw std::invalid_argument(fmt::format(
        "samples of {} are no images of channels x height x width, which augmentation changes",
        to_text(Shape(shape.begin() + 1, shape.end()))));
  }
  const auto size = static_cast<std::size_t>(shape[1] * shape[2] * shape[3]);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    RandomStream stream = random_stream(seed, fmt::format("augmentation/{}", draw),
                                        static_cast<std::uint64_t>(numbers[i]));
    const Image image{shape[1], shape[2], shape[3], batch.values<float>().subspan(i * size, size)};
    for (const Named& choice : chosen) {
      known.find(choice.name)->apply(choice.parameters, image, stream);
    }
  }
}

}  // namespace offcut::dataset

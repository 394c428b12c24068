// Images of unsigned bytes as inputs of float32, with a border and further channels where a network
// was made for other images.

#include <fmt/format.h>

#include <algorithm>

#include "models/base/error.h"
#include "models/dataset/idx.h"
#include "models/dataset/readers.h"

namespace offcut::dataset {
namespace {

/// Returns the images as [count, channels, height, width] in uint8.
Tensor with_channels(const Tensor& images) {
  Shape shape = images.shape();
  if (shape.size() == 3) {
    shape.insert(shape.begin() + 1, 1);
  }
  return images.reshaped(shape);
}

/// Returns pixel / 255 of images [count, channels, height, width], in the form.
Tensor scaled(const Tensor& images, const ImageForm& form) {
  const Shape& from = images.shape();
  const std::int64_t height = from[2], width = from[3];
  Tensor inputs({DataType::float32,
                 {from[0], from[1] * form.channels, height + 2 * form.pad, width + 2 * form.pad}});
  const std::uint8_t* read = images.values<std::uint8_t>().data();
  float* const write = inputs.values<float>().data();
  const std::int64_t wide = width + 2 * form.pad;
  const std::int64_t plane = (height + 2 * form.pad) * wide;
  for (std::int64_t image = 0; image < from[0] * from[1]; ++image) {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const float value = static_cast<float>(*read++) / 255;
        for (std::int64_t copy = 0; copy < form.channels; ++copy) {
          write[(image * form.channels + copy) * plane + (y + form.pad) * wide + x + form.pad] =
              value;
        }
      }
    }
  }
  return inputs;
}

}  // namespace

Samples read_idx_samples(const std::string& images, const std::string& labels,
                         const ImageForm& form) {
  const Tensor pixels = read_idx(images);
  const std::size_t rank = pixels.shape().size();
  if (pixels.size() == 0) {
    throw InputError({images}, "holds no images");
  }
  if (rank != 3 && rank != 4) {
    throw InputError({images}, fmt::format("has the shape {}, expected images: count x height x "
                                           "width, or count x channels x height x width",
                                           to_text(pixels.shape())));
  }
  const Tensor classes = read_idx(labels);
  check_labels_fit(classes, pixels.shape()[0], labels);
  Samples samples{.inputs = scaled(with_channels(pixels), form),
                  .labels = Tensor({DataType::int64, classes.shape()}),
                  .source = images,
                  .source_of_labels = labels};
  const auto bytes = classes.values<std::uint8_t>();
  std::copy(bytes.begin(), bytes.end(), samples.labels.values<std::int64_t>().begin());
  return samples;
}

}  // namespace offcut::dataset

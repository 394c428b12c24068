// The settings that all sets of images have.

#include "models/dataset/readers.h"
#include "models/dataset/set.h"

namespace offcut::dataset {

std::vector<ParameterSpec> image_parameters() {
  constexpr double kMostPad = 1000;
  constexpr double kMostChannels = 64;
  return {{.name = "pad",
           .is_whole = true,
           .fallback = 0,
           .most = kMostPad,
           .doc = "pixels of 0 on each side of an image"},
          {.name = "channels",
           .is_whole = true,
           .fallback = 1,
           .least = 1,
           .most = kMostChannels,
           .doc = "channels, which are copies of the grey image"}};
}

ImageForm image_form(const Parameters& parameters) {
  return {.pad = static_cast<std::int64_t>(parameters.at("pad")),
          .channels = static_cast<std::int64_t>(parameters.at("channels"))};
}

}  // namespace offcut::dataset

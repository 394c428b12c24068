// `affine`: rotates, slants, stretches and shifts an image about its centre, each by a random
// amount, uniform up to the stated one.

#include <boost/random/uniform_real_distribution.hpp>
#include <cmath>
#include <numbers>

#include "models/dataset/augmentation.h"

namespace offcut::dataset {
namespace {

void apply_affine(const Parameters& parameters, const Image& image, RandomStream& stream) {
  const auto drawn = [&](const std::string& name) {
    boost::random::uniform_real_distribution<double> uniform(-1, 1);
    return uniform(stream) * parameters.at(name);
  };
  const double angle = drawn("rotate") * std::numbers::pi / 180;
  const double slant = drawn("slant");
  const double width = 1 + drawn("stretch"), height = 1 + drawn("stretch");
  const double down = drawn("shift"), right = drawn("shift");
  const double middle_y = static_cast<double>(image.height - 1) / 2;
  const double middle_x = static_cast<double>(image.width - 1) / 2;
  const double cos = std::cos(angle), sin = std::sin(angle);
  warp(image, [&](double y, double x) {
    const double v = y - middle_y - down, u = x - middle_x - right;
    return std::pair(middle_y + sin * width * u + (slant * sin + cos) * height * v,
                     middle_x + cos * width * u + (slant * cos - sin) * height * v);
  });
}

}  // namespace

void register_affine(Registry<Augmentation>& registry) {
  registry.add(
      {.name = "affine",
       .doc = "rotated, slanted, stretched and shifted at random",
       .citation = "Simard, Steinkraus, Platt, ICDAR 2003, section 2",
       .parameters =
           {{.name = "rotate", .fallback = 10, .most = 180, .doc = "the most degrees"},
            {.name = "slant", .fallback = 0.12, .most = 10, .doc = "the most shear"},
            {.name = "stretch", .fallback = 0.12, .most = 0.99, .doc = "the most change of size"},
            {.name = "shift", .fallback = 2, .most = 1e4, .doc = "the most pixels"}},
       .apply = apply_affine});
}

}  // namespace offcut::dataset

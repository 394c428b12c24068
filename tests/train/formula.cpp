#include "tests/train/formula.h"

#include <boost/crc.hpp>
#include <cmath>

namespace offcut::train {
namespace {

std::uint32_t crc_of(const std::string& name) {
  boost::crc_32_type crc;
  crc.process_bytes(name.data(), name.size());
  return crc.checksum();
}

/// Number i for a name whose checksum is known (MurmurHash3's finaliser).
double number_of(std::uint32_t crc, std::uint32_t i) {
  std::uint32_t x = i * 0x9E3779B9U + crc;
  x ^= x >> 16U;
  x *= 0x85EBCA6BU;
  x ^= x >> 13U;
  x *= 0xC2B2AE35U;
  x ^= x >> 16U;
  return x / 4294967296.0;
}

bool ends_with(const std::string& name, const std::string& end) {
  return name.size() >= end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

double drawn_number(const std::string& name, std::uint32_t i) { return number_of(crc_of(name), i); }

Tensor drawn_weight(const std::string& name, const Shape& shape) {
  Tensor weight(TensorType{DataType::float32, shape});
  const auto values = weight.values<float>();
  const bool is_vector = shape.size() < 2;
  const double fan_in = is_vector ? 1 : static_cast<double>(weight.size() / shape[0]);
  const double bound = is_vector ? 0.1 : std::sqrt(6 / fan_in);
  const double centre = is_vector && !ends_with(name, ".bias") ? 1 : 0;
  const std::uint32_t crc = crc_of(name);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double u = number_of(crc, static_cast<std::uint32_t>(i));
    values[i] = static_cast<float>(centre + bound * (2 * u - 1));
  }
  return weight;
}

Tensor drawn_labels(std::uint64_t step, std::int64_t count, std::int64_t classes) {
  Tensor labels(TensorType{DataType::int64, {count}});
  const std::uint32_t crc = crc_of("labels" + std::to_string(step));
  for (std::size_t i = 0; i < labels.values<std::int64_t>().size(); ++i) {
    labels.values<std::int64_t>()[i] = static_cast<std::int64_t>(
        number_of(crc, static_cast<std::uint32_t>(i)) * static_cast<double>(classes));
  }
  return labels;
}

Tensor drawn_images(std::uint64_t step, const Shape& shape, const Tensor& labels) {
  Tensor images(TensorType{DataType::float32, shape});
  const std::uint32_t noise = crc_of("images" + std::to_string(step));
  const auto each = static_cast<std::uint32_t>(images.size() / shape[0]);
  for (std::uint32_t n = 0; n < static_cast<std::uint32_t>(shape[0]); ++n) {
    const std::uint32_t pattern =
        crc_of("class" + std::to_string(labels.values<std::int64_t>()[n]));
    for (std::uint32_t i = 0; i < each; ++i) {
      images.values<float>()[n * each + i] =
          static_cast<float>(0.5 * number_of(pattern, i) + 0.5 * number_of(noise, n * each + i));
    }
  }
  return images;
}

Tensor drawn_tokens(std::uint64_t step, const Shape& shape, const Tensor& labels,
                    std::int64_t tokens) {
  Tensor drawn(TensorType{DataType::int64, shape});
  const std::uint32_t crc = crc_of("tokens" + std::to_string(step));
  const auto each = static_cast<std::size_t>(shape[1]);
  for (std::size_t i = 0; i < drawn.values<std::int64_t>().size(); ++i) {
    const double u = number_of(crc, static_cast<std::uint32_t>(i));
    drawn.values<std::int64_t>()[i] =
        u < 0.5 ? labels.values<std::int64_t>()[i / each]
                : static_cast<std::int64_t>((2 * u - 1) * static_cast<double>(tokens));
  }
  return drawn;
}

}  // namespace offcut::train

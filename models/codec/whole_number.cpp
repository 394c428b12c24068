#include "models/codec/whole_number.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace offcut::codec {

int whole_number(const Parameters& parameters, const std::string& name) {
  const double value = parameters.at(name);
  if (value != std::floor(value)) {
    throw std::invalid_argument(fmt::format("{}: expected a whole number, got {}", name, value));
  }
  return static_cast<int>(value);
}

}  // namespace offcut::codec

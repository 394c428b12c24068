#pragma once

#include <string>

#include "models/base/random.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Returns the stream of one source of randomness of one class; adding another class never shifts
/// it. The stream of a simulation's only class has the plain name: "arrivals", not "arrivals of X".
inline RandomStream class_stream(std::uint64_t seed, const std::string& name,
                                 const RequestClass& request_class, const std::string& entity = "",
                                 std::uint64_t number = 0) {
  const std::string& class_name = request_class.name;
  const std::string owner = class_name == kOnlyClass ? "" : " of " + class_name;
  return random_stream(seed, name + owner + entity, number);
}

}  // namespace offcut::engine

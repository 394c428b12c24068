#pragma once

#include <string>

#include "models/base/random.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The stream of one source of randomness of one class: adding another class never shifts it. The
/// only class of a simulation has the plain name, "arrivals" and not "arrivals of X".
inline RandomStream class_stream(std::uint64_t seed, const std::string& name,
                                 const RequestClass& of, const std::string& entity = "",
                                 std::uint64_t number = 0) {
  const std::string whose = of.name == kOnlyClass ? "" : " of " + of.name;
  return random_stream(seed, name + whose + entity, number);
}

}  // namespace offcut::engine

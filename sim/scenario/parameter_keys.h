#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::scenario {

/// An entry of a registry that has parameters.
struct ParameterOwner {
  std::string name;
  const std::vector<ParameterSpec>* parameters;
};

/// Returns whether the parameters of the names of this key are keys of maps. Those of codecs are
/// part of the codec's text.
bool are_keys(const KeySpec& spec);

/// Returns the entries of the registry that have parameters; none if there is no such registry.
std::vector<ParameterOwner> owners_in(std::string_view registry, const Registries& registries);

/// Returns the owners of the parameters beside the key; none if its names have no parameters, or if
/// these are in the map below it.
std::vector<ParameterOwner> owners_of(const KeySpec& spec, const Registries& registries);

/// Returns whether the parameter has neither a default nor an effect if it is missing. Another one
/// may still stand in its place (ParameterSpec::instead_of).
bool is_required(const ParameterSpec& spec);

}  // namespace offcut::scenario

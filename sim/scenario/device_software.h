#pragma once

#include "models/cost/device.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

extern const KeyTable kSoftwareKeys;  // Of how a device's software computes.

/// Returns the device that `precision` and `runtime` choose among those of `base`; an unknown name
/// is an error. It has no others to choose from.
cost::Device chosen_variant(MapReader& reader, const cost::Device& base);

/// Reads the precision and the runtime of a device that is based on no other.
void read_own_names(MapReader& reader, cost::Device& device);

/// Reads steps, overheads, narrow channels, tiles, and which kernels the runtime starts. `device`
/// has whatever the map does not give.
void read_software(MapReader& reader, cost::Device& device);

/// Reads the size of an element, and the terms that differ between precisions. `device` has
/// whatever the map does not give.
void read_element(MapReader& reader, cost::Device& device);
void read_step(MapReader& reader, cost::Step& step);
void read_overheads(MapReader& reader, cost::OwnOverheads& overheads);

/// Reads the runtimes below `runtimes`, which have the rest of their figures from the device's own.
std::vector<cost::Runtime> read_runtimes(MapReader& reader, const cost::Device& device);

/// Returns the names of `precisions` that are precisions; others are errors.
std::vector<std::string> read_precision_names(MapReader& precisions);

/// Returns the size of an element in a precision.
double element_bytes(const std::string& precision);

}  // namespace offcut::scenario

#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/scenario/catalogue.h"

namespace offcut::scenario {

/// Returns the fitted devices of the catalogue by family, the `unit` under which measured.csv has
/// their latencies: "cpu", "gpu", "caffe" (GPUs and CPUs with the software of 2016). A family has
/// at least two devices.
std::map<std::string, std::vector<cost::Device>> device_families(const Catalogue& catalogue);

/// Returns the map of the key `range`, as resolved.yaml and fitted devices have it.
YamlNode range_node(const cost::FittedRange& range);

/// Writes devices as a file of the key `devices`. Each device needs its name; figures that are
/// unknown are left out. Throws InputError if the file can't be written.
void write_devices(const std::vector<cost::Device>& devices, const std::string& path);

}  // namespace offcut::scenario

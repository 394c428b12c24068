#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/cost/device.h"
#include "models/cost/radio.h"
#include "partition/problem.h"
#include "sim/engine/simulation.h"
#include "sim/scenario/basis.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

extern const KeyTable kDeviceKeys;       // Of the figures of a device.
extern const KeyTable kDevicesKeys;      // Of a map of devices by name.
extern const KeyTable kEfficiencyKeys;   // Of the shares of a device's peaks.
extern const KeyTable kCalibrationKeys;  // Of the accuracy of a device's figures.
extern const KeyTable kLinkKeys;         // Of the figures of a link.
extern const KeyTable kLinksKeys;        // Of a map of links by name.

/// A kind of link between two tiers.
struct NetworkKind {
  std::string name, about, source;
  partition::Hop hop;
  std::optional<cost::Radio> radio;  // Of the device that uses the link.
  Basis basis = Basis::assumed;      // Of the bandwidths.
};

/// The devices and links that a scenario can name: those of offcut, and those that a user adds.
struct Catalogue {
  std::map<std::string, cost::Device> devices;
  std::map<std::string, NetworkKind> networks;

  std::vector<std::string> device_names() const;
  std::vector<std::string> network_names() const;
};

/// Reads offcut's own catalogue from its data folder, see data_path.h.
Catalogue read_catalogue();

/// Adds the devices or links of a map by name, as catalogue files and scenarios contain them.
void add_devices(const YamlNode& map, Catalogue& catalogue, std::vector<Diagnostic>& diagnostics);
void add_networks(const YamlNode& map, Catalogue& catalogue, std::vector<Diagnostic>& diagnostics);

/// Reads the figures of a device. `base` gives the defaults, in the precision and with the runtime
/// that the map chooses; without one, all figures are required that every device has.
cost::Device read_device(MapReader& reader, const cost::Device* base);

/// Reads the power draw of a machine below `power`, if it is given; `base` gives the defaults.
engine::MachinePower read_power(MapReader& reader, const engine::MachinePower& base);

/// Sets the device to the clock that `frequency` names, if the key is given.
void set_frequency(MapReader& reader, cost::Device& device);

/// The means of figures that change over time, as far as they do. They take the place of those of
/// a named link.
struct MeanFigures {
  std::optional<BytesPerSecond> up = {}, down = {};
  std::optional<Seconds> latency = {};
};

/// Reads bandwidths and latency of a link.
partition::Hop read_hop(MapReader& reader, const partition::Hop* base,
                        const MeanFigures& means = {});

/// Reads the radio below `radio`, if there is one; `base` gives the defaults.
std::optional<cost::Radio> read_radio(MapReader& reader, const std::optional<cost::Radio>& base);

}  // namespace offcut::scenario

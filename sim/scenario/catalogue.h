#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/cost/device.h"
#include "models/cost/radio.h"
#include "partition/problem.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

extern const KeyTable kDeviceKeys;   // of a device's figures
extern const KeyTable kDevicesKeys;  // of a map of devices by name
extern const KeyTable kLinkKeys;     // of a link's figures
extern const KeyTable kLinksKeys;    // of a map of links by name

/// A kind of network between two tiers.
struct NetworkKind {
  std::string name, about, source;
  partition::Hop hop;
  std::optional<cost::Radio> radio;  // of the device that uses it, where it has one
};

/// The devices and networks that a scenario can name: offcut's own, and those that a user adds.
struct Catalogue {
  std::map<std::string, cost::Device> devices;
  std::map<std::string, NetworkKind> networks;

  std::vector<std::string> device_names() const;
  std::vector<std::string> network_names() const;
};

/// Reads offcut's own catalogue from its data folder (see data_path.h).
Catalogue read_catalogue();

/// Adds the devices or networks of a map (name -> properties), as a catalogue file or a scenario
/// has them.
void add_devices(const YamlNode& map, Catalogue& catalogue, std::vector<Diagnostic>& diagnostics);
void add_networks(const YamlNode& map, Catalogue& catalogue, std::vector<Diagnostic>& diagnostics);

/// A device's properties. `base` gives the defaults; without one, everything but texts, power
/// and what not every device has is required.
cost::Device read_device(MapReader& reader, const cost::Device* base);

/// Sets the device to the level of its clock that `frequency` names, if there is one.
void set_frequency(MapReader& reader, cost::Device& device);

/// A hop's properties: up, down, latency.
partition::Hop read_hop(MapReader& reader, const partition::Hop* base);

/// The radio below `radio`, if there is one; `base` gives the defaults.
std::optional<cost::Radio> read_radio(MapReader& reader, const std::optional<cost::Radio>& base);

}  // namespace offcut::scenario

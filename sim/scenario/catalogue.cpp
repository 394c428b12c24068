#include "sim/scenario/catalogue.h"

#include "sim/scenario/data_path.h"

namespace offcut::scenario {
namespace {

// The least that a rate may be: dividing by it must stay finite.
constexpr double kLeastRate = 1e-3;
constexpr double kMostShare = 100;  // of a peak; beyond that it is no peak
constexpr double kMostModels = 1e6;
constexpr BytesPerSecond kMegabit(1e6 / 8);  // per second: the unit that radios' slopes refer to
constexpr Bounds kTime{.least = 0, .most = 1e6};  // beyond 11 days a unit is wrong

template <class T>
std::vector<std::string> names_of(const std::map<std::string, T>& things) {
  std::vector<std::string> names;
  for (const auto& [name, thing] : things) {
    names.push_back(name);
  }
  return names;
}

template <class T, class Field>
auto default_of(const T* base, Field T::*field) {
  return base != nullptr ? std::optional(base->*field) : std::nullopt;
}

/// Calls read(name, reader) for each entry of a catalogue map, and reports unknown keys.
template <class Read>
void each_entry(const YamlNode& map, std::string_view what, std::vector<Diagnostic>& diagnostics,
                Read read) {
  if (map.kind != YamlNode::Kind::map) {
    diagnostics.push_back({map.place, std::string(what) +
                                          ": expected a map of names, or the name of a file, got " +
                                          describe(map)});
  }
  for (const YamlNode::Entry& entry : map.entries) {
    YamlNode unused;
    MapReader reader(entry.value, std::string(what) + "." + entry.key, diagnostics, unused);
    read(entry.key, reader);
    reader.done();
  }
}

cost::Efficiency read_efficiency(MapReader& device, const cost::Efficiency* base) {
  MapReader reader = device.map("efficiency", base == nullptr);
  cost::Efficiency efficiency;
  const auto share = [&](const std::string& key, double cost::Efficiency::*field,
                         std::optional<double> fallback) {
    efficiency.*field =
        reader.number(key, Dimension::number, fallback, {.least = 1e-6, .most = kMostShare});
  };
  share("convolution", &cost::Efficiency::convolution,
        default_of(base, &cost::Efficiency::convolution));
  share("convolution-3x3", &cost::Efficiency::convolution_3x3,
        base != nullptr ? base->convolution_3x3 : efficiency.convolution);
  share("depthwise-convolution", &cost::Efficiency::depthwise_convolution,
        default_of(base, &cost::Efficiency::depthwise_convolution));
  share("dense", &cost::Efficiency::dense, default_of(base, &cost::Efficiency::dense));
  share("memory", &cost::Efficiency::memory, default_of(base, &cost::Efficiency::memory));
  reader.done();
  return efficiency;
}

std::optional<cost::OnChipMemory> read_on_chip(MapReader& device, const cost::Device* base) {
  const cost::OnChipMemory* known = base != nullptr && base->on_chip ? &*base->on_chip : nullptr;
  if (device.raw("on-chip") == nullptr && known == nullptr) {
    return std::nullopt;
  }
  MapReader reader = device.map("on-chip", false);
  cost::OnChipMemory memory;
  memory.size = reader.quantity("memory", default_of(known, &cost::OnChipMemory::size));
  memory.link =
      reader.quantity("link", default_of(known, &cost::OnChipMemory::link), {.least = kLeastRate});
  memory.weight = reader.quantity("weight", default_of(known, &cost::OnChipMemory::weight));
  reader.done();
  return memory;
}

std::vector<cost::FrequencyLevel> read_frequencies(MapReader& device, const cost::Device* base) {
  std::vector<cost::FrequencyLevel> levels;
  if (device.raw("frequencies") == nullptr) {
    return base != nullptr ? base->frequencies : levels;
  }
  MapReader reader = device.map("frequencies", false);
  for (const std::string& name : reader.keys()) {
    MapReader level = reader.map(name, true);
    levels.push_back(
        {.name = name,
         .peak = level.number("peak", Dimension::number, {}, {.least = 1e-6, .most = kMostShare}),
         .busy = level.quantity<Watts>("busy")});
    level.done();
  }
  reader.done();
  return levels;
}

std::optional<cost::Calibration> read_calibration(MapReader& device, const cost::Device* base) {
  if (device.raw("calibration") == nullptr) {
    return base != nullptr ? base->calibration : std::nullopt;
  }
  constexpr Bounds kError{.least = 0, .most = 1e6};
  MapReader reader = device.map("calibration", false);
  cost::Calibration calibration;
  calibration.models =
      static_cast<int>(reader.integer("models", {}, {.least = 1, .most = kMostModels}));
  const auto error = [&](const std::string& key) {
    return reader.raw(key) != nullptr
               ? std::optional(reader.number(key, Dimension::number, {}, kError))
               : std::nullopt;
  };
  calibration.median_error = error("median-error");
  calibration.worst_error = error("worst-error");
  reader.done();
  return calibration;
}

cost::RadioPhase read_phase(MapReader& radio, const std::string& key,
                            const cost::RadioPhase& base) {
  MapReader reader = radio.map(key, false);
  const cost::RadioPhase phase{.time = reader.quantity<Seconds>("time", base.time, kTime),
                               .power = reader.quantity<Watts>("power", base.power)};
  reader.done();
  return phase;
}

}  // namespace

std::vector<std::string> Catalogue::device_names() const { return names_of(devices); }
std::vector<std::string> Catalogue::network_names() const { return names_of(networks); }

cost::Device read_device(MapReader& reader, const cost::Device* base) {
  cost::Device device;
  device.about = reader.text("about", base != nullptr ? base->about : "");
  device.source = reader.text("source", base != nullptr ? base->source : "");
  device.peak =
      reader.quantity("peak", default_of(base, &cost::Device::peak), {.least = kLeastRate});
  device.memory_bandwidth = reader.quantity(
      "memory-bandwidth", default_of(base, &cost::Device::memory_bandwidth), {.least = kLeastRate});
  device.memory = reader.quantity("memory", default_of(base, &cost::Device::memory));
  device.efficiency = read_efficiency(reader, base != nullptr ? &base->efficiency : nullptr);
  device.layer_overhead =
      reader.quantity("layer-overhead", default_of(base, &cost::Device::layer_overhead), kTime);
  device.launch =
      reader.quantity<Seconds>("launch", base != nullptr ? base->launch : Seconds(0), kTime);
  MapReader power = reader.map("power", false);
  device.idle = power.quantity<Watts>("idle", base != nullptr ? base->idle : Watts(0));
  device.busy = power.quantity<Watts>("busy", base != nullptr ? base->busy : Watts(0));
  power.done();
  device.on_chip = read_on_chip(reader, base);
  device.frequencies = read_frequencies(reader, base);
  device.calibration = read_calibration(reader, base);
  return device;
}

void set_frequency(MapReader& reader, cost::Device& device) {
  if (reader.raw("frequency") == nullptr) {
    return;
  }
  if (device.frequencies.empty()) {
    reader.error("frequency", "this device has no frequency levels");
    return;
  }
  std::vector<std::string> names;
  for (const cost::FrequencyLevel& level : device.frequencies) {
    names.push_back(level.name);
  }
  const auto chosen = reader.one_of("frequency", "frequency", names);
  for (const cost::FrequencyLevel& level : device.frequencies) {
    if (level.name == chosen) {
      device.peak = device.peak * level.peak;
      device.busy = level.busy;
    }
  }
}

partition::Hop read_hop(MapReader& reader, const partition::Hop* base) {
  partition::Hop hop;
  hop.up = reader.quantity("up", default_of(base, &partition::Hop::up), {.least = kLeastRate});
  hop.down =
      reader.quantity("down", default_of(base, &partition::Hop::down), {.least = kLeastRate});
  hop.latency = reader.quantity("latency", default_of(base, &partition::Hop::latency), kTime);
  return hop;
}

std::optional<cost::Radio> read_radio(MapReader& reader, const std::optional<cost::Radio>& base) {
  if (reader.raw("radio") == nullptr && !base) {
    return std::nullopt;
  }
  MapReader map = reader.map("radio", false);
  const auto slope = [&](const std::string& key, cost::JoulesPerByte cost::Radio::*field) {
    const auto known = base ? std::optional(*base.*field * kMegabit) : std::nullopt;
    return map.quantity<Watts>(key, known) / kMegabit;
  };
  const cost::Radio known = base.value_or(cost::Radio());
  cost::Radio radio;
  radio.up = slope("per-mbit-up", &cost::Radio::up);
  radio.down = slope("per-mbit-down", &cost::Radio::down);
  radio.base = map.quantity("base", base ? std::optional(base->base) : std::nullopt);
  radio.promotion = read_phase(map, "promotion", known.promotion);
  radio.tail = read_phase(map, "tail", known.tail);
  map.done();
  return radio;
}

void add_devices(const YamlNode& map, Catalogue& catalogue, std::vector<Diagnostic>& diagnostics) {
  each_entry(map, "devices", diagnostics, [&](const std::string& name, MapReader& reader) {
    cost::Device device = read_device(reader, nullptr);
    device.name = name;
    catalogue.devices[name] = std::move(device);
  });
}

void add_networks(const YamlNode& map, Catalogue& catalogue, std::vector<Diagnostic>& diagnostics) {
  each_entry(map, "networks", diagnostics, [&](const std::string& name, MapReader& reader) {
    NetworkKind kind{
        .name = name, .about = reader.text("about", ""), .source = reader.text("source", "")};
    kind.hop = read_hop(reader, nullptr);
    kind.radio = read_radio(reader, std::nullopt);
    catalogue.networks[name] = std::move(kind);
  });
}

Catalogue read_catalogue() {
  Catalogue catalogue;
  std::vector<Diagnostic> diagnostics;
  const auto read = [&](const char* name) {
    return read_yaml(data_root() / "scenarios/catalogue" / name, diagnostics);
  };
  add_devices(read("devices.yaml"), catalogue, diagnostics);
  add_networks(read("networks.yaml"), catalogue, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return catalogue;
}

}  // namespace offcut::scenario

#include "sim/scenario/catalogue.h"

#include "sim/scenario/data_path.h"

namespace offcut {
namespace {

// The least that a rate may be: dividing by it must stay finite.
constexpr double kLeastRate = 1e-3;
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
void each_entry(const YamlNode& map, std::string_view what, std::vector<Mistake>& mistakes,
                Read read) {
  if (map.kind != YamlNode::Kind::map) {
    mistakes.push_back({map.place, std::string(what) +
                                       ": expected a map of names, or the name of a file, got " +
                                       describe(map)});
  }
  for (const YamlNode::Entry& entry : map.entries) {
    YamlNode unused;
    MapReader reader(entry.value, std::string(what) + "." + entry.key, mistakes, unused);
    read(entry.key, reader);
    reader.done();
  }
}

RadioPhase read_phase(MapReader& radio, const std::string& key, const RadioPhase& base) {
  MapReader reader = radio.map(key, false);
  const RadioPhase phase{.time = reader.quantity<Seconds>("time", base.time, kTime),
                         .power = reader.quantity<Watts>("power", base.power)};
  reader.done();
  return phase;
}

}  // namespace

std::vector<std::string> Catalogue::device_names() const { return names_of(devices); }
std::vector<std::string> Catalogue::network_names() const { return names_of(networks); }

Device read_device(MapReader& reader, const Device* base) {
  Device device;
  device.about = reader.text("about", base != nullptr ? base->about : "");
  device.source = reader.text("source", base != nullptr ? base->source : "");
  device.peak = reader.quantity("peak", default_of(base, &Device::peak), {.least = kLeastRate});
  device.memory_bandwidth = reader.quantity(
      "memory-bandwidth", default_of(base, &Device::memory_bandwidth), {.least = kLeastRate});
  device.memory = reader.quantity("memory", default_of(base, &Device::memory));
  MapReader efficiency = reader.map("efficiency", base == nullptr);
  const Efficiency* known = base != nullptr ? &base->efficiency : nullptr;
  const auto share = [&](const std::string& key, double Efficiency::*field) {
    device.efficiency.*field = efficiency.number(key, Dimension::number, default_of(known, field),
                                                 {.least = 1e-6, .most = 100});
  };
  share("convolution", &Efficiency::convolution);
  share("depthwise-convolution", &Efficiency::depthwise_convolution);
  share("dense", &Efficiency::dense);
  share("memory", &Efficiency::memory);
  efficiency.done();
  device.layer_overhead =
      reader.quantity("layer-overhead", default_of(base, &Device::layer_overhead), kTime);
  MapReader power = reader.map("power", false);
  device.idle = power.quantity<Watts>("idle", base != nullptr ? base->idle : Watts(0));
  device.busy = power.quantity<Watts>("busy", base != nullptr ? base->busy : Watts(0));
  power.done();
  return device;
}

Hop read_hop(MapReader& reader, const Hop* base) {
  Hop hop;
  hop.up = reader.quantity("up", default_of(base, &Hop::up), {.least = kLeastRate});
  hop.down = reader.quantity("down", default_of(base, &Hop::down), {.least = kLeastRate});
  hop.latency = reader.quantity("latency", default_of(base, &Hop::latency), kTime);
  return hop;
}

std::optional<Radio> read_radio(MapReader& reader, const std::optional<Radio>& base) {
  if (reader.raw("radio") == nullptr && !base) {
    return std::nullopt;
  }
  MapReader map = reader.map("radio", false);
  const auto slope = [&](const std::string& key, JoulesPerByte Radio::*field) {
    const auto known = base ? std::optional(*base.*field * kMegabit) : std::nullopt;
    return map.quantity<Watts>(key, known) / kMegabit;
  };
  const Radio known = base.value_or(Radio());
  Radio radio;
  radio.up = slope("per-mbit-up", &Radio::up);
  radio.down = slope("per-mbit-down", &Radio::down);
  radio.base = map.quantity("base", base ? std::optional(base->base) : std::nullopt);
  radio.promotion = read_phase(map, "promotion", known.promotion);
  radio.tail = read_phase(map, "tail", known.tail);
  map.done();
  return radio;
}

void add_devices(const YamlNode& map, Catalogue& catalogue, std::vector<Mistake>& mistakes) {
  each_entry(map, "devices", mistakes, [&](const std::string& name, MapReader& reader) {
    Device device = read_device(reader, nullptr);
    device.name = name;
    catalogue.devices[name] = std::move(device);
  });
}

void add_networks(const YamlNode& map, Catalogue& catalogue, std::vector<Mistake>& mistakes) {
  each_entry(map, "networks", mistakes, [&](const std::string& name, MapReader& reader) {
    NetworkKind kind{
        .name = name, .about = reader.text("about", ""), .source = reader.text("source", "")};
    kind.hop = read_hop(reader, nullptr);
    kind.radio = read_radio(reader, std::nullopt);
    catalogue.networks[name] = std::move(kind);
  });
}

Catalogue read_catalogue() {
  Catalogue catalogue;
  std::vector<Mistake> mistakes;
  const auto read = [&](const char* name) {
    return read_yaml(data_root() / "scenarios/catalogue" / name, mistakes);
  };
  add_devices(read("devices.yaml"), catalogue, mistakes);
  add_networks(read("networks.yaml"), catalogue, mistakes);
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  return catalogue;
}

}  // namespace offcut

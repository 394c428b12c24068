// Reads the catalogue of devices and links, and the figures of single ones. A device or link that
// is based on another takes the missing figures from it; catalogue_keys.cpp declares the keys.

#include "sim/scenario/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/data_path.h"
#include "sim/scenario/device_software.h"
#include "sim/scenario/sections/basis_key.h"
#include "sim/scenario/sections/transport_section.h"

namespace offcut::scenario {
namespace {

constexpr BytesPerSecond kMegabit(1e6 / 8);  // Per second: the unit of radios' slopes.

template <class T>
std::vector<std::string> names_of(const std::map<std::string, T>& entries) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries) {
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
void each_entry(const YamlNode& map, std::string_view path, const KeyTable& table,
                std::vector<Diagnostic>& diagnostics, Read read) {
  if (map.kind != YamlNode::Kind::map) {
    diagnostics.push_back({map.place, std::string(path) +
                                          ": expected a map of names, or the name of a file, got " +
                                          describe(map)});
  }
  for (const YamlNode::Entry& entry : map.entries) {
    YamlNode unused;
    MapReader reader(entry.value, std::string(path) + "." + entry.key,
                     *table.find(entry.key)->below, diagnostics, unused);
    read(entry.key, reader);
    reader.done();
  }
}

cost::Efficiency read_efficiency(MapReader& device, const cost::Efficiency* base) {
  MapReader reader = device.map("efficiency", base == nullptr);
  cost::Efficiency efficiency;
  const auto share = [&](const std::string& key, double cost::Efficiency::*field,
                         std::optional<double> fallback) {
    efficiency.*field = reader.number(key, fallback);
  };
  share("convolution", &cost::Efficiency::convolution,
        default_of(base, &cost::Efficiency::convolution));
  share("convolution-3x3", &cost::Efficiency::convolution_3x3,
        base != nullptr ? base->convolution_3x3 : efficiency.convolution);
  share("depthwise-convolution", &cost::Efficiency::depthwise_convolution,
        default_of(base, &cost::Efficiency::depthwise_convolution));
  share("dense", &cost::Efficiency::dense, default_of(base, &cost::Efficiency::dense));
  share("memory", &cost::Efficiency::memory, default_of(base, &cost::Efficiency::memory));
  const auto own_share = [&](const std::string& key,
                             std::optional<double> cost::Efficiency::*field) {
    efficiency.*field = base != nullptr ? base->*field : std::nullopt;
    if (reader.raw(key) != nullptr || efficiency.*field) {
      efficiency.*field = reader.number(key, efficiency.*field);
    }
  };
  own_share("pooling", &cost::Efficiency::pooling);
  own_share("grouped-convolution", &cost::Efficiency::grouped_convolution);
  own_share("other-convolution", &cost::Efficiency::other_convolution);
  own_share("local-normalization", &cost::Efficiency::local_normalization);
  own_share("odd-dense", &cost::Efficiency::odd_dense);
  own_share("normalization", &cost::Efficiency::normalization);
  reader.done();
  return efficiency;
}

std::optional<cost::OnChipMemory> read_on_chip(MapReader& device, const cost::Device* base) {
  const cost::OnChipMemory* known = base != nullptr && base->on_chip ? &*base->on_chip : nullptr;
  if (device.raw("on-chip") == nullptr && known == nullptr) {
    return std::nullopt;
  }
  MapReader reader = device.map("on-chip");
  cost::OnChipMemory memory;
  memory.size = reader.quantity("memory", default_of(known, &cost::OnChipMemory::size));
  memory.link = reader.quantity("link", default_of(known, &cost::OnChipMemory::link));
  memory.weight = reader.quantity("weight", default_of(known, &cost::OnChipMemory::weight));
  reader.done();
  return memory;
}

std::vector<cost::FrequencyLevel> read_frequencies(MapReader& device, const cost::Device* base) {
  std::vector<cost::FrequencyLevel> levels;
  if (device.raw("frequencies") == nullptr) {
    if (base == nullptr || base->frequencies.empty()) {
      return levels;
    }
    YamlNode& known = device.resolved().add("frequencies", {.kind = YamlNode::Kind::map});
    for (const cost::FrequencyLevel& level : base->frequencies) {
      YamlNode& figures = known.add(level.name, {.kind = YamlNode::Kind::map});
      figures.add("peak", YamlNode::scalar(to_text(level.peak, Dimension::number)));
      figures.add("busy", YamlNode::scalar(to_text(level.busy.si(), Dimension::power)));
    }
    return base->frequencies;
  }
  MapReader reader = device.map("frequencies");
  for (const std::string& name : reader.keys()) {
    MapReader level = reader.map(name);
    levels.push_back(
        {.name = name, .peak = level.number("peak"), .busy = level.quantity<Watts>("busy")});
    level.done();
  }
  reader.done();
  return levels;
}

cost::Calibration read_errors(MapReader& reader) {
  cost::Calibration calibration;
  calibration.models = static_cast<int>(reader.integer("models"));
  calibration.median_error = reader.number_if_given("median-error");
  calibration.worst_error = reader.number_if_given("worst-error");
  return calibration;
}

std::optional<cost::Calibration> read_calibration(MapReader& device, const cost::Device* base) {
  if (device.raw("calibration") == nullptr) {
    return base != nullptr ? base->calibration : std::nullopt;
  }
  MapReader reader = device.map("calibration");
  cost::Calibration calibration = read_errors(reader);
  if (reader.raw("range") != nullptr) {
    MapReader range = reader.map("range");
    calibration.range = cost::FittedRange{.least_macs = range.number("least-macs"),
                                          .most_macs = range.number("most-macs"),
                                          .least_batch = range.integer("least-batch"),
                                          .most_batch = range.integer("most-batch")};
    range.done();
  }
  if (reader.raw("runtimes") != nullptr) {
    MapReader runtimes = reader.map("runtimes");
    for (const std::string& name : runtimes.keys()) {
      MapReader errors = runtimes.map(name);
      calibration.runtimes[name] = read_errors(errors);
      errors.done();
    }
    runtimes.done();
  }
  reader.done();
  return calibration;
}

/// Notes an error for each runtime of the calibration that the device does not have.
void check_runtimes(MapReader& reader, const cost::Device& device) {
  if (!device.calibration) {
    return;
  }
  std::vector<std::string> names;
  for (const cost::Runtime& runtime : device.runtimes) {
    names.push_back(runtime.name);
  }
  for (const auto& [name, errors] : device.calibration->runtimes) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      reader.error("calibration",
                   fmt::format("unknown runtime {}{}", in_quotes(name), suggestion(name, names)));
    }
  }
}

/// Reads the precisions below `precisions`, which have the rest of their figures from the device.
std::vector<cost::Device> read_precisions(MapReader& reader, const cost::Device& device) {
  std::vector<cost::Device> precisions;
  if (reader.raw("precisions") == nullptr) {
    return precisions;
  }
  MapReader map = reader.map("precisions");
  for (const std::string& name : read_precision_names(map)) {
    MapReader figures = map.map(name);
    cost::Device other = device;
    other.precision = name;
    other.element = element_bytes(name);
    other.about = figures.text("about", device.about);
    other.peak = figures.quantity("peak", std::optional(device.peak));
    read_element(figures, other);
    other.efficiency = read_efficiency(figures, &device.efficiency);
    other.layer_overhead = figures.quantity("layer-overhead", std::optional(device.layer_overhead));
    read_step(figures, other.step);
    read_overheads(figures, other.overheads);
    other.calibration = read_calibration(figures, nullptr);
    check_runtimes(figures, other);
    figures.done();
    precisions.push_back(std::move(other));
  }
  map.done();
  return precisions;
}

engine::MachinePower device_power(const cost::Device& device) {
  return {device.idle, device.busy, device.pue};
}

cost::RadioPhase read_phase(MapReader& reader, const cost::RadioPhase& base) {
  const cost::RadioPhase phase{.time = reader.quantity<Seconds>("time", base.time),
                               .power = reader.quantity<Watts>("power", base.power)};
  reader.done();
  return phase;
}

/// Reads the tails: a list, or the map of a single one, whose figures may change that of `base`. A
/// tail without a duration is none.
std::vector<cost::RadioPhase> read_tails(MapReader& radio,
                                         const std::vector<cost::RadioPhase>& base) {
  const YamlNode* node = radio.raw("tail");
  std::vector<cost::RadioPhase> tails;
  if (node != nullptr && node->kind == YamlNode::Kind::sequence) {
    for (MapReader& tail : radio.maps("tail")) {
      tails.push_back(read_phase(tail, {}));
    }
  } else if (node != nullptr || base.size() <= 1) {
    MapReader tail = radio.map("tail");
    tails.push_back(read_phase(tail, base.size() == 1 ? base.front() : cost::RadioPhase()));
  } else {
    YamlNode& list = radio.resolved().add("tail", {.kind = YamlNode::Kind::sequence});
    list.items.resize(base.size());
    const YamlNode as_it_is{.kind = YamlNode::Kind::map};
    for (std::size_t i = 0; i < base.size(); ++i) {
      MapReader tail = radio.map_from(as_it_is, "tail", list.items[i]);
      tails.push_back(read_phase(tail, base[i]));
    }
  }
  std::erase_if(tails, [](const cost::RadioPhase& tail) { return tail.time == Seconds(0); });
  return tails;
}

}  // namespace

std::vector<std::string> Catalogue::device_names() const { return names_of(devices); }
std::vector<std::string> Catalogue::network_names() const { return names_of(networks); }

cost::Device read_device(MapReader& reader, const cost::Device* named) {
  std::optional<cost::Device> chosen;
  if (named != nullptr) {
    chosen = chosen_variant(reader, *named);
  }
  const cost::Device* base = chosen ? &*chosen : nullptr;
  cost::Device device = chosen.value_or(cost::Device());
  if (base == nullptr) {
    read_own_names(reader, device);
  }
  device.about = reader.text("about", base != nullptr ? base->about : "");
  device.source = reader.text("source", base != nullptr ? base->source : "");
  device.peak = reader.quantity("peak", default_of(base, &cost::Device::peak));
  device.memory_bandwidth =
      reader.quantity("memory-bandwidth", default_of(base, &cost::Device::memory_bandwidth));
  device.memory = reader.quantity("memory", default_of(base, &cost::Device::memory));
  device.efficiency = read_efficiency(reader, base != nullptr ? &base->efficiency : nullptr);
  device.layer_overhead =
      reader.quantity("layer-overhead", default_of(base, &cost::Device::layer_overhead));
  device.launch = reader.quantity<Seconds>("launch", base != nullptr ? base->launch : Seconds(0));
  read_software(reader, device);
  const auto power = read_power(reader, base != nullptr ? device_power(*base) : device_power({}));
  device.idle = power.idle;
  device.busy = power.busy;
  device.pue = power.pue;
  device.on_chip = read_on_chip(reader, base);
  device.frequencies = read_frequencies(reader, base);
  device.calibration = read_calibration(reader, base);
  if (named == nullptr) {
    device.runtimes = read_runtimes(reader, device);
    check_runtimes(reader, device);
    device.precisions = read_precisions(reader, device);
    return device;
  }
  for (const char* key : {"precisions", "runtimes"}) {
    if (reader.has(key)) {
      reader.reject(
          key, fmt::format("cannot be changed here: a device with {} of its own needs an entry in "
                           "`devices`, with all its figures",
                           key));
    }
  }
  return device;
}

engine::MachinePower read_power(MapReader& reader, const engine::MachinePower& base) {
  engine::MachinePower power = base;
  if (reader.raw("power") == nullptr && !base.idle && !base.busy) {
    return power;
  }
  MapReader map = reader.map("power");
  const auto read = [&](const std::string& key, std::optional<Watts>& value) {
    if (map.raw(key) != nullptr || value) {
      value = map.quantity<Watts>(key, value);
    }
  };
  read("idle", power.idle);
  read("busy", power.busy);
  power.pue = map.number("pue", base.pue);
  map.done();
  return power;
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
  const auto chosen = reader.one_of("frequency", names);
  for (const cost::FrequencyLevel& level : device.frequencies) {
    if (level.name == chosen) {
      device.peak = device.peak * level.peak;
      device.step.convolution = device.step.convolution / level.peak;
      device.step.dense = device.step.dense / level.peak;
      device.busy = level.busy;
    }
  }
}

partition::Hop read_hop(MapReader& reader, const partition::Hop* base, const MeanFigures& means) {
  const auto read = [&](const char* key, auto partition::Hop::*figure, const auto& mean) {
    return reader.quantity(key, mean ? mean : default_of(base, figure));
  };
  partition::Hop hop;
  hop.up = read("up", &partition::Hop::up, means.up);
  hop.down = read("down", &partition::Hop::down, means.down);
  hop.latency = read("latency", &partition::Hop::latency, means.latency);
  const partition::Hop known = base != nullptr ? *base : partition::Hop();
  // resolved.yaml does not name the kind of a link, so it has what the link takes over from there.
  if (reader.raw("payload") != nullptr || known.payload != hop.payload) {
    hop.payload = reader.number("payload", known.payload);
  }
  if (reader.raw("per-message") != nullptr || known.per_message != hop.per_message) {
    hop.per_message = reader.quantity("per-message", std::optional(known.per_message));
  }
  hop.tcp = read_transport(reader, known.tcp);
  return hop;
}

std::optional<cost::Radio> read_radio(MapReader& reader, const std::optional<cost::Radio>& base) {
  if (reader.raw("radio") == nullptr && !base) {
    return std::nullopt;
  }
  MapReader map = reader.map("radio");
  const auto slope = [&](const std::string& key, cost::JoulesPerByte cost::Radio::*field) {
    const auto known = base ? std::optional(*base.*field * kMegabit) : std::nullopt;
    return map.quantity<Watts>(key, known) / kMegabit;
  };
  const cost::Radio known = base.value_or(cost::Radio());
  cost::Radio radio;
  radio.up = slope("per-mbit-up", &cost::Radio::up);
  radio.down = slope("per-mbit-down", &cost::Radio::down);
  radio.base = map.quantity("base", base ? std::optional(base->base) : std::nullopt);
  MapReader promotion = map.map("promotion");
  radio.promotion = read_phase(promotion, known.promotion);
  radio.tails = read_tails(map, known.tails);
  map.done();
  return radio;
}

void add_devices(const YamlNode& map, Catalogue& catalogue, std::vector<Diagnostic>& diagnostics) {
  each_entry(map, "devices", kDevicesKeys, diagnostics,
             [&](const std::string& name, MapReader& reader) {
               cost::Device device = read_device(reader, nullptr);
               device.name = name;
               catalogue.devices[name] = std::move(device);
             });
}

void add_networks(const YamlNode& map, Catalogue& catalogue, std::vector<Diagnostic>& diagnostics) {
  each_entry(
      map, "networks", kLinksKeys, diagnostics, [&](const std::string& name, MapReader& reader) {
        NetworkKind kind{
            .name = name, .about = reader.text("about", ""), .source = reader.text("source", "")};
        kind.hop = read_hop(reader, nullptr);
        kind.radio = read_radio(reader, std::nullopt);
        kind.basis = read_basis(reader, Basis::assumed);
        catalogue.networks[name] = std::move(kind);
      });
}

namespace {

Catalogue read_own_data() {
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

}  // namespace

Catalogue read_catalogue() {
  static const Catalogue kOwnData = read_own_data();  // A sweep reads many scenarios.
  return kOwnData;
}

}  // namespace offcut::scenario

// Reads how a device's software computes, and chooses among the precisions and runtimes of a
// device. Keys with the value that a device without them has are left out of resolved.yaml.

#include "sim/scenario/device_software.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace offcut::scenario {
namespace {

constexpr auto kFusions = std::to_array<std::string_view>({"nothing", "biases", "activations"});
constexpr std::string_view kSeparate = "separate";
constexpr std::string_view kMerged = "merged";

struct KnownPrecision {
  std::string_view name;
  double element;
};
constexpr auto kPrecisions = std::to_array<KnownPrecision>(
    {{"fp32", 4}, {"tf32", 4}, {"bf16", 2}, {"fp16", 2}, {"int8", 1}});

std::vector<std::string> known_precisions() {
  std::vector<std::string> names;
  for (const KnownPrecision& precision : kPrecisions) {
    names.emplace_back(precision.name);
  }
  return names;
}

/// Reads the key if it is given, or if the value is not the usual one.
template <class Q>
void read_unusual(MapReader& reader, const std::string& key, Q& value, Q usual) {
  if (reader.raw(key) != nullptr || value != usual) {
    value = reader.quantity<Q>(key, value);
  }
}

template <class Q>
void read_unusual(MapReader& reader, const std::string& key, std::optional<Q>& value) {
  if (reader.raw(key) != nullptr || value) {
    value = reader.quantity<Q>(key, value);
  }
}

/// Reads one of two choices, of which the first is the usual one.
bool read_second(MapReader& reader, const std::string& key, std::string_view second, bool base) {
  if (reader.raw(key) != nullptr) {
    const auto chosen = reader.choice(key);
    return chosen ? *chosen == second : base;
  }
  if (base) {
    reader.resolved().add(key, YamlNode::scalar(std::string(second)));
  }
  return base;
}

cost::Fusion read_fusion(MapReader& reader, cost::Fusion base) {
  if (reader.raw("fuses") == nullptr) {
    if (base != cost::Fusion::activations) {
      const auto index = static_cast<std::size_t>(base);
      reader.resolved().add("fuses", YamlNode::scalar(std::string(kFusions.at(index))));
    }
    return base;
  }
  const auto chosen = reader.choice("fuses");
  const auto found = std::find(kFusions.begin(), kFusions.end(), chosen.value_or(""));
  return found != kFusions.end() ? static_cast<cost::Fusion>(found - kFusions.begin()) : base;
}

void read_kernels(MapReader& reader, cost::Runtime& runtime) {
  runtime.fuses = read_fusion(reader, runtime.fuses);
  runtime.merges_composites = read_second(reader, "composites", kMerged, runtime.merges_composites);
  read_unusual(reader, "invocation", runtime.invocation, Seconds(0));
  read_unusual(reader, "issue", runtime.issue, Seconds(0));
}

/// Returns the chosen one of the names, or the first; none if there are none.
std::string chosen_name(MapReader& reader, const std::string& key,
                        const std::vector<std::string>& names) {
  const std::string own = names.empty() ? "" : names.front();
  if (reader.raw(key) == nullptr) {
    return own;
  }
  if (names.empty()) {
    reader.error(key, fmt::format("this device states no {}", key));
    return own;
  }
  return reader.one_of(key, names).value_or(own);
}

/// Returns the chosen precision, or the first of a list of candidates.
std::string chosen_precision(MapReader& reader, const cost::Device& base) {
  const std::vector<std::string> names = cost::precision_names(base);
  const YamlNode* given = reader.raw("precision");
  if (given == nullptr || given->kind != YamlNode::Kind::sequence) {
    return chosen_name(reader, "precision", names);
  }
  if (given->items.empty()) {
    reader.error("precision", "expected precisions to choose from, got an empty list");
  }
  const std::vector<std::string> candidates = reader.some_of("precision", names);
  return candidates.empty() ? names.front() : candidates.front();
}

}  // namespace

double element_bytes(const std::string& precision) {
  for (const KnownPrecision& known : kPrecisions) {
    if (known.name == precision) {
      return known.element;
    }
  }
  return kPrecisions.front().element;
}

cost::Device chosen_variant(MapReader& reader, const cost::Device& base) {
  const std::string precision = chosen_precision(reader, base);
  const std::string runtime = chosen_name(reader, "runtime", cost::runtime_names(base));
  cost::Device device = cost::with_runtime(cost::in_precision(base, precision), runtime);
  device.precisions.clear();
  device.runtimes.clear();
  // resolved.yaml has all figures, and no `is`.
  if (!reader.has("precision") && device.precision != kPrecisions.front().name) {
    reader.resolved().add("precision", YamlNode::scalar(device.precision));
  }
  if (!reader.has("runtime") && !device.runtime.name.empty()) {
    reader.resolved().add("runtime", YamlNode::scalar(device.runtime.name));
  }
  return device;
}

void read_own_names(MapReader& reader, cost::Device& device) {
  if (reader.raw("precision") != nullptr) {
    const std::vector<std::string> names = known_precisions();
    device.precision = reader.one_of("precision", names).value_or(device.precision);
    device.element = element_bytes(device.precision);
  }
  if (const YamlNode* name = reader.raw("runtime")) {
    if (name->kind != YamlNode::Kind::scalar) {
      reader.error("runtime", fmt::format("expected a name, got {}", describe(*name)));
    }
    device.runtime.name = name->text;
    reader.resolved().add("runtime", YamlNode::scalar(name->text));
  }
}

void read_step(MapReader& device, cost::Step& step) {
  if (device.raw("step") == nullptr && step.convolution == Seconds(0) && step.dense == Seconds(0)) {
    return;
  }
  MapReader reader = device.map("step");
  step.convolution = reader.quantity<Seconds>("convolution", step.convolution);
  step.dense = reader.quantity<Seconds>("dense", step.dense);
  if (reader.raw("split-rows") != nullptr || step.split_rows > 0) {
    step.split_rows = reader.number("split-rows", step.split_rows);
  }
  reader.done();
}

void read_overheads(MapReader& device, cost::OwnOverheads& overheads) {
  if (device.raw("overheads") == nullptr && !overheads.normalization && !overheads.pooling &&
      !overheads.winograd) {
    return;
  }
  MapReader reader = device.map("overheads");
  read_unusual(reader, "normalization", overheads.normalization);
  read_unusual(reader, "pooling", overheads.pooling);
  read_unusual(reader, "winograd", overheads.winograd);
  reader.done();
}

void read_element(MapReader& reader, cost::Device& device) {
  if (reader.raw("element") != nullptr || device.element != element_bytes(device.precision)) {
    device.element = reader.quantity<Bytes>("element", Bytes(device.element)).si();
  }
}

void read_software(MapReader& reader, cost::Device& device) {
  read_element(reader, device);
  read_step(reader, device.step);
  read_overheads(reader, device.overheads);
  if (reader.raw("narrow") != nullptr || device.narrow > 0) {
    device.narrow = reader.number("narrow", device.narrow);
  }
  if (reader.raw("winograd-tile") != nullptr) {
    device.winograd_tile = static_cast<int>(reader.integer("winograd-tile"));
  } else if (device.winograd_tile > 0) {
    reader.resolved().add("winograd-tile",
                          YamlNode::scalar(fmt::format("{}", device.winograd_tile)));
  }
  read_kernels(reader, device.runtime);
}

std::vector<cost::Runtime> read_runtimes(MapReader& reader, const cost::Device& device) {
  std::vector<cost::Runtime> runtimes;
  if (reader.raw("runtimes") == nullptr) {
    return runtimes;
  }
  MapReader map = reader.map("runtimes");
  for (const std::string& name : map.keys()) {
    MapReader figures = map.map(name);
    cost::Runtime runtime = device.runtime;
    runtime.name = name;
    read_kernels(figures, runtime);
    figures.done();
    runtimes.push_back(std::move(runtime));
  }
  map.done();
  return runtimes;
}

std::vector<std::string> read_precision_names(MapReader& precisions) {
  const std::vector<std::string> valid = known_precisions();
  std::vector<std::string> names;
  for (const std::string& name : precisions.keys()) {
    if (std::find(valid.begin(), valid.end(), name) != valid.end()) {
      names.push_back(name);
    } else {
      precisions.raw(name);
      precisions.error(
          name, fmt::format("unknown precision {}{}", in_quotes(name), suggestion(name, valid)));
    }
  }
  return names;
}

}  // namespace offcut::scenario

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "sim/scenario/data_path.h"
#include "sim/scenario/scenario.h"

namespace offcut {
namespace {

constexpr double kMostSeconds = 1e9;
constexpr double kMostCount = 10'000'000;

/// Reads a scenario section by section. What a section needs from an earlier one (names of tiers)
/// is there even when that one has mistakes, so that every section is checked.
class ScenarioReader {
 public:
  ScenarioReader(const std::string& path, const Registries& registries)
      : registries_(registries), catalogue_(read_catalogue()) {
    scenario_.path = path;
    scenario_.name = std::filesystem::path(path).stem().string();
  }

  Scenario read(const YamlNode& root) {
    MapReader top(root, "", mistakes_, scenario_.resolved);
    top.integer("offcut", {}, {.least = 1, .most = 1});
    scenario_.title = top.text("name", scenario_.name);
    scenario_.seed =
        static_cast<std::uint64_t>(top.integer("seed", 1, {.least = 0, .most = 0x1p53}));
    read_stop(top);
    read_own_kinds(top);
    read_model(top);
    read_tiers(top);
    read_network(top);
    read_plan(top);
    read_workload(top);
    MapReader output = top.map("output", false);
    scenario_.write_requests = output.flag("requests", true);
    output.done();
    top.done();
    if (!mistakes_.empty()) {
      std::stable_sort(mistakes_.begin(), mistakes_.end(), [](const Mistake& a, const Mistake& b) {
        return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
      });
      throw InputError(std::move(mistakes_));
    }
    return std::move(scenario_);
  }

 private:
  void read_stop(MapReader& top) {
    MapReader stop = top.map("stop", true);
    const bool by_count = stop.has("requests");
    if (by_count && stop.has("after")) {
      stop.mistake_at("after", "stop: give 'requests' or 'after', not both");
    }
    if (by_count) {
      scenario_.stop.requests = stop.integer("requests", {}, {.least = 1, .most = 1e12});
    } else if (stop.has("after")) {
      scenario_.stop.after =
          stop.quantity<Seconds>("after", {}, {.least = 1e-9, .most = kMostSeconds});
    } else if (top.has("stop")) {
      top.mistake_at("stop", "stop: 'requests' or 'after' is missing");
    }
    if (by_count) {
      stop.raw("after");
    } else {
      stop.raw("requests");
    }
    stop.done();
  }

  /// Devices and networks of the user's own: a map, or the path of a file that holds one.
  void read_own_kinds(MapReader& top) {
    if (const YamlNode* devices = top.raw("devices")) {
      add_devices(own_map(*devices), catalogue_, mistakes_);
    }
    if (const YamlNode* networks = top.raw("networks")) {
      add_networks(own_map(*networks), catalogue_, mistakes_);
    }
  }

  YamlNode own_map(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::scalar) {
      return node;
    }
    try {
      const auto found = find_file(node.text, scenario_.path);
      return read_yaml(found ? found->string() : node.text);
    } catch (const InputError& error) {
      mistakes_.insert(mistakes_.end(), error.mistakes().begin(), error.mistakes().end());
      return {.kind = YamlNode::Kind::map};
    }
  }

  /// The path of a file that the scenario names, or a mistake.
  std::string existing_file(MapReader& reader, const std::string& key) {
    const std::string name = reader.text(key);
    if (const auto found = find_file(name, scenario_.path)) {
      reader.resolved().entries.back().value.text =
          std::filesystem::absolute(*found).lexically_normal().string();
      return found->lexically_normal().string();
    }
    if (reader.has(key)) {
      reader.mistake_at(key, fmt::format("{}: file '{}' does not exist", key, name));
    }
    return name;
  }

  void read_model(MapReader& top) {
    using Source = ModelChoice::Source;
    MapReader model = top.map("model", true);
    ModelChoice& choice = scenario_.model;
    const std::vector<std::pair<std::string, Source>> sources = {
        {"zoo", Source::zoo}, {"onnx", Source::onnx}, {"layers", Source::layers}};
    int given = 0;
    for (const auto& [key, source] : sources) {
      if (model.has(key)) {
        ++given;
        choice.source = source;
        choice.place = model.place(key);
        choice.name = source == Source::zoo
                          ? model.one_of(key, "network", registries_.networks.names())
                          : existing_file(model, key);
      } else {
        model.raw(key);
      }
    }
    if (given != 1 && top.has("model")) {
      top.mistake_at("model", "model: expected one of 'zoo', 'onnx' and 'layers'");
    }
    read_bindings(model);
    read_math(model);
    read_input(model);
    model.done();
  }

  void read_bindings(MapReader& model) {
    MapReader bind = model.map("bind", false);
    for (const std::string& name : bind.keys()) {
      scenario_.model.bind[name] = bind.integer(name, {}, {.least = 1, .most = 1e9});
    }
  }

  void read_math(MapReader& model) {
    const std::vector<std::string> modes = {"off", "sampled", "every"};
    const std::string mode = model.one_of("math", "mode", modes, "off");
    ModelChoice& choice = scenario_.model;
    choice.math =
        static_cast<ModelChoice::Math>(std::find(modes.begin(), modes.end(), mode) - modes.begin());
    if (choice.math == ModelChoice::Math::sampled) {
      choice.samples = model.integer("samples", 100, {.least = 1, .most = 1e9});
    } else {
      model.raw("samples");
    }
    if (choice.math != ModelChoice::Math::off && choice.source == ModelChoice::Source::layers) {
      model.mistake_at("math", "model.math: a layer table has no math; it must be off");
    }
  }

  void read_input(MapReader& model) {
    MapReader input = model.map("input", false);
    ModelChoice& choice = scenario_.model;
    if (input.has("wire")) {
      const std::vector<std::string> types = {"uint8", "float32"};
      choice.wire =
          input.one_of("wire", "type", types) == "uint8" ? DataType::uint8 : DataType::float32;
    } else {
      input.raw("wire");
    }
    if (input.has("images")) {
      choice.images = existing_file(input, "images");
      choice.divide = input.number("divide", Dimension::number, 255, {.least = 1e-9, .most = 1e9});
    } else {
      input.raw("images");
      if (choice.math != ModelChoice::Math::off) {
        choice.random = input.integer("random", 64, {.least = 1, .most = 1e6});
      }
    }
    if (input.has("labels")) {
      choice.labels = existing_file(input, "labels");
      if (choice.images.empty()) {
        input.mistake_at("labels", "model.input.labels: there are no 'images' that they belong to");
      }
    } else {
      input.raw("labels");
    }
    input.done();
  }

  void read_tiers(MapReader& top) {
    MapReader tiers = top.map("tiers", true);
    for (const std::string& name : tiers.keys()) {
      const Place place = tiers.place(name);
      MapReader tier = tiers.map(name, true);
      scenario_.tiers.push_back({.name = name, .place = place});
      read_tier(tier, scenario_.tiers.back());
      tier.done();
    }
    if (scenario_.tiers.empty() && top.has("tiers")) {
      top.mistake_at("tiers", "tiers: expected at least one, the device first");
    }
  }

  void read_tier(MapReader& tier, TierChoice& choice) {
    const std::string prefix = "column:";
    const YamlNode* is = tier.raw("is");
    if (is != nullptr && is->kind == YamlNode::Kind::scalar && is->text.starts_with(prefix)) {
      choice.is = is->text.substr(prefix.size());
      tier.resolved().add("is", YamlNode::scalar(is->text));
      if (scenario_.model.source != ModelChoice::Source::layers) {
        tier.mistake_at("is", fmt::format("tiers.{}.is: '{}' needs a model given as a layer table",
                                          choice.name, is->text));
      }
    } else {
      choice.is = read_tier_device(tier, is, choice.name);
    }
    choice.count =
        static_cast<std::size_t>(tier.integer("count", 1, {.least = 1, .most = kMostCount}));
    MapReader noise = tier.map("noise", false);
    read_noise(noise, choice.noise);
    noise.done();
  }

  Device read_tier_device(MapReader& tier, const YamlNode* is, const std::string& tier_name) {
    const Device* base = nullptr;
    if (is != nullptr) {
      const auto found = catalogue_.devices.find(is->text);
      if (found != catalogue_.devices.end()) {
        base = &found->second;
      } else {
        tier.mistake(is->place,
                     fmt::format("tiers.{}.is: unknown device {}{}", tier_name, describe(*is),
                                 suggestion(is->text, catalogue_.device_names())));
        base = catalogue_.devices.empty() ? nullptr : &catalogue_.devices.begin()->second;
      }
    } else if (!tier.has("peak")) {
      tier.mistake_at(
          "is", fmt::format("tiers.{}: 'is' is missing: the name of a device, or its properties "
                            "(peak, memory-bandwidth, memory, efficiency)",
                            tier_name));
      base = &catalogue_.devices.begin()->second;
    }
    Device device = read_device(tier, base);
    device.name = is != nullptr ? is->text : tier_name;
    return device;
  }

  void read_noise(MapReader& reader, Noise& noise) {
    const std::vector<std::string> kinds = {"none", "lognormal", "exponential"};
    const std::string kind = reader.one_of("kind", "noise", kinds, "none");
    noise.kind =
        static_cast<Noise::Kind>(std::find(kinds.begin(), kinds.end(), kind) - kinds.begin());
    if (noise.kind == Noise::Kind::lognormal) {
      noise.cv = reader.number("cv", Dimension::number, {}, {.least = 0, .most = 100});
    } else if (reader.has("cv")) {
      reader.raw("cv");
      reader.mistake_at("cv", "cv: only lognormal noise has one");
    }
  }

  void read_network(MapReader& top) {
    const std::size_t hops = scenario_.tiers.empty() ? 0 : scenario_.tiers.size() - 1;
    MapReader network = top.map("network", hops > 0);
    for (std::size_t i = 0; i < hops; ++i) {
      const std::string name = scenario_.tiers[i].name + "-" + scenario_.tiers[i + 1].name;
      MapReader reader = network.map(name, top.has("network"));
      HopChoice choice{.name = name};
      const bool there = network.has(name);
      const Hop filler{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)};
      const NetworkKind* kind = reader.has("is") ? named_network(reader, name) : nullptr;
      reader.raw("is");
      choice.hop = read_hop(reader, kind != nullptr ? &kind->hop : there ? nullptr : &filler);
      // The devices' links are their own unless said otherwise; farther in, all traffic shares one
      // pair.
      choice.shared = i > 0 || reader.flag("shared", false);
      reader.done();
      scenario_.hops.push_back(choice);
    }
    network.done();
  }

  const NetworkKind* named_network(MapReader& reader, const std::string& hop) {
    const YamlNode* is = reader.raw("is");
    const auto found = catalogue_.networks.find(is->text);
    if (found != catalogue_.networks.end()) {
      return &found->second;
    }
    reader.mistake(is->place, fmt::format("network.{}.is: unknown network {}{}", hop, describe(*is),
                                          suggestion(is->text, catalogue_.network_names())));
    return catalogue_.networks.empty() ? nullptr : &catalogue_.networks.begin()->second;
  }

  void read_plan(MapReader& top) {
    const std::vector<std::string> names = registries_.algorithms.names();
    MapReader plan = top.map("plan", true);
    scenario_.algorithm = registries_.algorithms.find(plan.one_of("algorithm", "algorithm", names));
    scenario_.algorithm_parameters = plan.parameters(scenario_.algorithm->parameters);
    const std::vector<std::string> ends = {"device-only", "edge-only", "cloud-only"};
    for (const std::string& name : plan.texts("compare", ends)) {
      if (const Algorithm* algorithm = registries_.algorithms.find(name)) {
        scenario_.compare.push_back(algorithm);
      } else if (name != "none") {
        plan.mistake_at("compare", fmt::format("plan.compare: unknown algorithm '{}'{}", name,
                                               suggestion(name, names)));
      }
    }
    plan.done();
  }

  void read_workload(MapReader& top) {
    MapReader workload = top.map("workload", true);
    scenario_.arrivals = registries_.arrivals.find(
        workload.one_of("arrivals", "arrival process", registries_.arrivals.names()));
    scenario_.arrival_parameters = workload.parameters(scenario_.arrivals->parameters);
    workload.done();
  }

  const Registries& registries_;
  Catalogue catalogue_;
  Scenario scenario_;
  std::vector<Mistake> mistakes_;
};

}  // namespace

Registries::Registries() {
  register_operators(operators);
  register_networks(networks);
  register_algorithms(algorithms);
  register_arrivals(arrivals);
}

Override parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError(
        {"--set"},
        fmt::format("expected path=value such as tiers.device.count=10, got '{}'", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries) {
  YamlNode root = read_yaml(path);
  for (const Override& change : overrides) {
    set_path(root, change.path, change.value,
             {fmt::format("--set {}={}", change.path, change.value)});
  }
  return ScenarioReader(path, registries).read(root);
}

}  // namespace offcut

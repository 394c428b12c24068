#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "sim/scenario/exit_choice.h"
#include "sim/scenario/failures_section.h"
#include "sim/scenario/goal.h"
#include "sim/scenario/model_section.h"
#include "sim/scenario/predictor_file.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/scheduling_section.h"
#include "sim/scenario/workload_section.h"

namespace offcut {
namespace {

namespace fs = std::filesystem;

constexpr double kMostCount = 10'000'000;
// A device with links of its own takes 3 kB, most of it SimGrid's.
constexpr double kBytesOfLinks = 3e3;
constexpr std::size_t kMostLinks = 1'000'000;
constexpr std::size_t kMostTiers = 16;
constexpr double kMostPrice = 1e9;
constexpr double kMostUsers = 1000;

/// Reads a scenario section by section. What a section needs from an earlier one (names of tiers)
/// is there even when that one has mistakes, so that every section is checked.
class ScenarioReader {
 public:
  ScenarioReader(const std::string& path, const Registries& registries,
                 std::vector<Mistake>& mistakes)
      : registries_(registries), catalogue_(read_catalogue()), mistakes_(mistakes) {
    scenario_.path = path;
    scenario_.name = fs::path(path).stem().string();
    if (scenario_.name.find_first_not_of('.') == std::string::npos) {  // no name for a folder
      scenario_.name = "scenario";
    }
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
    read_scheduling(top, registries_, scenario_, mistakes_);
    read_failures(top, scenario_, mistakes_);
    read_plans(top);
    read_arrivals(top);
    MapReader engine = top.map("engine", false);
    scenario_.own_links = engine.flag("own-links", true);
    engine.done();
    MapReader output = top.map("output", false);
    scenario_.write_requests = output.flag("requests", true);
    output.done();
    top.done();
    return std::move(scenario_);
  }

 private:
  void read_stop(MapReader& top) {
    const std::size_t before = mistakes_.size();
    scenario_.stop_place = top.place("stop");
    MapReader stop = top.map("stop", true);
    if (stop.has("requests")) {
      if (stop.raw("after") != nullptr) {
        stop.mistake("after", "give 'requests' or 'after', not both");
      }
      scenario_.stop.requests = stop.integer("requests", {}, {.least = 1, .most = kMostRequests});
    } else if (stop.has("after")) {
      stop.raw("requests");
      scenario_.stop.after =
          stop.quantity<Seconds>("after", {}, {.least = 1e-9, .most = kMostSeconds});
    } else {
      stop.raw("requests");
      stop.raw("after");
      stop.missing({"requests", "after"}, "stop: 'requests' or 'after' is missing");
    }
    stop.done();
    length_known_ = stop.present() && mistakes_.size() == before;
  }

  /// Devices and networks of the user's own: a map, or the path of a file that holds one.
  void read_own_kinds(MapReader& top) {
    if (const YamlNode* devices = top.raw("devices")) {
      all_devices_known_ = with_map(top, "devices", *devices, [&](const YamlNode& map) {
        add_devices(map, catalogue_, mistakes_);
      });
    }
    if (const YamlNode* networks = top.raw("networks")) {
      all_networks_known_ = with_map(top, "networks", *networks, [&](const YamlNode& map) {
        add_networks(map, catalogue_, mistakes_);
      });
    }
  }

  /// Calls use(map) with the node, or with what stands in the file that it names. False where
  /// neither is a map.
  template <class Use>
  bool with_map(MapReader& top, const std::string& key, const YamlNode& node, Use use) {
    if (node.kind != YamlNode::Kind::scalar) {
      use(node);
      return node.kind == YamlNode::Kind::map;
    }
    const std::string path = named_file(top, key, node.text, scenario_.path);
    if (path.empty()) {
      return false;
    }
    try {
      use(read_yaml(path, mistakes_));
      return true;
    } catch (const InputError& error) {
      mistakes_.insert(mistakes_.end(), error.mistakes().begin(), error.mistakes().end());
      return false;
    }
  }

  void read_model(MapReader& top) {
    const bool several = top.raw("models") != nullptr;
    if (!several) {
      MapReader model = top.map("model", true);
      add_model(model);
      return;
    }
    if (top.raw("model") != nullptr) {
      top.mistake("models", "give 'model' or 'models', not both");
    }
    MapReader models = top.map("models", true);
    for (const std::string& name : models.names("model")) {
      MapReader model = models.map(name, true);
      add_model(model);
    }
    if (models.keys().empty()) {
      scenario_.model.section = "models";  // so that nothing that names one is held against it
      if (models.present()) {
        top.mistake("models", "expected at least one");
      }
    }
  }

  /// The first one, or one of several. A tier's times come from tables or from networks, for all.
  void add_model(MapReader& model) {
    const bool is_first = std::exchange(at_first_model_, false);
    ModelSection section = read_model_section(model, scenario_.path, registries_);
    source_known_ = (is_first || source_known_) && section.source_known;
    own_plans_.push_back(std::move(section.plan));
    if (!is_first && source_known_ && is_table_ != section.is_table()) {
      mistakes_.push_back(
          {model.place(""), model.what() + ": either all models are layer tables, or none is"});
    }
    if (is_first) {
      is_table_ = section.is_table();
      scenario_.model = std::move(section.choice);
    } else {
      scenario_.other_models.push_back(std::move(section.choice));
    }
  }

  void read_tiers(MapReader& top) {
    MapReader tiers = top.map("tiers", true);
    for (const std::string& name : tiers.names("tier")) {
      const std::size_t before = mistakes_.size();
      MapReader tier = tiers.map(name, true);
      scenario_.tiers.push_back({.name = name});
      read_tier(tier, scenario_.tiers.back());
      tier.done();
      if (scenario_.tiers.size() == 1) {
        devices_known_ = mistakes_.size() == before;
        length_known_ = length_known_ && devices_known_;
        devices_place_ = tier.place("count");
      }
      if (scenario_.tiers.size() == kMostTiers) {
        break;
      }
    }
    if (tiers.keys().size() > kMostTiers) {
      top.mistake("tiers",
                  fmt::format("at most {} tiers, got {}", kMostTiers, tiers.keys().size()));
    } else if (tiers.present() && scenario_.tiers.empty()) {
      top.mistake("tiers", "expected at least one, the device first");
    } else {
      tiers_known_ = tiers.present();
    }
  }

  void read_tier(MapReader& tier, TierChoice& choice) {
    read_kind(tier, choice);
    const std::size_t before = mistakes_.size();
    choice.count = read_count(tier, "count");
    choice.count_known = tier.present() && mistakes_.size() == before;
    choice.cores = read_count(tier, "cores");
    if (static_cast<double>(choice.count) * static_cast<double>(choice.cores) > kMostCount) {
      tier.mistake("cores", fmt::format("{} machines of {} cores each; a tier has at most {:.0f} "
                                        "cores",
                                        choice.count, choice.cores, kMostCount));
    }
    if (scenario_.tiers.size() == 1) {
      if (tier.raw("sites") != nullptr) {
        tier.mistake("sites", "the later tiers have sites; devices go with them in equal numbers");
      }
    } else {
      choice.sites = read_count(tier, "sites");
      if (devices_known_ && mistakes_.size() == before) {
        check_sites(tier, choice);
      }
    }
    read_model_memory(tier, choice);
    choice.price = read_price(tier);
    MapReader noise = tier.map("noise", false);
    read_noise(noise, choice.noise);
    noise.done();
  }

  /// Which device it is.
  void read_kind(MapReader& tier, TierChoice& choice) {
    const std::string prefix = "column:";
    const std::string key = tier.has("profile") ? "profile" : tier.has("fitted") ? "fitted" : "is";
    choice.place = tier.place(key);
    const YamlNode* is = tier.raw("is");
    if (key != "is") {
      read_measured_device(tier, key, choice);
    } else if (is != nullptr && is->kind == YamlNode::Kind::scalar &&
               is->text.starts_with(prefix)) {
      choice.is = is->text.substr(prefix.size());
      tier.resolved().add("is", YamlNode::scalar(is->text));
      if (source_known_ && !is_table_) {
        tier.mistake("is", in_quotes(is->text) + " needs a model given as a layer table");
      }
    } else if (is_table_ && tier.present()) {
      tier.mistake("is",
                   fmt::format("a layer table has its own times: expected column:NAME, got {}",
                               is != nullptr ? describe(*is) : "nothing"));
      tier.ignore_rest();
    } else {
      tier.raw("profile");
      tier.raw("fitted");
      choice.is = read_tier_device(tier, choice);
    }
  }

  static std::size_t read_count(MapReader& reader, const std::string& key) {
    return static_cast<std::size_t>(reader.integer(key, 1, {.least = 1, .most = kMostCount}));
  }

  /// Where the machines of a later tier stand: at as many places, of which each device has one.
  void check_sites(MapReader& tier, const TierChoice& choice) {
    const std::size_t devices = scenario_.tiers.front().count;
    if (choice.count % choice.sites != 0) {
      tier.mistake("sites", fmt::format("{} servers can't stand at {} sites in equal numbers",
                                        choice.count, choice.sites));
    } else if (choice.sites > devices) {
      tier.mistake("sites",
                   fmt::format("{} sites for {} devices: expected at least one device each",
                               choice.sites, devices));
    }
  }

  /// Left out: all models fit, and are there from the start.
  static void read_model_memory(MapReader& tier, TierChoice& choice) {
    if (tier.raw("model-memory") != nullptr) {
      choice.memory_place = tier.place("model-memory");
      choice.model_memory = tier.quantity<Bytes>("model-memory");
      choice.model_load =
          tier.quantity<BytesPerSecond>("model-load", choice.model_load, {.least = 1});
    } else if (tier.raw("model-load") != nullptr) {
      tier.mistake("model-load", "belongs to a 'model-memory' that models are loaded into");
    }
  }

  /// Of a tier's hour, or a hop's gigabyte. Left out: free.
  static double read_price(MapReader& reader) {
    return reader.raw("price") == nullptr
               ? 0
               : reader.number("price", Dimension::number, {}, {.least = 0, .most = kMostPrice});
  }

  /// {profile: file.csv} or {fitted: device.yaml}: the layers' times are those that were measured,
  /// or follow from what was.
  void read_measured_device(MapReader& tier, const std::string& key, TierChoice& choice) {
    if (tier.has("is") || (key == "profile" && tier.has("fitted"))) {
      tier.mistake(key, "give one of 'is', 'profile' and 'fitted'");
    }
    for (const char* other : {"profile", "fitted"}) {
      tier.raw(other);
    }
    const std::string path = existing_file(tier, key, scenario_.path);
    if (is_table_) {
      tier.mistake(key, "a layer table has its own times: expected is: column:NAME");
    }
    choice.is = ProfiledDevice();
    if (path.empty()) {
      return;
    }
    try {
      if (key == "profile") {
        choice.is = ProfiledDevice{read_profile(path)};
      } else {
        choice.is = FittedDevice{read_predictor(path)};
      }
    } catch (const InputError& error) {
      mistakes_.insert(mistakes_.end(), error.mistakes().begin(), error.mistakes().end());
    }
  }

  Device read_tier_device(MapReader& tier, const TierChoice& choice) {
    const Device* base = named(tier, "device", catalogue_.devices, all_devices_known_);
    const bool own = base == nullptr && tier.has("peak");
    if (base == nullptr && !own) {
      tier.missing({"is", "peak", "profile", "fitted"},
                   fmt::format("{}.{}: 'is' is missing: the name of a device, or its properties "
                               "(peak, memory-bandwidth, memory, efficiency), or a 'profile'",
                               choice.section, choice.name));
      base = &catalogue_.devices.begin()->second;
    }
    Device device = read_device(tier, base);
    set_frequency(tier, device);
    device.name = own ? choice.name : base->name;
    return device;
  }

  /// What `is` names: null where there is no such key, something harmless where it is mistaken.
  template <class T>
  const T* named(MapReader& reader, std::string_view kind, const std::map<std::string, T>& known,
                 bool all_known) {
    const YamlNode* is = reader.raw("is");
    if (is == nullptr) {
      return nullptr;
    }
    std::vector<std::string> names;
    for (const auto& [name, entry] : known) {
      names.push_back(name);
    }
    if (is->kind != YamlNode::Kind::scalar) {
      reader.mistake("is", fmt::format("expected the name of a {}, got {}", kind, describe(*is)));
    } else if (const auto found = known.find(is->text); found != known.end()) {
      return &found->second;
    } else if (all_known) {
      reader.mistake("is", fmt::format("unknown {} {}{}", kind, in_quotes(is->text),
                                       suggestion(is->text, names)));
    }
    return &known.begin()->second;
  }

  void read_noise(MapReader& reader, Noise& noise) {
    const std::vector<std::string> kinds = {"none", "lognormal", "exponential"};
    const auto kind = reader.one_of("kind", "noise", kinds, "none");
    if (!kind) {
      reader.ignore_rest();
      return;
    }
    noise.kind =
        static_cast<Noise::Kind>(std::find(kinds.begin(), kinds.end(), *kind) - kinds.begin());
    if (noise.kind == Noise::Kind::lognormal) {
      noise.cv = reader.number("cv", Dimension::number, {}, {.least = 0, .most = 100});
    } else if (reader.raw("cv") != nullptr) {
      reader.mistake("cv", "only lognormal noise has one");
    }
  }

  void read_network(MapReader& top) {
    const std::size_t hops = tiers_known_ ? scenario_.tiers.size() - 1 : 0;
    MapReader network = top.map("network", hops > 0);
    for (std::size_t i = 0; i < hops; ++i) {
      const std::string name = scenario_.tiers[i].name + "-" + scenario_.tiers[i + 1].name;
      if (const std::size_t same = check_hop_name(*top.raw("tiers"), i, name); same < i) {
        scenario_.hops.push_back(HopChoice(scenario_.hops[same]));
        continue;
      }
      MapReader reader = network.map(name, true);
      scenario_.hops.push_back(read_hop_choice(reader, name));
      // The devices' links are their own unless said otherwise; farther in, all traffic shares one
      // pair.
      if (i > 0 && reader.raw("shared") != nullptr) {
        reader.mistake("shared",
                       "only the devices can have links of their own; from here on all "
                       "traffic shares one pair");
      }
      scenario_.hops.back().shared = i > 0 || reader.flag("shared", false);
      read_site(reader, i == 0, scenario_.hops.back());
      reader.done();
    }
    if (tiers_known_ && hops == 0 && !network.keys().empty()) {
      top.mistake("network", "there is one tier, so there is nothing to connect");
    }
    if (hops == 0) {
      network.ignore_rest();
    }
    network.done();
    check_links();
  }

  /// Tiers and hops are told apart by their names. Gives the first hop that has this one's.
  std::size_t check_hop_name(const YamlNode& tiers, std::size_t hop, const std::string& name) {
    const auto ends = [&](std::size_t of) {
      return fmt::format("between {} and {}", in_quotes(scenario_.tiers[of].name),
                         in_quotes(scenario_.tiers[of + 1].name));
    };
    if (const YamlNode* tier = tiers.find(name)) {
      mistakes_.push_back(
          {tier->place, fmt::format("tiers.{}: the link {} has that name, too", name, ends(hop))});
    }
    std::size_t same = 0;
    while (same < hop && scenario_.hops[same].name != name) {
      ++same;
    }
    if (same < hop) {
      const std::string& from = scenario_.tiers[hop].name;
      mistakes_.push_back(
          {tiers.find(from)->place, fmt::format("tiers.{}: the links {} and {} have one name: {}",
                                                from, ends(same), ends(hop), in_quotes(name))});
    }
    return same;
  }

  HopChoice read_hop_choice(MapReader& reader, const std::string& name) {
    const NetworkKind* kind = named(reader, "network", catalogue_.networks, all_networks_known_);
    HopChoice choice;
    choice.name = name;
    choice.hop = read_hop(reader, kind != nullptr ? &kind->hop : nullptr);
    choice.price = read_price(reader);
    choice.radio = read_radio(reader, kind != nullptr ? kind->radio : std::nullopt);
    return choice;
  }

  /// A pair of links that devices of one place share, behind their own.
  static void read_site(MapReader& reader, bool is_first, HopChoice& hop) {
    if (reader.raw("site") == nullptr) {
      return;
    }
    if (!is_first || hop.shared) {
      reader.mistake("site", is_first ? "give 'shared' or 'site', not both"
                                      : "only the devices' hop has sites; from here on all traffic "
                                        "shares one pair");
    }
    MapReader site = reader.map("site", true);
    Link::Uplink uplink;
    uplink.devices =
        static_cast<std::size_t>(site.integer("devices", {}, {.least = 1, .most = kMostCount}));
    uplink.up = site.quantity<BytesPerSecond>("up", {}, {.least = 1});
    uplink.down = site.quantity<BytesPerSecond>("down", {}, {.least = 1});
    site.done();
    hop.site = uplink;
  }

  void check_links() {
    if (scenario_.hops.empty() || scenario_.hops.front().shared ||
        scenario_.tiers.front().count <= kMostLinks) {
      return;
    }
    const auto count = static_cast<double>(scenario_.tiers.front().count);
    mistakes_.push_back(
        {devices_place_,
         fmt::format(
             "tiers.{}.count: {} devices with links of their own would take {}; at most {}, "
             "or more with network.{}.shared: true",
             scenario_.tiers.front().name, count, to_readable(Bytes(count * kBytesOfLinks)),
             kMostLinks, scenario_.hops.front().name)});
  }

  /// The scenario's plan, which is that of all models without one of their own, then these.
  void read_plans(MapReader& top) {
    own_plans_.resize(scenario_.models());
    std::vector<const ModelChoice*> others;  // without one of their own
    for (std::size_t i = 0; i < scenario_.models(); ++i) {
      if (!own_plans_[i]) {
        others.push_back(&scenario_.model_of(i));
      }
    }
    const PlanChoice shared = read_shared_plan(top, others);
    for (std::size_t i = 0; i < scenario_.models(); ++i) {
      ModelChoice& model = scenario_.model_of(i);
      model.plan = own_plans_[i] ? read_plan(*own_plans_[i], {&model}) : shared;
    }
  }

  /// Where no model needs it, it says what is compared and nothing else.
  PlanChoice read_shared_plan(MapReader& top, const std::vector<const ModelChoice*>& models) {
    if (top.raw("plan") == nullptr && !models.empty()) {
      top.missing({"plan"}, models.size() == scenario_.models()
                                ? "'plan' is missing"
                                : fmt::format("'plan' is missing: {} has none of its own",
                                              models.front()->section));
    }
    MapReader plan = top.map("plan", false);
    if (!models.empty()) {
      return read_plan(plan, models);
    }
    read_compare(plan);
    for (const std::string& key : plan.keys()) {
      if (key != "compare") {
        plan.mistake(key, "all models have plans of their own: here, only 'compare' counts");
      }
    }
    return {};
  }

  /// One plan, which these models have.
  PlanChoice read_plan(MapReader& plan, const std::vector<const ModelChoice*>& models) {
    const std::vector<std::string> names = registries_.algorithms.names();
    PlanChoice choice{.section = plan.what()};
    if (const auto chosen = plan.one_of("algorithm", "algorithm", names)) {
      choice.algorithm = registries_.algorithms.find(*chosen);
      choice.algorithm_place = plan.place("algorithm");
      choice.parameters = plan.parameters(choice.algorithm->parameters);
    } else if (plan.has("algorithm")) {
      plan.ignore_rest();
    }
    choice.codec =
        read_codec_choice(plan, source_known_ && is_table_, registries_.codecs, mistakes_);
    read_goal(plan, scenario_, models, choice);
    if (choice.section == "plan") {
      read_compare(plan);
    } else if (plan.has("compare")) {  // else it is not among the valid keys
      plan.raw("compare");
      plan.mistake("compare",
                   "the scenario's 'plan' says what is compared: it is run for all models");
    }
    read_user_classes(plan, choice);
    choice.exits = read_exits(plan);
    check_taken(plan, choice, "classes", &Takes::classes);
    check_taken(plan, choice, "exits", &Takes::exits);
    plan.done();
    return choice;
  }

  void read_compare(MapReader& plan) {
    std::vector<std::string> valid = registries_.algorithms.names();
    valid.emplace_back("none");
    for (const std::string& name :
         plan.some_of("compare", "algorithm", valid, {"device-only", "edge-only", "cloud-only"})) {
      if (name != "none") {
        scenario_.compare.push_back(registries_.algorithms.find(name));
      }
    }
  }

  /// Users with other devices than the first tier's, each kind with a link of its own, or with one
  /// like the first tier's.
  void read_user_classes(MapReader& plan, PlanChoice& plan_choice) {
    if (plan.raw("classes") == nullptr) {
      return;
    }
    if (!plan_choice.codec.none()) {
      plan.mistake("classes", "with a codec, all users must have the same device");
    }
    MapReader classes = plan.map("classes", false);
    for (const std::string& name : classes.keys()) {
      MapReader reader = classes.map(name, true);
      UserClassChoice choice{.device = {.name = name, .section = classes.what()}, .hop = {}};
      read_kind(reader, choice.device);
      choice.device.count =
          static_cast<std::size_t>(reader.integer("count", 1, {.least = 1, .most = kMostUsers}));
      if (reader.has("network")) {
        MapReader link = reader.map("network", true);
        choice.hop = read_hop_choice(link, name);
        link.done();
      } else if (reader.raw("network"); !scenario_.hops.empty()) {
        choice.hop = scenario_.hops.front();
      }
      reader.done();
      plan_choice.user_classes.push_back(std::move(choice));
    }
    if (classes.present() && plan_choice.user_classes.empty()) {
      plan.mistake("classes", "expected at least one");
    }
  }

  /// An extra input is an error where no algorithm that runs takes it.
  void check_taken(MapReader& plan, const PlanChoice& choice, const std::string& key,
                   bool Takes::*extra) {
    const auto takes_it = [&](const Algorithm* algorithm) { return algorithm->takes.*extra; };
    const auto& compare = scenario_.compare;
    if (!plan.has(key) || choice.algorithm == nullptr || takes_it(choice.algorithm) ||
        std::any_of(compare.begin(), compare.end(), takes_it)) {
      return;
    }
    std::vector<std::string> names;
    for (const auto& [name, algorithm] : registries_.algorithms) {
      if (takes_it(&algorithm)) {
        names.push_back(fmt::format("'{}'", name));
      }
    }
    plan.mistake(key, fmt::format("belongs to the algorithm{} {}", names.size() == 1 ? "" : "s",
                                  fmt::join(names, ", ")));
  }

  void read_arrivals(MapReader& top) {
    const std::size_t before = mistakes_.size();
    read_workload(top, registries_, scenario_, mistakes_);
    const bool is_open = std::all_of(
        scenario_.classes.begin(), scenario_.classes.end(),
        [](const ClassChoice& c) { return c.arrivals != nullptr && !c.arrivals->closed_loop; });
    if (!is_open || !length_known_ || scenario_.tiers.empty() || mistakes_.size() > before) {
      return;  // closed loops: once the latency is known
    }
    const std::vector<IdleTimes> no_times(scenario_.models());
    if (const std::string why = too_long(scenario_, no_times); !why.empty()) {
      mistakes_.push_back({scenario_.stop_place, "stop: " + why});
    }
  }

  const Registries& registries_;
  bool at_first_model_ = true;                       // the next model is the first one
  std::vector<std::optional<MapReader>> own_plans_;  // of each model
  Catalogue catalogue_;
  Scenario scenario_;
  std::vector<Mistake>& mistakes_;
  // Whether later sections can rely on what these said.
  bool length_known_ = false;
  bool devices_known_ = false;
  bool tiers_known_ = false;
  bool all_devices_known_ = true;
  bool all_networks_known_ = true;
  bool source_known_ = false;
  bool is_table_ = false;
  Place devices_place_;  // of their count
};

}  // namespace

Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries, std::vector<Mistake>& mistakes) {
  YamlNode root = read_yaml(path, mistakes);
  for (const Override& change : overrides) {
    try {
      if (!change.dimension.empty() && root.find("models") != nullptr) {
        throw InputError(
            Place{change.option()},
            fmt::format("the scenario has 'models': expected --set models.NAME.bind.{}={}",
                        change.dimension, change.value));
      }
      set_path(root, change.keys(), change.value, {change.option()});
    } catch (const InputError& error) {
      mistakes.insert(mistakes.end(), error.mistakes().begin(), error.mistakes().end());
    }
  }
  Scenario scenario = ScenarioReader(path, registries, mistakes).read(root);
  sort_by_place(mistakes, path);
  return scenario;
}

Scenario read_scenario(const std::string& path, const std::vector<Override>& overrides,
                       const Registries& registries) {
  std::vector<Mistake> mistakes;
  Scenario scenario = read_scenario(path, overrides, registries, mistakes);
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  return scenario;
}

}  // namespace offcut

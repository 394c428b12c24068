// Reads a sweep: from a file, section by section, or from options. Values of parameters are kept as
// texts; whether a scenario takes them is known when a run is prepared.

#include "sim/study/sweep/sweep_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "analysis/tables/summary_table.h"
#include "sim/scenario/data_path.h"
#include "sim/scenario/yaml/map_reader.h"
#include "sim/study/sweep/axis_values.h"
#include "sim/study/sweep/design.h"

namespace offcut::study {
namespace {

namespace fs = std::filesystem;

using scenario::KeySpec;
using scenario::KeyTable;
using scenario::MapReader;
using scenario::ValueKind;
using scenario::YamlNode;

constexpr double kMostPoints = 1e9;
constexpr double kMostReplications = 1e6;

constexpr KeySpec kPaths[] = {
    {.name = "PATH",
     .kind = ValueKind::any,
     .absent = "the value of the base scenario",
     .doc = "A path into the scenario, as --set takes it, with its values.",
     .example = "tiers.device.count: [10, 20, 40]"}};
constexpr KeyTable kPathKeys{.doc = "Paths into the base scenario.", .keys = kPaths};

constexpr KeySpec kSample[] = {
    {.name = "design",
     .kind = ValueKind::name,
     .noun = "design",
     .fallback = "latin-hypercube",
     .doc = "How the points are spread: `latin-hypercube`, `sobol` or `random`.",
     .example = "design: sobol"},
    {.name = "points",
     .kind = ValueKind::whole,
     .bounds = {1, 1e6},
     .doc = "The number of points.",
     .example = "points: 64"},
    {.name = "seed",
     .kind = ValueKind::whole,
     .bounds = {0, 0x1p53},
     .fallback = "1",
     .doc = "The seed of the design.",
     .example = "seed: 7"},
    {.name = "over",
     .below = &kPathKeys,
     .doc = "The range of each parameter.",
     .example = "over: {tiers.device.count: {from: 1, to: 100, whole: true}}"}};
constexpr KeyTable kSampleKeys{.doc = "Points spread over ranges.", .keys = kSample};

constexpr KeySpec kVariants[] = {{.name = "VARIANT",
                                  .below = &kPathKeys,
                                  .absent = "no such variant",
                                  .doc = "The settings of a variant.",
                                  .example = "split: {plan.algorithm: multi-tier}"}};
constexpr KeyTable kVariantKeys{.doc = "Variants by name.",
                                .keys = kVariants,
                                .names_are_chosen = true,
                                .names_are_plain = true};

constexpr KeySpec kSweep[] = {
    {.name = "base",
     .kind = ValueKind::file,
     .doc = "The scenario that is varied.",
     .example = "base: quickstart.yaml"},
    {.name = "name",
     .kind = ValueKind::text,
     .absent = "the file's name without its ending",
     .doc = "The name of the sweep, and of its folder of results.",
     .example = "name: bandwidths"},
    {.name = "set",
     .below = &kPathKeys,
     .absent = "none",
     .doc = "Values that all runs have in place of the scenario's.",
     .example = "set: {stop.requests: 1000}"},
    {.name = "vary",
     .below = &kPathKeys,
     .absent = "none",
     .doc = "The values of each parameter. All combinations are run.",
     .example = "vary: {tiers.device.count: [10, 20, 40]}"},
    {.name = "zip",
     .lists = scenario::Lists::also,
     .below = &kPathKeys,
     .absent = "none",
     .doc = "Maps of parameters that change together: the first values, then the second ones.",
     .example = "zip: [{tiers.device.count: [1, 2], tiers.edge.count: [1, 2]}]"},
    {.name = "sample",
     .below = &kSampleKeys,
     .absent = "none",
     .doc = "Points spread over the ranges of several parameters.",
     .example = "sample: {points: 64, over: {tiers.device.count: {from: 1, to: 9, whole: true}}}"},
    {.name = "compare",
     .below = &kVariantKeys,
     .absent = "one variant without a name",
     .doc = "Variants that run at every point under the same random numbers. The first one is the "
            "one with which the others are compared.",
     .example = "compare: {split: {plan.algorithm: exact}, edge: {plan.algorithm: edge-only}}"},
    {.name = "replications",
     .kind = ValueKind::whole,
     .bounds = {1, kMostReplications},
     .fallback = "1",
     .doc =
         "The runs of each point and variant, with the scenario's seed, the next one, and so on.",
     .example = "replications: 10"},
    {.name = "precision",
     .kind = ValueKind::text,
     .absent = "as many replications as stated",
     .doc = "Replicates a point until the interval of a figure's mean is so narrow for every "
            "variant: its half-width as a share of the mean.",
     .example = "precision: 2 % of latency_p95_s"},
    {.name = "most-replications",
     .kind = ValueKind::whole,
     .bounds = {2, kMostReplications},
     .fallback = "1000",
     .doc = "The replications after which a point ends in any case.",
     .example = "most-replications: 200"},
    {.name = "confidence",
     .kind = ValueKind::number,
     .bounds = {0.5, 0.9999},
     .fallback = "95 %",
     .doc = "The confidence level of intervals.",
     .example = "confidence: 99 %"},
    {.name = "figures",
     .kind = ValueKind::name,
     .noun = "figure",
     .lists = scenario::Lists::also,
     .absent = "latencies, goodput, energy, money and accuracy",
     .doc = "The columns of summary.csv that are printed, and compared between variants.",
     .example = "figures: [latency_mean_s, money]"}};

/// Returns a sweep's name from its file's.
std::string name_of_file(const std::string& path) { return fs::path(path).stem().string(); }

/// Collects the parts of a sweep and their errors.
class SweepReader {
 public:
  SweepReader(Sweep& sweep, std::vector<Diagnostic>& diagnostics)
      : sweep_(sweep), diagnostics_(diagnostics) {}

  void error(const Place& place, const std::string& message) {
    diagnostics_.push_back({place, message});
  }

  /// Returns the map at a key; null, with an error if there is something else.
  const YamlNode* map_at(MapReader& reader, const std::string& key) {
    const YamlNode* node = reader.raw(key);
    if (node != nullptr && node->kind != YamlNode::Kind::map) {
      error(node->place, fmt::format("{}: expected a map, got {}", key, describe(*node)));
      return nullptr;
    }
    return node;
  }

  std::vector<scenario::Override> settings(const YamlNode& map) {
    std::vector<scenario::Override> all;
    for (const YamlNode::Entry& entry : map.entries) {
      all.push_back({.path = entry.key,
                     .value = scenario::to_yaml_line(entry.value),
                     .stated = entry.value.place});
    }
    return all;
  }

  void add_path(const std::string& path, const Place& place) {
    if (!paths_.insert(path).second) {
      error(place, fmt::format("{} is varied twice", in_quotes(path)));
    }
  }

  /// Adds an axis for each parameter.
  void add_varied(const YamlNode& map) {
    for (const YamlNode::Entry& entry : map.entries) {
      Axis axis{.paths = {entry.key}, .place = entry.value.place};
      add_path(entry.key, entry.place);
      for (std::string& value : axis_values(entry.value, entry.key, diagnostics_)) {
        axis.steps.push_back({std::move(value)});
      }
      sweep_.axes.push_back(std::move(axis));
    }
  }

  /// Adds one axis for all parameters of the map.
  void add_zipped(const YamlNode& map) {
    if (map.kind != YamlNode::Kind::map || map.entries.empty()) {
      error(map.place, fmt::format("zip: expected a map of parameters, got {}", describe(map)));
      return;
    }
    Axis axis{.place = map.place};
    for (const YamlNode::Entry& entry : map.entries) {
      add_path(entry.key, entry.place);
      const std::vector<std::string> values = axis_values(entry.value, entry.key, diagnostics_);
      if (axis.paths.empty()) {
        axis.steps.resize(values.size());
      } else if (values.size() != axis.steps.size()) {
        error(entry.value.place,
              fmt::format("{}: {} values, but {} has {}: zipped parameters need equally many",
                          entry.key, values.size(), axis.paths.front(), axis.steps.size()));
        continue;
      }
      axis.paths.push_back(entry.key);
      for (std::size_t i = 0; i < values.size(); ++i) {
        axis.steps[i].push_back(values[i]);
      }
    }
    sweep_.axes.push_back(std::move(axis));
  }

  void add_sample(MapReader reader) {
    std::vector<std::string> names;
    for (const Design& design : designs()) {
      names.push_back(design.name);
    }
    const auto name = reader.one_of("design", names, "latin-hypercube");
    const std::size_t points = reader.count("points");
    const auto seed = static_cast<std::uint64_t>(reader.integer("seed"));
    const YamlNode* over = map_at(reader, "over");
    if (over == nullptr) {
      reader.done();
      return;
    }
    std::vector<NumberRange> ranges;
    Axis axis{.place = over->place};
    for (const YamlNode::Entry& entry : over->entries) {
      add_path(entry.key, entry.place);
      axis.paths.push_back(entry.key);
      if (entry.value.kind != YamlNode::Kind::map) {
        error(entry.value.place,
              fmt::format("{}: expected a range, such as {{from: 1, to: 10}}, got {}", entry.key,
                          describe(entry.value)));
        continue;
      }
      ranges.push_back(read_range(entry.value, entry.key, diagnostics_));
    }
    reader.done();
    const Design* design = name ? &*std::find_if(designs().begin(), designs().end(),
                                                 [&](const Design& d) { return d.name == *name; })
                                : nullptr;
    if (design == nullptr || !diagnostics_.empty()) {
      return;
    }
    if (ranges.empty() || ranges.size() > design->most_dimensions) {
      error(over->place, fmt::format("sample.over: expected 1 to {} parameters, got {}",
                                     design->most_dimensions, ranges.size()));
      return;
    }
    for (const std::vector<double>& shares : design->points(points, ranges.size(), seed)) {
      std::vector<std::string>& step = axis.steps.emplace_back();
      for (std::size_t i = 0; i < ranges.size(); ++i) {
        step.push_back(ranges[i].value_at(shares[i]));
      }
    }
    sweep_.axes.push_back(std::move(axis));
  }

  void add_variants(MapReader reader) {
    sweep_.variants.clear();
    for (const std::string& name : reader.names("variant")) {
      const YamlNode* map = map_at(reader, name);
      if (map != nullptr) {
        sweep_.variants.push_back({name, settings(*map)});
      }
    }
    if (sweep_.variants.empty()) {
      error(reader.place(""),
            "compare: expected variants, such as {split: {plan.algorithm: exact}}");
      sweep_.variants = {{}};
    }
  }

  /// Reads "2 % of latency_p95_s".
  void set_precision(const std::string& text, const Place& place, std::size_t most) {
    constexpr std::string_view kOf = " of ";
    const std::size_t of = text.find(kOf);
    double share = 0;
    try {
      share = parse_quantity(text.substr(0, of), Dimension::number);
    } catch (const std::invalid_argument&) {
    }
    if (of == std::string::npos || share <= 0 || share >= 1) {
      error(place, fmt::format("precision: expected a share of a figure, such as '2 % of "
                               "latency_p95_s', got {}",
                               in_quotes(text)));
      return;
    }
    const std::string figure = text.substr(of + kOf.size());
    const std::vector<std::string> figures = analysis::figures_of_summary();
    if (std::find(figures.begin(), figures.end(), figure) == figures.end()) {
      error(place, fmt::format("precision: unknown figure {}{}", in_quotes(figure),
                               suggestion(figure, figures)));
    }
    sweep_.precision = {.share = share, .figure = figure, .most = most};
    sweep_.replications = std::max<std::size_t>(2, sweep_.replications);
  }

  /// Checks what only the whole sweep shows.
  void check() {
    const bool varies_seed = paths_.contains("seed");
    if (varies_seed && (sweep_.replications > 1 || sweep_.precision)) {
      const auto axis = std::find_if(sweep_.axes.begin(), sweep_.axes.end(), [](const Axis& one) {
        return std::find(one.paths.begin(), one.paths.end(), "seed") != one.paths.end();
      });
      error(axis == sweep_.axes.end() ? Place{} : axis->place,
            "seed: replications have seeds of their own; expected one of the two");
    }
    double jobs = static_cast<double>(sweep_.variants.size() * sweep_.most_replications());
    for (const Axis& axis : sweep_.axes) {
      jobs *= static_cast<double>(axis.steps.size());
    }
    if (jobs > kMostPoints) {
      error({sweep_.base}, fmt::format("the sweep has {:.3g} runs; at most {:.0g} can be numbered",
                                       jobs, kMostPoints));
    }
  }

 private:
  Sweep& sweep_;
  std::vector<Diagnostic>& diagnostics_;
  std::set<std::string> paths_;  // That are varied.
};

void read_figures(MapReader& top, Sweep& sweep) {
  const std::vector<std::string> valid = analysis::figures_of_summary();
  if (top.has("figures")) {
    sweep.figures = top.some_of("figures", valid);
  }
}

/// Returns the path of the base scenario, found beside the sweep or among offcut's own files.
std::string base_of(MapReader& top, const std::string& path) {
  const std::string name = top.text("base");
  if (name.empty()) {
    return "";
  }
  const auto found = scenario::find_file(name, path);
  if (!found) {
    top.error("base", fmt::format("there is no file {}", in_quotes(name)));
    return "";
  }
  const fs::path near = fs::proximate(*found);
  return (near.string().starts_with("..") ? fs::absolute(*found) : near)
      .lexically_normal()
      .string();
}

void throw_if_any(std::vector<Diagnostic>& diagnostics, const std::string& path) {
  if (!diagnostics.empty()) {
    sort_by_place(diagnostics, path);
    throw InputError(std::move(diagnostics));
  }
}

}  // namespace

constinit const KeyTable kSweepKeys{.doc = "The keys of a sweep file.", .keys = kSweep};

bool is_sweep_file(const std::string& path) {
  std::vector<Diagnostic> ignored;
  return scenario::read_yaml(path, ignored, quote_lists_with_units).find("base") != nullptr;
}

Sweep read_sweep(const std::string& path) {
  std::vector<Diagnostic> diagnostics;
  const YamlNode root = scenario::read_yaml(path, diagnostics, quote_lists_with_units);
  YamlNode resolved;
  MapReader top(root, "", kSweepKeys, diagnostics, resolved);
  Sweep sweep;
  SweepReader reader(sweep, diagnostics);
  sweep.base = base_of(top, path);
  sweep.name = top.text("name", name_of_file(path));
  if (const YamlNode* map = reader.map_at(top, "set")) {
    sweep.settings = reader.settings(*map);
  }
  if (const YamlNode* map = reader.map_at(top, "vary")) {
    reader.add_varied(*map);
  }
  if (const YamlNode* zipped = top.raw("zip")) {
    const bool is_list = zipped->kind == YamlNode::Kind::sequence;
    for (const YamlNode& map : is_list ? zipped->items : std::vector<YamlNode>{*zipped}) {
      reader.add_zipped(map);
    }
  }
  if (top.has("sample")) {
    reader.add_sample(top.map("sample"));
  }
  if (top.has("compare")) {
    reader.add_variants(top.map("compare"));
  }
  sweep.replications = top.count("replications");
  const std::size_t most = top.count("most-replications");
  if (top.has("precision")) {
    reader.set_precision(top.text("precision"), top.place("precision"), most);
  }
  sweep.confidence = top.number("confidence");
  read_figures(top, sweep);
  reader.check();
  top.done();
  throw_if_any(diagnostics, path);
  return sweep;
}

Sweep sweep_of(const std::string& scenario, const SweepOptions& options) {
  Sweep sweep{.name = name_of_file(scenario), .base = scenario};
  add_options(options, sweep);
  return sweep;
}

void add_options(const SweepOptions& options, Sweep& sweep) {
  std::vector<Diagnostic> diagnostics;
  SweepReader reader(sweep, diagnostics);
  for (const Axis& axis : sweep.axes) {
    for (const std::string& path : axis.paths) {
      reader.add_path(path, axis.place);
    }
  }
  for (const std::string& text : options.vary) {
    const Place place{fmt::format("{} {}", options.option, shortened(text))};
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      reader.error(place, "expected PATH=VALUES, such as tiers.device.count=1..64");
      continue;
    }
    const std::string path = text.substr(0, equals), values = text.substr(equals + 1);
    const std::size_t end = values.rfind(']');
    const bool has_unit = values.starts_with('[') && end != std::string::npos &&
                          values.find_first_not_of(' ', end + 1) != std::string::npos;
    YamlNode map;
    try {
      YamlNode value = has_unit ? YamlNode::scalar(values) : scenario::parse_yaml(values, place);
      value.place = place;
      map.add(path, std::move(value));
      map.entries.back().place = place;
      reader.add_varied(map);
    } catch (const InputError& error) {
      add_new(error.diagnostics(), diagnostics);
    }
  }
  if (options.replications) {
    if (*options.replications < 1 ||
        static_cast<double>(*options.replications) > kMostReplications) {
      reader.error({"--replications"}, fmt::format("expected 1 to {:.0f}, got {}",
                                                   kMostReplications, *options.replications));
    }
    sweep.replications = static_cast<std::size_t>(std::max<std::int64_t>(1, *options.replications));
  }
  if (!options.precision.empty()) {
    reader.set_precision(options.precision, {"--precision"},
                         sweep.precision ? sweep.precision->most : Precision{}.most);
  }
  reader.check();
  throw_if_any(diagnostics, sweep.base);
}

}  // namespace offcut::study

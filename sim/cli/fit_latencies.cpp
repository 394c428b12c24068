// `offcut fit --latencies`: fits a device to latencies of whole networks, starting from a family of
// the catalogue's devices, and predicts each network from the others to say how well.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "models/base/readable.h"
#include "models/cost/device_fit.h"
#include "models/cost/kernel_work.h"
#include "models/cost/latency_table.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/model_argument.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"
#include "sim/scenario/data_path.h"
#include "sim/scenario/device_families.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

using Families = std::map<std::string, std::vector<cost::Device>>;

constexpr std::string_view kZoo = "zoo:";

/// The networks of a table of latencies, by the names that it has for them.
class Networks {
 public:
  Networks(const FitOptions& options, const scenario::Registries& registries)
      : folder_(fs::path(options.latencies).parent_path()),
        bind_(options.bind),
        registries_(registries) {}

  /// Loads the network of a row, once. Adds an error if there is none of its name.
  void load(const cost::LatencyRow& row) {
    if (graphs_.contains(row.network)) {
      return;
    }
    const bool is_file = row.network.ends_with(".onnx");
    const std::string name =
        row.network.starts_with(kZoo) ? row.network.substr(kZoo.size()) : row.network;
    const std::vector<std::string> known = registries_.networks.names();
    if (!is_file && std::find(known.begin(), known.end(), name) == known.end()) {
      diagnostics.push_back({row.place, fmt::format("unknown network {}{}", in_quotes(row.network),
                                                    suggestion(name, known))});
      return;
    }
    const fs::path beside = folder_ / row.network;
    const std::string file = fs::exists(beside) ? beside.string() : row.network;
    try {
      const ModelArgument model = is_file ? ModelArgument{file, bind_}
                                          : ModelArgument{fmt::format("{}{}", kZoo, name), {}};
      graphs_.emplace(row.network, load_math(model, registries_));
    } catch (const InputError& error) {
      diagnostics.push_back(
          {row.place, fmt::format("{}: {}", row.network, error.diagnostics().front().message)});
    }
  }

  const Graph& graph(const std::string& network) const { return graphs_.at(network); }

  std::vector<Diagnostic> diagnostics;

 private:
  fs::path folder_;
  std::vector<std::string> bind_;
  const scenario::Registries& registries_;
  std::map<std::string, Graph> graphs_;
};

/// The latencies of one precision, which makes a device of its own.
using ByPrecision = std::map<std::string, std::vector<cost::NetworkLatency>>;

ByPrecision latencies_of(const std::vector<cost::LatencyRow>& rows, Networks& networks) {
  for (const cost::LatencyRow& row : rows) {
    networks.load(row);
  }
  if (!networks.diagnostics.empty()) {
    throw InputError(std::move(networks.diagnostics));
  }
  ByPrecision latencies;
  for (const cost::LatencyRow& row : rows) {
    latencies[row.precision].push_back({.network = row.network,
                                        .batch = row.batch,
                                        .latency = row.latency,
                                        .graph = &networks.graph(row.network)});
  }
  return latencies;
}

/// Returns why a device of the catalogue can't stand for a family, and which families there are.
std::string no_family(const std::string& device, const Families& families) {
  std::vector<std::string> texts;
  for (const auto& [family, devices] : families) {
    texts.push_back(
        fmt::format("'{}' ({} devices such as {})", family, devices.size(), devices.front().name));
  }
  return fmt::format(
      "{} belongs to no family: it was fitted by itself, or has the figures of a datasheet; "
      "expected a family or one of its devices: {}",
      in_quotes(device), fmt::join(texts, ", "));
}

/// Returns the families to choose from: all, the one that --like names, or that of the device that
/// it names.
Families candidates(const std::string& like) {
  const scenario::Catalogue catalogue = scenario::read_catalogue();
  const Families families = scenario::device_families(catalogue);
  if (like.empty()) {
    return families;
  }
  std::vector<std::string> names;
  for (const auto& [family, devices] : families) {
    names.push_back(family);
  }
  for (const auto& [family, devices] : families) {
    const bool has_it =
        std::any_of(devices.begin(), devices.end(),
                    [&](const cost::Device& device) { return device.name == like; });
    if (family == like || has_it) {
      return {{family, devices}};
    }
    for (const cost::Device& device : devices) {
      names.push_back(device.name);
    }
  }
  if (catalogue.devices.contains(like)) {
    throw InputError({"--like"}, no_family(like, families));
  }
  throw InputError({"--like"}, fmt::format("unknown family or fitted device {}{}", in_quotes(like),
                                           suggestion(like, names)));
}

/// A fitted device, and the family from which the fit started.
struct FamilyFit {
  std::string name;
  std::size_t devices = 0;
  cost::DeviceFamily family;
  cost::DeviceFit fit;
};

/// Fits the device from each family, and keeps the most likely one.
FamilyFit best_of(const Families& families, const std::vector<cost::NetworkLatency>& latencies) {
  std::optional<FamilyFit> best;
  for (const auto& [name, devices] : families) {
    const cost::DeviceFamily family = cost::family_of(devices);
    cost::DeviceFit fit = cost::fit_device(latencies, family);
    if (!best || fit.misfit < best->fit.misfit) {
      best = {name, devices.size(), family, std::move(fit)};
    }
  }
  return std::move(*best);
}

std::string median_text(const cost::Calibration& calibration) {
  return calibration.median_error
             ? fmt::format(
                   "median absolute error: {}, worst: {} (each network predicted from the "
                   "others)\n",
                   to_percent(*calibration.median_error), to_percent(*calibration.worst_error))
             : "one network alone: the error for others is unknown\n";
}

/// Returns how the network differs from all others in the table; empty if it lies among them.
std::string_view beyond_others(const std::string& network,
                               const std::vector<cost::NetworkLatency>& latencies) {
  const auto own =
      std::find_if(latencies.begin(), latencies.end(),
                   [&](const cost::NetworkLatency& row) { return row.network == network; });
  const double macs = cost::total_macs(*own->graph);
  bool is_heaviest = true;
  bool is_lightest = true;
  for (const cost::NetworkLatency& row : latencies) {
    if (row.network != network) {
      is_heaviest = is_heaviest && cost::total_macs(*row.graph) < macs;
      is_lightest = is_lightest && cost::total_macs(*row.graph) > macs;
    }
  }
  return is_heaviest ? "heavier than the others" : is_lightest ? "lighter than the others" : "";
}

/// Says to which work the fit applies.
std::string range_text(const cost::FittedRange& range) {
  const auto count = [](double macs) { return significant(macs / 1e6, 3); };
  const std::string macs =
      range.least_macs == range.most_macs
          ? count(range.least_macs)
          : fmt::format("{} to {}", count(range.least_macs), count(range.most_macs));
  const std::string batches =
      range.least_batch == range.most_batch
          ? fmt::format("a batch of {} alone", range.least_batch)
          : fmt::format("batches of {} to {}", range.least_batch, range.most_batch);
  return fmt::format(
      "warning: fitted to networks of {} M MACs, in {}. Outside, the device is extrapolated, and "
      "its errors may be much larger; runs print a note there.\n",
      macs, batches);
}

void print_fit(const std::string& heading, const FamilyFit& found,
               const std::vector<cost::NetworkLatency>& latencies) {
  say("{}", fitted(heading));
  if (!found.fit.left_out.empty()) {
    TextTable table({"held-out network", ">batch", ">measured", ">predicted", ">error", "note"});
    for (const cost::ModelError& error : found.fit.left_out) {
      table.add({error.model, fmt::format("{}", error.batch), to_readable(Seconds(error.measured)),
                 to_readable(Seconds(error.predicted)),
                 fmt::format("{:+.1f} %", 100 * error.relative()),
                 std::string(beyond_others(error.model, latencies))});
    }
    table.drop_empty_columns();
    say("\n{}", table.text());
  }
  const cost::Calibration& calibration = *found.fit.device.calibration;
  say("\n{}{}\n", fitted(median_text(calibration)), fitted(range_text(*calibration.range)));
}

/// Throws InputError if the file is one of the catalogue's folder, whose devices have sources.
void refuse_catalogue(const std::string& out) {
  const fs::path catalogue = scenario::data_root() / "scenarios/catalogue";
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(fs::absolute(out).parent_path(), error);
  if (folder == fs::weakly_canonical(catalogue, error)) {
    throw InputError({"--out"}, fmt::format("{} is in the catalogue's folder; expected a file of "
                                            "your own, which scenarios name with 'devices'",
                                            out));
  }
}

}  // namespace

int fit_latencies(const FitOptions& options, const scenario::Registries& registries) {
  refuse_overwriting("--out", {options.out}, {options.latencies});
  refuse_catalogue(options.out);
  const Families families = candidates(options.like);
  Networks networks(options, registries);
  const ByPrecision all = latencies_of(cost::read_latencies(options.latencies), networks);
  const std::string stem = fs::path(options.out).stem().string();
  std::vector<cost::Device> devices;
  for (const auto& [precision, latencies] : all) {
    FamilyFit found = best_of(families, latencies);
    {
      ProgressBar bar("fit");
      cost::add_left_out(
          latencies, found.family, [&](double done) { bar.show(done); }, found.fit);
    }
    cost::Device& device = found.fit.device;
    device.name = all.size() == 1 ? stem : fmt::format("{}-{}", stem, precision);
    const std::string text = fmt::format(
        "{} of {} in {}, with the {} fitted devices of the family '{}' as prior",
        counted(latencies.size(), "latency", "latencies"),
        counted(device.calibration->models, "network"), precision, found.devices, found.name);
    device.about = "Fitted to " + text;
    device.source =
        "peak: that which convolutions reach; the other efficiencies are relative to it. memory: "
        "the median of the family, not measured. The rest: fitted to whole networks.";
    print_fit(fmt::format("{}: {}\n", device.name, text), found, latencies);
    devices.push_back(device);
  }
  write_beside(options.out,
               [&](const std::string& path) { scenario::write_devices(devices, path); });
  say("written: {}\n", options.out);
  say("{}", fitted(fmt::format("A scenario takes it with devices: {} and is: {}\n", options.out,
                               devices.front().name)));
  return 0;
}

}  // namespace offcut::cli

// Reads the device of a tier. Its kinds exclude each other: a device of the catalogue or with
// figures of its own, a column of the layer table, or a file of measured or fitted times.

#include "sim/scenario/sections/device_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/scenario/device_families.h"
#include "sim/scenario/predictor_file.h"
#include "sim/scenario/sections/basis_key.h"
#include "sim/scenario/sections/named_file.h"
#include "sim/scenario/sections/named_kind.h"

namespace offcut::scenario {
namespace {

constexpr std::string_view kColumnPrefix = "column:";

// More would be an error, not a correction.
constexpr Bounds kScale{1e-3, 1e3};

constexpr KeySpec kProfile[] = {
    {.name = "file",
     .kind = ValueKind::file,
     .doc = "The file of measured layer times.",
     .example = "edge: {profile: {file: profile.csv, scale: 1.15}}"},
    {.name = "scale",
     .kind = ValueKind::number,
     .bounds = kScale,
     .fallback = "1",
     .doc = "The factor by which all times of the profile are multiplied, for a machine that is "
            "slower or busier than the measured one.",
     .example = "edge: {profile: {file: profile.csv, scale: 1.15}}"},
};
constexpr KeyTable kProfileKeys{.doc = "A file of measured layer times, with a correction.",
                                .keys = kProfile};

constexpr KeySpec kDeviceChoice[] = {
    {.name = "is",
     .kind = ValueKind::name,
     .choices = kColumnPrefix,
     .noun = "device",
     .registry = "devices",
     .absent = "required without `profile`, `fitted` and figures of the device's own",
     .doc = "A device of the catalogue or of `devices`, whose figures may be changed beside it; or "
            "`column:NAME`, which takes the times of the layer table's column `NAME_s`.",
     .example = "is: t4"},
    {.name = "profile",
     .kind = ValueKind::map_or_file,
     .below = &kProfileKeys,
     .absent = "none",
     .doc = "Instead of `is`: a CSV file of measured layer times, as `offcut profile` writes it.",
     .example = "edge: {profile: profile.csv}"},
    {.name = "fitted",
     .kind = ValueKind::file,
     .below = &kPredictorKeys,
     .absent = "none",
     .doc = "Instead of `is`: a YAML file of a fitted device, as `offcut fit` writes it.",
     .example = "edge: {fitted: fitted.yaml}"},
    {.name = "frequency",
     .kind = ValueKind::name,
     .noun = "frequency",
     .absent = "the device's own `peak` and `power`",
     .doc = "The clock at which the device runs, one of its `frequencies`.",
     .example = "edge: {is: jetson-nano, frequency: 640 MHz}"},
    {.name = "basis",
     .kind = ValueKind::choice,
     .choices = "measured, fitted, datasheet",
     .noun = "basis",
     .absent = "`measured` with a profile or a layer table, `fitted` with `fitted` or the "
               "`calibration` of a device whose figures are not changed, or else `datasheet`",
     .doc = "The basis of the layers' times. Runs print it, with the error that it has.",
     .example = "edge: {is: t4, peak: 6 TFLOP/s, basis: datasheet}"},
};

/// A file of measured or fitted times, and the factor of the times.
struct TimesFile {
  std::string path;  // Empty if there is no such file.
  double scale = 1;
};

TimesFile read_times_file(MapReader& tier, const std::string& key, const ReadSoFar& so_far) {
  const YamlNode* node = tier.raw(key);
  if (key != "profile" || node == nullptr || node->kind != YamlNode::Kind::map) {
    return {existing_file(tier, key, so_far.scenario.path)};
  }
  MapReader profile = tier.map(key);
  TimesFile file{existing_file(profile, "file", so_far.scenario.path)};
  file.scale = profile.number("scale");
  profile.done();
  return file;
}

// Figures that decide the times of layers. If one is changed, the fit is that of another device.
constexpr auto kTimeFigures = std::to_array<const char*>(
    {"peak", "memory-bandwidth", "efficiency", "layer-overhead", "launch", "on-chip"});

/// Drops the calibration of a named device whose figures are changed, and writes it down otherwise:
/// resolved.yaml has the device's figures in place of its name.
void settle_calibration(MapReader& tier, bool is_named, cost::Device& device) {
  if (tier.has("calibration") || !is_named || !device.calibration) {
    return;
  }
  if (std::any_of(kTimeFigures.begin(), kTimeFigures.end(),
                  [&](const char* key) { return tier.has(key); })) {
    device.calibration.reset();
    return;
  }
  YamlNode calibration{.kind = YamlNode::Kind::map};
  const auto add = [&](const char* key, std::optional<double> value) {
    if (value) {
      calibration.add(key, YamlNode::scalar(to_text(*value, Dimension::number)));
    }
  };
  add("models", device.calibration->models);
  add("median-error", device.calibration->median_error);
  add("worst-error", device.calibration->worst_error);
  if (device.calibration->range) {
    calibration.add("range", range_node(*device.calibration->range));
  }
  tier.resolved().add("calibration", std::move(calibration));
}

/// Returns what the times of the device rest on, unless the user says so.
TierBasis derived_basis(const TierChoice& choice) {
  if (const auto* device = std::get_if<cost::Device>(&choice.is)) {
    return device->calibration ? TierBasis{Basis::fitted, device->calibration->median_error}
                               : TierBasis{Basis::datasheet, std::nullopt};
  }
  const auto* fitted = std::get_if<FittedDevice>(&choice.is);
  return fitted != nullptr ? TierBasis{Basis::fitted, fitted->predictor.left_out_error}
                           : TierBasis{Basis::measured, std::nullopt};
}

cost::Profile scaled(cost::Profile profile, double scale) {
  for (cost::ProfileRow& row : profile.rows) {
    row.median *= scale;
    row.spread *= scale;
  }
  return profile;
}

/// Reads the file of a device with measured or fitted times.
void read_measured_device(MapReader& tier, const std::string& key, ReadSoFar& so_far,
                          TierChoice& choice) {
  if (tier.has("is") || (key == "profile" && tier.has("fitted"))) {
    tier.error(key, "give one of 'is', 'profile' and 'fitted'");
  }
  for (const char* other : {"profile", "fitted"}) {
    tier.raw(other);
  }
  choice.power = read_power(tier, {});
  const auto [path, scale] = read_times_file(tier, key, so_far);
  if (so_far.is_table) {
    tier.error(key, "a layer table has its own times: expected is: column:NAME");
  }
  choice.is = ProfiledDevice();
  if (path.empty()) {
    return;
  }
  try {
    if (key == "profile") {
      choice.is = ProfiledDevice{scaled(cost::read_profile(path), scale)};
    } else {
      choice.is = FittedDevice{read_predictor(path)};
    }
  } catch (const InputError& error) {
    so_far.add(error);
  }
}

/// Returns the precisions from which the tier's is to be chosen; none if one is given. Unknown ones
/// are read_device()'s errors.
std::vector<std::string> listed_precisions(MapReader& tier) {
  std::vector<std::string> listed;
  const YamlNode* node = tier.raw("precision");
  if (node != nullptr && node->kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : node->items) {
      listed.push_back(item.text);
    }
  }
  return listed;
}

cost::Device read_catalogue_device(MapReader& tier, const ReadSoFar& so_far, TierChoice& choice) {
  const std::map<std::string, cost::Device>& devices = so_far.catalogue.devices;
  const cost::Device* base = named_kind(tier, devices, so_far.all_devices_known);
  const bool own = base == nullptr && tier.has("peak");
  if (base == nullptr && !own) {
    tier.missing({"is", "peak", "profile", "fitted"},
                 fmt::format("{}.{}: 'is' is missing: the name of a device, or its properties "
                             "(peak, memory-bandwidth, memory, efficiency), or a 'profile'",
                             choice.section, choice.name));
    base = &devices.begin()->second;
  }
  cost::Device device = read_device(tier, base);
  choice.precisions = listed_precisions(tier);
  choice.precisions_place = tier.place("precision");
  settle_calibration(tier, !own, device);
  set_frequency(tier, device);
  device.name = own ? choice.name : base->name;
  return device;
}

}  // namespace

constinit const KeyTable kDeviceChoiceKeys{.doc = "The kind of the machines.",
                                           .keys = kDeviceChoice,
                                           .more = &kDeviceKeys,
                                           .title = "Kind of device"};

void read_device_choice(MapReader& tier, ReadSoFar& so_far, TierChoice& choice) {
  const std::string key = tier.has("profile") ? "profile" : tier.has("fitted") ? "fitted" : "is";
  choice.place = tier.place(key);
  const YamlNode* is = tier.raw("is");
  if (key != "is") {
    read_measured_device(tier, key, so_far, choice);
  } else if (is != nullptr && is->kind == YamlNode::Kind::scalar &&
             is->text.starts_with(kColumnPrefix)) {
    choice.is = is->text.substr(kColumnPrefix.size());
    tier.resolved().add("is", YamlNode::scalar(is->text));
    choice.power = read_power(tier, {});
    if (so_far.sources_known && !so_far.is_table) {
      tier.error("is", in_quotes(is->text) + " needs a model given as a layer table");
    }
  } else if (so_far.is_table && tier.present()) {
    tier.error("is", fmt::format("a layer table has its own times: expected column:NAME, got {}",
                                 is != nullptr ? describe(*is) : "nothing"));
    tier.ignore_rest();
  } else {
    tier.raw("profile");
    tier.raw("fitted");
    cost::Device device = read_catalogue_device(tier, so_far, choice);
    choice.power = {device.idle, device.busy, device.pue};
    choice.is = std::move(device);
  }
  choice.basis = derived_basis(choice);
  choice.basis.basis = read_basis(tier, choice.basis.basis);
}

}  // namespace offcut::scenario

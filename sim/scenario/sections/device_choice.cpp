// Reads the device of a tier. Its kinds exclude each other: a device of the catalogue or with
// figures of its own, a column of the layer table, or a file of measured or fitted times.

#include "sim/scenario/sections/device_choice.h"

#include <fmt/format.h>

#include "sim/scenario/predictor_file.h"
#include "sim/scenario/sections/named_file.h"
#include "sim/scenario/sections/named_kind.h"

namespace offcut::scenario {
namespace {

const std::string kColumnPrefix = "column:";

constexpr KeySpec kDeviceChoice[] = {
    {.name = "is",
     .kind = ValueKind::name,
     .noun = "device",
     .registry = "devices",
     .absent = "required without `profile`, `fitted` and figures of the device's own",
     .doc = "A device of the catalogue or of `devices`, whose figures may be changed beside it; or "
            "`column:NAME`, which takes the times of the layer table's column `NAME_s`.",
     .example = "is: t4"},
    {.name = "profile",
     .kind = ValueKind::file,
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
};

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
  const std::string path = existing_file(tier, key, so_far.scenario.path);
  if (so_far.is_table) {
    tier.error(key, "a layer table has its own times: expected is: column:NAME");
  }
  choice.is = ProfiledDevice();
  if (path.empty()) {
    return;
  }
  try {
    if (key == "profile") {
      choice.is = ProfiledDevice{cost::read_profile(path)};
    } else {
      choice.is = FittedDevice{read_predictor(path)};
    }
  } catch (const InputError& error) {
    so_far.add(error);
  }
}

cost::Device read_catalogue_device(MapReader& tier, const ReadSoFar& so_far,
                                   const TierChoice& choice) {
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
}

}  // namespace offcut::scenario

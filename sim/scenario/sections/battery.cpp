// The battery of each device. A capacity in mAh, as batteries are sold, becomes one in joules
// before the map is read, so that the resolved scenario states the energy.

#include "sim/scenario/sections/battery.h"

#include <fmt/format.h>

#include <stdexcept>

#include "models/base/error.h"

namespace offcut::scenario {
namespace {

constexpr Bounds kVoltage{1e-3, 1e6};

constexpr KeySpec kLowPower[] = {
    {.name = "below",
     .kind = ValueKind::number,
     .bounds = {1e-6, 1},
     .doc = "The share of the capacity at which the mode begins. It does not end.",
     .example = "device: {is: jetson-nano, battery: {capacity: 18 Wh, low-power: {below: 20 %, "
                "speed: 50 %}}}"},
    {.name = "speed",
     .kind = ValueKind::number,
     .bounds = {1e-3, 1},
     .fallback = "100 %",
     .doc = "The speed of the device, as a share of its usual one, for computations that begin in "
            "this mode. Plans do not know of it.",
     .example = "device: {is: jetson-nano, battery: {capacity: 18 Wh, low-power: {below: 20 %, "
                "speed: 50 %}}}"},
    {.name = "power",
     .kind = ValueKind::number,
     .bounds = {0, 1},
     .fallback = "100 %",
     .doc = "The power draw of the device, busy and idle, as a share of its usual one. That of the "
            "radio stays.",
     .example = "device: {is: jetson-nano, battery: {capacity: 18 Wh, low-power: {below: 20 %, "
                "speed: 50 %, power: 40 %}}}"},
};
constexpr KeyTable kLowPowerKeys{.doc = "The mode of a device whose battery is low.",
                                 .keys = kLowPower};

constexpr KeySpec kBattery[] = {
    {.name = "capacity",
     .kind = ValueKind::number,
     .dimension = Dimension::energy,
     .bounds = {1e-6, 1e15},
     .more_units = "mAh, Ah",
     .doc = "The energy of a full battery; in mAh or Ah, it needs the `voltage`.",
     .example = "device: {is: jetson-nano, battery: {capacity: 18 Wh}}"},
    {.name = "voltage",
     .kind = ValueKind::number,
     .bounds = kVoltage,
     .more_units = "V",
     .absent = "none",
     .doc = "The nominal voltage, in V, of a battery whose capacity is in mAh or Ah.",
     .example = "device: {is: jetson-nano, battery: {capacity: 5000 mAh, voltage: 3.7 V}}"},
    {.name = "charge",
     .kind = ValueKind::number,
     .bounds = {1e-6, 1},
     .fallback = "100 %",
     .doc = "The share of the capacity with which the run begins.",
     .example = "device: {is: jetson-nano, battery: {capacity: 18 Wh, charge: 80 %}}"},
    {.name = "low-power",
     .below = &kLowPowerKeys,
     .absent = "none",
     .doc = "The mode of a device whose battery is low.",
     .example = "device: {is: jetson-nano, battery: {capacity: 18 Wh, low-power: {below: 20 %, "
                "speed: 50 %}}}"},
};

/// Takes a unit off a number: "5000" of "5000 mAh". None if the text has another unit.
std::optional<double> without_unit(const YamlNode* node, std::string_view unit) {
  if (node == nullptr || node->kind != YamlNode::Kind::scalar || !node->text.ends_with(unit)) {
    return std::nullopt;
  }
  try {
    return parse_quantity(std::string_view(node->text).substr(0, node->text.size() - unit.size()),
                          Dimension::number);
  } catch (const std::invalid_argument&) {
    return std::nullopt;  // The reader of the map refuses the text as it is.
  }
}

std::optional<double> ampere_hours(const YamlNode* capacity) {
  if (const auto milli = without_unit(capacity, "mAh")) {
    return *milli / 1e3;
  }
  return without_unit(capacity, "Ah");
}

/// Returns the voltage, also without its unit; none if it is missing or invalid.
std::optional<double> volts_of(const YamlNode* voltage) {
  const auto with_unit = without_unit(voltage, "V");
  const auto volts = with_unit ? with_unit : without_unit(voltage, "");
  return volts && *volts >= kVoltage.least && *volts <= kVoltage.most ? volts : std::nullopt;
}

/// Replaces units that no quantity has: a valid voltage becomes a number, and with it ampere-hours
/// become joules.
YamlNode in_joules(const YamlNode& battery) {
  YamlNode converted = battery;
  const auto hours = ampere_hours(battery.find("capacity"));
  const auto volts = volts_of(battery.find("voltage"));
  for (YamlNode::Entry& entry : converted.entries) {
    if (entry.key == "voltage" && volts) {
      entry.value.text = to_text(*volts, Dimension::number);
    } else if (entry.key == "capacity" && hours && volts) {
      entry.value.text = to_text(Joules(*hours * kSecondsPerHour * *volts));
    }
  }
  return converted;
}

engine::Battery::LowPower read_low_power(MapReader reader) {
  engine::Battery::LowPower mode;
  mode.below = reader.number("below");
  mode.speed = reader.number("speed");
  mode.power = reader.number("power");
  reader.done();
  return mode;
}

engine::Battery read_keys(MapReader& reader) {
  engine::Battery battery;
  if (ampere_hours(reader.raw("capacity")) && reader.raw("voltage") == nullptr) {
    reader.error("capacity", "a capacity in mAh or Ah needs 'voltage', such as 3.7 V");
    reader.ignore_rest();
    return battery;
  }
  if (const YamlNode* voltage = reader.raw("voltage"); voltage != nullptr && !volts_of(voltage)) {
    reader.error("voltage", fmt::format("expected {} V to {} V, got {}", kVoltage.least,
                                        kVoltage.most, describe(*voltage)));
    reader.raw("capacity");  // The voltage would have to convert it.
  } else {
    battery.capacity = reader.quantity<Joules>("capacity");
    reader.number_if_given("voltage");
  }
  battery.charge = reader.number("charge");
  if (reader.raw("low-power") != nullptr) {
    battery.low_power = read_low_power(reader.map("low-power"));
  }
  reader.done();
  return battery;
}

}  // namespace

constinit const KeyTable kBatteryKeys{.doc = "The battery of each device.", .keys = kBattery};

void read_battery(MapReader& tier, bool is_first, bool is_valid, TierChoice& choice) {
  const YamlNode* node = tier.raw("battery");
  if (node == nullptr) {
    return;
  }
  if (!is_first) {
    tier.error("battery", "only devices, the machines of the first tier, have batteries");
  } else if (is_valid && !choice.power.is_known()) {
    tier.error("battery", fmt::format("the power draw of {} is unknown: a battery needs 'power' "
                                      "with 'idle' and 'busy'",
                                      in_quotes(choice.name)));
  }
  if (node->kind != YamlNode::Kind::map) {
    tier.map("battery");
    return;
  }
  const YamlNode converted = in_joules(*node);
  MapReader reader = tier.map_from(converted, "battery",
                                   tier.resolved().add("battery", {.kind = YamlNode::Kind::map}));
  choice.battery = read_keys(reader);
}

}  // namespace offcut::scenario

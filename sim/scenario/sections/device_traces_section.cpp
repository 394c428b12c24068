// Traces in FedScale's form: devices that come and go, and devices that differ in speed. Clients
// are dealt to the devices of a tier in turn. A trace decides over links, too, so that these are
// set once the hops are known.

#include "sim/scenario/sections/device_traces_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/network/device_traces/availability_trace.h"
#include "sim/network/device_traces/capacity_trace.h"
#include "sim/scenario/sections/named_file.h"

namespace offcut::scenario {
namespace {

/// The key that says which client of a trace the first device is.
constexpr KeySpec first_client(const char* example) {
  return {.name = "first",
          .kind = ValueKind::whole,
          .bounds = {0, 1e9},
          .fallback = "0",
          .doc =
              "The client of the first device, from 0. Each further device has the next client, "
              "and after the last one comes client 0 again.",
          .example = example};
}

constexpr KeySpec kAvailability[] = {
    {.name = "trace",
     .kind = ValueKind::file,
     .doc = "The JSON or CSV file with the times, in seconds, at which each client becomes active "
            "and inactive, which repeat after its `finish_time` (docs/fleets.md, \"Devices that "
            "come and go\").",
     .example = "device: {is: jetson-nano, availability: {trace: phones.json}}"},
    first_client("device: {is: jetson-nano, availability: {trace: phones.json, first: 100}}"),
};

constexpr KeySpec kCapacity[] = {
    {.name = "trace",
     .kind = ValueKind::file,
     .doc = "The JSON or CSV file with each client's `computation`, in ms for a sample, and "
            "`communication`, in kbit/s (docs/fleets.md, \"Devices of different speeds\").",
     .example = "device: {is: jetson-nano, capacity: {trace: phones.csv}}"},
    {.name = "reference",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {1e-9, 1e6},
     .absent = "the mean over all clients of the file",
     .doc = "The `computation` of a client that is as fast as the tier's device. Another client's "
            "computations take `computation / reference` times as long. Plans count with the "
            "tier's device.",
     .example = "device: {is: jetson-nano, capacity: {trace: phones.csv, reference: 12 ms}}"},
    {.name = "uses",
     .kind = ValueKind::choice,
     .choices = "both, computation, communication",
     .noun = "part",
     .fallback = "both",
     .doc = "The part of the trace that is used. With `communication`, the link of each device has "
            "that bandwidth, up and down, in place of the hop's `up` and `down`. Plans count with "
            "the mean over the devices.",
     .example = "device: {is: jetson-nano, capacity: {trace: phones.csv, uses: computation}}"},
    first_client("device: {is: jetson-nano, capacity: {trace: phones.csv, first: 100}}"),
};

/// Reads the file that the key `trace` names; empty, with its errors, if it can't be read.
template <class Read>
auto clients_of(MapReader& reader, ReadSoFar& so_far, Read read) -> decltype(read(std::string())) {
  const std::string path = existing_file(reader, "trace", so_far.scenario.path);
  try {
    return path.empty() ? decltype(read(path))() : read(path);
  } catch (const InputError& error) {
    so_far.add(error);
    return {};
  }
}

/// Returns whether the tier has the key, and may have it.
bool has_trace(MapReader& tier, const char* key, bool is_first) {
  if (tier.raw(key) == nullptr) {
    return false;
  }
  if (!is_first) {
    tier.error(key, kOnlyDevicesHaveTraces);
  }
  return is_first;
}

void add_trace_error(ReadSoFar& so_far, const Place& place, const TierChoice& tier, const char* key,
                     const std::string& message) {
  so_far.diagnostics.push_back(
      {place, fmt::format("{}.{}.{}: {}", tier.section, tier.name, key, message)});
}

/// Returns the reason for which links of the hop have no rates of their own; null: they do.
const char* reason_no_rates(const HopChoice& hop) {
  return hop.shared                    ? "is shared by all devices"
         : hop.cell                    ? "is a cell that devices share"
         : hop.trace || hop.rate_model ? "has bandwidths that change over time"
                                       : nullptr;
}

void set_device_rates(const TierChoice& tier, HopChoice& hop, ReadSoFar& so_far) {
  if (const char* reason = reason_no_rates(hop)) {
    add_trace_error(so_far, tier.capacity_place, tier, "capacity",
                    fmt::format("the trace gives each device a bandwidth of its own, and '{}' {}: "
                                "expected 'uses: computation'",
                                hop.name, reason));
    return;
  }
  std::vector<network::Rate> rates;
  double sum = 0;
  for (const BytesPerSecond rate : tier.link_rates) {
    rates.emplace_back(rate * hop.hop.payload);
    sum += rate.si();
  }
  hop.hop.up = hop.hop.down = BytesPerSecond(sum / static_cast<double>(rates.size()));
  const network::Rates all(std::move(rates));
  hop.moving_rates = {.up = all, .down = all};
  hop.basis = hop.basis == Basis::published ? Basis::assumed : hop.basis;
}

void set_presence(const TierChoice& tier, HopChoice& hop, ReadSoFar& so_far) {
  if (hop.shared) {
    add_trace_error(
        so_far, tier.availability_place, tier, "availability",
        fmt::format("the link of a device goes down while it is away, and all devices share "
                    "'{}': expected 'shared: false'",
                    hop.name));
  } else {
    hop.faults.presence = tier.availability;
  }
}

}  // namespace

constinit const KeyTable kAvailabilityKeys{
    .doc = "The times at which each device is there, in FedScale's form.", .keys = kAvailability};
constinit const KeyTable kCapacityKeys{
    .doc = "The speed of each device and of its link, in FedScale's form.", .keys = kCapacity};

void read_availability(MapReader& tier, bool is_first, ReadSoFar& so_far, TierChoice& choice) {
  if (!has_trace(tier, "availability", is_first)) {
    return;
  }
  choice.availability_place = tier.place("availability");
  MapReader reader = tier.map("availability");
  const auto clients = clients_of(reader, so_far, network::read_availability_trace);
  const std::size_t first = reader.count("first");
  for (std::size_t device = 0; !clients.empty() && device < choice.servers; ++device) {
    choice.availability.push_back(clients[(first + device) % clients.size()]);
  }
  reader.done();
}

void read_capacity(MapReader& tier, bool is_first, ReadSoFar& so_far, TierChoice& choice) {
  if (!has_trace(tier, "capacity", is_first)) {
    return;
  }
  choice.capacity_place = tier.place("capacity");
  MapReader reader = tier.map("capacity");
  const auto clients = clients_of(reader, so_far, network::read_capacity_trace);
  const auto given = reader.quantity_if_given<Seconds>("reference");
  const std::string uses = reader.choice("uses").value_or("both");
  const std::size_t first = reader.count("first");
  if (uses == "communication" && given) {
    reader.error("reference", "is for computations: expected no 'uses: communication'");
  }
  const Seconds reference =
      given || clients.empty() ? given.value_or(Seconds(1)) : network::mean_computation(clients);
  for (std::size_t device = 0; !clients.empty() && device < choice.servers; ++device) {
    const network::Capacity& client = clients[(first + device) % clients.size()];
    if (uses != "communication") {
      choice.slowness.push_back(client.computation / reference);
    }
    if (uses != "computation") {
      choice.link_rates.push_back(client.communication);
    }
  }
  reader.done();
}

void set_device_traces(MapReader& /*top*/, ReadSoFar& so_far) {
  Scenario& scenario = so_far.scenario;
  for (std::size_t group = 0; group < std::min(scenario.groups, scenario.tiers.size()); ++group) {
    TierChoice& tier = scenario.tiers[group];
    tier.faults.presence = tier.availability;
    if (group >= scenario.hops.size()) {
      continue;
    }
    if (!tier.link_rates.empty()) {
      set_device_rates(tier, scenario.hops[group], so_far);
    }
    for (std::size_t number = 0; !tier.availability.empty() && number < scenario.hops.size();
         ++number) {
      HopChoice& hop = scenario.hops[number];
      if (number == group || (hop.direct && hop.direct->from == 0)) {
        set_presence(tier, hop, so_far);
      }
    }
  }
}

}  // namespace offcut::scenario

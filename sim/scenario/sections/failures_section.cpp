// Reads the failures of a tier's machines or of a hop's links: outages at given times, exponential
// times up and down, and traces. They may be combined.

#include "sim/scenario/sections/failures_section.h"

#include <fmt/format.h>

#include "sim/scenario/sections/named_file.h"
#include "sim/scenario/sections/outage_trace.h"

namespace offcut::scenario {
namespace {

// Shorter means would fill a run with nothing but failures.
constexpr Bounds kMean{1e-3, kMostSeconds};

constexpr KeySpec kOutage[] = {
    {.name = "machine",
     .kind = ValueKind::whole,
     .bounds = {0, kMostMachines - 1},
     .absent = "required for a tier",
     .doc = "The machine of the tier that is down. The first is 0.",
     .example = "outages: [{machine: 0, from: 10 s, until: 12 s}]"},
    {.name = "link",
     .kind = ValueKind::whole,
     .bounds = {0, kMostMachines - 1},
     .absent = "required for a hop",
     .doc = "The link of the hop that is down. The first is 0; a hop has one for each device, or "
            "one that all share.",
     .example = "device-edge: {outages: [{link: 0, from: 10 s, until: 12 s}]}"},
    {.name = "from",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .doc = "The time at which it goes down.",
     .example = "outages: [{machine: 0, from: 10 s, until: 12 s}]"},
    {.name = "until",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .absent = "it never comes up again",
     .doc = "The time at which it comes up again, after `from`.",
     .example = "outages: [{machine: 0, from: 10 s, until: 12 s}]"},
};
constexpr KeyTable kOutageKeys{.doc = "One outage.", .keys = kOutage};

constexpr KeySpec kFault[] = {
    {.name = "outages",
     .lists = Lists::only,
     .below = &kOutageKeys,
     .absent = "none",
     .doc = "Outages at given times.",
     .example = "outages: [{machine: 0, from: 10 s, until: 12 s}]"},
    {.name = "up",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kMean,
     .absent = "required with `down`",
     .doc =
         "The mean of the exponential time for which each machine or link, independently, is up.",
     .example = "edge: {up: 60 s, down: 5 s}"},
    {.name = "down",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kMean,
     .absent = "required with `up`, unless there is no repair",
     .doc = "The mean of the exponential time for which it is then down.",
     .example = "edge: {up: 60 s, down: 5 s}"},
    {.name = "trace",
     .kind = ValueKind::file,
     .absent = "none",
     .doc = "A CSV file of outages (docs/scenarios.md, \"Traces\").",
     .example = "trace: outages.csv"},
    {.name = "repair",
     .kind = ValueKind::choice,
     .choices = "exponential, never",
     .noun = "repair",
     .fallback = "exponential",
     .doc = "The repair after a failure by `up`: it takes an exponential time of the mean `down`, "
            "or there is none, and the first failure is for good.",
     .example = "edge: {up: 60 s, repair: never}"},
};
constexpr KeyTable kFaultKeys{.doc = "The failures of a tier's machines or of a hop's links.",
                              .keys = kFault};
constexpr KeySpec kFailures[] = {
    {.name = "NAME",
     .below = &kFaultKeys,
     .absent = "no failures",
     .doc = "A tier, whose machines fail, or a hop, whose links fail.",
     .example = "edge: {up: 60 s, down: 5 s}"},
};

/// The machines or links that can fail.
struct Components {
  std::string kind;  // "machine" or "link".
  std::size_t count = 0;
};

class FaultReader {
 public:
  FaultReader(MapReader& reader, Components components, std::vector<Diagnostic>& diagnostics)
      : reader_(reader), components_(std::move(components)), diagnostics_(diagnostics) {}

  network::Faults read(const std::string& scenario) {
    read_outages();
    read_exponential();
    if (reader_.raw("trace") != nullptr) {
      read_trace(existing_file(reader_, "trace", scenario));
    }
    reader_.done();
    return std::move(faults_);
  }

 private:
  void read_exponential() {
    if (reader_.choice("repair") == "never") {
      reader_.reject("down", "without a repair there is no time for it");
      if (reader_.raw("up") == nullptr) {
        reader_.missing(
            {"up"}, fmt::format("'{}.up' is missing: 'repair: never' needs it", reader_.path()));
      } else {
        faults_.exponential = {reader_.quantity<Seconds>("up"), engine::kNever};
      }
      return;
    }
    for (const auto& [mean, other] : {std::pair("up", "down"), {"down", "up"}}) {
      if (reader_.raw(mean) != nullptr && !reader_.has(other)) {
        reader_.missing({other}, fmt::format("'{}.{}' is missing: '{}' and '{}' go together",
                                             reader_.path(), other, mean, other));
      }
    }
    if (reader_.has("up") && reader_.has("down")) {
      const auto up = reader_.quantity<Seconds>("up");
      faults_.exponential = {up, reader_.quantity<Seconds>("down")};
    }
  }

  void read_outages() {
    const YamlNode* list = reader_.raw("outages");
    if (list == nullptr) {
      return;
    }
    if (list->kind != YamlNode::Kind::sequence) {
      reader_.error("outages", fmt::format("expected a list such as [{{{}: 0, from: 10 s, until: "
                                           "12 s}}], got {}",
                                           components_.kind, describe(*list)));
      return;
    }
    for (MapReader& outage : reader_.maps("outages")) {
      faults_.outages.push_back(read_outage(outage));
      outage.done();
    }
  }

  network::Outage read_outage(MapReader& outage) const {
    network::Outage read;
    read.which = static_cast<std::size_t>(
        outage.integer(components_.kind, Bounds{0, static_cast<double>(components_.count - 1)}));
    const std::size_t before = diagnostics_.size();
    read.from = outage.quantity<Seconds>("from");
    read.until = outage.quantity_if_given<Seconds>("until").value_or(engine::kNever);
    if (outage.has("from") && outage.has("until") && diagnostics_.size() == before &&
        read.until <= read.from) {
      outage.error("until", "must come after 'from'");
    }
    return read;
  }

  void read_trace(const std::string& path) {
    if (path.empty()) {
      return;
    }
    try {
      const std::vector<network::Outage> outages =
          read_outage_trace(path, components_.kind, components_.count);
      faults_.outages.insert(faults_.outages.end(), outages.begin(), outages.end());
    } catch (const InputError& error) {
      diagnostics_.insert(diagnostics_.end(), error.diagnostics().begin(),
                          error.diagnostics().end());
    }
  }

  MapReader& reader_;
  Components components_;
  std::vector<Diagnostic>& diagnostics_;
  network::Faults faults_;
};

/// The number of machines. If it is invalid, no index is out of range.
std::size_t machines_of(const TierChoice& tier) {
  constexpr std::size_t kAny = std::size_t{1} << 53U;
  return tier.count_known ? tier.servers : kAny;
}

/// The number of links: one for each device, or one that all traffic shares.
std::size_t links_of(const Scenario& scenario, std::size_t hop) {
  return scenario.hops[hop].shared || hop >= scenario.groups ? 1 : machines_of(scenario.tiers[hop]);
}

}  // namespace

constinit const KeyTable kFailuresKeys{
    .doc = "The failures of machines and links, at most 100 million in a run.", .keys = kFailures};

void read_failures(MapReader& top, ReadSoFar& so_far) {
  Scenario& scenario = so_far.scenario;
  MapReader failures = top.map("failures");
  const auto faults_of = [&](const std::string& name, Components components) {
    if (failures.raw(name) == nullptr) {
      return network::Faults();
    }
    MapReader reader = failures.map(name);
    return FaultReader(reader, std::move(components), so_far.diagnostics).read(scenario.path);
  };
  for (TierChoice& tier : scenario.tiers) {
    tier.faults = faults_of(tier.name, {"machine", machines_of(tier)});
  }
  for (std::size_t i = 0; i < scenario.hops.size(); ++i) {
    scenario.hops[i].faults = faults_of(scenario.hops[i].name, {"link", links_of(scenario, i)});
  }
  const bool is_alone = scenario.hops.empty() && scenario.tiers.size() == scenario.groups;
  if (scenario.hops.size() + 1 != scenario.tiers.size() && !is_alone) {  // The tiers are invalid.
    failures.ignore_rest();
  }
  failures.done();
}

}  // namespace offcut::scenario

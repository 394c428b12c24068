// The rules for a simulation that can be run. All violations are collected before anything starts,
// each with the tier, hop or class that it is about; a rule that is violated twice there is named
// once. Itineraries that a controller hands out later are checked alone.

#include "sim/engine/core/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <stdexcept>

#include "sim/engine/core/cell_rules.h"
#include "sim/engine/core/exit_families.h"
#include "sim/engine/core/findings.h"
#include "sim/engine/core/legs.h"
#include "sim/engine/core/mobility_rules.h"
#include "sim/engine/core/rate_rules.h"
#include "sim/engine/core/team_rules.h"
#include "sim/engine/core/update_rules.h"

namespace offcut::engine {
namespace {

bool is_power(Watts power) { return power >= Watts(0) && std::isfinite(power.si()); }
bool have_mean_one(const std::vector<double>& factors) {
  constexpr double kMostError = 1e-9;
  const double sum = std::accumulate(factors.begin(), factors.end(), 0.0);
  const auto count = static_cast<double>(factors.size());
  return std::abs(sum - count) < kMostError * count &&
         std::all_of(factors.begin(), factors.end(), [](double factor) { return factor >= 0; });
}

bool same_sizes(const Itinerary& a, const Itinerary& b) {
  return std::equal(a.stages.begin(), a.stages.end(), b.stages.begin(), b.stages.end(),
                    [](const Stage& x, const Stage& y) { return x.model == y.model; });
}

/// Returns the first group of devices that sends requests of the class.
std::size_t first_group(const RequestClass& request_class) {
  return request_class.from.empty() ? 0 : request_class.from.front();
}

class Checker {
 public:
  explicit Checker(const Simulation& simulation) : simulation_(simulation) {}

  std::vector<std::string> diagnostics(bool has_director) {
    const Stop& stop = simulation_.stop;
    require(stop.requests.has_value() != stop.after.has_value() ||
                (has_director && !stop.requests && !stop.after),
            "a run must stop either after a number of requests or after a time");
    require(stop.requests.value_or(0) >= 0 && is_time(stop.after.value_or(Seconds(0))),
            "the number of requests or the time of a run must be finite and not negative");
    const std::size_t tiers = simulation_.tiers.size();
    if (!has_hops()) {
      require(false, "there must be one hop between each tier and the next");
      return findings_.all();  // The other checks need them.
    }
    if (!have_ends() || !are_legs()) {
      return findings_.all();
    }
    for (std::size_t i = 0; i < tiers; ++i) {
      check_tier(simulation_.tiers[i], i < simulation_.groups);
    }
    for (std::size_t i = 0; i < simulation_.hops.size(); ++i) {
      check_hop(simulation_.hops[i], i);
    }
    check_names();
    check_teams(simulation_, findings_);
    check_attachment();
    check_mobility(simulation_, findings_);
    require(error_in_families(simulation_).empty(), error_in_families(simulation_));
    check_updates(simulation_, findings_);
    std::set<std::string> names;
    for (const RequestClass& request_class : simulation_.classes) {
      set_subject(fmt::format("class {}", request_class.name));
      require(names.insert(request_class.name).second, "classes must have distinct names");
      check_class(request_class);
    }
    return findings_.all();
  }

  std::vector<std::string> diagnostics_of(const RequestClass& request_class, std::size_t group,
                                          const Itinerary& itinerary) {
    set_subject(fmt::format("class {}", request_class.name));
    check_itinerary(itinerary);
    for (std::size_t i = 0; i < std::min(itinerary.stages.size(), levels_of_tiers()); ++i) {
      const Tier& tier = simulation_.tiers[number_of(i, group, simulation_.groups)];
      set_subject(fmt::format("tier {}", tier.name));
      check_memory(tier, request_class, itinerary.stages[i]);
    }
    return findings_.all();
  }

 private:
  void set_subject(std::string subject) { findings_.set_subject(std::move(subject)); }
  void require(bool holds, const std::string& rule) { findings_.require(holds, rule); }

  bool has_hops() const {
    const std::size_t tiers = simulation_.tiers.size();
    const std::size_t groups = simulation_.groups;
    const auto& hops = simulation_.hops;
    const std::size_t neighbours = tiers == groups ? 0 : tiers - 1;
    if (tiers == 0 || groups == 0 || groups > tiers || hops.size() < neighbours) {
      return false;
    }
    const auto is_direct = [](const Link& hop) { return hop.direct.has_value(); };
    const auto first_direct = hops.begin() + static_cast<std::ptrdiff_t>(neighbours);
    return std::none_of(hops.begin(), first_direct, is_direct) &&
           std::all_of(first_direct, hops.end(), is_direct) &&
           (groups == 1 || first_direct == hops.end());
  }

  /// Checks the ends of direct hops.
  bool have_ends() {
    for (const Link& hop : simulation_.hops) {
      if (hop.direct) {
        set_subject(fmt::format("hop {}", hop.name));
        require(hop.direct->from + 1 < hop.direct->to && hop.direct->to < simulation_.tiers.size(),
                "a direct hop must lead outward, past a tier");
        require(!simulation_.tiers[0].battery || hop.direct->from > 0 || !hop.radio,
                "a battery knows only the radio of the first hop");
      }
    }
    set_subject("");
    return findings_.all().empty();
  }

  /// Checks that each long leg is a chain of hops.
  bool are_legs() {
    for (const std::vector<std::size_t>& leg : simulation_.long_legs) {
      bool is_chain = leg.size() > 1;
      for (std::size_t i = 0; is_chain && i < leg.size(); ++i) {
        const auto ends = [&](std::size_t hop) {
          return ends_of(simulation_, number_of(hop, 0, simulation_.groups));
        };
        is_chain = leg[i] < levels(simulation_.hops.size(), simulation_.groups) &&
                   (i == 0 || ends(leg[i - 1]).to == ends(leg[i]).from);
      }
      require(is_chain, "a long leg must have several hops, of which each begins where one ends");
    }
    return findings_.all().empty();
  }

  /// Names must be distinct since they name SimGrid's links and hosts, and random streams.
  void check_names() {
    std::set<std::string> names;
    bool distinct = true;
    for (const Tier& tier : simulation_.tiers) {
      distinct = names.insert(tier.name).second && distinct;
    }
    for (const Link& hop : simulation_.hops) {
      distinct = names.insert(hop.name).second && distinct;
    }
    set_subject("");
    require(distinct, "tiers and hops must have distinct names");
  }

  /// The uplinks that devices share must agree with the sites of the servers.
  void check_attachment() {
    if (!findings_.all().empty()) {
      return;
    }
    const network::Attachment attachment =
        attachment_of(simulation_.tiers, simulation_.hops, simulation_.groups);
    for (std::size_t i = simulation_.groups; i < simulation_.tiers.size(); ++i) {
      set_subject(fmt::format("tier {}", simulation_.tiers[i].name));
      for (std::size_t group = 0; group < simulation_.groups; ++group) {
        require(!attachment.splits_uplink(i, group),
                "a site's link must lead to one site of the tier");
      }
    }
  }

  void check_tier(const Tier& tier, bool devices) {
    set_subject(fmt::format("tier {}", tier.name));
    require(tier.servers > 0 && tier.cores > 0 && tier.sites > 0 && tier.parts > 0 &&
                (tier.servers % tier.sites == 0 || !tier.groups.empty()) &&
                (!devices || tier.sites == 1),
            "servers and cores must be at least 1, and servers a multiple of sites, of which the "
            "first tier has 1");
    if (!tier.groups.empty() && !check_groups(tier, devices)) {
      return;
    }
    for (const MachineGroup& group : groups_of(tier)) {
      check_machines(group);
    }
    const scheduling::Scheduling& scheduling = tier.scheduling;
    require(!devices || !scheduling.dispatch,
            "devices serve their own requests and need no dispatch rule");
    const bool one_each = devices || scheduling.dispatch || tier.servers == tier.sites;
    const std::vector<MachineGroup> groups = groups_of(tier);
    const bool has_memory =
        std::any_of(groups.begin(), groups.end(),
                    [](const MachineGroup& group) { return group.memory.has_value(); });
    require(!shares(tier) || (one_each && !scheduling.batching && !has_memory),
            "processor sharing needs one server per queue, and no batches or model memory");
    require(!tier.cold_start || !shares(tier), "processor sharing has no cold starts");
    require(!tier.cold_start ||
                (is_time(tier.cold_start->time) && is_time(tier.cold_start->idle_after)),
            "the times of a cold start must be finite and not negative");
    const auto number = static_cast<std::size_t>(&tier - simulation_.tiers.data());
    for (const RequestClass& request_class : simulation_.classes) {
      const std::size_t level = level_of(number, simulation_.groups);
      const std::size_t first = first_group(request_class);
      for (const Itinerary* itinerary : named_by(request_class)) {
        if (level < itinerary->stages.size() && (!devices || number == first)) {
          check_memory(tier, request_class, itinerary->stages[level]);
        }
      }
    }
    check_faults(tier.faults, tier.servers);
    require(devices || (tier.faults.presence.empty() && tier.slowness.empty()),
            "only devices are away at times, or differ in speed");
    require(tier.slowness.empty() ||
                (tier.slowness.size() == tier.servers &&
                 std::all_of(tier.slowness.begin(), tier.slowness.end(),
                             [](double factor) { return factor > 0 && std::isfinite(factor); })),
            "each device must have a factor of its times, which is positive and finite");
    require(!tier.battery || devices, "only devices have batteries");
    if (tier.battery) {
      require(tier.power.is_known(), "a battery needs the power draws of its device");
      check_battery(*tier.battery);
    }
    if (tier.autoscaler) {
      check_autoscaler(*tier.autoscaler, tier, devices);
    }
  }

  /// Returns whether the groups of a tier's machines can be counted.
  bool check_groups(const Tier& tier, bool devices) {
    std::size_t machines = 0;
    bool counted = true;
    for (const MachineGroup& group : tier.groups) {
      counted = counted && group.at_site.size() == tier.sites && group.cores > 0;
      machines = std::accumulate(group.at_site.begin(), group.at_site.end(), machines);
    }
    counted = counted && machines == tier.servers;
    require(counted && !devices && !tier.autoscaler,
            "only later tiers without autoscaler have groups of machines, each with a number for "
            "each site and cores, which add up to the servers");
    if (counted) {
      for (const std::size_t at_site : machines_at_sites(tier)) {
        require(at_site > 0, "each site must have a machine");
        counted = counted && at_site > 0;
      }
    }
    return counted && !devices;
  }

  void check_machines(const MachineGroup& group) {
    require(group.noise.cv >= 0 && std::isfinite(group.noise.cv),
            "the coefficient of variation must be finite and not negative");
    require(group.noise.kind != Noise::Kind::empirical || have_mean_one(group.noise.factors),
            "the factors of empirical noise must not be negative, and have the mean 1");
    require(!group.memory || are_rates(network::Rate(group.load), 1),
            "the rate at which models are loaded must be positive and finite");
    require(is_power(group.power.idle.value_or(Watts(0))) &&
                is_power(group.power.busy.value_or(Watts(0))) && group.power.pue >= 1 &&
                std::isfinite(group.power.pue),
            "power draws must be finite and not negative, and the PUE at least 1");
  }

  void check_battery(const Battery& battery) {
    const auto is_share = [](double share) { return share > 0 && share <= 1; };
    require(battery.capacity > Joules(0) && std::isfinite(battery.capacity.si()) &&
                is_share(battery.charge),
            "the capacity of a battery must be positive and finite, and its charge from 0 to 1");
    const Battery::LowPower mode = battery.low_power.value_or(Battery::LowPower{.below = 1});
    require(
        is_share(mode.below) && is_share(mode.speed) && (mode.power == 0 || is_share(mode.power)),
        "the share, speed and power draw of a low-power mode must be from 0 to 1");
  }

  void check_radio(const cost::Radio& radio) {
    const auto is_phase = [](const cost::RadioPhase& phase) {
      return is_time(phase.time) && is_power(phase.power);
    };
    require(radio.up.si() >= 0 && radio.down.si() >= 0 && std::isfinite(radio.up.si()) &&
                std::isfinite(radio.down.si()) && is_power(radio.base) &&
                is_phase(radio.promotion) &&
                std::all_of(radio.tails.begin(), radio.tails.end(), is_phase),
            "the times and power draws of a radio must be finite and not negative");
  }

  void check_autoscaler(const Autoscaler& autoscaler, const Tier& tier, bool devices) {
    require(!devices, "devices are not scaled");
    require(bool(autoscaler.policy), "an autoscaler must have a policy");
    require(autoscaler.least > 0 && autoscaler.least <= autoscaler.at_start &&
                autoscaler.at_start <= tier.servers / std::max<std::size_t>(tier.sites, 1),
            "an autoscaler must keep at least 1 machine at each site, and begin with as many or "
            "more, up to all");
    require(is_time(autoscaler.start_up) && is_time(autoscaler.scale_down_after) &&
                is_time(autoscaler.interval) && autoscaler.interval > Seconds(0),
            "the times of an autoscaler must be finite and not negative, and its interval "
            "positive");
  }

  void check_memory(const Tier& tier, const RequestClass& request_class, const Stage& stage) {
    for (const MachineGroup& group : groups_of(tier)) {
      require(
          !group.memory || stage.model <= *group.memory,
          fmt::format("the model of {} must fit into the memory of a server", request_class.name));
    }
  }

  /// Returns the existing itineraries that the class names: its default and its fallback.
  std::vector<const Itinerary*> named_by(const RequestClass& request_class) const {
    const std::vector<Itinerary>& all = simulation_.itineraries;
    std::vector<const Itinerary*> named;
    if (request_class.itinerary < all.size()) {
      named.push_back(&all[request_class.itinerary]);
    }
    if (request_class.fallback && *request_class.fallback < all.size()) {
      named.push_back(&all[*request_class.fallback]);
    }
    return named;
  }

  void check_hop(const Link& hop, std::size_t number) {
    set_subject(fmt::format("hop {}", hop.name));
    const std::size_t from = ends_of(simulation_, number).from;
    const bool leaves_device = from < simulation_.groups;
    const std::size_t devices = simulation_.tiers[leaves_device ? from : 0].servers;
    const std::size_t links = leaves_device && !hop.shared ? devices : 1;
    require(are_bandwidths(hop.hop.rate(true), hop.hop.rate(false)) && is_time(hop.hop.latency),
            "the rates of a link must be positive, its latency not negative, and all finite");
    require(are_moving_rates(hop.moving_rates, links) &&
                are_moving_latencies(hop.moving_latency, links),
            kMovingRule);
    require(are_disturbances(hop),
            "the mean of jitter must be finite and not negative, its coefficient of variation "
            "positive, the probability of a loss at least 0 and below 1, its time-out finite and "
            "not negative, and a packet not empty");
    require(hop.hop.payload > 0 && hop.hop.payload <= 1 && is_time(hop.hop.per_message) &&
                (!hop.hop.tcp ||
                 (hop.hop.tcp->initial_window >= 1 && std::isfinite(hop.hop.tcp->initial_window))),
            "a link's share of payload must be above 0 and at most 1, its time per message finite "
            "and not negative, and its initial window finite and at least 1");
    require(hop.burst >= Bytes(0) && std::isfinite(hop.burst.si()) &&
                (hop.burst == Bytes(0) ||
                 (simulation_.own_links && !hop.site && !hop.cell && !hop.moving_rates.any())),
            "a link's burst must be finite and not negative, and 0 with a site, a cell, rates that "
            "change or SimGrid's links");
    require(!hop.site || (leaves_device && !hop.direct && !hop.shared && hop.site->devices > 0),
            "a site's link must follow the devices' own links");
    if (hop.site) {
      const std::size_t uplinks = hop.site->number(devices);
      require(uplinks >= hop.site->needed(devices) &&
                  are_bandwidths(hop.site->rate(true), hop.site->rate(false)),
              "the rates of a site's link must be positive and finite");
      require(are_moving_rates(hop.site->moving_rates, uplinks), kMovingRule);
    }
    check_cell(simulation_, number, findings_);
    check_faults(hop.faults, links);
    require(hop.faults.presence.empty() || (leaves_device && !hop.shared),
            "only links of a device's own are down while it is away");
    if (leaves_device && hop.radio) {
      check_radio(*hop.radio);
    }
  }

  void check_faults(const network::Faults& faults, std::size_t components) {
    for (const network::Outage& outage : faults.outages) {
      require(outage.which < components && is_time(outage.from) && outage.from < outage.until,
              "an outage must name an existing machine or link and must end after it begins");
    }
    require(faults.presence.empty() || faults.presence.size() == components,
            "the times at which devices are there must be given for each of them");
    require(!faults.exponential ||
                (faults.exponential->up > Seconds(0) && faults.exponential->up < kNever &&
                 faults.exponential->down >= Seconds(0)),
            "the mean time up must be positive and finite, and that down not negative");
  }

  void check_class(const RequestClass& request_class) {
    const std::size_t itineraries = simulation_.itineraries.size();
    require(
        request_class.itinerary < itineraries && request_class.fallback.value_or(0) < itineraries,
        "a class must name existing itineraries");
    require(
        request_class.arrivals != nullptr && !(request_class.closed_loop && request_class.in_total),
        "a class must have arrivals, and a closed loop a source for each device");
    for (const RequestClass* other = simulation_.classes.data(); other != &request_class; ++other) {
      // Groups of devices may have plans of their own, see RequestClass::model.
      const bool known = request_class.itinerary < itineraries && other->itinerary < itineraries &&
                         first_group(request_class) == first_group(*other);
      require(!request_class.model || request_class.model != other->model || !known ||
                  same_sizes(simulation_.itineraries[request_class.itinerary],
                             simulation_.itineraries[other->itinerary]),
              fmt::format("must give its model the same sizes as {}, which uses the same model",
                          other->name));
    }
    require(request_class.deadline >= Seconds(0), "a deadline must not be negative");
    require(request_class.time_out.after > Seconds(0), "a time-out must be positive");
    const std::vector<std::size_t>& from = request_class.from;
    require(std::adjacent_find(from.begin(), from.end(), std::greater_equal<>()) == from.end() &&
                (from.empty() || from.back() < simulation_.groups),
            "a class must come from existing groups of devices, in ascending order");
    const network::FailurePolicy& failures = request_class.failures;
    require(failures.retries >= 0 && is_time(failures.backoff) && failures.factor >= 0 &&
                std::isfinite(failures.factor),
            "retries, backoff and its factor must be finite and not negative");
    const bool falls_back =
        failures.then == network::FailurePolicy::Then::local || failures.local_when_rejected;
    require(!falls_back || request_class.fallback,
            "a class that falls back must name an itinerary for it");
    for (const Itinerary* itinerary : named_by(request_class)) {
      check_itinerary(*itinerary);
    }
    require(!request_class.fallback || *request_class.fallback >= itineraries ||
                is_on_device_alone(simulation_.itineraries[*request_class.fallback]),
            kFallbackRule);
  }

  void check_itinerary(const Itinerary& itinerary) {
    const std::size_t legs =
        levels(simulation_.hops.size(), simulation_.groups) + simulation_.long_legs.size();
    require(itinerary.stages.size() == levels_of_tiers() &&
                itinerary.crossings.size() + 1 >= levels_of_tiers() &&
                itinerary.crossings.size() <= legs,
            "an itinerary must have a stage for each tier and a crossing for each hop");
    for (std::size_t tier = 0; tier < itinerary.failover.size(); ++tier) {
      require(!itinerary.failover[tier] || goes_on_from(tier, *itinerary.failover[tier]),
              "a failover must name an itinerary that goes up from the tier without using it");
    }
    for (const Stage& stage : itinerary.stages) {
      check_stage(stage, &stage == itinerary.stages.data());
    }
    for (std::size_t level = 0; level < std::min(itinerary.stages.size(), levels_of_tiers());
         ++level) {
      check_unlike(itinerary.stages[level],
                   simulation_.tiers[number_of(level, 0, simulation_.groups)]);
    }
    check_team(simulation_, itinerary, findings_);
    for (const Crossing& crossing : itinerary.crossings) {
      bool whole = is_size(crossing.up_bytes) && is_size(crossing.down_bytes);
      for (const Bytes bytes : crossing.up_bytes_of_input) {
        whole = whole && is_size(bytes);
      }
      require(whole, "messages must have whole numbers of bytes");
    }
  }

  /// Returns whether a request on a later tier can go on with the itinerary of that number.
  bool goes_on_from(std::size_t tier, std::size_t number) const {
    if (tier == 0 || number >= simulation_.itineraries.size()) {
      return false;
    }
    const Itinerary& next = simulation_.itineraries[number];
    const Legs legs(simulation_);
    bool goes_up = false;
    const std::size_t number_of_tier = number_of(tier, 0, simulation_.groups);
    for (std::size_t level = 0; level < std::min(next.crossings.size(), legs.levels()); ++level) {
      const bool leaves = legs.from(legs.number(level, 0)) == number_of_tier;
      goes_up = goes_up || (leaves && next.crossings[level].goes_up);
    }
    return tier < next.stages.size() && !next.stages[tier].used && goes_up;
  }

  std::size_t levels_of_tiers() const {
    return levels(simulation_.tiers.size(), simulation_.groups);
  }

  /// Unlike machines need times of their own, of as many sizes of batches.
  void check_unlike(const Stage& stage, const Tier& tier) {
    bool times = !stage.used || stage.of_groups.size() == tier.groups.size();
    for (const std::vector<Seconds>& service : stage.of_groups) {
      times = times && service.size() == stage.service.size() &&
              std::all_of(service.begin(), service.end(), is_time);
    }
    require(times,
            "a stage must have the service times of each group of machines, for as many sizes of "
            "batches, which are finite and not negative");
  }

  void check_stage(const Stage& stage, bool first) {
    require(!stage.service.empty(), "a stage must have the service time of one request");
    bool times = is_time(stage.tail) && stage.model >= Bytes(0);
    for (const Seconds service : stage.service) {
      times = times && is_time(service);
    }
    require(times, "the times and the model size of a stage must be numbers that are not negative");
    require(first || stage.tail == Seconds(0), "only the device can compute a tail");
  }

  const Simulation& simulation_;
  Findings findings_;
};

void throw_if_any(const std::vector<std::string>& diagnostics) {
  if (!diagnostics.empty()) {
    throw std::invalid_argument(fmt::format("{}", fmt::join(diagnostics, "\n")));
  }
}

}  // namespace

void check(const Simulation& simulation, bool has_director) {
  throw_if_any(Checker(simulation).diagnostics(has_director));
}

void check_itinerary(const Simulation& simulation, std::size_t request_class, std::size_t group,
                     const Itinerary& itinerary) {
  throw_if_any(
      Checker(simulation).diagnostics_of(simulation.classes[request_class], group, itinerary));
}

}  // namespace offcut::engine

#include "sim/engine/core/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace offcut::engine {
namespace {

bool is_time(Seconds time) { return time >= Seconds(0) && time < kNever; }
bool is_size(Bytes bytes) {  // SimGrid counts whole bytes
  constexpr double kMost = 0x1p53;
  return bytes >= Bytes(0) && bytes.si() <= kMost && bytes.si() == std::trunc(bytes.si());
}
bool are_rates(const network::Rates& rates, std::size_t count) {
  return rates.covers(count) && rates.least() > 0 && std::isfinite(rates.most());
}
/// `Links`: Link or Link::Uplink.
template <class Links>
bool have_rates(const Links& links, std::size_t count) {
  return are_rates(links.rates(true), count) && are_rates(links.rates(false), count);
}

bool same_sizes(const Itinerary& a, const Itinerary& b) {
  return std::equal(a.stages.begin(), a.stages.end(), b.stages.begin(), b.stages.end(),
                    [](const Stage& x, const Stage& y) { return x.model == y.model; });
}

class Checker {
 public:
  explicit Checker(const Simulation& simulation) : simulation_(simulation) {}

  std::vector<std::string> diagnostics() {
    const Stop& stop = simulation_.stop;
    require(stop.requests.has_value() != stop.after.has_value(),
            "a run stops after requests or after a time");
    require(stop.requests.value_or(0) >= 0 && is_time(stop.after.value_or(Seconds(0))),
            "a run stops after a number of requests, or a finite time");
    const std::size_t tiers = simulation_.tiers.size();
    if (tiers == 0 || simulation_.hops.size() + 1 != tiers) {
      require(false, "there is a hop between any two tiers");
      return diagnostics_;  // what follows asks for them
    }
    for (std::size_t i = 0; i < tiers; ++i) {
      check_tier(simulation_.tiers[i], i == 0);
    }
    for (std::size_t i = 0; i < simulation_.hops.size(); ++i) {
      check_hop(simulation_.hops[i], i);
    }
    check_names();
    check_attachment();
    std::set<std::string> names;
    for (const RequestClass& of : simulation_.classes) {
      in(fmt::format("class {}", of.name));
      require(names.insert(of.name).second, "classes have names of their own");
      check_class(of);
    }
    return diagnostics_;
  }

  std::vector<std::string> diagnostics_of(const RequestClass& of, const Itinerary& itinerary) {
    in(fmt::format("class {}", of.name));
    check_itinerary(itinerary);
    for (std::size_t i = 0; i < std::min(itinerary.stages.size(), simulation_.tiers.size()); ++i) {
      in(fmt::format("tier {}", simulation_.tiers[i].name));
      check_memory(simulation_.tiers[i], of, itinerary.stages[i]);
    }
    return diagnostics_;
  }

 private:
  /// What the next errors are of.
  void in(std::string where) { where_ = std::move(where); }

  void require(bool holds, const std::string& what) {
    const std::string diagnostic = where_.empty() ? what : where_ + ": " + what;
    if (!holds &&
        std::find(diagnostics_.begin(), diagnostics_.end(), diagnostic) == diagnostics_.end()) {
      diagnostics_.push_back(diagnostic);
    }
  }

  /// SimGrid's links and hosts, and random streams, are called by them.
  void check_names() {
    std::set<std::string> names;
    bool distinct = true;
    for (const Tier& tier : simulation_.tiers) {
      distinct = names.insert(tier.name).second && distinct;
    }
    for (const Link& hop : simulation_.hops) {
      distinct = names.insert(hop.name).second && distinct;
    }
    in("");
    require(distinct, "tiers and hops have names of their own");
  }

  /// The uplinks that devices share agree with the sites of the servers.
  void check_attachment() {
    if (!diagnostics_.empty()) {
      return;
    }
    const network::Attachment attachment = attachment_of(simulation_.tiers, simulation_.hops);
    for (std::size_t i = 1; i < simulation_.tiers.size(); ++i) {
      in(fmt::format("tier {}", simulation_.tiers[i].name));
      require(!attachment.splits_uplink(i), "a site's link leads to one site of the tier");
    }
  }

  void check_tier(const Tier& tier, bool devices) {
    in(fmt::format("tier {}", tier.name));
    require(tier.servers > 0 && tier.cores > 0 && tier.sites > 0 &&
                tier.servers % tier.sites == 0 && (!devices || tier.sites == 1),
            "has servers, in equal numbers at its sites");
    require(tier.noise.cv >= 0 && std::isfinite(tier.noise.cv),
            "the noise has a coefficient of variation");
    const scheduling::Scheduling& scheduling = tier.scheduling;
    require(!devices || !scheduling.dispatch, "devices serve their own requests");
    const bool one_each = devices || scheduling.dispatch || tier.servers == tier.sites;
    require(!shares(tier) || (one_each && !scheduling.batching && !tier.memory),
            "processor sharing is of one server, without batches and memory");
    require(!tier.memory || are_rates(tier.load_rate(), 1), "models are loaded at a rate");
    const auto number = static_cast<std::size_t>(&tier - simulation_.tiers.data());
    for (const RequestClass& of : simulation_.classes) {
      for (const Itinerary* itinerary : named_by(of)) {
        if (number < itinerary->stages.size()) {
          check_memory(tier, of, itinerary->stages[number]);
        }
      }
    }
    check_faults(tier.faults, tier.servers);
  }

  void check_memory(const Tier& tier, const RequestClass& of, const Stage& stage) {
    require(!tier.memory || stage.model <= *tier.memory,
            fmt::format("the model of {} is larger than the memory of a server", of.name));
  }

  /// Those of the class that are there: its own and what it falls back to.
  std::vector<const Itinerary*> named_by(const RequestClass& of) const {
    const std::vector<Itinerary>& all = simulation_.itineraries;
    std::vector<const Itinerary*> named;
    if (of.itinerary < all.size()) {
      named.push_back(&all[of.itinerary]);
    }
    if (of.fallback && *of.fallback < all.size()) {
      named.push_back(&all[*of.fallback]);
    }
    return named;
  }

  void check_hop(const Link& hop, std::size_t number) {
    in(fmt::format("hop {}", hop.name));
    const std::size_t devices = simulation_.tiers[0].servers;
    const std::size_t links = network::Attachment({devices, hop.shared, {}}, {}).links(number);
    require(have_rates(hop, links) && is_time(hop.hop.latency), "a link has rates and a latency");
    require(!hop.site || (number == 0 && !hop.shared && hop.site->devices > 0),
            "a site's link is behind the devices' own links");
    if (hop.site) {
      const std::size_t shared_by = std::max<std::size_t>(hop.site->devices, 1);
      const std::size_t uplinks = network::Attachment({devices, false, shared_by}, {}).uplinks();
      require(have_rates(*hop.site, uplinks), "a site's link has rates");
    }
    check_faults(hop.faults, links);
  }

  void check_faults(const network::Faults& faults, std::size_t components) {
    for (const network::Outage& outage : faults.outages) {
      require(outage.which < components && is_time(outage.from) && is_time(outage.until) &&
                  outage.from < outage.until,
              "an outage is of what is there, and has an end");
    }
    require(!faults.exponential ||
                (faults.exponential->up > Seconds(0) && faults.exponential->up < kNever &&
                 is_time(faults.exponential->down)),
            "what fails is up and down for times");
  }

  void check_class(const RequestClass& of) {
    const std::size_t itineraries = simulation_.itineraries.size();
    require(of.itinerary < itineraries && of.fallback.value_or(0) < itineraries,
            "a class names itineraries that there are");
    require(of.arrivals != nullptr && !(of.closed_loop && of.in_total), "a class has arrivals");
    for (const RequestClass* other = simulation_.classes.data(); other != &of; ++other) {
      const bool known = of.itinerary < itineraries && other->itinerary < itineraries;
      require(!of.model || of.model != other->model || !known ||
                  same_sizes(simulation_.itineraries[of.itinerary],
                             simulation_.itineraries[other->itinerary]),
              fmt::format("asks for the model of {}, which has other sizes", other->name));
    }
    require(of.deadline >= Seconds(0), "a deadline is a time");
    const network::FailurePolicy& failures = of.failures;
    require(failures.retries >= 0 && is_time(failures.backoff) && failures.factor >= 0 &&
                std::isfinite(failures.factor),
            "retries are a number, and wait for times");
    const bool falls_back =
        failures.then == network::FailurePolicy::Then::local || failures.local_when_rejected;
    require(!falls_back || of.fallback, "a class that falls back names an itinerary for that");
    for (const Itinerary* itinerary : named_by(of)) {
      check_itinerary(*itinerary);
    }
    require(!of.fallback || *of.fallback >= itineraries ||
                is_on_device_alone(simulation_.itineraries[*of.fallback]),
            kFallbackRule);
  }

  void check_itinerary(const Itinerary& itinerary) {
    require(itinerary.stages.size() == simulation_.tiers.size() &&
                itinerary.crossings.size() == simulation_.hops.size(),
            "an itinerary has a stage for each tier and a crossing for each hop");
    for (const Stage& stage : itinerary.stages) {
      check_stage(stage, &stage == itinerary.stages.data());
    }
    for (const Crossing& crossing : itinerary.crossings) {
      bool whole = is_size(crossing.up_bytes) && is_size(crossing.down_bytes);
      for (const Bytes bytes : crossing.up_bytes_of_input) {
        whole = whole && is_size(bytes);
      }
      require(whole, "messages have whole bytes");
    }
  }

  void check_stage(const Stage& stage, bool first) {
    require(!stage.service.empty(), "a stage says what one request takes");
    bool times = is_time(stage.tail) && stage.model >= Bytes(0);
    for (const Seconds service : stage.service) {
      times = times && is_time(service);
    }
    require(times, "a stage takes times, and its model bytes");
    require(first || stage.tail == Seconds(0), "a tail is computed on the device");
  }

  const Simulation& simulation_;
  std::string where_;
  std::vector<std::string> diagnostics_;
};

void throw_if_any(const std::vector<std::string>& diagnostics) {
  if (!diagnostics.empty()) {
    throw std::invalid_argument(fmt::format("{}", fmt::join(diagnostics, "\n")));
  }
}

}  // namespace

void check(const Simulation& simulation) { throw_if_any(Checker(simulation).diagnostics()); }

void check_itinerary(const Simulation& simulation, std::size_t request_class,
                     const Itinerary& itinerary) {
  throw_if_any(Checker(simulation).diagnostics_of(simulation.classes[request_class], itinerary));
}

}  // namespace offcut::engine

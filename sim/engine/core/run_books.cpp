// The books of a run. They count each request at its arrival and at its end, so that a request that
// the engine loses shows up when they are closed.

#include "sim/engine/core/run_books.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "sim/engine/core/laws.h"

namespace offcut::engine {
namespace {

/// Returns Jain's index (Jain, Chiu, Hawe 1984), (sum x)^2 / (n sum x^2). `share` gives the x of a
/// device, or nothing.
template <class Device, class Share>
double jain(const std::vector<Device>& devices, Share share) {
  double sum = 0, squares = 0, count = 0;
  for (const Device& device : devices) {
    if (const std::optional<double> x = share(device)) {
      sum += *x;
      squares += *x * *x;
      ++count;
    }
  }
  return squares > 0 ? sum * sum / (count * squares) : 1;
}

std::optional<double> mean(double sum, std::int64_t count) {
  return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

}  // namespace

RunBooks::RunBooks(const Simulation& simulation, const Legs& legs,
                   const network::Attachment& attachment)
    : simulation_(simulation),
      legs_(legs),
      attachment_(attachment),
      devices_(attachment.devices()) {
  for (std::size_t i = 0; i < simulation.hops.size(); ++i) {
    record_.hops.push_back({.name = simulation.hops[i].name,
                            .links = attachment.links(i),
                            .leaves_device = legs.leaves_device(i),
                            .hop = simulation.hops[i].hop,
                            .site_links = simulation.hops[i].site ? attachment.uplinks(i) : 0});
  }
  for (const RequestClass& request_class : simulation.classes) {
    record_.classes.push_back({.name = request_class.name});
  }
  for (std::size_t group = 0; simulation.groups > 1 && group < simulation.groups; ++group) {
    record_.groups.push_back({.name = simulation.tiers[group].name});
  }
  for (const std::string& reason : drop_reasons(simulation)) {
    record_.drops.push_back({.reason = reason});
  }
}

std::int64_t RunBooks::arrives(std::size_t request_class, std::size_t device) {
  ++record_.classes[request_class].arrived;
  if (!record_.groups.empty()) {
    ++record_.groups[attachment_.group_of(device)].arrived;
  }
  ++devices_[device].arrived;
  return record_.arrived++;
}

/// Checks that the parts of a latency add up to it. Only handovers take requests out of all states.
void RunBooks::check_parts(const RequestRecord& request) {
  const Seconds parts = request.device_wait + request.device_compute + request.upload_wait +
                        request.upload + request.server_wait + request.server_compute +
                        request.download + request.team + request.lost + request.handover;
  check_law("a latency", "the sum of its parts", parts.si(), request.latency().si(),
            request.completion.si());
}

void RunBooks::completed(const RequestRecord& request) {
  if (simulation_.mobility) {
    check_parts(request);
  }
  const bool in_time = request.latency() <= simulation_.classes[request.request_class].deadline;
  ++record_.completed;
  count(request, [in_time](ClassUsage& usage) {
    ++usage.completed;
    usage.late += in_time ? 0 : 1;
  });
  Device& device = devices_[request.device];
  ++device.completed;
  device.in_time += in_time ? 1 : 0;
  device.latencies += request.latency();
}

void RunBooks::dropped(const RequestRecord& request) {
  ++record_.dropped;
  ++record_.drops[request.reason].requests;
  count(request, [](ClassUsage& usage) { ++usage.dropped; });
}

void RunBooks::in_flight(const RequestRecord& request, Seconds end) {
  const Seconds age = end - request.arrival;
  record_.in_flight_age += age;
  record_.oldest_in_flight = std::max(record_.oldest_in_flight, age);
  record_.in_flight_late += age > simulation_.classes[request.request_class].deadline ? 1 : 0;
  ++record_.in_flight;
  count(request, [](ClassUsage& usage) { ++usage.in_flight; });
}

void RunBooks::sent(const Request* request) {
  legs_.each_hop(request->stage, [&](std::size_t number) {
    HopUsage& hop = record_.hops[number];
    (request->up ? hop.up : hop.down) += request->bytes;
    ++(request->up ? hop.up_messages : hop.down_messages);
  });
}

void RunBooks::message_lost(const Request* request) {
  for (const std::size_t number : legs_.hops(request->stage)) {
    HopUsage& hop = record_.hops[number];
    ++(request->up ? hop.up_lost : hop.down_lost);
  }
}

/// Records the mean bandwidths of the links.
void RunBooks::set_bandwidths(Seconds duration) {
  const auto mean = [&](const network::Rates& rates) {
    return BytesPerSecond(rates.mean(0, duration.si()));
  };
  for (std::size_t i = 0; i < record_.hops.size(); ++i) {
    const Link& link = simulation_.hops[i];
    HopUsage& usage = record_.hops[i];
    usage.hop.payload = 1;  // The rates are without headers.
    usage.hop.up = mean(link.rates(true));
    usage.hop.down = mean(link.rates(false));
    if (link.site) {
      usage.site_up = mean(link.site->rates(true));
      usage.site_down = mean(link.site->rates(false));
    }
  }
}

RunRecord RunBooks::close(Seconds duration, std::vector<TierUsage> tiers) {
  check_conservation();
  record_.duration = duration;
  set_bandwidths(duration);
  record_.tiers = std::move(tiers);
  record_.fairness = jain(devices_, [](const Device& device) {
    return mean(static_cast<double>(device.in_time), device.arrived);
  });
  record_.latency_fairness = jain(
      devices_, [](const Device& device) { return mean(device.latencies.si(), device.completed); });
  return record_;
}

void RunBooks::check_conservation() const {
  const bool all_have_ended = !simulation_.stop.requests || record_.in_flight == 0;
  if (record_.arrived != ended() + record_.in_flight || !all_have_ended) {
    throw std::logic_error(
        fmt::format("requests were lost: {} arrived, {} completed, {} dropped, {} in flight",
                    record_.arrived, record_.completed, record_.dropped, record_.in_flight));
  }
}

}  // namespace offcut::engine

#include "sim/engine/tiers/intake.h"

namespace offcut::engine {

scheduling::Job job_of(const Simulation& simulation, const Request* request) {
  const RequestRecord& record = request->record;
  const RequestClass& request_class = simulation.classes[record.request_class];
  const auto& of_groups = request->route->stage(request->stage).of_groups;
  return {.request = record.request,
          .device = record.device,
          .request_class = record.request_class,
          .priority = request_class.priority,
          .queued = Seconds(request->since),
          .service = request->predicted(),
          .rest = request->rest(),
          .deadline = record.arrival + request_class.deadline,
          .of_groups = of_groups.empty() || request->tail ? nullptr : &of_groups};
}

std::optional<std::size_t> Intake::choose_station(TierState& tier, const Request* request,
                                                  const scheduling::Job& job) const {
  const std::size_t site = site_of(request);
  if (!tier.is_up(site)) {
    return std::nullopt;
  }
  const std::size_t first = tier.first_station(site);
  if (tier.dispatch.empty()) {
    return first;
  }
  return first + tier.dispatch[site].choose(tier.servers_of(site), job, Seconds(events_.now()),
                                            tier.dispatching[request->record.request_class][site]);
}

bool Intake::admit(TierState& tier, const Station& station, const Request* request,
                   const scheduling::Job& job) const {
  // A device does not reject what it has fallen back to, nor answers that are back.
  const bool admitted =
      !station.features->admission || request->tail || request->record.fell_back ||
      station.features->admission->admits(tier.states[station.index], job, Seconds(events_.now()));
  if (observers_.decision && !request->of_tasks &&
      (!tier.dispatch.empty() || station.features->admission)) {
    const std::size_t site = site_of(request);
    const std::size_t first = tier.first_station(site);
    observers_.decision({.time = Seconds(events_.now()),
                         .request = request->record.request,
                         .request_class = request->record.request_class,
                         .tier = request->stage,
                         .servers = tier.servers_of(site),
                         .first = first,
                         .chosen = station.index - first,
                         .admitted = admitted});
  }
  return admitted;
}

}  // namespace offcut::engine

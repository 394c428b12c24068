#include "sim/engine/tier_state.h"

#include <algorithm>
#include <map>

#include "sim/engine/class_stream.h"
#include "sim/engine/noise.h"

namespace offcut {

bool shares(const Tier& tier) {
  return tier.scheduling.queue && tier.scheduling.queue.kind->shares;
}

std::size_t station_count(const Simulation& simulation, std::size_t tier) {
  const Tier& of = simulation.tiers[tier];
  return tier == 0 || of.scheduling.dispatch ? of.servers : of.sites;
}

TierState::TierState(const Simulation& simulation, std::size_t number)
    : books(simulation.tiers[number].name,
            simulation.tiers[number].servers * simulation.tiers[number].cores),
      noise_(simulation.tiers[number].noise) {
  const Tier& of = simulation.tiers[number];
  const std::size_t devices = simulation.tiers[0].servers;
  const std::size_t count = station_count(simulation, number);
  stations_per_site = number == 0 ? 1 : count / of.sites;
  servers_per_station = of.servers / count;
  devices_per_site = number == 0 ? 1 : (devices + of.sites - 1) / of.sites;
  dispatch = of.scheduling.dispatch ? of.scheduling.dispatch.make() : nullptr;
  make_streams(simulation, number);
  make_classes(simulation, number);
  states.resize(count);
  stations.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    make_station(simulation, number, i);
  }
}

void TierState::make_streams(const Simulation& simulation, std::size_t number) {
  const std::uint64_t seed = simulation.seed;
  for (const RequestClass& of : simulation.classes) {
    if (dispatch) {
      dispatching.push_back(class_stream(seed, "dispatch", of, ", tier", number));
    }
    if (noise_.kind == Noise::Kind::none) {
      continue;
    }
    std::vector<RandomStream>& streams = noises_.emplace_back();
    if (number > 0) {
      streams.push_back(class_stream(seed, "compute noise", of, ", tier", number));
      continue;
    }
    for (std::size_t device = 0; device < simulation.tiers[0].servers; ++device) {
      streams.push_back(class_stream(seed, "compute noise", of, ", device", device));
    }
  }
}

double TierState::noise(std::size_t station, std::size_t request_class) {
  if (noises_.empty()) {
    return 1;
  }
  std::vector<RandomStream>& streams = noises_[request_class];
  return draw(noise_, streams[streams.size() == 1 ? 0 : station]);
}

void TierState::make_classes(const Simulation& simulation, std::size_t number) {
  const Tier& of = simulation.tiers[number];
  if (!of.scheduling.batching && !of.memory) {
    return;
  }
  if (of.scheduling.batching) {
    classes.most_asked = of.scheduling.batching.kind->most(of.scheduling.batching.parameters);
  }
  std::map<std::size_t, std::size_t> numbers;  // of models that several classes may ask for
  for (const RequestClass& request_class : simulation.classes) {
    const Stage& stage = request_class.stages[number];
    for (const auto part : {Request::Part::plan, Request::Part::tail, Request::Part::local}) {
      classes.largest_batch.push_back(part == Request::Part::plan ? stage.service.size() : 1);
    }
    std::size_t model = models_.size();
    if (request_class.model) {
      model = numbers.emplace(*request_class.model, model).first->second;
    }
    classes.model.push_back(model);
    models_.resize(std::max(models_.size(), model + 1), stage.model);
  }
}

void TierState::make_station(const Simulation& simulation, std::size_t number, std::size_t index) {
  const Tier& of = simulation.tiers[number];
  const Scheduling& scheduling = of.scheduling;
  Station& at = stations.emplace_back();
  at.tier = number;
  at.index = index;
  at.classes = &classes;
  at.queues.resize(std::max<std::size_t>(classes.largest_batch.size(), 1));
  for (std::size_t server = servers_per_station; server-- > 0;) {
    at.free.insert(at.free.end(), of.cores, static_cast<std::uint32_t>(server));
  }
  at.down.resize(of.faults.any() ? servers_per_station : 0);
  if (scheduling.queue && !shares(of)) {
    at.discipline = scheduling.queue.make();
  }
  at.batching = scheduling.batching ? scheduling.batching.make() : nullptr;
  at.admission = scheduling.admission ? scheduling.admission.make() : nullptr;
  if (of.memory) {
    at.memory.assign(servers_per_station, ModelMemory(models_, *of.memory));
  }
  if (simulation.classes.size() > 1) {
    at.head_of_line.emplace(simulation.classes.size());
  }
  states[index].cores = of.cores * servers_per_station;
}

}  // namespace offcut
